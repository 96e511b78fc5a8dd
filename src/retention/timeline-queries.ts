/** Questions that several parts ask of a timeline. */
import type { Day } from './day.ts';
import { GRAVITY } from './program.ts';
import type { Stage } from './record.ts';
import type { StageEntry, Timeline } from './timeline.ts';

/** The day on which a stage begins for plans: in the earliest reading, or in the latest if only that one reaches it. */
export const plannedFrom = ({ from, latest_from }: Pick<StageEntry, 'from' | 'latest_from'>): Day =>
  (from ?? latest_from) as Day;

/** The last certain stage that has begun in the earliest reading; `hasCome` says whether a day has come. */
export const stageThatHolds = (
  stages: readonly StageEntry[],
  hasCome: (from: Day) => boolean,
): StageEntry | undefined =>
  stages.findLast(({ certainty, from }) => certainty === 'certain' && from !== null && hasCome(from));

/** The gravity of a stage; `unknown` counts as active. */
export const gravityIn = (stage: Stage): number => Math.max(GRAVITY[stage], GRAVITY.active);

/** The last safe day of a line that is past it only if its pending payments fail; else null. */
export const missedWithoutPending = ({ at_risk_since, confirmed_at_risk_since }: Timeline): Day | null =>
  at_risk_since === null ? confirmed_at_risk_since : null;

/** Whether the last safe day has passed, so that `act_by` is the day before something worse. */
export const isOverdue = ({ at_risk_since, as_of }: Timeline): boolean =>
  at_risk_since !== null && at_risk_since < as_of;
