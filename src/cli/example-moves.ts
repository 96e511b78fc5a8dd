/** Whose dates a new rule moves: the records of worked examples, folded over the old rule and over the new. */
import { type Day, formatDay, type Timeline, timelineOf } from '../retention/index.ts';
import { asLedger } from '../rulebook/given.ts';
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

function fold({ compiled }: BookedRule, example: Example): Timeline {
  const [amount, currency = ''] = example.plan_price?.split(' ') ?? [];
  return timelineOf(compiled, {
    records: asLedger(example.given),
    facts: example.facts,
    plan_price: amount === undefined ? null : { amount, currency },
    time_zone: example.time_zone,
    as_of: example.as_of,
    until: example.until,
  });
}

const shown = (day: Day | null) => (day === null ? null : formatDay(day));

function movedDates(before: Timeline, after: Timeline): MovedDate[] {
  return DATES.filter((date) => before[date] !== after[date]).map((date) => {
    const [from, to] = [before[date], after[date]];
    return {
      date,
      before: shown(from),
      after: shown(to),
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
    const dates = movedDates(fold(before, example), fold(after, example));
    return dates.length > 0 ? [{ example: example.name, dates }] : [];
  });
}
