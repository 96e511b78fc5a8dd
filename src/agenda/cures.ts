import type { Day } from '../retention/index.ts';
import type { StageEntry } from '../retention/timeline.ts';
import { clockOf } from '../wording/index.ts';
import { actionsAsked, actionsHelpingIn, restartingActions } from './asks.ts';
import { isReachedBy, stageOn, trackOf } from './deadline.ts';
import type { AgendaLine, Asks } from './entry.ts';

/**
 * Whether a fee, taken by the carrier when the clock ends, postpones the stages that would follow: the clock still
 * runs.
 */
function isPutOff({ booked, timeline }: AgendaLine, { stage, because: { clock } }: StageEntry): boolean {
  const ended = clock ? clockOf(booked, timeline.version, clock)?.ended : undefined;
  return stage === 'fee_running' && !ended?.some((ruled) => ruled.stage === stage);
}

/** The certain stage of the same clock that holds on a day in the latest reading. */
function stageInDoubt(line: AgendaLine, { because }: StageEntry, day: Day): StageEntry | undefined {
  return line.timeline.stages.findLast(
    (entry) =>
      entry.certainty === 'certain' &&
      isReachedBy(line, entry, day) &&
      (entry.because.clock === because.clock || entry.stage === 'active'),
  );
}

/**
 * The actions that still save the line on a day on which a stage may have begun. If only the earliest reading has
 * reached a loss, they are the cures of the stage that the latest reading is in: earlier cures may not help there.
 */
export function curesOn(line: AgendaLine, stage: StageEntry, day: Day): readonly string[] {
  if (stage.certainty === 'may') return actionsHelpingIn(line, stageOn(line, day)?.stage, stage.cures);
  if (isPutOff(line, stage)) return restartingActions(line, stage.because.clock, stage);
  if (stage.stage !== 'lost' || isReachedBy(line, stage, day)) return stage.cures;
  const present = stageInDoubt(line, stage, day);
  return present?.cures.length ? present.cures : actionsHelpingIn(line, present?.stage, stage.cures);
}

/**
 * Puts the cures of an identity block first: while the number is blocked until its owner is identified, nothing else
 * works.
 */
export function withUnblockingCures(line: AgendaLine, asks: Asks, day: Day): Asks {
  const present = stageOn(line, day);
  const isBlocked = present && !present.can_call && trackOf(line, present.because.clock) === 'identity';
  const cures = isBlocked ? present.cures : [];
  const names = actionsAsked(asks);
  const isNeeded = cures.length > 0 && names.length > 0 && !names.some((name) => cures.includes(name));
  return isNeeded ? [cures, ...asks] : asks;
}
