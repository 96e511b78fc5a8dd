/** A line's records into its ledger: those it has already are passed over, the others are added in their order. */
import { breath } from '../../lib/breath.ts';
import type { RecordInput } from '../../retention/record.ts';
import type { Line, Payment, StoredRecord } from '../../store/types.ts';
import { contradictionsOf } from '../contradictions.ts';
import { type FieldError, Problem } from '../errors.ts';
import { checkRecords, refuseCollisions, ruleOf } from '../record-checks.ts';
import { saying } from '../sameness.ts';
import { MOST_ERRORS } from '../validation-errors.ts';
import { inRow, pastMoment } from './refuse.ts';
import { type RecordRow, recordOf } from './rows.ts';
import type { Import } from './tally.ts';

type Numbered = { row: RecordRow; number: number };
type Fresh = { input: RecordInput; row: RecordRow; number: number };

const CHANGED: FieldError = {
  pointer: '',
  detail: 'The ledger has this record, and says something else.',
  mend: 'A record is never changed: void it, and add another with an external_id of its own.',
};

/** The ledger as an import sees it: by id, by external_id, and how often it says each thing. */
function indexOf(records: StoredRecord[]) {
  const byName = new Map<string, StoredRecord>();
  const unnamed = new Map<string, number>();
  for (const record of records) {
    byName.set(record.id, record);
    if (record.external_id !== null) byName.set(record.external_id, record);
    const body = saying(record.body);
    unnamed.set(body, (unnamed.get(body) ?? 0) + 1);
  }
  return { byName, unnamed };
}

/** A void names what it takes back by id or external_id, here or where it was exported; the ledger knows ids. */
function settle(row: RecordRow, byName: Map<string, StoredRecord>): RecordInput {
  const input = recordOf(row);
  if (input.type !== 'void') return input;
  return { ...input, record: byName.get(input.record)?.id ?? input.record };
}

/** Adds a line's records, within the transaction of its person. */
export async function importRecords(
  { app, q, tally }: Import,
  line: Line,
  rows: Numbered[],
  payments: ReadonlyMap<string, { payment: Payment }>,
) {
  const booked = ruleOf(app, line);
  const records = await q.records.ofLine(line.id);
  const { byName, unnamed } = indexOf(records);
  const breathe = breath();
  /** What those say that are not written yet, by their names. */
  const awaited = new Map<string, string>();
  let fresh: Fresh[] = [];
  const changed: FieldError[] = [];

  const flush = async () => {
    // All that say something else are told at once; then nothing is written.
    if (fresh.length === 0 || changed.length > 0) return;
    const inputs = fresh.map(({ input }) => input);
    const at = (index: number) => `/${(fresh[index] as Fresh).number - 1}`;
    // What an export brings has ids: there it was let in, and a payment's own step has taken its record back.
    const isOfExport = (index: number) => fresh[index]?.row.id !== undefined;
    const errors = checkRecords({ booked, line, records, now: app.clock() }, inputs, at, isOfExport);
    if (errors.length > 0) throw new Problem('invalid', errors.slice(0, MOST_ERRORS));
    refuseCollisions(records, inputs, at, isOfExport);
    const kept = await q.records.append(
      line.id,
      fresh.map(({ input, row, number }) => ({
        body: input,
        payment: payments.get(row.payment ?? '')?.payment.id ?? null,
        id: row.id,
        recorded_at: pastMoment(app, row.recorded_at, number, 'recorded_at'),
      })),
    );
    const ledger = { booked, line, records: [...records], now: app.clock() };
    await q.contradictions.keep(contradictionsOf(ledger, kept));
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
    fresh = [];
    awaited.clear();
  };

  for (const { row, number } of rows) {
    await breathe();
    // What a void takes back may stand a line above it, and has its id only once it is written.
    if (row.type === 'void' && awaited.has(row.record)) await flush();
    const input = settle(row, byName);
    const known = byName.get(row.external_id ?? '') ?? byName.get(row.id ?? '');
    const body = saying(input);
    if (known) {
      if (saying(known.body) !== body) changed.push(inRow(number, CHANGED));
      if (row.id !== undefined) byName.set(row.id, known);
    }
    const saysNothingNew = known !== undefined || awaited.get(row.external_id ?? '') === body;
    const times = row.id === undefined && row.external_id === undefined ? (unnamed.get(body) ?? 0) : 0;
    if (times > 0) unnamed.set(body, times - 1);
    if (saysNothingNew || times > 0) tally.records.unchanged += 1;
    else {
      fresh.push({ input, row, number });
      for (const name of [row.id, row.external_id]) if (name !== undefined) awaited.set(name, body);
    }
    // What comes after it is checked against the ledger without what it has taken back.
    if (row.type === 'void') await flush();
  }
  if (changed.length > 0) throw new Problem('invalid', changed);
  await flush();
}
