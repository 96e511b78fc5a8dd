/** What a plan must avert, and until when: read from a timeline alone. */
import {
  type Day,
  GRAVITY,
  plannedFrom,
  type StageEntry,
  stageThatHolds,
  type Timeline,
} from '../retention/index.ts';

/** What the number is to be kept for: to call and be called, or only to be called, which is enough for codes. */
export type Keep = 'calling' | 'receiving';

/** Whether the number cannot be reached in a stage: no plan may lead there or leave the line there. */
const isUnreachable = (entry: StageEntry): boolean =>
  !entry.can_receive || GRAVITY[entry.stage] >= GRAVITY.suspended;

/** The certain stage that holds on a day, as the earliest reading has it. */
export const entryOn = ({ stages }: Timeline, day: Day): StageEntry | undefined =>
  stageThatHolds(stages, (from) => from <= day);

/** Whether the number is out of reach today, or a deadline was missed: that is to be made good before anything else. */
export function isLate(timeline: Timeline): boolean {
  if (timeline.at_risk_since !== null || GRAVITY[timeline.stage] >= GRAVITY.suspended) return true;
  const present = entryOn(timeline, timeline.as_of);
  return present !== undefined && present.stage === timeline.stage && isUnreachable(present);
}

/**
 * The last day before a stage that the plan must avert: one in which the number cannot be reached, whatever stage it is
 * in today, and, if it is kept for calling, one graver than the present stage. Null if there is none.
 */
export function deadlineOf(timeline: Timeline, keep: Keep): Day | null {
  const unreachable = timeline.stages
    .filter((entry) => entry.stage !== 'reissuable' && isUnreachable(entry))
    .map(plannedFrom)
    .filter((from) => from > timeline.as_of)
    .map((from) => from - 1);
  const days =
    keep === 'calling' && timeline.act_by !== null ? [timeline.act_by, ...unreachable] : unreachable;
  return days.length > 0 ? Math.min(...days) : null;
}
