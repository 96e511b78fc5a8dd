/** Finds possible duplicates of payments: a payment with the same reference, or a record of the same money. */
import { ledgerOf, zoneOf } from '../ledger.ts';
import { readAt, standingRecords } from '../retention/index.ts';
import type { RecordInput } from '../retention/record.ts';
import type { Line, Payment, PaymentBody, Reads, StoredRecord } from '../store/types.ts';
import type { App } from './context.ts';
import { canonicalForm } from './equivalence.ts';
import { recordOfPayment } from './payment-life.ts';

export type Twins = {
  /** The line's first payment with the same reference, in any spelling; null if that is the payment itself. */
  reference: Payment | null;
  /** A record that was entered on its own, with the same content as the payment's own record. */
  record: StoredRecord | null;
};

/** A key of a record's type, product and amount: records with different keys are not of the same payment. */
const recordKey = ({
  type,
  product,
  amount,
}: RecordInput & { product?: unknown; amount?: unknown }): string =>
  canonicalForm({ type, product: product ?? null, amount: amount ?? null });

/** The keys that a payment's record may have: with the sum that was credited, and with the one that was paid. */
function keysOf(body: PaymentBody): string[] {
  const { credited, ...paid } = body;
  const bodies = credited ? [body, paid] : [paid];
  return bodies.map((one) => recordKey(recordOfPayment(one)));
}

/**
 * Returns a function that finds, among a line's records, one with a payment's day and sum (paid or credited); null if
 * there is none. `payments` are those that some of the records belong to.
 */
export function twinFinder(
  records: readonly StoredRecord[],
  zone: string,
  payments: readonly Payment[] = [],
) {
  const standing = new Set(standingRecords(ledgerOf(records)).map(({ id }) => id));
  const bodies = new Map(payments.map(({ record, body }) => [record, body]));
  const candidates = records
    .filter(({ id }) => standing.has(id))
    .map((record) => {
      const body = bodies.get(record.id);
      return { record, keys: body ? keysOf(body) : [recordKey(record.body)] };
    });
  return (own: PaymentBody): StoredRecord | null => {
    const day = readAt(own.paid_at, zone);
    const ownKeys = keysOf(own);
    const found = candidates.find(({ record, keys }) => {
      if (!keys.some((key) => ownKeys.includes(key))) return false;
      const { earliest, latest } = readAt(record.body.at, zone);
      return earliest <= day.latest && latest >= day.earliest;
    });
    return found?.record ?? null;
  };
}

/** Returns the twins of payments of a line, by a fixed number of queries. */
export async function twinsOf(
  app: Pick<App, 'rulebook'>,
  q: Pick<Reads, 'payments' | 'records'>,
  line: Line,
  payments: readonly Payment[],
): Promise<(payment: Payment) => Twins> {
  const references = new Set(payments.flatMap(({ body }) => body.reference ?? []));
  const firsts = references.size === 0 ? null : await q.payments.byReferences(line.id, [...references]);
  const booked = app.rulebook.rules.get(line.rule);
  // If the line's rule is gone, only the line's own zone is known, if it has one.
  const zone = booked ? zoneOf(line, booked) : line.time_zone;
  const canCompare = zone !== null && payments.some(({ record }) => record !== null);
  const ownEntries = canCompare
    ? (await q.records.ofLine(line.id)).filter((one) => one.payment === null)
    : [];
  const find = canCompare ? twinFinder(ownEntries, zone) : () => null;
  return (payment) => {
    const first = firsts?.get(payment.body.reference ?? '') ?? null;
    const record = payment.record === null ? null : find(payment.body);
    return { reference: first?.id === payment.id ? null : first, record };
  };
}
