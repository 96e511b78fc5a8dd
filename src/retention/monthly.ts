/**
 * Monthly charges, on a known or an unknown date. A minimum spend is such a charge, less what was spent in the month.
 */
import { amountOf, markCharged, noteForecastCharge } from './charges.ts';
import { addMonths, addSpan, civil, type Day, dayOf, NEVER } from './day.ts';
import { type Entry, typeCode, YES } from './entry.ts';
import type { Amount } from './money.ts';
import type { ChargeProgram } from './program.ts';
import { type Fold, type Slot, touch } from './state.ts';

const ACTIVITY = typeCode('activity');
const PURCHASE = typeCode('purchase');

/** The first day after `after` that has this date of the month, or is the last of a month too short for it. */
export function nextDateOfMonth(after: Day, date: number): Day {
  const { year, month } = civil(after);
  const first = dayOf(year, month, 1);
  for (let i = 0; i < 3; i++) {
    const start = addMonths(first, i);
    const day = Math.min(start + date - 1, addSpan(start, { count: 1, unit: 'month' }) - 1);
    if (day > after) return day;
  }
  return NEVER;
}

const chargeOf = (fold: Fold, slot: Slot): ChargeProgram | null =>
  fold.clocks[fold.slots.indexOf(slot)]?.charge ?? null;

/**
 * Schedules the next monthly charge after a balance was seen. Where its date is not known, it is the next morning in
 * the earliest reading and a month later in the latest.
 */
export function scheduleMonthly(fold: Fold, slot: Slot, day: Day): void {
  const charge = chargeOf(fold, slot);
  if (charge?.onDayOfMonth) slot.nextMonthly = nextDateOfMonth(day, charge.onDayOfMonth);
  if (!charge?.everyMonth) return;
  slot.levyFrom = fold.latest ? day : day + 1;
  slot.levyCount = fold.latest ? 1 : 0;
  slot.nextMonthly = addMonths(slot.levyFrom, slot.levyCount);
  slot.spent = 0;
  touch(fold, slot);
}

/** Adds the amount of an entry that counts towards a minimum spend to what was spent in its month. */
export function noteSpending(fold: Fold, entry: Entry, day: Day): void {
  if (entry.amount === null) return;
  for (const i of fold.program.leastSpendSlots) {
    const charge = fold.clocks[i]?.charge;
    if (!charge?.less) continue;
    const counts =
      entry.type === ACTIVITY
        ? (charge.less.kinds & entry.kind) !== 0 && entry.allowance !== YES
        : entry.type === PURCHASE && entry.fromBalance && charge.less.purchases;
    if (!counts) continue;
    const slot = fold.slots[i] as Slot;
    const due = charge.onDayOfMonth ? nextDateOfMonth(day, charge.onDayOfMonth) : slot.nextMonthly;
    if (slot.spentFor !== due) slot.spent = 0;
    slot.spentFor = due;
    slot.spent += entry.amount;
  }
}

/** What a charge takes on a day, less what was spent towards it; null if the price is not known. */
function amountDueOn(fold: Fold, slot: Slot, charge: ChargeProgram, day: Day): Amount | null {
  const take = amountOf(fold, charge);
  if (take === null || charge.less === null || slot.spentFor !== day) return take;
  return Math.max(0, take - slot.spent);
}

/** Takes the monthly charge of a day from the balance, or what is left of it, and schedules the next one. */
export function chargeMonthly(fold: Fold, slot: Slot, day: Day): void {
  const charge = chargeOf(fold, slot);
  slot.nextMonthly = NEVER;
  if (!charge || (!charge.onDayOfMonth && !charge.everyMonth)) return;
  slot.levyCount++;
  slot.nextMonthly = charge.everyMonth
    ? addMonths(slot.levyFrom, slot.levyCount)
    : nextDateOfMonth(day, charge.onDayOfMonth);
  const take = amountDueOn(fold, slot, charge, day);
  if (!fold.balanceKnown || take === null || take === 0 || fold.balance <= 0) return;
  if (fold.balance < take && charge.partial === 'refused') return;
  fold.balance = Math.max(0, fold.balance - take);
  noteForecastCharge(fold, slot);
  if (!charge.ordinary) markCharged(fold, slot, day);
}
