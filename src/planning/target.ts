/** What a plan has to keep off, and until when it does: read from a timeline alone. */
import {
  type Day,
  GRAVITY,
  plannedFrom,
  type StageEntry,
  stageThatHolds,
  type Timeline,
} from '../retention/index.ts';

/** That it can call and be called, or that it can at least be called: enough for codes. */
export type Keep = 'calling' | 'receiving';

/** Nobody reaches the number: no plan may lead there, nor leave it there. */
const isSilent = (entry: StageEntry): boolean =>
  !entry.can_receive || GRAVITY[entry.stage] >= GRAVITY.suspended;

/** The certain stage that holds on a day, as the earliest reading has it. */
export const entryOn = ({ stages }: Timeline, day: Day): StageEntry | undefined =>
  stageThatHolds(stages, (from) => from <= day);

/** The number is out of reach today, or a deadline was missed: that has to be made good before anything else. */
export function isLate(timeline: Timeline): boolean {
  if (timeline.at_risk_since !== null || GRAVITY[timeline.stage] >= GRAVITY.suspended) return true;
  const present = entryOn(timeline, timeline.as_of);
  return present !== undefined && present.stage === timeline.stage && isSilent(present);
}

/**
 * The last day before something that the plan is to keep off: a stage graver than the present one (where being reached
 * is enough, only one without that), and one in which nobody reaches the number, whatever it is in today.
 */
export function deadlineOf(timeline: Timeline, keep: Keep): Day | null {
  const silent = timeline.stages
    .filter((entry) => entry.stage !== 'reissuable' && isSilent(entry))
    .map(plannedFrom)
    .filter((from) => from > timeline.as_of)
    .map((from) => from - 1);
  const days = keep === 'calling' && timeline.act_by !== null ? [timeline.act_by, ...silent] : silent;
  return days.length > 0 ? Math.min(...days) : null;
}
