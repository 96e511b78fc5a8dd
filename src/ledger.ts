/**
 * Converts stored lines into the engine's input: their zone, their ledger, the current day there. No I/O: the caller
 * provides the rows and the clock.
 */
import type { AgendaLine } from './agenda/index.ts';
import { type Plan, type PlanInput, planLine, planning, runInTurns } from './planning/index.ts';
import { addMonths, formatDay, parseDay } from './retention/day.ts';
import { dateInZone, lastRecordDay, readAt, standingRecords, timelineOf } from './retention/index.ts';
import type { At, LedgerRecord } from './retention/record.ts';
import type { Timeline } from './retention/timeline.ts';
import type { BookedRule } from './rulebook/index.ts';
import type { Edge, Line, Mark, Payment, PaymentChange, StoredRecord } from './store/types.ts';
import { LINK_REASONS, LINK_STEPS, type LinkStep } from './vocabulary.ts';

/** The fields of a line that the engine needs; a simulation has them without a stored line. */
type LineFacts = {
  time_zone?: string | null;
  facts?: Line['facts'];
  plan_price?: Line['plan_price'];
};

/** The time zone of the line's dates: its own, or its carrier's. */
export const zoneOf = (line: LineFacts, booked: BookedRule): string =>
  line.time_zone ?? booked.carrier.time_zone;

/** The current date in the line's zone, as `2026-03-01`. */
export const todayOf = (line: LineFacts, booked: BookedRule, now: Date): string =>
  dateInZone(now, zoneOf(line, booked));

/** The engine's input for a line, without its records and dates. */
export const engineLine = (line: LineFacts, booked: BookedRule) => ({
  facts: line.facts ?? {},
  plan_price: line.plan_price ?? null,
  time_zone: zoneOf(line, booked),
});

/** Whether a record says what a person saw at their carrier. */
export const isObservation = ({ type }: Pick<StoredRecord, 'type'>): boolean =>
  type === 'balance' || type === 'validity';

/**
 * Moves each record of a payment to the place of the payment's first one. A payment that is cancelled and entered
 * again, or credited differently, has a new record; since the later entry wins among records of a day without a time,
 * its place matters.
 */
function inOrderOfEntry(records: readonly StoredRecord[]): readonly StoredRecord[] {
  if (records.every(({ payment }) => payment === null)) return records;
  const firstPlaces = new Map<string, number>();
  const placed = records.map((record, index) => {
    const { payment } = record;
    // Observations made at a confirmation were entered only then.
    if (payment === null || isObservation(record)) return { record, place: index };
    const place = firstPlaces.get(payment) ?? index;
    firstPlaces.set(payment, place);
    return { record, place };
  });
  return placed.sort((a, b) => a.place - b.place).map(({ record }) => record);
}

/** The engine's ledger for all records of a line, given in the order entered. */
export const ledgerOf = (records: readonly StoredRecord[]): LedgerRecord[] =>
  inOrderOfEntry(records).map(({ id, body, pending, payment }) => ({
    id,
    input: body,
    ...(pending ? { pending } : {}),
    ...(payment === null ? {} : { paid: true }),
  }));

/** In no zone is a moment's date this many days after the date it is written with. */
const MAX_ZONE_SHIFT = 3;

/** The records up to a day; voids always count, whenever they were entered. */
export const recordsUpTo = (records: readonly LedgerRecord[], asOf: string, zone: string): LedgerRecord[] => {
  const day = parseDay(asOf) as number;
  const isHistory = (at: At): boolean => {
    // Most are so far in the past that the slow conversion to the zone is not needed.
    const written = parseDay((typeof at === 'string' ? at : at.earliest).slice(0, 10));
    return (written !== null && written + MAX_ZONE_SHIFT <= day) || readAt(at, zone).earliest <= day;
  };
  return records.filter(({ input }) => input.type === 'void' || isHistory(input.at));
};

/** A line's timeline as of today, from the records up to today. */
export function foldToday(
  booked: BookedRule,
  line: LineFacts,
  records: readonly LedgerRecord[],
  now: Date,
): Timeline {
  const as_of = todayOf(line, booked, now);
  return foldLine(booked, line, recordsUpTo(records, as_of, zoneOf(line, booked)), { as_of });
}

/** The timeline of a line; dates as `2026-03-01`. Records after `as_of` count as plans: see {@link recordsUpTo}. */
export const foldLine = (
  booked: BookedRule,
  line: LineFacts,
  records: readonly LedgerRecord[],
  dates: { as_of: string; until?: string; moves?: boolean },
): Timeline => timelineOf(booked.compiled, { ...engineLine(line, booked), records: [...records], ...dates });

/** How far plans reach by default and at most, in months. */
const DEFAULT_PLAN_MONTHS = 24;
const MAX_PLAN_MONTHS = 120;

/** The day until which a plan keeps a line; null if `requested` is not a day from tomorrow to ten years ahead. */
export function planUntil(as_of: string, requested: string | undefined): string | null {
  const today = parseDay(as_of) as number;
  const day = requested === undefined ? addMonths(today, DEFAULT_PLAN_MONTHS) : parseDay(requested);
  return day === null || day <= today || day > addMonths(today, MAX_PLAN_MONTHS) ? null : formatDay(day);
}

type PlanArguments = [
  booked: BookedRule,
  line: LineFacts,
  records: readonly LedgerRecord[],
  request: Pick<PlanInput, 'as_of' | 'until' | 'from_abroad' | 'keep'>,
];

const planInput = (...[booked, line, records, request]: PlanArguments): PlanInput => ({
  rule: booked.compiled,
  ...engineLine(line, booked),
  records: recordsUpTo(records, request.as_of, zoneOf(line, booked)),
  ...request,
});

/** The cheapest plan that keeps a line from `as_of` on, confirmed by the engine; ignores records after `as_of`. */
export const planOf = (...args: PlanArguments): Plan => planLine(planInput(...args));

/** The same, awaiting `yieldTurn` before each fold, of which there may be more than a thousand. */
export const planInTurns = (yieldTurn: () => Promise<unknown>, ...args: PlanArguments): Promise<Plan> =>
  runInTurns(planning(planInput(...args)), yieldTurn);

/** Edges stored per line at most; nobody looks further ahead. */
const MAX_EDGES = 60;

/** The days by which to act before a stage begins; on any day to come, the line's `act_by` is one of them. */
export function edgesOf(timeline: Timeline): Edge[] {
  const lost_on = timeline.lost_on === null ? null : formatDay(timeline.lost_on);
  const edges = new Map<number, Edge>();
  for (const { stage, from, latest_from } of timeline.stages) {
    if (stage === 'active' || stage === 'unknown' || stage === 'reissuable') continue;
    for (const day of [from, latest_from]) {
      if (day === null || day <= timeline.as_of || edges.has(day)) continue;
      edges.set(day, { act_by: formatDay(day - 1), stage, lost_on, provisional: timeline.provisional });
    }
  }
  const inOrder = [...edges].sort(([a], [b]) => a - b);
  return inOrder.slice(0, MAX_EDGES).map(([, edge]) => edge);
}

/** How a link in a calendar made a change of a payment; null for a change made otherwise. */
export function linkStepOf({ link, by, reason }: PaymentChange): LinkStep | null {
  if (link) return link;
  // Earlier versions recorded it as a reason. Anybody may give the same sentence, but then `by` is not a feed.
  if (!by.startsWith('feed_')) return null;
  return LINK_STEPS.find((step) => reason === LINK_REASONS[step]) ?? null;
}

/** Since when a payment has its state; a change that a link undid does not count. */
const sinceOf = ({ state, changes, created_at }: Payment): string =>
  (changes.findLast((change) => change.state === state && linkStepOf(change) !== 'undone') ?? changes.at(-1))
    ?.at ?? created_at;

const agendaPaymentOf = (payment: Payment) => ({
  id: payment.id,
  state: payment.state,
  paid_at: payment.body.paid_at,
  amount: payment.body.amount,
  channel: payment.body.channel,
  reference: payment.body.reference ?? null,
  record: payment.record,
  proved: payment.proofs > 0 || payment.no_proof || payment.proof_elsewhere,
  since: sinceOf(payment),
});

/** With more awaited payments than this, each is assumed to matter for the last safe day. */
const MAX_AWAITED = 6;

/** Of several awaited payments, the records of those that do not change the last safe day, alone or with the others. */
export function idleRecords(
  { act_by, confirmed_act_by, provisional }: Timeline,
  records: readonly LedgerRecord[],
  fold: (records: readonly LedgerRecord[]) => Timeline,
): ReadonlySet<string | null> {
  if (!provisional) return new Set();
  const awaited = standingRecords(records).filter(({ pending }) => pending);
  if (awaited.length < 2 || awaited.length > MAX_AWAITED) return new Set();
  const isIdle = (payment: LedgerRecord) =>
    fold(records.filter((other) => !other.pending || other.id === payment.id)).act_by === confirmed_act_by &&
    fold(records.filter(({ id }) => id !== payment.id)).act_by === act_by;
  return new Set(awaited.filter(isIdle).map(({ id }) => id));
}

/**
 * The agenda's input for a line: folded as of its last record, so that it does not depend on the current day.
 * `personZone` is the time zone of its owner.
 */
export function agendaLineOf(
  booked: BookedRule,
  line: Line,
  stored: {
    records: readonly StoredRecord[];
    payments?: readonly Payment[];
    marks?: readonly Mark[];
  },
  personZone: string,
): AgendaLine {
  const records = ledgerOf(stored.records);
  const zone = zoneOf(line, booked);
  const createdAt = new Date(line.created_at);
  const as_of = lastRecordDay(records, zone) ?? dateInZone(createdAt, zone);
  const timeline = foldLine(booked, line, records, { as_of, moves: true });
  const idle = idleRecords(timeline, records, (subset) => foldLine(booked, line, subset, { as_of }));
  return {
    id: line.id,
    label: line.label,
    number: line.number,
    timeline,
    records,
    booked,
    payments: (stored.payments ?? []).map((payment) => ({
      ...agendaPaymentOf(payment),
      saves: !idle.has(payment.record),
    })),
    marks: stored.marks ?? [],
    time_zone: personZone,
    created_on: dateInZone(createdAt, personZone),
  };
}
