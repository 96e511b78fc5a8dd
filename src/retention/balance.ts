/** The balance of a line, as far as its records and forecast charges tell it, and the clocks that watch it. */
import { addSpan, type Day } from './day.ts';
import { type Entry, NO, typeCode, YES } from './entry.ts';
import { noteSpending, scheduleMonthly } from './monthly.ts';
import type { ChargeProgram } from './program.ts';
import { runFrom, stop } from './restart.ts';
import { type Fold, isPlan, type Slot } from './state.ts';

const ACTIVATED = typeCode('activated');
const TOPUP = typeCode('topup');
const ACTIVITY = typeCode('activity');
const PURCHASE = typeCode('purchase');
const PLAN_RENEWED = typeCode('plan_renewed');
const BALANCE = typeCode('balance');

/** Whether a record shows that the line is in use: in the earliest reading an unknown balance is gone from then on. */
export const showsUse = (entry: Entry): boolean =>
  entry.type === ACTIVATED ||
  entry.type === TOPUP ||
  entry.type === PURCHASE ||
  entry.type === PLAN_RENEWED ||
  (entry.type === ACTIVITY && entry.charged !== NO);

/** Starts and stops the clocks that watch the balance. */
export function watchBalance(fold: Fold, day: Day, entry: Entry | null, isInUse: boolean): void {
  for (const i of fold.program.balanceSlots) {
    const clock = fold.clocks[i];
    if (clock?.runsBy !== 'balance') continue;
    const slot = fold.slots[i] as Slot;
    const isMet = fold.balanceKnown
      ? clock.strictlyNegative
        ? fold.balance < 0
        : fold.balance <= 0
      : !fold.latest && !clock.strictlyNegative;
    if (!isMet) {
      if (slot.started) stop(fold, slot, clock);
    } else if ((!slot.started || (isInUse && !fold.balanceKnown)) && clock.terms.length?.kind === 'span') {
      const end = addSpan(day, clock.terms.length.span, clock.monthEnd) - clock.inclusive;
      runFrom(fold, slot, clock, end, entry, day);
    }
  }
}

function applySeenBalance(fold: Fold, entry: Entry, day: Day): void {
  const seen = entry.amount as number;
  if (fold.balanceKnown && fold.balance !== seen)
    fold.drift.push({ record: entry.id, expected: fold.balance, seen });
  fold.balanceKnown = true;
  fold.balance = seen;
  fold.balanceAssumed = false;
  fold.balancePlanned = false;
  for (const i of fold.program.monthlySlots) scheduleMonthly(fold, fold.slots[i] as Slot, day);
}

/**
 * Applies a record to the balance; true if it changed. Only stated amounts count: a charge of unknown size is not
 * guessed, and the difference is reported as drift when the balance is next seen.
 */
export function moveBalance(fold: Fold, entry: Entry, day: Day): boolean {
  const amount = entry.amount;
  noteSpending(fold, entry, day);
  if (amount === null || (!fold.balanceKnown && entry.type !== BALANCE)) return false;
  if (entry.type === BALANCE) applySeenBalance(fold, entry, day);
  else if (entry.type === TOPUP) fold.balance += amount;
  else if (entry.type === ACTIVITY && entry.allowance !== YES) fold.balance -= amount;
  else if (entry.type === PURCHASE && entry.fromBalance) fold.balance -= amount;
  else return false;
  if (isPlan(fold, entry)) fold.balancePlanned = true;
  return true;
}

const takenAtEnd = (charge: ChargeProgram | null | undefined): ChargeProgram['take'] | null =>
  charge?.atEnd ? charge.take : null;

/**
 * Debits a renewal, if the balance covers it and no payment makes the record: otherwise it was paid some other way.
 * True if it was debited.
 */
export function debitRenewal(fold: Fold, entry: Entry): boolean {
  if (!fold.balanceKnown || entry.paid) return false;
  let price = entry.amount;
  for (let i = 0; price === null && i < fold.clocks.length; i++) {
    const take = takenAtEnd(fold.clocks[i]?.charge);
    price = take === 'plan_price' ? fold.planPrice : take;
  }
  if (price === null || fold.balance < price) return false;
  fold.balance -= price;
  if (isPlan(fold, entry)) fold.balancePlanned = true;
  return true;
}
