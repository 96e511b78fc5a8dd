/**
 * The versions of a rule: which clocks apply to a line, and what happens to running clocks when a new version takes
 * force.
 */
import { watchBalance } from './balance.ts';
import { type Day, NEVER } from './day.ts';
import { type Entry, typeCode } from './entry.ts';
import { nextDateOfMonth } from './monthly.ts';
import { type ClockProgram, dependsOn } from './program.ts';
import { activate, matchingPattern, restart, run, stop } from './restart.ts';
import { dayOf, type Fold, type Slot, touch, versionOf } from './state.ts';

const VALIDITY = typeCode('validity');

function appliesToLine(fold: Fold, clock: ClockProgram): boolean {
  for (const [name, value] of clock.facts) if (fold.facts[name] !== value) return false;
  if (clock.activatedBefore !== NEVER && fold.activated >= clock.activatedBefore) return false;
  return (
    clock.activatedFrom === -NEVER || (fold.activated !== NEVER && fold.activated >= clock.activatedFrom)
  );
}

/** The clocks of the version in force whose conditions are all known to hold, by slot. */
export function clocksInForce(fold: Fold): readonly (ClockProgram | null)[] {
  const { clocks, conditional } = versionOf(fold);
  if (!conditional) return clocks;
  const applicable = clocks.map((clock) => (clock !== null && appliesToLine(fold, clock) ? clock : null));
  if (fold.program.versions.length > 1) return applicable;
  // A clock without stages or a charge exists for the clocks that depend on it: without them it is left out.
  return applicable.map((clock) => (clock !== null && isUnused(clock, applicable) ? null : clock));
}

const isUnused = (clock: ClockProgram, others: readonly (ClockProgram | null)[]): boolean =>
  clock.stages.length === 0 &&
  clock.charge === null &&
  !others.some((other) => other !== null && dependsOn(other, clock));

/** Starts the clocks that end on a fixed date, without a record, and schedules charges on a day of the month. */
export function startByDate(fold: Fold, since: Day): void {
  for (let i = 0; i < fold.slots.length; i++) {
    const clock = fold.clocks[i];
    const slot = fold.slots[i] as Slot;
    if (clock?.runsBy === 'date' && !slot.started) run(fold, slot, clock, clock.endsOn, null);
    if (clock?.charge?.onDayOfMonth && slot.nextMonthly === NEVER) {
      slot.nextMonthly = nextDateOfMonth(since - 1, clock.charge.onDayOfMonth);
      touch(fold, slot);
    }
  }
}

/** The last record that would have restarted this clock: for a version that governs the past as well. */
function lastTrigger(fold: Fold, clock: ClockProgram): Entry | null {
  for (let i = fold.applied - 1; i >= 0; i--) {
    const entry = fold.entries[i] as Entry;
    if (matchingPattern(fold, clock.triggers[entry.type] ?? null, entry)) return entry;
  }
  return null;
}

/**
 * Whether a running clock keeps its end: it was added up from end to end, by records or by charges, or is shown by the
 * carrier.
 */
function keepsItsEnd(slot: Slot, clock: ClockProgram): boolean {
  const isCharged = slot.timesLeft !== (slot.clock?.charge?.times ?? 0);
  return clock.terms.extend !== 'from_event' || isCharged || slot.setBy?.type === VALIDITY;
}

/** Recomputes a running clock from its anchor, with effect not before the day `since`. */
function recompute(fold: Fold, slot: Slot, clock: ClockProgram, since: Day, doubtful: boolean): void {
  const anchor = slot.started ? slot.setBy : lastTrigger(fold, clock);
  if (!anchor) return;
  const former = { ...slot };
  const day = dayOf(fold, anchor);
  const pattern = matchingPattern(fold, clock.triggers[anchor.type] ?? null, anchor);
  slot.started = false;
  if (pattern) restart(fold, slot, clock, pattern, anchor, day);
  else activate(fold, slot, clock, anchor, day);
  slot.end = Math.max(slot.end, since - 1);
  const keepsFormer = doubtful && (fold.latest ? former.end >= slot.end : former.end <= slot.end);
  if (keepsFormer || !slot.started) Object.assign(slot, former);
}

/** Puts clocks that already run under the new version's charge, if it says so; their end stays. */
function chargeRunning(fold: Fold, since: Day): void {
  for (let i = 0; i < fold.slots.length; i++) {
    const clock = fold.clocks[i];
    const slot = fold.slots[i] as Slot;
    if (!clock?.charge?.running || slot.clock === null || slot.clock === clock) continue;
    if (!slot.started || slot.stage >= 0 || slot.end < since) continue;
    // It ran for the length that the former version gave it.
    slot.fact ??= slot.clock.fact;
    slot.clock = clock;
    slot.timesLeft = clock.charge.times;
    touch(fold, slot);
  }
}

/**
 * Puts the next version in force. Running clocks keep their end, unless the version governs them too: then those that
 * count from an event are recomputed; if the source does not say, the earliest reading takes the nearer end and the
 * latest the further. Clocks that have ended, and those added up from end to end, keep theirs.
 */
export function switchVersion(fold: Fold, since: Day): void {
  fold.version++;
  const version = versionOf(fold);
  fold.clocks = clocksInForce(fold);
  for (let i = 0; i < fold.slots.length; i++) {
    const clock = fold.clocks[i];
    const slot = fold.slots[i] as Slot;
    if (!version.recompute || slot.stage >= 0 || (slot.started && slot.end < since)) continue;
    if (!clock) {
      const isDoubtful = version.doubtful && !fold.latest;
      if (slot.started && slot.clock && !isDoubtful) stop(fold, slot, slot.clock);
      continue;
    }
    if (clock.runsBy === 'records' && !(slot.started && keepsItsEnd(slot, clock))) {
      recompute(fold, slot, clock, since, version.doubtful);
    }
  }
  chargeRunning(fold, since);
  startByDate(fold, since);
  // Before the first record, no balance is assumed to be gone.
  if (fold.applied > 0) watchBalance(fold, since, null, false);
}

/** Stops the clocks that only an older version had, once a record counts under a newer one. */
export function dropSuperseded(fold: Fold): void {
  for (let i = 0; i < fold.slots.length; i++) {
    const slot = fold.slots[i] as Slot;
    if (slot.started && slot.clock && fold.clocks[i] === null) stop(fold, slot, slot.clock);
  }
}
