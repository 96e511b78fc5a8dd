/** What is looked for in a timeline, whoever tells of it. */
import type { Day } from './day.ts';
import { GRAVITY } from './program.ts';
import type { Stage } from './record.ts';
import type { StageEntry, Timeline } from './timeline.ts';

/**
 * The day that plans count with for a stage: the earliest reading's, or, where only one reading reaches it, for want of a
 * fact, that one's.
 */
export const plannedFrom = ({ from, latest_from }: Pick<StageEntry, 'from' | 'latest_from'>): Day =>
  (from ?? latest_from) as Day;

/** The last stage, of those certain, that has come in the earliest reading: `hasCome` judges the day on which one begins. */
export const stageThatHolds = (
  stages: readonly StageEntry[],
  hasCome: (from: Day) => boolean,
): StageEntry | undefined =>
  stages.findLast(({ certainty, from }) => certainty === 'certain' && from !== null && hasCome(from));

/** How grave a stage is to be in: one of which nothing is known counts as active. */
export const gravityIn = (stage: Stage): number => Math.max(GRAVITY[stage], GRAVITY.active);

/** The last safe day of a line that is past it if nothing of what is pending goes through, and not otherwise; null for none. */
export const missedWithoutPending = ({ at_risk_since, confirmed_at_risk_since }: Timeline): Day | null =>
  at_risk_since === null ? confirmed_at_risk_since : null;

/** Is the last safe day past, and what is next a worse day? On the day on which a line comes to be at risk it is not yet. */
export const isOverdue = ({ at_risk_since, as_of }: Timeline): boolean =>
  at_risk_since !== null && at_risk_since < as_of;
