/** Does a record count? Patterns, events by name, sums of charges, and what a record leaves unsaid. */
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

/** What a pattern may ask beside the record itself. */
export type Scene = {
  reading: Reading;
  version: Version;
  /** The line's stage before the record. */
  stage: Stage;
  planPrice: Amount | null;
  /** The charges up to and with this record, in their order. */
  charges: readonly { day: Day; kind: string; amount: Amount }[];
};

/** Sentence 15 and M2: what is left unsaid counts in the latest reading alone. */
type Answer = 'yes' | 'no' | 'unsaid';

const isOneOf = <T>(said: T | undefined, wanted: T | readonly T[]): Answer =>
  said === undefined ? 'unsaid' : listOf(wanted).includes(said) ? 'yes' : 'no';

/** Stated, or told by the charge itself, or by the allowance it came from. */
export function wasCharged(input: Entry['input']): boolean | undefined {
  if (input.type !== 'activity') return undefined;
  if (input.charged !== undefined) return input.charged;
  if (input.charge !== undefined) return amountOf(input.charge.amount) > 0;
  return input.from_allowance === true ? false : undefined;
}

/** What cost money was not taken from an allowance, where nothing else is said. */
function wasFromAllowance(input: Entry['input']): boolean | undefined {
  if (input.type !== 'activity') return undefined;
  return input.from_allowance ?? (wasCharged(input) === true ? false : undefined);
}

/** What a record says that was paid: its amount, or what a call or a text cost. */
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

/** Nothing is known against a line of which no stage is known: it counts as active. */
const isIn = (stages: readonly Stage[], stage: Stage): Answer =>
  stages.includes(stage === 'unknown' ? 'active' : stage) ? 'yes' : 'no';

function answer(pattern: Pattern, { input }: Entry, scene: Scene): Answer {
  if (input.type !== pattern.type) return 'no';
  const said = input as Partial<Record<string, unknown>>;
  const answers: Answer[] = [];
  for (const field of ['kind', 'direction', 'roaming', 'method', 'product', 'stage'] as const) {
    if (pattern[field] !== undefined) answers.push(isOneOf<unknown>(said[field], pattern[field]));
  }
  if (pattern.charged !== undefined) answers.push(isOneOf(wasCharged(input), pattern.charged));
  if (pattern.from_allowance !== undefined)
    answers.push(isOneOf(wasFromAllowance(input), pattern.from_allowance));
  if (pattern.in) answers.push(isIn(pattern.in, scene.stage));
  if (pattern.least) answers.push(isAtLeast(pattern.least, input, scene));
  // Left unsaid in the record, it is not excepted.
  for (const [field, values] of Object.entries(pattern.except ?? {})) {
    if (isOneOf<unknown>(said[field], values) === 'yes') answers.push('no');
  }
  return answers.includes('no') ? 'no' : answers.includes('unsaid') ? 'unsaid' : 'yes';
}

/** Sentence 9: back from the newest charge until the sum is met; the oldest that was needed is the day. */
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

/** The day from which a record counts as this event, or null. `sure` takes what is doubtful as well. */
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
  const told = answer(event, entry, scene);
  if (told === 'no' || (told === 'unsaid' && scene.reading === 'earliest')) return null;
  // A record that carries no such date counts from its own: what it tells of ends no sooner.
  const carried = event.from && (entry.input as Partial<Record<string, string>>)[event.from];
  return carried ? dayOf(carried) : entry.day;
}

export function named(name: string, version: Version): Event {
  const event = version.events[name];
  if (!event) throw new Error(`the version of ${version.since} has no event ${name}`);
  return event;
}

/** Does the event count from a date that the record carries? */
export function countsFromRecord(event: Reference | Event, version: Version, reading: Reading): boolean {
  if (typeof event === 'string') return countsFromRecord(named(event, version), version, reading);
  if ('doubtful' in event) return reading === 'latest' && countsFromRecord(event.doubtful, version, reading);
  if ('any' in event) return event.any.some((one) => countsFromRecord(one, version, reading));
  return 'from' in event && event.from !== undefined;
}
