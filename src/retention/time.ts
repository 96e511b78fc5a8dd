/**
 * What time does by itself: clocks end, stages follow, charges fall due, versions take force. Time jumps from event
 * to event; `fold.next` is the earliest half-day at which anything happens.
 */
import { watchBalance } from './balance.ts';
import { chargeAtEnd, emptiedOn, reviewCharges, settleFees } from './charges.ts';
import { addSpan, type Day, NEVER } from './day.ts';
import type { Entry } from './entry.ts';
import { chargeMonthly } from './monthly.ts';
import { pauseWhile } from './pause.ts';
import type { ClockProgram, StageProgram } from './program.ts';
import { run, stop } from './restart.ts';
import { isAtCurrentMoment, recordStage } from './stage.ts';
import { FOREVER, type Fold, hasEnded, isPlan, type Slot, touch } from './state.ts';
import { switchVersion } from './version.ts';

/** Offsets in half-days, after the stages that begin with a morning, of its fees and of its records. */
const FEES_OFFSET = 0.25;
export const RECORDS_OFFSET = 0.5;

/** The day on which the stage after the one that holds begins. */
function nextStageOn(slot: Slot): Day {
  const clock = slot.clock as ClockProgram;
  const next = clock.stages[slot.stage + 1];
  if (!next) return NEVER;
  if (slot.stage < 0) return slot.end + 1;
  if (next.onDay > 0) return Math.max(slot.start + next.onDay, slot.lastGood + 1);
  const lasts = (clock.stages[slot.stage] as StageProgram).lasts;
  return lasts === null ? NEVER : addSpan(slot.lastGood, lasts) + 1;
}

function nextEventOf(fold: Fold, slot: Slot): number {
  const clock = slot.clock;
  let next = slot.nextMonthly === NEVER || !fold.balanceKnown ? FOREVER : 2 * slot.nextMonthly;
  if (clock && slot.stage < 0) {
    if (slot.started && slot.end < NEVER) {
      const evening = 2 * slot.end + 1;
      // No charge is taken on an evening that has already passed.
      const canCharge = slot.refusedAt !== slot.end && slot.timesLeft > 0 && slot.end >= fold.day;
      if (clock.charge?.atEnd && canCharge) next = Math.min(next, evening);
      else if (clock.stages.length > 0 || (clock.pauses && slot.end >= fold.day))
        next = Math.min(next, evening + 1);
      // What is taken in the evening shows as a stage only the morning after.
      if (slot.charged && slot.risk > fold.day) next = Math.min(next, 2 * slot.risk);
    }
  } else if (clock) {
    next = Math.min(next, 2 * nextStageOn(slot));
    if (slot.feeFrom !== NEVER) next = Math.min(next, 2 * emptiedOn(fold, slot));
  }
  return next;
}

/** Updates the clocks that end with others: with the last of them, or with the first. */
function updateFollowers(fold: Fold): void {
  for (const i of fold.program.followerSlots) {
    const clock = fold.clocks[i];
    if (!clock) continue;
    const slot = fold.slots[i] as Slot;
    const started = clock.members
      .map((member) => fold.slots[member] as Slot)
      .filter((member) => member.started);
    const isDecided = clock.allMembers ? started.length === clock.members.length : started.length > 0;
    if (!isDecided) {
      if (slot.started) stop(fold, slot, clock);
      continue;
    }
    const governing = started.reduce((a, b) => (a.end < b.end === clock.allMembers ? b : a));
    if (slot.started && slot.end === governing.end) continue;
    run(fold, slot, clock, governing.end, governing.setBy);
    slot.countsFrom = governing.countsFrom;
    slot.fact = governing.fact;
    slot.planned = governing.planned;
    slot.chargeCount = governing.chargeCount;
    slot.chargedBy = governing.chargedBy;
    slot.start = governing.start;
    slot.anchor = governing.anchor;
  }
}

/** Updates what depends on a change: the clocks that follow others, the stage, and what happens next. */
export function settle(fold: Fold, day: Day, entry: Entry | null): void {
  updateFollowers(fold);
  pauseWhile(fold, day);
  recordStage(fold, day, entry);
  reschedule(fold);
  fold.dirty = false;
}

/** Computes when something happens next. */
export function reschedule(fold: Fold): void {
  const version = fold.program.versions[fold.version + 1];
  let next = version ? 2 * version.since : FOREVER;
  for (const slot of fold.slots) {
    // A fee of another clock that begins or ends moves the day on which the balance is gone.
    if (slot.dirty || slot.feeFrom !== NEVER) {
      slot.next = nextEventOf(fold, slot);
      slot.dirty = false;
    }
    if (slot.next < next) next = slot.next;
  }
  fold.next = next;
}

/** Moves a clock to its next stage on a day; stages that the end of another clock rules out are skipped. */
function enterNextStage(fold: Fold, slot: Slot, day: Day): void {
  const clock = slot.clock as ClockProgram;
  if (slot.stage < 0) slot.risk = Math.min(slot.risk, day);
  if (slot.stage < 0 && !slot.charged) fold.stagedCount++;
  // Each stage counts from the last good day before it, even if the line enters it only now.
  const lastGood = nextStageOn(slot) - 1;
  let index = slot.stage + 1;
  while (index < clock.stages.length - 1) {
    const unless = (clock.stages[index] as StageProgram).unlessEnded;
    if (unless < 0 || !hasEnded(fold, fold.slots[unless], day)) break;
    index++;
  }
  const program = clock.stages[index] as StageProgram;
  slot.lastGood = lastGood;
  // A stage that was left within this same moment has not come.
  for (const transition of fold.may)
    if (transition.slot === slot && isAtCurrentMoment(fold, transition)) transition.withdrawn = true;
  slot.stage = index;
  if (!program.may) slot.certainStage = index;
  slot.empty = program.charge !== null && fold.balanceKnown && fold.balance <= 0;
  slot.feeFrom = program.charge !== null && !slot.empty ? day : NEVER;
  if (!program.may) return;
  const watches = clock.runsBy === 'balance';
  fold.may.push({
    gravity: program.gravity,
    day,
    moment: fold.moment,
    applied: fold.applied,
    slot,
    clock,
    program,
    record: null,
    setBy: slot.setBy,
    countsFrom: slot.countsFrom,
    fact: slot.fact,
    chargeCount: slot.chargeCount,
    chargedBy: slot.chargedBy,
    emptied: false,
    assumed: slot.assumed || (watches && fold.balanceAssumed),
    planned: isPlan(fold, slot.setBy) || slot.planned || (watches && fold.balancePlanned),
    withdrawn: false,
  });
}

/** Whether the clock has a charge to take this morning, and no stage that begins with it. */
const isFee = (fold: Fold, slot: Slot, day: Day): boolean =>
  slot.nextMonthly <= day ||
  (slot.feeFrom !== NEVER && emptiedOn(fold, slot) <= day && nextStageOn(slot) > day);

/** Advances one clock at a half-day; `limit` is the half-day up to which charges may be taken in one step. */
function passTime(fold: Fold, slot: Slot, at: number, limit: number): void {
  const day = at >> 1;
  const clock = slot.clock as ClockProgram;
  touch(fold, slot);
  if (at % 2 === 0 && isFee(fold, slot, day))
    fold.moment = Math.max(
      fold.moment,
      at + FEES_OFFSET,
      2 * fold.day + (fold.moment % 1 >= RECORDS_OFFSET ? RECORDS_OFFSET + FEES_OFFSET : 0),
    );
  if (at % 2 === 0 && slot.nextMonthly <= day) {
    settleFees(fold, day);
    chargeMonthly(fold, slot, day);
    watchBalance(fold, day, null, false);
    reviewCharges(fold, day);
  } else if (at % 2 === 1) {
    settleFees(fold, day);
    const charge = clock.charge as NonNullable<ClockProgram['charge']>;
    if (!chargeAtEnd(fold, slot, charge, (limit - 1) >> 1)) slot.refusedAt = slot.end;
    watchBalance(fold, day, null, false);
    reviewCharges(fold, day);
  } else if (isFee(fold, slot, day)) {
    if (fold.balanceKnown) settleFees(fold, day);
    slot.empty = true;
    slot.feeFrom = NEVER;
    watchBalance(fold, day, null, false);
    // Another fee paid from the same balance has come to its end as well.
    reviewCharges(fold, day);
  } else if (nextStageOn(slot) <= day) {
    settleFees(fold, day - 1);
    enterNextStage(fold, slot, day);
  }
}

/** Advances time up to and including a half-day. */
export function advance(fold: Fold, limit: number): void {
  while (fold.next <= limit) {
    const at = fold.next;
    const day = Math.max(at >> 1, fold.day);
    const version = fold.program.versions[fold.version + 1];
    if (version && 2 * version.since === at) switchVersion(fold, version.since);
    fold.moment = Math.max(fold.moment, at);
    // One clock at a time: what it does can move what the others do on the same half-day. Stages begin before fees.
    let due: Slot | null = null;
    for (const slot of fold.slots) {
      if (slot.next !== at) continue;
      due ??= slot;
      if (isFee(fold, slot, day)) continue;
      due = slot;
      break;
    }
    if (due) passTime(fold, due, 2 * day + (at & 1), limit);
    fold.day = day;
    settle(fold, day, null);
  }
}
