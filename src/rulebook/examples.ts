/** The worked examples of a rule, run through the engine. */
import { checkRecord, timelineOf } from '../retention/index.ts';
import { compare } from './compare.ts';
import { asLedger } from './given.ts';
import type { BookedRule } from './load.ts';
import type { Finding } from './problem.ts';
import type { Example } from './schema.ts';

const END_OF_DAYS = '9999-12-31';

const asPath = (pointer: string): (string | number)[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));

/** What the API would refuse in the records of an example. */
function checkGiven({ compiled }: BookedRule, { time_zone, given }: Example): Finding[] {
  const ledger = asLedger(given);
  return ledger.flatMap(({ input }, index) => {
    const others = ledger.filter((other) => other.input !== input);
    return checkRecord(compiled, { time_zone }, input, END_OF_DAYS, others).map(
      ({ pointer, detail, mend }) => ({
        path: ['given', index, ...asPath(pointer)],
        message: `In this record, ${detail}. ${mend}`,
      }),
    );
  });
}

/** Runs one example. What it finds is by its path within the example; nothing found: it holds. */
export function runExample(booked: BookedRule, example: Example): Finding[] {
  const refused = checkGiven(booked, example);
  if (refused.length > 0) return refused;
  const [amount = '', currency = ''] = (example.plan_price ?? '').split(' ');
  const timeline = timelineOf(booked.compiled, {
    records: asLedger(example.given),
    facts: example.facts,
    plan_price: amount ? { amount, currency } : null,
    time_zone: example.time_zone,
    as_of: example.as_of,
    until: example.until,
  });
  return compare(example.gives, timeline).map(({ path, message }) => ({
    path: ['gives', ...path],
    message: `"${example.name}": ${message}`,
  }));
}
