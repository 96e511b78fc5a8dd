/** What is looked for in a timeline, whoever tells of it. */
import type { Day } from './day.ts';
import type { StageEntry } from './timeline.ts';

/**
 * The day that plans count with for a stage: the earliest reading's, or, where only one reading reaches it, for want of a
 * fact, that one's.
 */
export const plannedFrom = ({ from, latest_from }: Pick<StageEntry, 'from' | 'latest_from'>): Day =>
  (from ?? latest_from) as Day;
