/** Whether and from which day a record counts: patterns, events by name, sums of charges, fields left unsaid. */
import type { Static } from 'typebox';
import type {
  Event,
  Pattern,
  Reference,
  Sum as SumSchema,
  Version,
} from '../../../src/retention/language.ts';
import type { Stage } from '../../../src/retention/record.ts';
import { type Day, dayOf, lengthOf } from './days.ts';
import type { Entry } from './records.ts';
import { type Amount, amountOf, listOf, type Reading } from './terms.ts';

type Sum = Static<typeof SumSchema>;

/** What patterns depend on besides the record itself. */
export type Scene = {
  reading: Reading;
  version: Version;
  /** The line's stage before the record. */
  stage: Stage;
  planPrice: Amount | null;
  /** The charges up to and including this record, in order. */
  charges: readonly { day: Day; kind: string; amount: Amount }[];
};

/** Sentence 15 and M2: what is unsaid counts in the latest reading only. */
type Answer = 'yes' | 'no' | 'unsaid';

const isOneOf = <T>(value: T | undefined, allowed: T | readonly T[]): Answer =>
  value === undefined ? 'unsaid' : listOf(allowed).includes(value) ? 'yes' : 'no';

/** Whether an activity was charged: as stated, or inferred from its charge or its allowance. */
export function wasCharged(input: Entry['input']): boolean | undefined {
  if (input.type !== 'activity') return undefined;
  if (input.charged !== undefined) return input.charged;
  if (input.charge !== undefined) return amountOf(input.charge.amount) > 0;
  return input.from_allowance === true ? false : undefined;
}

/** Whether an activity came from an allowance: as stated, or not if it was charged. */
function wasFromAllowance(input: Entry['input']): boolean | undefined {
  if (input.type !== 'activity') return undefined;
  return input.from_allowance ?? (wasCharged(input) === true ? false : undefined);
}

/** The amount paid in a record: its amount, or the charge of an activity. */
export function amountIn(input: Entry['input']): Amount | null {
  const money = input.type === 'activity' ? input.charge : 'amount' in input ? input.amount : undefined;
  return money ? amountOf(money.amount) : null;
}

function isAtLeast(least: string, input: Entry['input'], { planPrice }: Scene): Answer {
  const price = least === 'plan_price' ? planPrice : amountOf(least);
  const amount = amountIn(input);
  if (price === null || amount === null) return 'unsaid';
  return amount >= price ? 'yes' : 'no';
}

/** Whether the stage is one of these; an unknown stage counts as active. */
const isIn = (stages: readonly Stage[], stage: Stage): Answer =>
  stages.includes(stage === 'unknown' ? 'active' : stage) ? 'yes' : 'no';

function answer(pattern: Pattern, { input }: Entry, scene: Scene): Answer {
  if (input.type !== pattern.type) return 'no';
  const fields = input as Partial<Record<string, unknown>>;
  const answers: Answer[] = [];
  for (const field of ['kind', 'direction', 'roaming', 'method', 'product', 'stage'] as const) {
    if (pattern[field] !== undefined) answers.push(isOneOf<unknown>(fields[field], pattern[field]));
  }
  if (pattern.charged !== undefined) answers.push(isOneOf(wasCharged(input), pattern.charged));
  if (pattern.from_allowance !== undefined)
    answers.push(isOneOf(wasFromAllowance(input), pattern.from_allowance));
  if (pattern.in) answers.push(isIn(pattern.in, scene.stage));
  if (pattern.least) answers.push(isAtLeast(pattern.least, input, scene));
  // A field that the record leaves unsaid is not excluded by `except`.
  for (const [field, values] of Object.entries(pattern.except ?? {})) {
    if (isOneOf<unknown>(fields[field], values) === 'yes') answers.push('no');
  }
  return answers.includes('no') ? 'no' : answers.includes('unsaid') ? 'unsaid' : 'yes';
}

/**
 * Sentence 9: adds charges backwards from the newest until the sum is met; returns the day of the oldest one needed.
 */
function daySummed(sum: Sum, { input, day }: Entry, { charges }: Scene): Day | null {
  if (input.type !== 'activity' || !input.charge || !listOf(sum.of).includes(input.kind)) return null;
  const over = lengthOf(sum.over);
  let total = 0;
  for (const charge of charges.toReversed()) {
    if (!sum.of.some((kind) => kind === charge.kind)) continue;
    if (!('days' in over) || day - charge.day > over.days) return null;
    total += charge.amount;
    if (sum.more_than ? total > amountOf(sum.more_than) : total >= amountOf(sum.at_least ?? '0'))
      return charge.day;
  }
  return null;
}

/** The day from which a record counts as this event, or null. With `sure`, doubtful events count in both readings. */
export function dayCounted(
  event: Reference | Event,
  entry: Entry,
  scene: Scene,
  sure: boolean = false,
): Day | null {
  if (typeof event === 'string') return dayCounted(named(event, scene.version), entry, scene, sure);
  if ('doubtful' in event)
    return sure || scene.reading === 'latest' ? dayCounted(event.doubtful, entry, scene, sure) : null;
  if ('any' in event) {
    for (const one of event.any) {
      const day = dayCounted(one, entry, scene, sure);
      if (day !== null) return day;
    }
    return null;
  }
  if ('sum' in event) return daySummed(event, entry, scene);
  const match = answer(event, entry, scene);
  if (match === 'no' || (match === 'unsaid' && scene.reading === 'earliest')) return null;
  // A record without that date counts from its own day: what it records ends no sooner than that.
  const carried = event.from && (entry.input as Partial<Record<string, string>>)[event.from];
  return carried ? dayOf(carried) : entry.day;
}

export function named(name: string, version: Version): Event {
  const event = version.events[name];
  if (!event) throw new Error(`the version of ${version.since} has no event ${name}`);
  return event;
}

/** Whether the event counts from a date that the record carries. */
export function countsFromRecord(event: Reference | Event, version: Version, reading: Reading): boolean {
  if (typeof event === 'string') return countsFromRecord(named(event, version), version, reading);
  if ('doubtful' in event) return reading === 'latest' && countsFromRecord(event.doubtful, version, reading);
  if ('any' in event) return event.any.some((one) => countsFromRecord(one, version, reading));
  return 'from' in event && event.from !== undefined;
}
