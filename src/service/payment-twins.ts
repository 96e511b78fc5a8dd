/** What a line may have twice: money counts once, and a payment is easily told beside a record of the same. */
import { ledgerOf, zoneOf } from '../ledger.ts';
import { readAt, standingRecords } from '../retention/index.ts';
import type { RecordInput } from '../retention/record.ts';
import type { Line, Payment, PaymentBody, Reads, StoredRecord } from '../store/types.ts';
import type { App } from './context.ts';
import { canonicalForm } from './equivalence.ts';
import { recordOfPayment } from './payment-life.ts';

export type Twins = {
  /** The first payment of the line, but for the payment itself, that has its reference, in whatever spelling. */
  reference: Payment | null;
  /** A record that was told by itself, and says what the payment's own record does. */
  record: StoredRecord | null;
};

/** A record's type with what it names: two that differ in one of these are not of the same payment. */
const told = ({ type, product, amount }: RecordInput & { product?: unknown; amount?: unknown }): string =>
  canonicalForm({ type, product: product ?? null, amount: amount ?? null });

/** What a payment may be told as: by the sum that was credited, and by the one that was paid. */
const tellingsOf = ({ credited, ...paid }: PaymentBody): string[] =>
  [...(credited ? [{ ...paid, credited }] : []), paid].map((body) => told(recordOfPayment(body)));

/**
 * Finds among some records of a line one of a payment's day and sum, be it what was paid or what was credited; null for
 * none. `payments` are those that made such records.
 */
export function likeFinder(
  records: readonly StoredRecord[],
  zone: string,
  payments: readonly Payment[] = [],
) {
  const standing = new Set(standingRecords(ledgerOf(records)).map(({ id }) => id));
  const bodies = new Map(payments.map(({ record, body }) => [record, body]));
  const there = records
    .filter(({ id }) => standing.has(id))
    .map((record) => {
      const body = bodies.get(record.id);
      return { record, tellings: body ? tellingsOf(body) : [told(record.body)] };
    });
  return (own: PaymentBody): StoredRecord | null => {
    const day = readAt(own.paid_at, zone);
    const tellings = tellingsOf(own);
    const found = there.find(({ record, tellings: others }) => {
      if (!others.some((other) => tellings.includes(other))) return false;
      const { earliest, latest } = readAt(record.body.at, zone);
      return earliest <= day.latest && latest >= day.earliest;
    });
    return found?.record ?? null;
  };
}

/** What some payments of a line have a like of, in as many queries whatever their number. */
export async function twinsOf(
  app: Pick<App, 'rulebook'>,
  q: Pick<Reads, 'payments' | 'records'>,
  line: Line,
  payments: readonly Payment[],
): Promise<(payment: Payment) => Twins> {
  const references = new Set(payments.flatMap(({ body }) => body.reference ?? []));
  const firsts = references.size === 0 ? null : await q.payments.byReferences(line.id, [...references]);
  const booked = app.rulebook.rules.get(line.rule);
  // Of a line whose rule is gone only its own zone is known, where it has one.
  const zone = booked ? zoneOf(line, booked) : line.time_zone;
  const counts = zone !== null && payments.some(({ record }) => record !== null);
  const plain = counts ? (await q.records.ofLine(line.id)).filter((one) => one.payment === null) : [];
  const find = counts ? likeFinder(plain, zone) : () => null;
  return (payment) => {
    const first = firsts?.get(payment.body.reference ?? '') ?? null;
    const record = payment.record === null ? null : find(payment.body);
    return { reference: first?.id === payment.id ? null : first, record };
  };
}
