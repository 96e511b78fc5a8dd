/** The stage of a line at a moment: the gravest certain one of all its clocks, recorded when it changes. */
import { type Day, NEVER } from './day.ts';
import type { Entry } from './entry.ts';
import { GRAVITY, type StageProgram } from './program.ts';
import type { Stage } from './record.ts';
import { type Fold, isPlan, type Slot, type Transition } from './state.ts';

const ACTIVE = GRAVITY.active;

/** The certain stage that holds. A `may` stage hides nothing: the certain one before it goes on. */
export const certainStageOf = (slot: Slot): StageProgram | undefined =>
  // V8 looks a negative index up as the name of a property, which is slow.
  slot.certainStage < 0 ? undefined : slot.clock?.stages[slot.certainStage];

/** The gravity of the certain stage that the clock puts the line in; active if it puts it in none. */
function gravityOf(slot: Slot, day: Day): number {
  if (slot.stage < 0) return slot.charged && slot.risk <= day ? GRAVITY.fee_running : ACTIVE;
  const empty = slot.empty ? slot.clock?.stages[slot.stage] : undefined;
  return empty?.gravityEmpty ?? certainStageOf(slot)?.gravity ?? ACTIVE;
}

/**
 * Whether a slot decides on the stage: not if its clock only serves others that depend on it. Before it is started it
 * does if it takes a monthly charge and a balance was seen.
 */
const isCounted = (fold: Fold, slot: Slot): boolean =>
  slot.started
    ? slot.clock !== null && (slot.clock.stages.length > 0 || slot.clock.charge !== null)
    : fold.balanceKnown && slot.nextMonthly !== NEVER;

/** The slot that gives the line its stage; null if none has been started. */
export function gravestSlot(fold: Fold): Slot | null {
  let gravest: Slot | null = null;
  let gravity = -1;
  for (const slot of fold.slots) {
    if (!isCounted(fold, slot)) continue;
    const slotGravity = gravityOf(slot, fold.day);
    if (slotGravity > gravity) {
      gravity = slotGravity;
      gravest = slot;
    }
  }
  return gravest;
}

export const gravityBy = (fold: Fold, slot: Slot | null): number =>
  slot ? gravityOf(slot, fold.day) : GRAVITY.unknown;

/** Whether a transition was recorded at the fold's current moment. */
export const isAtCurrentMoment = (fold: Fold, transition: Transition): boolean =>
  transition.moment === fold.moment && transition.applied === fold.applied;

/** Removes the transition that was recorded at this same moment: a graver or a later stage replaces it. */
function dropMomentary(fold: Fold): void {
  const last = fold.certain.at(-1);
  if (last && isAtCurrentMoment(fold, last)) fold.certain.pop();
}

/** Records the stage that now holds, if it has changed. */
export function recordStage(fold: Fold, day: Day, entry: Entry | null): void {
  if (fold.stagedCount === 0 && fold.gravity === ACTIVE && fold.status === null && !fold.mustReviewStage)
    return;
  fold.mustReviewStage = false;
  const slot = gravestSlot(fold);
  let gravity = gravityBy(fold, slot);
  if (fold.status) {
    const stated = GRAVITY[fold.status.stage as Stage];
    if (gravity > Math.max(fold.gravityUnderStatus, stated)) fold.status = null;
    else gravity = stated;
  }
  if (gravity === fold.gravity) return;
  dropMomentary(fold);
  const before = fold.certain.at(-1)?.gravity ?? GRAVITY.unknown;
  fold.gravity = gravity;
  if (gravity === before) return;
  const cause = fold.status !== null || gravity <= ACTIVE ? null : slot;
  const clock = cause?.clock ?? null;
  const setBy = cause?.setBy ?? null;
  const emptied = cause?.empty ?? false;
  const watches = emptied || clock?.runsBy === 'balance';
  fold.certain.push({
    gravity,
    day,
    moment: fold.moment,
    applied: fold.applied,
    slot: cause,
    clock,
    program: cause && cause.stage >= 0 ? (clock?.stages[cause.stage] ?? null) : null,
    record: entry,
    setBy,
    countsFrom: cause?.countsFrom ?? 'record',
    fact: cause?.fact ?? null,
    chargeCount: cause?.chargeCount ?? 0,
    chargedBy: cause?.chargedBy ?? null,
    emptied,
    assumed: cause !== null && (cause.assumed || cause.charged || (watches && fold.balanceAssumed)),
    planned:
      isPlan(fold, entry) ||
      isPlan(fold, setBy) ||
      cause?.planned === true ||
      (watches && fold.balancePlanned),
    withdrawn: false,
  });
}
