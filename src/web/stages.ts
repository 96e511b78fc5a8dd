/** Which stages of a line a page tells of, and where they lie in a picture of its time. */
import { addMonths, type Day, GRAVITY, gravityIn, plannedFrom, stageThatHolds } from '../retention/index.ts';
import type { Stage } from '../retention/record.ts';
import type { StageEntry, Timeline } from '../retention/timeline.ts';

/** The days that a picture shows: `from` is its first, `until` the one after its last. */
export type PictureWindow = { from: Day; until: Day };

const DAYS_BACK = 90;
const BEYOND_ACT_BY = 60;
const A_YEAR = 12;

export const pictureWindow = (today: Day, actBy: Day | null): PictureWindow => ({
  from: today - DAYS_BACK,
  until: Math.max(addMonths(today, A_YEAR), (actBy ?? today) + BEYOND_ACT_BY),
});

/** Whether both readings reach a stage on the same day. */
export const isSure = ({ from, latest_from }: StageEntry): boolean => from === latest_from;

/** The last certain stage that one reading has reached by a day. */
function reached(stages: readonly StageEntry[], side: 'from' | 'latest_from', day: Day): StageEntry[] {
  const dayOf = (entry: StageEntry) => entry[side] ?? Number.POSITIVE_INFINITY;
  const past = stages.filter((entry) => entry.certainty === 'certain' && dayOf(entry) <= day);
  const last = Math.max(...past.map(dayOf));
  return past.filter((entry) => dayOf(entry) === last).slice(-1);
}

/** What the carrier may have done by a day, unless a record has made it good since. */
function chosen(stages: readonly StageEntry[], day: Day): StageEntry[] {
  const good = stages.filter(
    ({ certainty, stage, from }) => certainty === 'certain' && stage === 'active' && from !== null,
  );
  return stages.filter(
    (entry) =>
      entry.certainty === 'may' &&
      plannedFrom(entry) <= day &&
      !good.some((one) => plannedFrom(one) > plannedFrom(entry) && plannedFrom(one) <= day),
  );
}

/** A worse stage than the present one that a line is in today by another reading; null where none says so. */
export function perhapsAlready({
  stages,
  stage,
  as_of,
}: Pick<Timeline, 'stages' | 'stage' | 'as_of'>): Stage | null {
  const others = [
    ...reached(stages, 'from', as_of),
    ...reached(stages, 'latest_from', as_of),
    ...chosen(stages, as_of).filter((entry) => entry.stage !== 'reissuable'),
  ];
  const worst = others.toSorted((a, b) => GRAVITY[b.stage] - GRAVITY[a.stage])[0]?.stage;
  return worst && GRAVITY[worst] > gravityIn(stage) ? worst : null;
}

const lastOf = ({ from, latest_from }: StageEntry): Day =>
  Math.max(from ?? Number.NEGATIVE_INFINITY, latest_from ?? Number.NEGATIVE_INFINITY);

/** Whether, in both readings, another certain stage has taken its place by today. */
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

/** Until when the carrier may do a thing: until it may do more, or a record has made it good. */
const endOfMay = (stages: readonly StageEntry[], { from }: StageEntry): Day =>
  Math.min(
    ...stages
      .filter(({ certainty, stage }) => certainty === 'may' || stage === 'active')
      .flatMap((entry) => (entry.from !== null && entry.from > (from as Day) ? [entry.from] : [])),
  );

/** The stages to tell of, by date: what held when the window opens, and all that follows. */
export function stagesToTell({ stages }: Pick<Timeline, 'stages'>, { from }: PictureWindow): StageEntry[] {
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
  /** Its place in the list of stages, from 1; 0 where it stands in none. */
  number: number;
  isSure: boolean;
};

function cutTo({ from, until }: PictureWindow, span: Span): Span[] {
  const cut = { ...span, from: Math.max(span.from, from), until: Math.min(span.until, until) };
  return cut.from < cut.until ? [cut] : [];
}

const spanOf = (entry: StageEntry, until: Day, told: readonly StageEntry[]): Span => ({
  stage: entry.stage,
  from: plannedFrom(entry),
  until,
  number: told.indexOf(entry) + 1,
  isSure: isSure(entry),
});

/**
 * The spans of two tracks, by the earliest reading: what is certain, each until the next; and what the carrier may
 * do, each until it may do more or a record has made it good.
 */
export function spansOf(
  timeline: Pick<Timeline, 'stages'>,
  told: readonly StageEntry[],
  window: PictureWindow,
): { certain: Span[]; may: Span[] } {
  const reached = timeline.stages.filter((entry) => entry.from !== null);
  const certain = reached.filter((entry) => entry.certainty === 'certain');
  const may = reached.filter((entry) => entry.certainty === 'may');
  const first = certain[0] ? plannedFrom(certain[0]) : window.until;
  const before: Span = { stage: 'unknown', from: window.from, until: first, number: 0, isSure: true };
  return {
    certain: [
      ...cutTo(window, before),
      ...certain.flatMap((entry, index) => {
        const next = certain[index + 1];
        return cutTo(window, spanOf(entry, next ? plannedFrom(next) : window.until, told));
      }),
    ],
    may: may.flatMap((entry) => cutTo(window, spanOf(entry, endOfMay(reached, entry), told))),
  };
}
