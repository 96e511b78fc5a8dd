/** Imports a line's records into its ledger: existing ones are skipped, the others are appended in order. */
import { eventLoopYielder } from '../../lib/event-loop.ts';
import type { RecordInput } from '../../retention/record.ts';
import type { Line, Payment, StoredRecord } from '../../store/types.ts';
import { canonicalForm } from '../equivalence.ts';
import { checkRecords, ledgerFor, refuseCollisions } from '../record-checks.ts';
import { type FieldError, MAX_ERRORS, Refusal } from '../refusal.ts';
import { inRow, pastMoment } from './refuse.ts';
import { type PaymentRow, type RecordRow, recordOf } from './rows.ts';
import type { Import } from './tally.ts';

type Numbered = { row: RecordRow; number: number };
/** A record that is not in the ledger yet. */
type NewRecord = { input: RecordInput; row: RecordRow; number: number };
/** The user's payments by the ids of their rows. */
type Payments = ReadonlyMap<string, { payment: Payment; row: PaymentRow }>;

const CHANGED_RECORD: FieldError = {
  pointer: '',
  detail: 'The ledger has this record with other contents.',
  mend: 'A record is never changed: void it, and add another with an external_id of its own.',
};

/** A line's ledger during an import; written records are added to it. */
type Ledger = Awaited<ReturnType<typeof ledgerFor>> & {
  /** Its records by id and external_id, including ids from where they were exported. */
  byAnyId: Map<string, StoredRecord>;
};

function indexByIds(records: readonly StoredRecord[]): Map<string, StoredRecord> {
  const byAnyId = new Map<string, StoredRecord>();
  for (const record of records) {
    byAnyId.set(record.id, record);
    if (record.external_id !== null) byAnyId.set(record.external_id, record);
  }
  return byAnyId;
}

/**
 * Counts equal records in a ledger, to recognise rows without ids that were imported before. Voided records count, so
 * that the same row does not bring back what the owner has voided; but voided records of payments do not, because a
 * real top-up may have the same content.
 */
function countEqual(records: readonly StoredRecord[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const record of records) {
    if (record.payment !== null && record.voided_by !== null) continue;
    const body = canonicalForm(record.body);
    times.set(body, (times.get(body) ?? 0) + 1);
  }
  return times;
}

/** The record of a row. In a void, resolves the target, named by id or external_id, to its id in the ledger. */
function resolveVoid(row: RecordRow, byAnyId: Map<string, StoredRecord>): RecordInput {
  const input = recordOf(row);
  if (input.type !== 'void') return input;
  return { ...input, record: byAnyId.get(input.record)?.id ?? input.record };
}

/**
 * Returns a predicate: whether a step of a payment in this import has voided that payment's record, because it is
 * neither the payment's present record nor one of its last step.
 */
function voidedByStep(payments: Payments, byAnyId: Ledger['byAnyId']): (record: string) => boolean {
  const rows = new Map([...payments.values()].map(({ payment, row }) => [payment.id, row]));
  return (record) => {
    const row = rows.get(byAnyId.get(record)?.payment ?? '');
    if (!row) return false;
    const standing = [row.record ?? '', ...(row.changes.at(-1)?.records ?? [])];
    return !standing.some((name) => (byAnyId.get(name)?.id ?? name) === record);
  };
}

/**
 * Writes new records into a ledger.
 * @throws Refusal invalid, external_id_taken, already_voided, record_of_payment
 */
async function writeRecords(
  { app, q, tally }: Import,
  ledger: Ledger,
  fresh: readonly NewRecord[],
  payments: Payments,
  isVoidedByStep: (record: string) => boolean,
) {
  const { line, records, byAnyId } = ledger;
  const inputs = fresh.map(({ input }) => input);
  const at = (index: number) => `/${(fresh[index] as NewRecord).number - 1}`;
  const idOf = (index: number) => fresh[index]?.row.id;
  // Rows with ids come from an export: a ledger has accepted them before.
  const errors = checkRecords(ledger, inputs, at, (index) => idOf(index) !== undefined, idOf);
  if (errors.length > 0) throw new Refusal('invalid', errors.slice(0, MAX_ERRORS));
  refuseCollisions(records, inputs, at, isVoidedByStep);
  const kept = await q.records.append(
    line.id,
    fresh.map(({ input, row, number }) => ({
      body: input,
      payment: payments.get(row.payment ?? '')?.payment.id ?? null,
      id: row.id,
      recorded_at: pastMoment(app, row.recorded_at, number, 'recorded_at'),
    })),
  );
  for (const [index, record] of kept.entries()) {
    records.push(record);
    for (const name of [record.id, record.external_id, fresh[index]?.row.id])
      if (name) byAnyId.set(name, record);
    if (record.body.type === 'void') {
      const target = byAnyId.get(record.body.record);
      if (target) target.voided_by = record.id;
    }
  }
  tally.records.made += kept.length;
}

/** Collects new records and writes them in batches. */
function batchedWrites(writeAll: (fresh: readonly NewRecord[]) => Promise<void>) {
  let fresh: NewRecord[] = [];
  /** By id and external_id. */
  const pending = new Map<string, { row: RecordRow; form: string }>();
  let hasVoid = false;
  return {
    get: (name: string) => pending.get(name),
    hasVoid: () => hasVoid,
    add(one: NewRecord, form: string) {
      const { row } = one;
      fresh.push(one);
      hasVoid ||= row.type === 'void';
      for (const name of [row.id, row.external_id]) if (name !== undefined) pending.set(name, { row, form });
    },
    async flush() {
      if (fresh.length === 0) return;
      await writeAll(fresh);
      fresh = [];
      hasVoid = false;
      pending.clear();
    },
  };
}

/**
 * Imports a line's records, within the transaction of its user.
 * @throws Refusal invalid, external_id_taken, already_voided, record_of_payment, rule_gone
 */
export async function importRecords(work: Import, line: Line, rows: Numbered[], payments: Payments) {
  const { app, q, tally } = work;
  const found = await ledgerFor({ app, q, line });
  const byAnyId = indexByIds(found.records);
  const isVoidedByStep = voidedByStep(payments, byAnyId);
  const unmatched = countEqual(found.records);
  const ledger = { ...found, byAnyId };
  const batch = batchedWrites((fresh) => writeRecords(work, ledger, fresh, payments, isVoidedByStep));
  const changed: FieldError[] = [];
  // Once a changed record is found, nothing more is written, and all changed ones are reported at once.
  const flush = async () => {
    if (changed.length === 0) await batch.flush();
  };
  const yieldTurn = eventLoopYielder();
  for (const { row, number } of rows) {
    await yieldTurn();
    const target = row.type === 'void' ? batch.get(row.record)?.row : undefined;
    // The void's target may still wait in the batch. Unless the void names it by the id in its row, it gets its id only
    // when it is written, and only then is it known whether it belongs to a payment.
    if (row.type === 'void' && target && (target.id !== row.record || target.payment)) await flush();
    // An activation is checked against the records in force, so voids before it must be written first.
    if (row.type === 'activated' && batch.hasVoid()) await flush();
    const input = resolveVoid(row, byAnyId);
    const known = byAnyId.get(row.external_id ?? '') ?? byAnyId.get(row.id ?? '');
    const body = canonicalForm(input);
    if (known) {
      if (canonicalForm(known.body) !== body) changed.push(inRow(number, CHANGED_RECORD));
      if (row.id !== undefined) byAnyId.set(row.id, known);
    }
    const isKnown = known !== undefined || batch.get(row.external_id ?? '')?.form === body;
    const remaining = row.id === undefined && row.external_id === undefined ? (unmatched.get(body) ?? 0) : 0;
    if (remaining > 0) unmatched.set(body, remaining - 1);
    if (isKnown || remaining > 0) tally.records.unchanged += 1;
    else batch.add({ input, row, number }, body);
    // Later records must be checked without the voided activation.
    const voidedType = input.type === 'void' ? (target?.type ?? byAnyId.get(input.record)?.type) : null;
    if (voidedType === 'activated') await flush();
  }
  if (changed.length > 0) throw new Refusal('invalid', changed);
  await flush();
}
