/**
 * Charges that the carrier takes by itself. Daily fees are not simulated day by day: the day on which they empty the
 * balance is computed, and what they have taken is deducted only when something looks at the balance.
 */
import { type Day, NEVER } from './day.ts';
import type { Amount } from './money.ts';
import type { ChargeProgram } from './program.ts';
import { lengthen } from './restart.ts';
import { type Fold, isPlan, type Slot, touch } from './state.ts';

/** What one charge takes; null if it is the plan's price and that is not known. */
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

/**
 * The day whose fee takes the last of the balance. An unknown balance is gone at once in the earliest reading, and
 * never in the latest.
 */
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

/**
 * Notes that a forecast charge has reduced the balance, which follows from a plan if the clock that is charged does.
 */
export function noteForecastCharge(fold: Fold, slot: Slot): void {
  fold.balanceAssumed = true;
  if (isPlan(fold, slot.setBy)) fold.balancePlanned = true;
}

/** Deducts the daily fees up to and including a day from the balance. */
export function settleFees(fold: Fold, day: Day): void {
  for (const i of fold.program.dailySlots) {
    const slot = fold.slots[i] as Slot;
    const charge = dailyCharge(slot);
    if (!charge || slot.feeFrom > day) continue;
    const take = amountOf(fold, charge);
    if (fold.balanceKnown && take !== null && fold.balance > 0) {
      const due = (day - slot.feeFrom + 1) * take;
      const maximum = charge.partial === 'refused' ? Math.floor(fold.balance / take) * take : fold.balance;
      fold.balance -= Math.min(due, maximum);
      noteForecastCharge(fold, slot);
    }
    slot.feeFrom = day + 1;
  }
}

/**
 * To be called after the balance has changed. A fee that had emptied it resumes on the next day, or a fee ends for want
 * of money, and all due dates are computed again.
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

/** Notes that from a day on charges outside the line's ordinary course keep the clock alive. */
export function markCharged(fold: Fold, slot: Slot, day: Day): void {
  if (slot.charged) return;
  if (slot.stage < 0) fold.stagedCount++;
  slot.charged = true;
  slot.risk = Math.min(slot.risk, day);
}

/**
 * Takes the charge that is due on the evening of a clock's last good day, as far as a known balance goes, and extends
 * the clock. Where nothing else watches the balance, all cycles that end by the day `limit` are charged in one step.
 * False if the clock was not extended.
 */
export function chargeAtEnd(fold: Fold, slot: Slot, charge: ChargeProgram, limit: Day): boolean {
  const take = amountOf(fold, charge);
  if (slot.timesLeft <= 0 || take === null || (!fold.balanceKnown && !fold.latest)) return false;
  // Whether it is taken depends on the balance.
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
    const cyclesByLimit = Math.floor((limit - slot.end) / charge.adds.count) + 1;
    times = Math.max(1, Math.min(affordable, slot.timesLeft, cyclesByLimit));
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
