import type { Day } from '../retention/index.ts';
import type { StageEntry } from '../retention/timeline.ts';
import { clockOf } from '../wording/index.ts';
import { actionsAsked, actionsHelpingIn, restartingActions } from './asks.ts';
import { isReachedBy, stageOn, trackOf } from './deadline.ts';
import type { AgendaLine, Asks } from './entry.ts';

/** A fee that the carrier takes when a clock ends puts the stages off that would follow: the clock still runs. */
function isPutOff({ booked, timeline }: AgendaLine, { stage, because: { clock } }: StageEntry): boolean {
  const ended = clock ? clockOf(booked, timeline.version, clock)?.ended : undefined;
  return stage === 'fee_running' && !ended?.some((ruled) => ruled.stage === stage);
}

/** The certain stage of the same clock that the less cautious reading is in on a day. */
function stageInDoubt(line: AgendaLine, { because }: StageEntry, day: Day): StageEntry | undefined {
  return line.timeline.stages.findLast(
    (entry) =>
      entry.certainty === 'certain' &&
      isReachedBy(line, entry, day) &&
      (entry.because.clock === because.clock || entry.stage === 'active'),
  );
}

/**
 * What still saves the line where a stage may have begun on a day. Of a loss that one reading alone has reached, it is
 * what saves it in the stage that the other reading is in: what would have kept it before may be of no use there.
 */
export function curesOn(line: AgendaLine, stage: StageEntry, day: Day): readonly string[] {
  if (stage.certainty === 'may') return actionsHelpingIn(line, stageOn(line, day)?.stage, stage.cures);
  if (isPutOff(line, stage)) return restartingActions(line, stage.because.clock, stage);
  if (stage.stage !== 'lost' || isReachedBy(line, stage, day)) return stage.cures;
  const present = stageInDoubt(line, stage, day);
  return present?.cures.length ? present.cures : actionsHelpingIn(line, present?.stage, stage.cures);
}

/**
 * With what must come before it: of a number that is blocked until its owner is identified nobody can make any use, so
 * that comes first.
 */
export function withUnblockingCures(line: AgendaLine, asks: Asks, day: Day): Asks {
  const present = stageOn(line, day);
  const isBlocked = present && !present.can_call && trackOf(line, present.because.clock) === 'identity';
  const cures = isBlocked ? present.cures : [];
  const names = actionsAsked(asks);
  const isNeeded = cures.length > 0 && names.length > 0 && !names.some((name) => cures.includes(name));
  return isNeeded ? [cures, ...asks] : asks;
}
