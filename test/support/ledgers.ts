/** Random ledgers for a rule: any records that a person could enter, in any order of dates. */
import fc from 'fast-check';
import { formatDay, parseDay } from '../../src/retention/index.ts';
import type { LedgerRecord, Money, RecordInput, Stage } from '../../src/retention/record.ts';
import type { Pack } from './packs.ts';

const FIRST = parseDay('2024-06-01') as number;
/** The date `offset` days after 1 June 2024, the earliest date of a random record. */
export const dayAt = (offset: number): string => formatDay(FIRST + offset);

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
/** Days around which errors in the arithmetic of months and leap years show. */
const EDGES = [
  '2024-08-31',
  '2024-12-31',
  '2025-01-29',
  '2025-01-31',
  '2025-02-28',
  '2025-03-31',
  '2026-02-28',
  '2026-08-31',
  '2027-02-28',
  '2027-08-29',
  '2027-08-31',
  '2028-02-29',
].map((day) => (parseDay(day) as number) - FIRST);
const date = (last = 1200) => {
  const edges = EDGES.filter((offset) => offset <= last);
  const any = fc.integer({ min: 0, max: last });
  return (
    edges.length > 0
      ? fc.oneof({ weight: 4, arbitrary: any }, { weight: 1, arbitrary: fc.constantFrom(...edges) })
      : any
  ).map(dayAt);
};
const moment = (last?: number) =>
  fc
    .tuple(date(last), fc.integer({ min: 0, max: 86_399_999 }))
    .map(([day, milliseconds]) => new Date(Date.parse(`${day}T00:00:00Z`) + milliseconds).toISOString());
const span = (last?: number) =>
  fc
    .tuple(date(last), date(last))
    .map(([a, b]) => (a < b ? { earliest: a, latest: b } : { earliest: b, latest: a }));

const stages: Stage[] = [
  'unknown',
  'active',
  'restricted',
  'fee_running',
  'receive_only',
  'suspended',
  'lost',
  'reissuable',
];

export type LedgerTerms = {
  /** Only exact dates, and no optional field that rules ask about left out. */
  certain?: boolean;
  /** The latest date of a record, in days after 1 June 2024. */
  last?: number;
  size?: number;
  /** Record types to leave out. */
  without?: readonly RecordInput['type'][];
};

/** Any record except a void. */
export function anyRecord(
  pack: Pack,
  { certain = false, last, without = [] }: LedgerTerms = {},
): fc.Arbitrary<RecordInput> {
  const at = certain
    ? date(last)
    : fc.oneof(
        { weight: 5, arbitrary: date(last) },
        { weight: 3, arbitrary: moment(last) },
        { weight: 1, arbitrary: span(last) },
      );
  const unlessCertain = <T>(value: fc.Arbitrary<T>) => (certain ? value : optional(value));
  const money: fc.Arbitrary<Money> = fc
    .constantFrom(
      '0',
      '0.01',
      '0.99',
      '1',
      '3',
      '3.50',
      '5',
      '10',
      '20',
      '30',
      '50',
      '99.99',
      '100',
      '300',
      '5000',
      ...pack.amounts,
    )
    .map((amount) => ({ amount, currency: pack.rule.currency }));
  const balance = fc.oneof(
    money,
    fc.constantFrom('-15', '-0.01', '999999999').map((amount) => ({ amount, currency: pack.rule.currency })),
  );
  const product = fc.constantFrom(...pack.products);
  const types: Record<string, fc.Arbitrary<object>> = {
    activated: fc.record({}),
    topup: fc.record({
      amount: money,
      method: unlessCertain(fc.constantFrom('card', 'cash', 'voucher', 'loan', 'transfer')),
      product: optional(product),
    }),
    activity: fc.record({
      kind: fc.constantFrom('call', 'sms', 'mms', 'data', 'ussd'),
      direction: fc.constantFrom('outgoing', 'incoming'),
      charged: unlessCertain(fc.boolean()),
      charge: optional(money),
      from_allowance: unlessCertain(fc.boolean()),
      roaming: unlessCertain(fc.boolean()),
    }),
    purchase: fc.record({
      product,
      amount: optional(money),
      expires_on: optional(date()),
      from_balance: optional(fc.boolean()),
    }),
    plan_renewed: fc.record({ amount: optional(money) }),
    plan: fc.record({ price: money }),
    balance: fc.record({ amount: balance }),
    validity: fc.record({
      until: date(2400),
      of: optional(fc.constantFrom('outgoing', 'incoming', 'number')),
    }),
    identity: fc.record({ valid_until: optional(date(4000)) }),
    hold: fc.record({ by: fc.constantFrom('owner', 'carrier'), until: optional(date(1500)) }),
    opt_out: fc.record({}),
    status: fc.record({ stage: fc.constantFrom(...stages) }),
  };
  const kinds = Object.keys(types).filter((type) => !without.includes(type as RecordInput['type']));
  const often = kinds.flatMap((type) =>
    ['activity', 'topup', 'balance', 'purchase'].includes(type) ? [type, type, type] : [type],
  );
  return fc
    .constantFrom(...often)
    .chain((type) =>
      fc
        .tuple(at, types[type] as fc.Arbitrary<object>)
        .map(([when, fields]) => strip({ type, at: when, ...fields })),
    );
}

const strip = (input: object): RecordInput =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as RecordInput;

/** A ledger with ids r0, r1, … in the order entered; some records are voided, unless `without` has `void`. */
export function anyLedger(pack: Pack, terms: LedgerTerms = {}): fc.Arbitrary<LedgerRecord[]> {
  const record = anyRecord(pack, terms);
  const entered = terms.without?.includes('void')
    ? record
    : fc.oneof(
        { weight: 12, arbitrary: record },
        {
          weight: 1,
          arbitrary: fc
            .nat(20)
            .map((index): RecordInput => ({ type: 'void', at: '2026-01-01', record: `r${index}` })),
        },
      );
  return fc
    .array(entered, { maxLength: terms.size ?? 14 })
    .map((inputs) => inputs.map((input, i) => ({ id: `r${i}`, input })));
}

/** The other inputs of a timeline: the owner's facts, the plan's price, the as-of date. */
export const anyConditions = (pack: Pack) =>
  fc.record({
    facts: fc
      .record(
        Object.fromEntries(
          Object.entries(pack.facts).map(([name, values]) => [name, optional(fc.constantFrom(...values))]),
        ),
      )
      .map(
        (facts) =>
          Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Record<
            string,
            string
          >,
      ),
    plan_price: fc.constantFrom(null, { amount: '10', currency: pack.rule.currency }),
    as_of: date(1400),
  });
