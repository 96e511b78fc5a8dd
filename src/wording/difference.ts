/** The differences between two timelines of one line, in a reader's language. */
import { type Day, formatDay, formatDayOrNull } from '../retention/day.ts';
import { plannedFrom } from '../retention/index.ts';
import type { StageEntry, Timeline } from '../retention/timeline.ts';
import { becauseText, capitalize, type ReasonContext } from './because.ts';
import { formatDate, PUNCTUATION } from './format.ts';
import type { Locale } from './locale.ts';
import { say } from './say.ts';

const DATES = ['act_by', 'lost_on', 'latest_lost_on', 'at_risk_since'] as const;

export type DifferenceJson = {
  what: 'stage' | (typeof DATES)[number] | 'stage_to_come';
  before: string | null;
  after: string | null;
  /** By how many days the date moves, positive for later; null if one of the two is no date. */
  days: number | null;
  text: string;
};

function dateText(
  what: (typeof DATES)[number],
  before: Day | null,
  after: Day | null,
  locale: Locale,
): string {
  const name = say(locale, `differs.${what}`);
  if (before === null)
    return say(locale, 'differs.appears', { name, date: formatDate(locale, after as Day) });
  if (after === null) return say(locale, 'differs.vanishes', { name, date: formatDate(locale, before) });
  return say(locale, after > before ? 'differs.later' : 'differs.sooner', {
    name,
    before: formatDate(locale, before),
    after: formatDate(locale, after),
    count: Math.abs(after - before),
  });
}

/** The stages that begin after `as_of`; a stage may come more than once. */
const stagesToCome = (timeline: Timeline): StageEntry[] =>
  timeline.stages.filter((entry) => entry.stage !== 'active' && plannedFrom(entry) > timeline.as_of);

const keyOf = ({ stage, certainty }: StageEntry) => `${certainty} ${stage}`;

function stageDifferences(before: Timeline, after: Timeline, context: ReasonContext): DifferenceJson[] {
  const { locale } = context;
  const unmatched = stagesToCome(after);
  const differences: DifferenceJson[] = [];
  const { space } = PUNCTUATION[locale];
  const stageName = (entry: StageEntry) => say(locale, `stage.${entry.stage}`);
  for (const entry of stagesToCome(before)) {
    const index = unmatched.findIndex((other) => keyOf(other) === keyOf(entry));
    const [other] = index < 0 ? [] : unmatched.splice(index, 1);
    const from = plannedFrom(entry);
    if (!other) {
      const text = say(locale, 'differs.gone', { stage: stageName(entry), date: formatDate(locale, from) });
      differences.push({ what: 'stage_to_come', before: formatDay(from), after: null, days: null, text });
    } else if (plannedFrom(other) !== from) {
      const days = plannedFrom(other) - from;
      const moved = say(locale, days > 0 ? 'differs.later' : 'differs.sooner', {
        name: stageName(entry),
        before: formatDate(locale, from),
        after: formatDate(locale, plannedFrom(other)),
        count: Math.abs(days),
      });
      const text = `${moved}${space}${becauseText(other.because, context)}`;
      differences.push({
        what: 'stage_to_come',
        before: formatDay(from),
        after: formatDay(plannedFrom(other)),
        days,
        text,
      });
    }
  }
  for (const entry of unmatched) {
    const from = plannedFrom(entry);
    const news = say(locale, 'differs.new', { stage: stageName(entry), date: formatDate(locale, from) });
    const text = `${news}${space}${becauseText(entry.because, context)}`;
    differences.push({ what: 'stage_to_come', before: null, after: formatDay(from), days: null, text });
  }
  return differences;
}

/**
 * Each difference between two timelines: the present stage first, then the dates, then the stages to come. `context` is
 * that of `b`, whose reasons are given.
 */
export function differencesBetween(a: Timeline, b: Timeline, context: ReasonContext): DifferenceJson[] {
  const { locale } = context;
  const present: DifferenceJson[] =
    a.stage === b.stage
      ? []
      : [
          {
            what: 'stage',
            before: a.stage,
            after: b.stage,
            days: null,
            text: say(locale, 'differs.stage', {
              before: say(locale, `stage.${a.stage}`),
              after: say(locale, `stage.${b.stage}`),
            }),
          },
        ];
  const dates = DATES.filter((what) => a[what] !== b[what]).map(
    (what): DifferenceJson => ({
      what,
      before: formatDayOrNull(a[what]),
      after: formatDayOrNull(b[what]),
      days: a[what] === null || b[what] === null ? null : b[what] - a[what],
      text: dateText(what, a[what], b[what], locale),
    }),
  );
  return [...present, ...dates, ...stageDifferences(a, b, context)].map((difference) => ({
    ...difference,
    text: capitalize(difference.text),
  }));
}
