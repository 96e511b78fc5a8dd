/** Which stages of a line a page lists, and where they lie in the picture of its timeline. */
import { addMonths, type Day, GRAVITY, gravityIn, plannedFrom, stageThatHolds } from '../retention/index.ts';
import type { Stage } from '../retention/record.ts';
import type { StageEntry, Timeline } from '../retention/timeline.ts';

/** The days that a picture shows: from `from` (inclusive) to `until` (exclusive). */
export type PictureWindow = { from: Day; until: Day };

const DAYS_BACK = 90;
const DAYS_BEYOND_ACT_BY = 60;
const MONTHS_AHEAD = 12;

export const pictureWindow = (today: Day, actBy: Day | null): PictureWindow => ({
  from: today - DAYS_BACK,
  until: Math.max(addMonths(today, MONTHS_AHEAD), (actBy ?? today) + DAYS_BEYOND_ACT_BY),
});

/** Whether both readings reach a stage on the same day. */
export const isSure = ({ from, latest_from }: StageEntry): boolean => from === latest_from;

/** The last certain stage that one reading (`side`) has reached by a day; empty if none. */
function lastReached(stages: readonly StageEntry[], side: 'from' | 'latest_from', day: Day): StageEntry[] {
  const dayOf = (entry: StageEntry) => entry[side] ?? Number.POSITIVE_INFINITY;
  const past = stages.filter((entry) => entry.certainty === 'certain' && dayOf(entry) <= day);
  const last = Math.max(...past.map(dayOf));
  return past.filter((entry) => dayOf(entry) === last).slice(-1);
}

/** The `may` stages that have begun by a day, without those after which the line was certainly active again. */
function possibleStages(stages: readonly StageEntry[], day: Day): StageEntry[] {
  const healed = stages.filter(
    ({ certainty, stage, from }) => certainty === 'certain' && stage === 'active' && from !== null,
  );
  return stages.filter(
    (entry) =>
      entry.certainty === 'may' &&
      plannedFrom(entry) <= day &&
      !healed.some((other) => plannedFrom(other) > plannedFrom(entry) && plannedFrom(other) <= day),
  );
}

/** The worst stage, graver than the present one, that the line may already be in; null if there is none. */
export function possibleWorseStage({
  stages,
  stage,
  as_of,
}: Pick<Timeline, 'stages' | 'stage' | 'as_of'>): Stage | null {
  const others = [
    ...lastReached(stages, 'from', as_of),
    ...lastReached(stages, 'latest_from', as_of),
    ...possibleStages(stages, as_of).filter((entry) => entry.stage !== 'reissuable'),
  ];
  const worst = others.toSorted((a, b) => GRAVITY[b.stage] - GRAVITY[a.stage])[0]?.stage;
  return worst && GRAVITY[worst] > gravityIn(stage) ? worst : null;
}

const lastOf = ({ from, latest_from }: StageEntry): Day =>
  Math.max(from ?? Number.NEGATIVE_INFINITY, latest_from ?? Number.NEGATIVE_INFINITY);

/** Whether, in both readings, a later certain stage has replaced it by `as_of`. */
export const isOver = ({ stages, as_of }: Pick<Timeline, 'stages' | 'as_of'>, entry: StageEntry): boolean =>
  stages.some(
    (later) =>
      later.certainty === 'certain' &&
      later.from !== null &&
      later.latest_from !== null &&
      plannedFrom(later) > plannedFrom(entry) &&
      lastOf(later) > lastOf(entry) &&
      lastOf(later) <= as_of,
  );

const MAX_STAGES = 12;

/** The day on which a `may` stage gives way to the next `may` stage, or to being active again. */
const endOfMay = (stages: readonly StageEntry[], { from }: StageEntry): Day =>
  Math.min(
    ...stages
      .filter(({ certainty, stage }) => certainty === 'may' || stage === 'active')
      .flatMap((entry) => (entry.from !== null && entry.from > (from as Day) ? [entry.from] : [])),
  );

/** The stages to list, by date: those that hold when the window opens, and all that follow. */
export function stagesToList({ stages }: Pick<Timeline, 'stages'>, { from }: PictureWindow): StageEntry[] {
  const holding = stageThatHolds(stages, (begins) => begins <= from);
  const isDrawn = (entry: StageEntry) =>
    entry.certainty === 'may' && entry.from !== null && endOfMay(stages, entry) > from;
  return stages
    .filter((entry) => entry === holding || plannedFrom(entry) > from || isDrawn(entry))
    .slice(0, MAX_STAGES);
}

export type Span = {
  stage: Stage;
  from: Day;
  until: Day;
  /** Its place in the list of stages, from 1; 0 if it is not listed. */
  number: number;
  isSure: boolean;
};

function clipTo({ from, until }: PictureWindow, span: Span): Span[] {
  const cut = { ...span, from: Math.max(span.from, from), until: Math.min(span.until, until) };
  return cut.from < cut.until ? [cut] : [];
}

const spanOf = (entry: StageEntry, until: Day, listed: readonly StageEntry[]): Span => ({
  stage: entry.stage,
  from: plannedFrom(entry),
  until,
  number: listed.indexOf(entry) + 1,
  isSure: isSure(entry),
});

/**
 * The spans of the two rows of a picture, by the earliest reading: certain stages, each until the next; and what the
 * carrier may do, each until the next such stage or until the line is active again.
 */
export function spansOf(
  timeline: Pick<Timeline, 'stages'>,
  listed: readonly StageEntry[],
  window: PictureWindow,
): { certain: Span[]; may: Span[] } {
  const reached = timeline.stages.filter((entry) => entry.from !== null);
  const certain = reached.filter((entry) => entry.certainty === 'certain');
  const may = reached.filter((entry) => entry.certainty === 'may');
  const first = certain[0] ? plannedFrom(certain[0]) : window.until;
  const before: Span = { stage: 'unknown', from: window.from, until: first, number: 0, isSure: true };
  return {
    certain: [
      ...clipTo(window, before),
      ...certain.flatMap((entry, index) => {
        const next = certain[index + 1];
        return clipTo(window, spanOf(entry, next ? plannedFrom(next) : window.until, listed));
      }),
    ],
    may: may.flatMap((entry) => clipTo(window, spanOf(entry, endOfMay(reached, entry), listed))),
  };
}
