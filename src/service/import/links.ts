/** Links the payments of an import with their records. */
import { eventLoopYielder } from '../../lib/event-loop.ts';
import type { Payment, StoredRecord } from '../../store/types.ts';
import { isEquivalent } from '../equivalence.ts';
import { makesRecord, recordOfPayment } from '../payment-life.ts';
import type { FieldError } from '../refusal.ts';
import type { ImportedPayment } from './payments.ts';
import { collectErrors, refuseRow } from './refuse.ts';
import type { Import } from './tally.ts';

type Records = ReadonlyMap<string, StoredRecord>;

/** The error of the record that a payment is to be linked with, or of the one it was linked with before. */
function checkLink(records: Records, payment: Payment, named: StoredRecord | null): FieldError | null {
  const left = records.get(payment.record ?? '');
  if (left && left.id !== named?.id && left.voided_by === null) {
    const detail = 'The record that it made until now still stands.';
    return { pointer: '/record', detail, mend: 'Import with it the void that took that record back.' };
  }
  if (!named || named.id === payment.record) return null;
  const isOwn = named.payment === payment.id && named.voided_by === null;
  if (isOwn && isEquivalent(named.body, recordOfPayment(payment.body))) return null;
  const detail = 'The record is not of this payment, says something else, or was taken back.';
  return { pointer: '/record', detail, mend: 'Name the record of this payment that stands.' };
}

/** The id of a payment's present record, or null. @throws Refusal invalid */
function recordFor(records: Records, { payment, line, row, number }: ImportedPayment): string | null {
  const named = records.get(row.record ?? '') ?? null;
  if (row.record !== undefined && (named === null || named.line !== line.id)) {
    const mend = 'Import its record with it.';
    throw refuseRow(number, { pointer: '/record', detail: 'The line has no such record.', mend });
  }
  const isMade = makesRecord(payment.state);
  if (isMade !== (named !== null)) {
    const detail = isMade
      ? 'It does not say which record the payment makes.'
      : 'A payment that came to nothing makes no record.';
    const mend = isMade ? 'Give `record`, and import it with it.' : 'Leave `record` out.';
    throw refuseRow(number, { pointer: '/record', detail, mend });
  }
  const wrong = checkLink(records, payment, named);
  if (wrong) throw refuseRow(number, wrong);
  return named?.id ?? null;
}

/** Links payments with their present records, once all records are imported. Refusals are added to `errors`. */
export async function linkRecords({ q }: Import, payments: readonly ImportedPayment[], errors: FieldError[]) {
  const ids = payments.flatMap(({ row, payment }) => [row.record ?? [], payment.record ?? []].flat());
  const records = await q.records.byIds([...new Set(ids)]);
  const changes: { id: string; record: string | null }[] = [];
  const yieldTurn = eventLoopYielder();
  for (const imported of payments) {
    await yieldTurn();
    await collectErrors(errors, async () => {
      const { id, record: before } = imported.payment;
      const record = recordFor(records, imported);
      if (record !== before) changes.push({ id, record });
    });
  }
  await q.payments.setRecords(changes);
}
