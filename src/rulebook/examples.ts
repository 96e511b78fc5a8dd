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
import { asLedger } from './given.ts';
import type { BookedRule } from './load.ts';
import { type Finding, stepsOf } from './problem.ts';
import type { Example } from './schema.ts';

/** What the API would refuse in the records of an example, and what the rule makes nothing of. */
function checkGiven({ compiled }: BookedRule, { time_zone, given }: Example): Finding[] {
  const ledger = asLedger(given);
  return ledger.flatMap(({ input }, index) => {
    const others = ledger.filter((other) => other.input !== input);
    const wrong = [
      ...checkRecord(compiled, { time_zone }, input, END_OF_DAYS, others),
      ...checkMeaning(compiled, input),
    ];
    return wrong.map(({ pointer, detail, mend }) => ({
      path: ['given', index, ...stepsOf(pointer).slice(1)],
      message: `In this record: ${detail} ${mend}`,
    }));
  });
}

/** Does the example state a date, or look at the line next to one on which something ends or begins? */
function touchesEdge({ gives, as_of }: Example, timeline: Timeline): boolean {
  const { stage, missing, ...dates } = gives;
  if (Object.keys(dates).length > 0) return true;
  const day = parseDay(as_of) as number;
  return [
    ...timeline.stages.flatMap(({ from, latest_from }) => [from, latest_from]),
    ...timeline.clocks.flatMap(({ ends, latest }) => [ends, latest]),
  ].some((edge) => edge !== null && Math.abs(edge - day) <= 1);
}

/** The timeline of an example under a rule, its own or another that is to take its place. */
export function foldExample({ compiled }: BookedRule, example: Example): Timeline {
  const [amount = '', currency = ''] = (example.plan_price ?? '').split(' ');
  return timelineOf(compiled, {
    records: asLedger(example.given),
    facts: example.facts,
    plan_price: amount ? { amount, currency } : null,
    time_zone: example.time_zone,
    as_of: example.as_of,
    until: example.until,
  });
}

/** Runs one example. What is wrong is by its path within the example; nothing wrong: it holds. */
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
