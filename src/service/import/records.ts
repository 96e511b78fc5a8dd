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
type Fresh = { input: RecordInput; row: RecordRow; number: number };
/** The user's payments by the ids of their rows. */
type Payments = ReadonlyMap<string, { payment: Payment; row: PaymentRow }>;

const CHANGED: FieldError = {
  pointer: '',
  detail: 'The ledger has this record, and says something else.',
  mend: 'A record is never changed: void it, and add another with an external_id of its own.',
};

/** A line's ledger during an import; written records are added to it. */
type Ledger = Awaited<ReturnType<typeof ledgerFor>> & {
  /** Its records by id and external_id, including ids from where they were exported. */
  byName: Map<string, StoredRecord>;
};

function byNames(records: readonly StoredRecord[]): Map<string, StoredRecord> {
  const byName = new Map<string, StoredRecord>();
  for (const record of records) {
    byName.set(record.id, record);
    if (record.external_id !== null) byName.set(record.external_id, record);
  }
  return byName;
}

/**
 * Counts equal records in a ledger, to recognise rows without ids that were imported before. Voided records count, so
 * that the same row does not bring back what the owner has voided; but voided records of payments do not, because a
 * real top-up may have the same content.
 */
function timesSaid(records: readonly StoredRecord[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const record of records) {
    if (record.payment !== null && record.voided_by !== null) continue;
    const body = canonicalForm(record.body);
    times.set(body, (times.get(body) ?? 0) + 1);
  }
  return times;
}

/** The record of a row. In a void, resolves the target, named by id or external_id, to its id in the ledger. */
function settle(row: RecordRow, byName: Map<string, StoredRecord>): RecordInput {
  const input = recordOf(row);
  if (input.type !== 'void') return input;
  return { ...input, record: byName.get(input.record)?.id ?? input.record };
}

/**
 * Returns a predicate: whether a step of a payment in this import has voided that payment's record, because it is
 * neither the payment's present record nor one of its last step.
 */
function takenBackBy(payments: Payments, byName: Ledger['byName']): (record: string) => boolean {
  const rows = new Map([...payments.values()].map(({ payment, row }) => [payment.id, row]));
  return (record) => {
    const row = rows.get(byName.get(record)?.payment ?? '');
    if (!row) return false;
    const standing = [row.record ?? '', ...(row.changes.at(-1)?.records ?? [])];
    return !standing.some((name) => (byName.get(name)?.id ?? name) === record);
  };
}

/**
 * Writes new records into a ledger.
 * @throws Refusal invalid, external_id_taken, already_voided, record_of_payment
 */
async function write(
  { app, q, tally }: Import,
  ledger: Ledger,
  fresh: readonly Fresh[],
  payments: Payments,
  takenBack: (record: string) => boolean,
) {
  const { line, records, byName } = ledger;
  const inputs = fresh.map(({ input }) => input);
  const at = (index: number) => `/${(fresh[index] as Fresh).number - 1}`;
  const idOf = (index: number) => fresh[index]?.row.id;
  // Rows with ids come from an export: a ledger has accepted them before.
  const errors = checkRecords(ledger, inputs, at, (index) => idOf(index) !== undefined, idOf);
  if (errors.length > 0) throw new Refusal('invalid', errors.slice(0, MAX_ERRORS));
  refuseCollisions(records, inputs, at, takenBack);
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
      if (name) byName.set(name, record);
    if (record.body.type === 'void') {
      const target = byName.get(record.body.record);
      if (target) target.voided_by = record.id;
    }
  }
  tally.records.made += kept.length;
}

/** Collects new records and writes them in batches. */
function batchedWrites(writeAll: (fresh: readonly Fresh[]) => Promise<void>) {
  let fresh: Fresh[] = [];
  /** By id and external_id. */
  const awaiting = new Map<string, { row: RecordRow; says: string }>();
  let hasVoid = false;
  return {
    get: (name: string) => awaiting.get(name),
    hasVoid: () => hasVoid,
    add(one: Fresh, says: string) {
      const { row } = one;
      fresh.push(one);
      hasVoid ||= row.type === 'void';
      for (const name of [row.id, row.external_id]) if (name !== undefined) awaiting.set(name, { row, says });
    },
    async flush() {
      if (fresh.length === 0) return;
      await writeAll(fresh);
      fresh = [];
      hasVoid = false;
      awaiting.clear();
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
  const byName = byNames(found.records);
  const takenBack = takenBackBy(payments, byName);
  const times = timesSaid(found.records);
  const ledger = { ...found, byName };
  const awaited = batchedWrites((fresh) => write(work, ledger, fresh, payments, takenBack));
  const changed: FieldError[] = [];
  // Once a changed record is found, nothing more is written, and all changed ones are reported at once.
  const flush = async () => {
    if (changed.length === 0) await awaited.flush();
  };
  const yieldTurn = eventLoopYielder();
  for (const { row, number } of rows) {
    await yieldTurn();
    const target = row.type === 'void' ? awaited.get(row.record)?.row : undefined;
    // The void's target may still wait in the batch. Unless the void names it by the id in its row, it gets its id only
    // when it is written, and only then is it known whether it belongs to a payment.
    if (row.type === 'void' && target && (target.id !== row.record || target.payment)) await flush();
    // An activation is checked against the records in force, so voids before it must be written first.
    if (row.type === 'activated' && awaited.hasVoid()) await flush();
    const input = settle(row, byName);
    const known = byName.get(row.external_id ?? '') ?? byName.get(row.id ?? '');
    const body = canonicalForm(input);
    if (known) {
      if (canonicalForm(known.body) !== body) changed.push(inRow(number, CHANGED));
      if (row.id !== undefined) byName.set(row.id, known);
    }
    const saysNothingNew = known !== undefined || awaited.get(row.external_id ?? '')?.says === body;
    const left = row.id === undefined && row.external_id === undefined ? (times.get(body) ?? 0) : 0;
    if (left > 0) times.set(body, left - 1);
    if (saysNothingNew || left > 0) tally.records.unchanged += 1;
    else awaited.add({ input, row, number }, body);
    // Later records must be checked without the voided activation.
    const taken = input.type === 'void' ? (target?.type ?? byName.get(input.record)?.type) : null;
    if (taken === 'activated') await flush();
  }
  if (changed.length > 0) throw new Refusal('invalid', changed);
  await flush();
}
