/**
 * A record as the engine folds it: dates and moments are turned into integers once, at the edge, so that folding never
 * parses. `UNSAID` marks what the record leaves open; a pattern that asks for it matches only in the latest reading.
 */
import { type Day, parseDay } from './day.ts';
import { type Amount, parseAmount } from './money.ts';
import type { Reading } from './program.ts';
import type { At, LedgerRecord, Money, RecordInput, RecordType, Stage } from './record.ts';
import { readMoment } from './zone.ts';

export const NO = 0;
export const YES = 1;
export const UNSAID = 2;
export type Answer = typeof NO | typeof YES | typeof UNSAID;

export const TYPES: readonly RecordType[] = [
  'activated',
  'topup',
  'activity',
  'purchase',
  'plan_renewed',
  'plan',
  'balance',
  'validity',
  'identity',
  'hold',
  'opt_out',
  'status',
  'void',
];
export const KINDS = ['call', 'sms', 'mms', 'data', 'ussd'] as const;
export const METHODS = ['card', 'cash', 'voucher', 'loan', 'transfer'] as const;

const TYPE_CODES = new Map(TYPES.map((type, code) => [type, code]));
export const typeCode = (type: RecordType): number => TYPE_CODES.get(type) ?? -1;
/** One bit per value of a list; 0 for none. */
export const bit = (list: readonly string[], value: string | undefined): number =>
  value === undefined ? 0 : 1 << list.indexOf(value);

export type Entry = {
  id: string;
  /** The order in which it was entered. */
  order: number;
  type: number;
  earliest: Day;
  latest: Day;
  /** Milliseconds since the epoch, or -1 when only the date is known. */
  moment: number;
  pending: boolean;
  /** Paid from outside, not from the balance. */
  paid: boolean;
  kind: number;
  method: number;
  outgoing: Answer;
  charged: Answer;
  allowance: Answer;
  roaming: Answer;
  fromBalance: boolean;
  product: string | null;
  amount: Amount | null;
  /** `expires_on`, `valid_until` or `until`, whichever this type has. */
  date: Day | null;
  /** For `validity`, which printed date it is; for `hold`, whose hold it is. */
  of: string | null;
  stage: Stage | null;
};

/** A line's records in the order in which each reading folds them; the two are one array where no date is doubtful. */
export type Ledger = {
  earliest: readonly Entry[];
  latest: readonly Entry[];
};

const toAnswer = (value: boolean | undefined): Answer => (value === undefined ? UNSAID : value ? YES : NO);
const amountOf = (money: Money | undefined): Amount | null => (money ? parseAmount(money.amount) : null);
const dateOf = (text: string | undefined): Day | null => (text === undefined ? null : parseDay(text));

/**
 * The local date of a moment and its milliseconds; for a date or a span of dates, `moment` is -1. Throws a RangeError
 * on anything else.
 */
export function readAt(at: At, zone: string): { earliest: Day; latest: Day; moment: number } {
  if (typeof at !== 'string') {
    const [earliest, latest] = [parseDay(at.earliest), parseDay(at.latest)];
    if (earliest === null || latest === null)
      throw new RangeError(`${at.earliest} to ${at.latest} is no span of dates`);
    return { earliest: Math.min(earliest, latest), latest: Math.max(earliest, latest), moment: -1 };
  }
  const day = parseDay(at);
  if (day !== null) return { earliest: day, latest: day, moment: -1 };
  const read = at.includes('T') || at.includes('t') ? readMoment(at, zone) : null;
  if (!read) throw new RangeError(`${at} is neither a date nor a moment`);
  return { earliest: read.day, latest: read.day, moment: read.moment };
}

/** Did it cost money? A stated charge says so; what came from an allowance did not. */
function chargedAnswer(input: RecordInput): Answer {
  if (input.type !== 'activity') return UNSAID;
  if (input.charged !== undefined) return toAnswer(input.charged);
  if (input.charge) return parseAmount(input.charge.amount) > 0 ? YES : NO;
  return input.from_allowance === true ? NO : UNSAID;
}

function amountIn(input: RecordInput): Amount | null {
  if (input.type === 'activity') return amountOf(input.charge);
  if (input.type === 'plan') return amountOf(input.price);
  return 'amount' in input ? amountOf(input.amount) : null;
}

function dateIn(input: RecordInput): Day | null {
  if (input.type === 'purchase') return dateOf(input.expires_on);
  if (input.type === 'identity') return dateOf(input.valid_until);
  return 'until' in input ? dateOf(input.until) : null;
}

function entryOf(record: LedgerRecord, order: number, zone: string): Entry {
  const input = record.input;
  const { earliest, latest, moment } = readAt(input.at as At, zone);
  const activity = input.type === 'activity' ? input : null;
  const charged = chargedAnswer(input);
  return {
    id: record.id,
    order,
    type: typeCode(input.type),
    earliest,
    latest,
    moment,
    pending: record.pending === true,
    paid: record.paid === true,
    kind: bit(KINDS, activity?.kind),
    method: input.type === 'topup' ? bit(METHODS, input.method) : 0,
    outgoing: activity ? toAnswer(activity.direction === 'outgoing') : UNSAID,
    charged,
    allowance:
      activity?.from_allowance === undefined && charged === YES ? NO : toAnswer(activity?.from_allowance),
    roaming: toAnswer(activity?.roaming),
    fromBalance: input.type === 'purchase' && input.from_balance === true,
    product: 'product' in input ? (input.product ?? null) : null,
    amount: amountIn(input),
    date: dateIn(input),
    of: input.type === 'validity' ? (input.of ?? null) : input.type === 'hold' ? input.by : null,
    stage: input.type === 'status' ? input.stage : null,
  };
}

const BALANCE = typeCode('balance');
const VALIDITY = typeCode('validity');
const endOfDayOrder = (entry: Entry): number => (entry.type === BALANCE || entry.type === VALIDITY ? 1 : 0);

/** Sorts by day; within a day by moments, then dates in the order entered, with what was seen of the account last. */
function compareEntries(a: Entry, b: Entry, reading: Reading): number {
  if (a[reading] !== b[reading]) return a[reading] - b[reading];
  if (a.moment >= 0 || b.moment >= 0) {
    if (a.moment < 0) return 1;
    if (b.moment < 0) return -1;
    return a.moment - b.moment || a.order - b.order;
  }
  return endOfDayOrder(a) - endOfDayOrder(b) || a.order - b.order;
}

/**
 * The records that stand, in the order entered: a void and the record that it names are left out, as if neither had
 * been written; a void of a void restores the first record.
 */
export function standingRecords(records: readonly LedgerRecord[]): LedgerRecord[] {
  const voided = new Set<string>();
  for (let i = records.length - 1; i >= 0; i--) {
    const record = records[i] as LedgerRecord;
    if (record.input.type === 'void' && !voided.has(record.id)) voided.add(record.input.record);
  }
  return records.filter((record) => record.input.type !== 'void' && !voided.has(record.id));
}

const entriesOf = (records: readonly LedgerRecord[], zone: string, first = 0): Entry[] =>
  standingRecords(records).map((record, index) => entryOf(record, first + index, zone));

const isDoubtful = (entry: Entry): boolean => entry.earliest !== entry.latest;

const inOrder = (entries: readonly Entry[], reading: Reading): Entry[] =>
  entries.slice().sort((a, b) => compareEntries(a, b, reading));

/**
 * How many entries, in a reading's order, certainly come before an entry of `day` that is added later and has no time
 * of day.
 */
export function countBefore(entries: readonly Entry[], day: Day, reading: Reading): number {
  const isBefore = (entry: Entry) =>
    entry[reading] < day || (entry[reading] === day && endOfDayOrder(entry) === 0);
  return entries.findLastIndex(isBefore) + 1;
}

/**
 * Turns records, in the order entered, into what the engine folds.
 * Throws a RangeError on a date or an amount that the record schemas would have refused.
 */
export function readLedger(records: readonly LedgerRecord[], zone: string): Ledger {
  const entries = entriesOf(records, zone);
  const earliest = inOrder(entries, 'earliest');
  return { earliest, latest: entries.some(isDoubtful) ? inOrder(entries, 'latest') : earliest };
}

/** The entries of records that are entered after those of a ledger. */
export const readAddedRecords = (ledger: Ledger, records: readonly LedgerRecord[], zone: string): Entry[] =>
  entriesOf(records, zone, ledger.earliest.length);

/** A ledger with more entries, which belong after its first `kept` entries. */
export function withEntries(ledger: Ledger, more: readonly Entry[], kept: Record<Reading, number>): Ledger {
  const joined = (reading: Reading) => {
    const entries = ledger[reading];
    return [
      ...entries.slice(0, kept[reading]),
      ...inOrder([...entries.slice(kept[reading]), ...more], reading),
    ];
  };
  const earliest = joined('earliest');
  const isOneArray = ledger.earliest === ledger.latest && !more.some(isDoubtful);
  return { earliest, latest: isOneArray ? earliest : joined('latest') };
}
