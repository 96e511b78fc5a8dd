/**
 * What a carrier takes by itself. A daily fee is never stepped through: the day on which it empties the balance is
 * computed, and what it has taken is settled only when something looks at the balance.
 */
import { type Day, NEVER } from './day.ts';
import type { Amount } from './money.ts';
import type { ChargeProgram } from './program.ts';
import { lengthen } from './restart.ts';
import { type Fold, isPlan, type Slot, touch } from './state.ts';

/** What one charge takes, or null where it is the plan's price and that is not known. */
export function amountOf(fold: Fold, charge: ChargeProgram): Amount | null {
  return charge.take === 'plan_price' ? fold.planPrice : charge.take;
}

const dailyCharge = (slot: Slot): ChargeProgram | null =>
  slot.feeFrom === NEVER ? null : (slot.clock?.stages[slot.stage]?.charge ?? null);

/** What all daily fees take together in a day. */
function dailyTotal(fold: Fold): Amount {
  let total = 0;
  for (const i of fold.program.dailySlots) {
    const charge = dailyCharge(fold.slots[i] as Slot);
    if (charge) total += amountOf(fold, charge) ?? 0;
  }
  return total;
}

/** The day whose fee takes the last of the balance; unknown, it is gone at once or never. */
export function emptiedOn(fold: Fold, slot: Slot): Day {
  const charge = dailyCharge(slot);
  if (!charge) return NEVER;
  if (!fold.balanceKnown) return fold.latest ? NEVER : slot.feeFrom;
  const total = dailyTotal(fold);
  if (total <= 0) return NEVER;
  const fees = fold.balance / total;
  if (charge.partial === 'refused' && !Number.isInteger(fees)) return NEVER;
  return slot.feeFrom + Math.max(Math.ceil(fees), 1) - 1;
}

/** The balance is less by a charge that nobody has seen, and follows from a plan where what is charged does. */
export function noteForecastCharge(fold: Fold, slot: Slot): void {
  fold.balanceAssumed = true;
  if (isPlan(fold, slot.setBy)) fold.balancePlanned = true;
}

/** Takes from the balance the daily fees up to and with a day. */
export function settleFees(fold: Fold, day: Day): void {
  for (const i of fold.program.dailySlots) {
    const slot = fold.slots[i] as Slot;
    const charge = dailyCharge(slot);
    if (!charge || slot.feeFrom > day) continue;
    const take = amountOf(fold, charge);
    if (fold.balanceKnown && take !== null && fold.balance > 0) {
      const due = (day - slot.feeFrom + 1) * take;
      const most = charge.partial === 'refused' ? Math.floor(fold.balance / take) * take : fold.balance;
      fold.balance -= Math.min(due, most);
      noteForecastCharge(fold, slot);
    }
    slot.feeFrom = day + 1;
  }
}

/**
 * After the balance has changed: a fee that had emptied it goes on the day after, or ends, and when the next charges
 * fall due is looked at again.
 */
export function reviewCharges(fold: Fold, day: Day): void {
  const { dailySlots, monthlySlots } = fold.program;
  for (const i of dailySlots) {
    const slot = fold.slots[i] as Slot;
    const charge = slot.stage < 0 ? null : slot.clock?.stages[slot.stage]?.charge;
    if (charge && fold.balanceKnown && slot.empty === fold.balance > 0) {
      slot.empty = !slot.empty;
      slot.feeFrom = slot.empty ? NEVER : day + 1;
      touch(fold, slot);
    }
    if (slot.feeFrom !== NEVER) touch(fold, slot);
  }
  for (const i of monthlySlots) touch(fold, fold.slots[i] as Slot);
}

/** From a day on the line lives on charges that are no ordinary course. */
export function markCharged(fold: Fold, slot: Slot, day: Day): void {
  if (slot.charged) return;
  if (slot.stage < 0) fold.stagedCount++;
  slot.charged = true;
  slot.risk = Math.min(slot.risk, day);
}

/**
 * On the evening of a clock's last good day: the carrier takes its charge, as far as a known balance goes, and the
 * clock runs on. As many cycles as end by the limit (a day) are taken in one step where nothing else watches the
 * balance. False where nothing was taken.
 */
export function chargeAtEnd(fold: Fold, slot: Slot, charge: ChargeProgram, limit: Day): boolean {
  const take = amountOf(fold, charge);
  if (slot.timesLeft <= 0 || take === null || (!fold.balanceKnown && !fold.latest)) return false;
  // Taken or not, it hangs on what there is.
  slot.planned ||= fold.balancePlanned;
  const affordable = fold.balanceKnown ? Math.floor(fold.balance / take) : Number.POSITIVE_INFINITY;
  if (affordable < 1) {
    if (charge.partial === 'refused' || fold.balance <= 0) return false;
    fold.balance = 0;
    noteForecastCharge(fold, slot);
    if (charge.partial === 'swallowed') return false;
  }
  let times = 1;
  if (fold.rule.chargesStandAlone && charge.adds?.unit === 'day') {
    const wanted = Math.floor((limit - slot.end) / charge.adds.count) + 1;
    times = Math.max(1, Math.min(affordable, slot.timesLeft, wanted));
  }
  const last = slot.end;
  if (charge.adds && slot.clock) {
    lengthen(slot, slot.clock, charge.adds, times);
    slot.chargeCount += times;
    slot.chargedBy = charge;
  }
  slot.chargedOn = charge.adds?.unit === 'day' ? slot.end - charge.adds.count : last;
  slot.timesLeft -= times;
  slot.assumed = true;
  if (!charge.ordinary) markCharged(fold, slot, last + 1);
  if (fold.balanceKnown && affordable >= 1) {
    fold.balance -= take * times;
    noteForecastCharge(fold, slot);
  }
  return charge.adds !== null;
}
