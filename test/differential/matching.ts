/** Which records answer which events, read off the rule as it is written. */
import { parseDay, parsePrice, patternsOf, readAt, standingRecords } from '../../src/retention/index.ts';
import type { Clock, Pattern, Reference, Restart, Version } from '../../src/retention/language.ts';
import type { LedgerRecord, RecordInput, Stage } from '../../src/retention/record.ts';

export type Reading = 'earliest' | 'latest';
/** `null`: the record does not say. */
type Said = boolean | null;

/** A record as one reading sees it. Amounts in ten-thousandths, days since 1970. */
export type Seen = {
  id: string;
  input: RecordInput;
  day: number;
  amount: number | null;
  charged: Said;
  allowance: Said;
  date: number | null;
};

const scaled = (money: { amount: string; currency: string } | undefined): number | null =>
  money ? Math.round(Number(money.amount) * 10_000) : null;

function seen({ id, input }: LedgerRecord, day: number): Seen {
  const activity = input.type === 'activity' ? input : null;
  const charge = activity?.charge ? (scaled(activity.charge) as number) : null;
  const charged: Said =
    activity?.charged ?? (charge === null ? (activity?.from_allowance ? false : null) : charge > 0);
  const money = 'amount' in input ? input.amount : 'price' in input ? input.price : undefined;
  const text =
    input.type === 'purchase'
      ? input.expires_on
      : input.type === 'identity'
        ? input.valid_until
        : 'until' in input
          ? input.until
          : undefined;
  return {
    id,
    input,
    day,
    amount: activity ? charge : scaled(money),
    charged: activity ? charged : null,
    allowance: activity ? (activity.from_allowance ?? (charged ? false : null)) : null,
    date: text === undefined ? null : parseDay(text),
  };
}

const isLast = ({ input }: Seen) => input.type === 'balance' || input.type === 'validity';

/** Sentence 4: within a day moments in their order, then dates in the order entered, what was seen last. */
export function inOrder(records: readonly LedgerRecord[], zone: string, reading: Reading): Seen[] {
  return standingRecords(records)
    .map((record, order) => {
      const at = readAt(record.input.at, zone);
      return { record: seen(record, at[reading]), moment: at.moment, order };
    })
    .sort((a, b) => {
      if (a.record.day !== b.record.day) return a.record.day - b.record.day;
      if (a.moment < 0 !== b.moment < 0) return a.moment < 0 ? 1 : -1;
      if (a.moment >= 0) return a.moment - b.moment || a.order - b.order;
      return Number(isLast(a.record)) - Number(isLast(b.record)) || a.order - b.order;
    })
    .map(({ record }) => record);
}

const among = <T>(value: T | T[] | undefined, one: T | undefined): boolean =>
  value !== undefined && one !== undefined && [value].flat().includes(one as never);

/** Does the record answer the pattern? Null: it may, the record does not say. */
export function answers(
  pattern: Pattern,
  { input, amount, charged, allowance }: Seen,
  planPrice: number | null,
): Said {
  if (pattern.type !== input.type) return false;
  const activity = input.type === 'activity' ? input : null;
  const method = input.type === 'topup' ? input.method : undefined;
  const product = 'product' in input ? input.product : undefined;
  let said: Said = true;
  const ask = (wanted: boolean | undefined, is: Said) => {
    if (wanted === undefined || said === false) return;
    if (is === null) said = null;
    else if (is !== wanted) said = false;
  };
  if (pattern.kind !== undefined && !among(pattern.kind, activity?.kind)) return false;
  if (pattern.direction !== undefined && pattern.direction !== activity?.direction) return false;
  if (pattern.stage !== undefined && !(input.type === 'status' && input.stage === pattern.stage))
    return false;
  if (among(pattern.except?.kind, activity?.kind) || among(pattern.except?.method, method)) return false;
  if (among(pattern.except?.product, product)) return false;
  ask(pattern.charged, charged);
  ask(pattern.from_allowance, allowance);
  ask(pattern.roaming, activity?.roaming ?? null);
  if (pattern.method !== undefined) ask(true, method === undefined ? null : among(pattern.method, method));
  if (pattern.product !== undefined)
    ask(true, product === undefined ? null : among(pattern.product, product));
  if (pattern.least !== undefined) {
    const least = pattern.least === 'plan_price' ? planPrice : parsePrice(pattern.least).amount;
    ask(true, least === null || amount === null ? null : amount >= least);
  }
  return said;
}

export type Way = { pattern: Pattern; own: Restart | null };

type Given = { version: Version; reading: Reading; stage: Stage; planPrice: number | null };

/** The first way in which a record answers any of the references, as far as the reading lets the unsaid count. */
export function wayOf(references: readonly (Reference | Restart)[], record: Seen, given: Given): Way | null {
  for (const reference of references) {
    const own = typeof reference === 'object' && 'on' in reference ? reference : null;
    for (const one of own ? [own.on].flat() : [reference as Reference]) {
      const doubtful = typeof one === 'object' && 'doubtful' in one;
      if (doubtful && given.reading === 'earliest') continue;
      const event = doubtful ? one.doubtful : (one as Exclude<Reference, { doubtful: unknown }>);
      if (typeof event === 'object' && 'sum' in event) continue;
      for (const pattern of patternsOf(event, given.version.events)) {
        const stage = given.stage === 'unknown' ? 'active' : given.stage;
        if (
          pattern.in &&
          !pattern.in.includes(stage) &&
          !(stage === 'active' && pattern.in.includes('unknown'))
        )
          continue;
        const said = answers(pattern, record, given.planPrice);
        if (said === true || (said === null && given.reading === 'latest')) return { pattern, own };
      }
    }
  }
  return null;
}

/** The sums among what restarts a clock. */
export const sumsOf = (clock: Clock, reading: Reading): Extract<Reference, { sum: 'charges' }>[] =>
  (clock.restarts_on ?? []).flatMap((reference) => {
    if (typeof reference !== 'object' || 'on' in reference) return [];
    const doubtful = 'doubtful' in reference;
    const event = doubtful ? reference.doubtful : reference;
    return typeof event === 'object' && 'sum' in event && !(doubtful && reading === 'earliest')
      ? [event]
      : [];
  });
