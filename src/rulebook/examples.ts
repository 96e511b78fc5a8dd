/** The worked examples of a rule, run through the engine. */
import {
  checkMeaning,
  checkRecord,
  END_OF_DAYS,
  parseDay,
  type Timeline,
  timelineOf,
} from '../retention/index.ts';
import { compare } from './compare.ts';
import { toLedger } from './given.ts';
import type { BookedRule } from './load.ts';
import { type Finding, parsePath } from './problem.ts';
import type { Example } from './schema.ts';

/** Finds records of an example that the API would refuse, and those that the rule ignores. */
function checkGiven({ compiled }: BookedRule, { time_zone, given }: Example): Finding[] {
  const ledger = toLedger(given);
  return ledger.flatMap(({ input }, index) => {
    const others = ledger.filter((other) => other.input !== input);
    const wrong = [
      ...checkRecord(compiled, { time_zone }, input, END_OF_DAYS, others),
      ...checkMeaning(compiled, input),
    ];
    return wrong.map(({ pointer, detail, mend }) => ({
      path: ['given', index, ...parsePath(pointer).slice(1)],
      message: `In this record: ${detail} ${mend}`,
    }));
  });
}

/** Whether the example states a date, or looks at the line within a day of one on which something ends or begins. */
function touchesEdge({ gives, as_of }: Example, timeline: Timeline): boolean {
  const { stage, missing, ...dates } = gives;
  if (Object.keys(dates).length > 0) return true;
  const day = parseDay(as_of) as number;
  return [
    ...timeline.stages.flatMap(({ from, latest_from }) => [from, latest_from]),
    ...timeline.clocks.flatMap(({ ends, latest }) => [ends, latest]),
  ].some((edge) => edge !== null && Math.abs(edge - day) <= 1);
}

/** The timeline of an example under its own rule, or under one that is to replace it. */
export function foldExample({ compiled }: BookedRule, example: Example): Timeline {
  const [amount = '', currency = ''] = (example.plan_price ?? '').split(' ');
  return timelineOf(compiled, {
    records: toLedger(example.given),
    facts: example.facts,
    plan_price: amount ? { amount, currency } : null,
    time_zone: example.time_zone,
    as_of: example.as_of,
    until: example.until,
  });
}

/**
 * Runs one example. It holds if nothing is `wrong`; findings have their path within the example. `edgeless`: see {@link
 * touchesEdge}.
 */
export function runExample(booked: BookedRule, example: Example): { wrong: Finding[]; edgeless: boolean } {
  const refused = checkGiven(booked, example);
  if (refused.length > 0) return { wrong: refused, edgeless: false };
  const timeline = foldExample(booked, example);
  const wrong = compare(example.gives, timeline).map(({ path, message }) => ({
    path: ['gives', ...path],
    message: `"${example.name}": ${message}`,
  }));
  return { wrong, edgeless: !touchesEdge(example, timeline) };
}
