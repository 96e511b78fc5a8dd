/** Whose dates a new rule moves: the records of worked examples, folded over the old rule and over the new. */
import { formatDayOrNull, type Timeline } from '../retention/index.ts';
import { foldExample } from '../rulebook/examples.ts';
import type { BookedRule } from '../rulebook/index.ts';
import type { Example } from '../rulebook/schema.ts';

const DATES = ['act_by', 'at_risk_since', 'lost_on', 'latest_lost_on'] as const;

type MovedDate = {
  date: (typeof DATES)[number];
  before: string | null;
  after: string | null;
  /** How many days later; null where one of the two is not known. */
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

/** The examples of both, each once, whose dates differ. */
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
