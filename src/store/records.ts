import type { Selectable } from 'kysely';
import type { RecordInput } from '../retention/record.ts';
import type { Database } from './engine.ts';
import { StoreError } from './errors.ts';
import { newId } from './ids.ts';
import { requireLine } from './require.ts';
import type { Tables } from './schema.ts';
import type { Scope } from './scope.ts';
import type { RecordReads, RecordWrites, StoredRecord } from './types.ts';
import { chunks, groupByKey, ifGiven, mapByKey, toJson, toPage } from './values.ts';

type Row = Selectable<Tables['records']>;
/** With the state of the payment that makes it. */
type ReadRow = Row & { payment_state?: string | null };

const toRecord = ({ payment_state, ...row }: ReadRow): StoredRecord => {
  const body: RecordInput = JSON.parse(row.body);
  return { ...row, type: body.type, at: body.at, body, pending: payment_state === 'pending' };
};

const selectRecords = (db: Database) =>
  db
    .selectFrom('records')
    .leftJoin('payments', 'payments.record', 'records.id')
    .selectAll('records')
    .select('payments.state as payment_state');

export const recordReads = (db: Database): RecordReads => ({
  async get(id) {
    const row = await selectRecords(db).where('records.id', '=', id).executeTakeFirst();
    return row ? toRecord(row) : null;
  },
  byIds: (ids) =>
    mapByKey(
      ids,
      (chunk) => selectRecords(db).where('records.id', 'in', chunk).execute(),
      ({ id }) => id,
      toRecord,
    ),
  async byExternalId(line, externalId) {
    const row = await selectRecords(db)
      .where('records.line', '=', line)
      .where('records.external_id', '=', externalId)
      .executeTakeFirst();
    return row ? toRecord(row) : null;
  },
  async list(line, { limit, after: position }) {
    const rows = await selectRecords(db)
      .where('records.line', '=', line)
      // In the order entered, whatever `recorded_at` says.
      .where((row) =>
        ifGiven(position, ({ id }) =>
          row(
            'records.seq',
            '>',
            row.selectFrom('records as last').select('last.seq').where('last.id', '=', id),
          ),
        ),
      )
      .orderBy('records.seq')
      .limit(limit + 1)
      .execute();
    return toPage(rows.map(toRecord), limit, (record) => record.recorded_at);
  },
  ofLine: async (line) => (await ledgers(db, [line])).map(toRecord),
  ofLines: (lines) =>
    groupByKey(
      lines,
      (chunk) => ledgers(db, chunk),
      (row) => row.line,
      toRecord,
    ),
});

const ledgers = (db: Database, lines: string[]) =>
  selectRecords(db)
    .where('records.line', 'in', lines)
    .orderBy('records.line')
    .orderBy('records.seq')
    .execute();

export const recordWrites = (scope: Scope): RecordWrites => ({
  async append(line, records) {
    await requireLine(scope, line);
    // No race with other writers: the owner's row stays locked until this transaction ends.
    const last = await scope.db
      .selectFrom('records')
      .select('seq')
      .where('line', '=', line)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    const rows = records.map(
      ({ body, payment, id, recorded_at }, index): Row => ({
        id: id ?? newId('record', scope.now()),
        line,
        seq: (last?.seq ?? 0) + 1 + index,
        type: body.type,
        body: toJson(body),
        external_id: body.external_id ?? null,
        recorded_at: recorded_at ?? scope.moment(),
        voided_by: null,
        payment: payment ?? null,
      }),
    );
    for (const chunk of chunks(rows)) await scope.db.insertInto('records').values(chunk).execute();
    const byId = new Map(rows.map((row) => [row.id, row]));
    const voids = rows.filter((row) => row.type === 'void');
    for (const row of voids) await markVoided(scope, byId, row);
    return rows.map(toRecord);
  },
});

/** Sets `voided_by` on the record that a void names, which may be one of `added`, from the same call. */
const markVoided = async ({ db }: Scope, added: ReadonlyMap<string, Row>, row: Row) => {
  const { record: target } = JSON.parse(row.body) as { record: string };
  const { numUpdatedRows } = await db
    .updateTable('records')
    .set({ voided_by: row.id })
    .where('id', '=', target)
    .where('line', '=', row.line)
    .where('voided_by', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) {
    const voided = added.get(target);
    if (voided) voided.voided_by = row.id;
    return;
  }
  const found = await db
    .selectFrom('records')
    .select('id')
    .where('id', '=', target)
    .where('line', '=', row.line)
    .executeTakeFirst();
  throw found
    ? new StoreError('conflict', 'That record has been voided already.', {
        entity: 'records',
        field: 'record',
      })
    : new StoreError('not_found', 'The record to void is not in this line.', {
        entity: 'records',
        field: 'record',
      });
};
