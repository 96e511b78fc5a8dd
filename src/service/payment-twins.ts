/** What a line may have twice: money counts once, and a payment is easily told beside a record of the same. */
import { ledgerOf, zoneOf } from '../ledger.ts';
import { readAt, standingRecords } from '../retention/index.ts';
import type { RecordInput } from '../retention/record.ts';
import type { Line, Payment, Reads, StoredRecord } from '../store/types.ts';
import type { App } from './context.ts';
import { recordOfPayment } from './payment-life.ts';
import { sayTheSame } from './sameness.ts';

export type Twins = {
  /** The first payment of the line, but for the payment itself, that has its reference, in whatever spelling. */
  reference: Payment | null;
  /** A record that was told by itself, and says what the payment's own record does. */
  record: StoredRecord | null;
};

/** A record's type with what it names: two that differ in one of these are not of the same payment. */
const told = ({ type, product, amount }: RecordInput & { product?: unknown; amount?: unknown }) => ({
  type,
  product: product ?? null,
  amount: amount ?? null,
});

/** Finds among some records of a line one of the same day and sum as another; null for none. */
export function likeFinder(records: readonly StoredRecord[], zone: string) {
  const standing = new Set(standingRecords(ledgerOf(records)).map(({ id }) => id));
  const there = records.filter(({ id }) => standing.has(id));
  return (own: RecordInput): StoredRecord | null => {
    const day = readAt(own.at, zone);
    return (
      there.find(({ body: other }) => {
        if (!sayTheSame(told(own), told(other))) return false;
        const { earliest, latest } = readAt(other.at, zone);
        return earliest <= day.latest && latest >= day.earliest;
      }) ?? null
    );
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
    const record = payment.record === null ? null : find(recordOfPayment(payment.body));
    return { reference: first?.id === payment.id ? null : first, record };
  };
}
