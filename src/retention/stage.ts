/** The stage of a line at a moment: the gravest certain one of all its clocks, written down where it changes. */
import { type Day, NEVER } from './day.ts';
import type { Entry } from './entry.ts';
import { GRAVITY, type StageProgram } from './program.ts';
import type { Stage } from './record.ts';
import { type Fold, isPlan, type Slot, type Transition } from './state.ts';

const ACTIVE = GRAVITY.active;

/** The certain stage that holds: what only may come hides nothing, so the one before it goes on. */
export const certainStageOf = (slot: Slot): StageProgram | undefined =>
  // To V8 an index below 0 is the name of a property, and slow to look for.
  slot.certainStage < 0 ? undefined : slot.clock?.stages[slot.certainStage];

/** How grave a stage the clock puts the line in with certainty; active where it has none of its own. */
function gravityOf(slot: Slot, day: Day): number {
  if (slot.stage < 0) return slot.charged && slot.risk <= day ? GRAVITY.fee_running : ACTIVE;
  const empty = slot.empty ? slot.clock?.stages[slot.stage] : undefined;
  return empty?.gravityEmpty ?? certainStageOf(slot)?.gravity ?? ACTIVE;
}

/** Clocks that are only watched by others say nothing of the line; a levy runs from a balance that was seen. */
const isCounted = (fold: Fold, slot: Slot): boolean =>
  slot.started
    ? slot.clock !== null && (slot.clock.stages.length > 0 || slot.clock.charge !== null)
    : fold.balanceKnown && slot.nextMonthly !== NEVER;

/** The clock that gives the line its stage; null where none has been started. */
export function gravestSlot(fold: Fold): Slot | null {
  let gravest: Slot | null = null;
  let gravity = -1;
  for (const slot of fold.slots) {
    if (!isCounted(fold, slot)) continue;
    const own = gravityOf(slot, fold.day);
    if (own > gravity) {
      gravity = own;
      gravest = slot;
    }
  }
  return gravest;
}

export const gravityBy = (fold: Fold, slot: Slot | null): number =>
  slot ? gravityOf(slot, fold.day) : GRAVITY.unknown;

/** Was it written down at this very moment? */
export const isAtCurrentMoment = (fold: Fold, transition: Transition): boolean =>
  transition.moment === fold.moment && transition.applied === fold.applied;

/** Takes back what was written down at this same moment: a graver stage, or a later one, has taken its place. */
function dropMomentary(fold: Fold): void {
  const last = fold.certain.at(-1);
  if (last && isAtCurrentMoment(fold, last)) fold.certain.pop();
}

/** Writes down the stage that now holds, where it is another than before. */
export function recordStage(fold: Fold, day: Day, entry: Entry | null): void {
  if (fold.stagedCount === 0 && fold.gravity === ACTIVE && fold.status === null && !fold.mustReviewStage)
    return;
  fold.mustReviewStage = false;
  const slot = gravestSlot(fold);
  let gravity = gravityBy(fold, slot);
  if (fold.status) {
    const said = GRAVITY[fold.status.stage as Stage];
    if (gravity > Math.max(fold.gravityUnderStatus, said)) fold.status = null;
    else gravity = said;
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
