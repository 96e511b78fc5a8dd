/** Which dates a new rule moves: folds the records of the worked examples over the old rule and over the new one. */
import { formatDayOrNull, type Timeline } from '../retention/index.ts';
import { foldExample } from '../rulebook/examples.ts';
import type { BookedRule } from '../rulebook/index.ts';
import type { Example } from '../rulebook/schema.ts';

const DATES = ['act_by', 'at_risk_since', 'lost_on', 'latest_lost_on'] as const;

type MovedDate = {
  date: (typeof DATES)[number];
  before: string | null;
  after: string | null;
  /** By how many days the date moves, positive for later; null if one of the two is not known. */
  days: number | null;
};
export type ExampleMove = { example: string; dates: MovedDate[] };

function movedDates(before: Timeline, after: Timeline): MovedDate[] {
  return DATES.filter((date) => before[date] !== after[date]).map((date) => {
    const [from, to] = [before[date], after[date]];
    return {
      date,
      before: formatDayOrNull(from),
      after: formatDayOrNull(to),
      days: from === null || to === null ? null : to - from,
    };
  });
}

/** The examples of either rule whose dates differ; an example that both rules have is folded once. */
export function exampleMovesOf(before: BookedRule, after: BookedRule): ExampleMove[] {
  const examples = new Map<string, Example>();
  for (const example of [...before.rule.examples, ...after.rule.examples]) {
    const { gives: _, name: __, ...records } = example;
    const key = JSON.stringify(records);
    if (!examples.has(key)) examples.set(key, example);
  }
  return [...examples.values()].flatMap((example) => {
    const dates = movedDates(foldExample(before, example), foldExample(after, example));
    return dates.length > 0 ? [{ example: example.name, dates }] : [];
  });
}
