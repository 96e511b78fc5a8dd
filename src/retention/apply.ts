/** What one record does to a line: to the balance, to its clocks, to what is said of its stage. */
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
 * What of a clock the record answers. While a stage that lists its cures holds, nothing else restarts the clock; one
 * that only may hold binds nothing, and its cures count as well.
 */
function answeredPattern(fold: Fold, slot: Slot, clock: ClockProgram, entry: Entry): PatternProgram | null {
  const binding = certainStageOf(slot)?.cures ?? clock.triggers;
  const maybe = slot.stage >= 0 ? slot.clock?.stages[slot.stage]?.cures : null;
  return (
    matchingPattern(fold, binding[entry.type] ?? null, entry) ??
    matchingPattern(fold, maybe?.[entry.type] ?? null, entry)
  );
}

/** What a record does to a clock whose pattern it answers. True when a renewal only confirmed an assumed one. */
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
    const told = statedDay(pattern, entry);
    run(fold, slot, clock, told ?? NEVER, entry);
    if (told !== null) slot.countsFrom = 'told_day';
  } else if (clock.runsBy === 'balance' && entry.type !== TOPUP) {
    // What it watches is looked at anew; a top-up helps through the balance alone.
    stop(fold, slot, clock);
    watchBalance(fold, day, entry, false);
  }
  return false;
}

/** Lets the record restart what it restarts. True when a renewal only confirmed an assumed one. */
function trigger(fold: Fold, entry: Entry, day: Day): boolean {
  let confirmed = false;
  let restarted = false;
  const { slots, clocks } = fold;
  for (const i of versionOf(fold).slotsByType[entry.type] as readonly number[]) {
    const clock = clocks[i];
    if (!clock) continue;
    const slot = slots[i] as Slot;
    const held = certainStageOf(slot);
    const cures = held?.cures ?? null;
    const pattern = answeredPattern(fold, slot, clock, entry);
    if (pattern !== null && held?.needsMoney && !hasMoney(fold)) {
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

/** A balance that is not known lets a line out in the latest reading only. */
const hasMoney = (fold: Fold): boolean => (fold.balanceKnown ? fold.balance > 0 : fold.latest);

/** Cures that waited for money count, once there is some, from their own day. */
function releaseWaiting(fold: Fold): void {
  for (const i of fold.program.moneySlots) {
    const slot = fold.slots[i] as Slot;
    const { waitingCure: waiting } = slot;
    const clock = fold.clocks[i];
    const held = certainStageOf(slot);
    if (waiting === null || !clock || !held?.needsMoney || !fold.balanceKnown || fold.balance <= 0) continue;
    const pattern = answeredPattern(fold, slot, clock, waiting);
    if (pattern !== null) applyToClock(fold, slot, clock, pattern, waiting, dayOf(fold, waiting));
    slot.waitingCure = null;
  }
}

/** The clock whose printed date a `validity` record sets: the only one that shows any, or the one named. */
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

/** Applies a record on a day; all that time does up to that day's morning has been done before. */
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
