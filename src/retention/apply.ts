/** Applies one record to a line: to its balance, its clocks and its stated stage. */
import { debitRenewal, moveBalance, showsUse, watchBalance } from './balance.ts';
import { reviewCharges, settleFees } from './charges.ts';
import { type Day, NEVER } from './day.ts';
import { type Entry, typeCode, YES } from './entry.ts';
import type { PatternProgram } from './match.ts';
import { hold, optOut, release } from './pause.ts';
import { type ClockProgram, GRAVITY } from './program.ts';
import { activate, addToSum, matchingPattern, restart, run, runFrom, statedDay, stop } from './restart.ts';
import { certainStageOf, gravestSlot, gravityBy } from './stage.ts';
import { dayOf, type Fold, type Slot, versionOf } from './state.ts';
import { RECORDS_OFFSET, settle } from './time.ts';
import { dropSuperseded } from './version.ts';

const ACTIVATED = typeCode('activated');
const ACTIVITY = typeCode('activity');
const PLAN_RENEWED = typeCode('plan_renewed');
const PLAN = typeCode('plan');
const TOPUP = typeCode('topup');
const VALIDITY = typeCode('validity');
const STATUS = typeCode('status');
const HOLD = typeCode('hold');
const OPT_OUT = typeCode('opt_out');

/**
 * The pattern of a clock that the record matches. While a certain stage that lists its cures holds, nothing else
 * restarts the clock; a `may` stage excludes nothing, and its cures count as well.
 */
function answeredPattern(fold: Fold, slot: Slot, clock: ClockProgram, entry: Entry): PatternProgram | null {
  const triggers = certainStageOf(slot)?.cures ?? clock.triggers;
  const mayCures = slot.stage >= 0 ? slot.clock?.stages[slot.stage]?.cures : null;
  return (
    matchingPattern(fold, triggers[entry.type] ?? null, entry) ??
    matchingPattern(fold, mayCures?.[entry.type] ?? null, entry)
  );
}

/** Applies a record to a clock whose pattern it matches. True if a renewal only confirmed an assumed one. */
function applyToClock(
  fold: Fold,
  slot: Slot,
  clock: ClockProgram,
  pattern: PatternProgram,
  entry: Entry,
  day: Day,
): boolean {
  if (clock.runsBy === 'records') return restart(fold, slot, clock, pattern, entry, day);
  if (clock.runsBy === 'date' || (clock.runsBy === 'shown' && slot.started)) {
    const stated = statedDay(pattern, entry);
    run(fold, slot, clock, stated ?? NEVER, entry);
    if (stated !== null) slot.countsFrom = 'told_day';
  } else if (clock.runsBy === 'balance' && entry.type !== TOPUP) {
    // The clock starts again if the balance still meets its condition; a top-up helps through the balance alone.
    stop(fold, slot, clock);
    watchBalance(fold, day, entry, false);
  }
  return false;
}

/** Restarts all clocks that the record restarts. True if a renewal only confirmed an assumed one. */
function trigger(fold: Fold, entry: Entry, day: Day): boolean {
  let confirmed = false;
  let restarted = false;
  const { slots, clocks } = fold;
  for (const i of versionOf(fold).slotsByType[entry.type] as readonly number[]) {
    const clock = clocks[i];
    if (!clock) continue;
    const slot = slots[i] as Slot;
    const heldStage = certainStageOf(slot);
    const cures = heldStage?.cures ?? null;
    const pattern = answeredPattern(fold, slot, clock, entry);
    if (pattern !== null && heldStage?.needsMoney && !hasMoney(fold)) {
      slot.waitingCure = entry;
    } else if (pattern !== null) {
      restarted = true;
      confirmed = applyToClock(fold, slot, clock, pattern, entry, day) || confirmed;
    }
    if (clock.sums.length > 0 && cures === null && entry.type === ACTIVITY && entry.allowance !== YES) {
      for (const sum of clock.sums) addToSum(fold, slot, clock, sum, entry, day);
    }
  }
  if (restarted && fold.version > 0) dropSuperseded(fold);
  return confirmed;
}

/** Whether there is money on the account: an unknown balance counts as money in the latest reading only. */
const hasMoney = (fold: Fold): boolean => (fold.balanceKnown ? fold.balance > 0 : fold.latest);

/** Applies cures that waited for money once there is some, each as of its own day. */
function releaseWaiting(fold: Fold): void {
  for (const i of fold.program.moneySlots) {
    const slot = fold.slots[i] as Slot;
    const { waitingCure } = slot;
    const clock = fold.clocks[i];
    const heldStage = certainStageOf(slot);
    if (waitingCure === null || !clock || !heldStage?.needsMoney || !fold.balanceKnown || fold.balance <= 0)
      continue;
    const pattern = answeredPattern(fold, slot, clock, waitingCure);
    if (pattern !== null) applyToClock(fold, slot, clock, pattern, waitingCure, dayOf(fold, waitingCure));
    slot.waitingCure = null;
  }
}

/** Sets the printed date of a `validity` record: on the only clock that shows one, or on the clock that it names. */
function setShownDate(fold: Fold, entry: Entry, day: Day): void {
  const shown = fold.clocks.filter((clock) => clock?.shows);
  const clock = shown.length === 1 ? shown[0] : shown.find((candidate) => candidate?.shows === entry.of);
  if (!clock || entry.date === null) return;
  const slot = fold.slots[clock.slot] as Slot;
  runFrom(fold, slot, clock, entry.date, entry, day);
}

function activateAll(fold: Fold, entry: Entry, day: Day): void {
  for (let i = 0; i < fold.slots.length; i++) {
    const clock = fold.clocks[i];
    if (clock) activate(fold, fold.slots[i] as Slot, clock, entry, day);
  }
}

/** Applies a record on a day. Time must already have been advanced to that day's morning. */
export function apply(fold: Fold, entry: Entry, day: Day): void {
  const wasLost = fold.gravity >= GRAVITY.lost;
  fold.day = day;
  fold.moment = 2 * day + RECORDS_OFFSET;
  settleFees(fold, day);
  if (fold.status !== null) {
    fold.status = null;
    fold.mustReviewStage = true;
    fold.dirty = true;
  }
  let moved = moveBalance(fold, entry, day);
  if (entry.type === PLAN) fold.planPrice = entry.amount;
  else if (entry.type === VALIDITY) setShownDate(fold, entry, day);
  else if (entry.type === ACTIVATED) activateAll(fold, entry, day);
  else if (entry.type === HOLD) hold(fold, entry, day);
  else if (entry.type === OPT_OUT) optOut(fold, day);
  else if (entry.type === STATUS) release(fold, day);
  const confirmed = trigger(fold, entry, day);
  if (moved) releaseWaiting(fold);
  if (entry.type === PLAN_RENEWED && !confirmed) moved = debitRenewal(fold, entry) || moved;
  if (moved || !fold.balanceKnown) watchBalance(fold, day, entry, showsUse(entry));
  if (moved) reviewCharges(fold, day);
  if (entry.type === STATUS && entry.stage !== null && entry.stage !== 'unknown') {
    fold.status = entry;
    fold.gravityUnderStatus = gravityBy(fold, gravestSlot(fold));
    fold.dirty = true;
  }
  fold.applied++;
  if (!fold.dirty) return;
  settle(fold, day, entry);
  if (wasLost && fold.gravity < GRAVITY.lost) fold.contradicted.push(entry.id);
}
