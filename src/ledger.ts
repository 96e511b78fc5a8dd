/**
 * A stored line brought to the engine: which rule it is under, which day it is there, what its records say. Nothing
 * here reads or writes; whoever calls has the rows and the clock.
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

/** What of a line the engine needs; a simulation has these without a line. */
type LineFacts = {
  time_zone?: string | null;
  facts?: Line['facts'];
  plan_price?: Line['plan_price'];
};

/** The zone whose dates are the line's: its own, or its carrier's. */
export const zoneOf = (line: LineFacts, booked: BookedRule): string =>
  line.time_zone ?? booked.carrier.time_zone;

/** The date at a line, as `2026-03-01`. */
export const todayOf = (line: LineFacts, booked: BookedRule, now: Date): string =>
  dateInZone(now, zoneOf(line, booked));

/** A line as the engine takes it, without its records and dates. */
export const engineLine = (line: LineFacts, booked: BookedRule) => ({
  facts: line.facts ?? {},
  plan_price: line.plan_price ?? null,
  time_zone: zoneOf(line, booked),
});

/** Is it what a person saw at their carrier? */
export const isObservation = ({ type }: Pick<StoredRecord, 'type'>): boolean =>
  type === 'balance' || type === 'validity';

/**
 * A payment that is taken back and told again, or credited otherwise, has a new record; it counts where the payment was
 * first told, for of one day's records without a time the later entered wins.
 */
function inOrderOfEntry(records: readonly StoredRecord[]): readonly StoredRecord[] {
  if (records.every(({ payment }) => payment === null)) return records;
  const first = new Map<string, number>();
  const placed = records.map((record, index) => {
    const { payment } = record;
    // What was seen at a confirmation was told only then.
    if (payment === null || isObservation(record)) return { record, place: index };
    const place = first.get(payment) ?? index;
    first.set(payment, place);
    return { record, place };
  });
  return placed.sort((a, b) => a.place - b.place).map(({ record }) => record);
}

/** Records as the engine reads them, in the order entered; `records` are all of a line, in theirs. */
export const ledgerOf = (records: readonly StoredRecord[]): LedgerRecord[] =>
  inOrderOfEntry(records).map(({ id, body, pending, payment }) => ({
    id,
    input: body,
    ...(pending ? { pending } : {}),
    ...(payment === null ? {} : { paid: true }),
  }));

/** In no zone does a moment fall so many days after the date that it is written with. */
const FAR = 3;

/** The records that are history on a day; voids hold whenever they were written. */
export const recordsUpTo = (records: readonly LedgerRecord[], asOf: string, zone: string): LedgerRecord[] => {
  const day = parseDay(asOf) as number;
  const isHistory = (at: At): boolean => {
    // Most are so long past that their zone need not be asked, which takes long.
    const written = parseDay((typeof at === 'string' ? at : at.earliest).slice(0, 10));
    return (written !== null && written + FAR <= day) || readAt(at, zone).earliest <= day;
  };
  return records.filter(({ input }) => input.type === 'void' || isHistory(input.at));
};

/** A line's timeline today, from what is history by then. */
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

/** Until when a plan keeps a line unless a date is asked for, and the furthest that may be asked for. */
const USUAL_PLAN = 24;
const MAX_PLANNED = 120;

/** The day until which a line is to be kept; null where what is asked for is no day from tomorrow to ten years on. */
export function planUntil(as_of: string, asked: string | undefined): string | null {
  const today = parseDay(as_of) as number;
  const day = asked === undefined ? addMonths(today, USUAL_PLAN) : parseDay(asked);
  return day === null || day <= today || day > addMonths(today, MAX_PLANNED) ? null : formatDay(day);
}

type Planned = [
  booked: BookedRule,
  line: LineFacts,
  records: readonly LedgerRecord[],
  wishes: Pick<PlanInput, 'as_of' | 'until' | 'from_abroad' | 'keep'>,
];

const planInput = (...[booked, line, records, wishes]: Planned): PlanInput => ({
  rule: booked.compiled,
  ...engineLine(line, booked),
  records: recordsUpTo(records, wishes.as_of, zoneOf(line, booked)),
  ...wishes,
});

/** The cheapest way to keep a line from `as_of` on, as far as the engine confirms it; what was recorded later is left out. */
export const planOf = (...planned: Planned): Plan => planLine(planInput(...planned));

/** The same, and `yieldTurn` is awaited before each of its folds, which may be a thousand and more. */
export const planInTurns = (yieldTurn: () => Promise<unknown>, ...planned: Planned): Promise<Plan> =>
  runInTurns(planning(planInput(...planned)), yieldTurn);

/** Nobody looks further ahead than so many dates of one line. */
const MAX_EDGES = 60;

/** The dates on which the line has something to lose, and one of which `act_by` will be on any day to come. */
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

/** How a link in a calendar made a step of a payment; null for one that was made otherwise. */
export function linkStepOf({ link, by, reason }: PaymentChange): LinkStep | null {
  if (link) return link;
  // So versions before told it; anybody may give such a sentence as their reason, but then it is no feed that gives it.
  if (!by.startsWith('feed_')) return null;
  return LINK_STEPS.find((step) => reason === LINK_REASONS[step]) ?? null;
}

/** Since when a payment is what it is; to have been something else by mistake moves nothing. */
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

/** So many awaited payments are looked at one by one; of more, each is taken to save the day. */
const MAX_AWAITED = 6;

/** The records of awaited payments, several, on which the last safe day does not hang, alone or with the others. */
export function idleRecords(
  { act_by, confirmed_act_by, provisional }: Timeline,
  records: readonly LedgerRecord[],
  fold: (records: readonly LedgerRecord[]) => Timeline,
): ReadonlySet<string | null> {
  if (!provisional) return new Set();
  const awaited = standingRecords(records).filter(({ pending }) => pending);
  if (awaited.length < 2 || awaited.length > MAX_AWAITED) return new Set();
  const isIdle = (one: LedgerRecord) =>
    fold(records.filter((other) => !other.pending || other.id === one.id)).act_by === confirmed_act_by &&
    fold(records.filter(({ id }) => id !== one.id)).act_by === act_by;
  return new Set(awaited.filter(isIdle).map(({ id }) => id));
}

/**
 * A line as the agenda takes it: folded as of its last record, so that nothing of it moves with the day on the wall.
 * `personZone` is where its owner lives.
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
  const made = new Date(line.created_at);
  const as_of = lastRecordDay(records, zone) ?? dateInZone(made, zone);
  const timeline = foldLine(booked, line, records, { as_of, moves: true });
  const idle = idleRecords(timeline, records, (some) => foldLine(booked, line, some, { as_of }));
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
    created_on: dateInZone(made, personZone),
  };
}
