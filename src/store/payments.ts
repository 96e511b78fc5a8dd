import { type Selectable, sql } from 'kysely';
import { normalizeReference } from '../lib/references.ts';
import type { Database } from './engine.ts';
import { newId } from './ids.ts';
import { requireLine, touchLine } from './require.ts';
import type { Tables } from './schema.ts';
import type { Scope } from './scope.ts';
import type {
  Payment,
  PaymentChange,
  PaymentPatch,
  PaymentReads,
  PaymentState,
  PaymentWithHistory,
  PaymentWrites,
} from './types.ts';
import { after, chunks, groupByKey, mapByKey, toJson, toPage } from './values.ts';

type Row = Selectable<Tables['payments']>;
type ChangeRow = Selectable<Tables['payment_changes']>;

const toChange = ({ state, at, by, body }: ChangeRow): PaymentChange => ({
  state: state as PaymentState,
  at,
  by,
  ...JSON.parse(body),
});

/** The values of the column `no_proof`: what the owner has stated about a proof. */
const PROOF_STATEMENT = { nothing: 0, none: 1, elsewhere: 2 };
const proofStatementOf = ({
  no_proof,
  proof_elsewhere,
}: Pick<PaymentPatch, 'no_proof' | 'proof_elsewhere'>): number =>
  proof_elsewhere ? PROOF_STATEMENT.elsewhere : no_proof ? PROOF_STATEMENT.none : PROOF_STATEMENT.nothing;

const toPayment = (row: Row, changes: ChangeRow[], proofs: number): Payment => {
  const { reference: _, revision: __, ...rest } = row;
  return {
    ...rest,
    state: row.state as PaymentState,
    body: JSON.parse(row.body),
    no_proof: row.no_proof === PROOF_STATEMENT.none,
    proof_elsewhere: row.no_proof === PROOF_STATEMENT.elsewhere,
    changes: changes.map(toChange),
    proofs,
  };
};

/** Payments with their changes and number of proofs; the number of queries does not depend on that of the rows. */
async function withDetails(db: Database, rows: Row[]): Promise<Payment[]> {
  const changes = new Map<string, ChangeRow[]>(rows.map(({ id }) => [id, []]));
  const proofs = new Map<string, number>();
  for (const ids of chunks([...changes.keys()])) {
    const found = await db
      .selectFrom('payment_changes')
      .selectAll()
      .where('payment', 'in', ids)
      .orderBy('payment')
      .orderBy('seq')
      .execute();
    for (const change of found) changes.get(change.payment)?.push(change);
    const counted = await db
      .selectFrom('proofs')
      .select(({ fn }) => ['payment', fn.countAll().as('count')])
      .where('payment', 'in', ids)
      .where('state', '=', 'kept')
      .groupBy('payment')
      .execute();
    for (const { payment, count } of counted) proofs.set(payment, Number(count));
  }
  return rows.map((row) => toPayment(row, changes.get(row.id) ?? [], proofs.get(row.id) ?? 0));
}

const toPaymentOrNull = async (db: Database, row: Row | undefined): Promise<Payment | null> =>
  row ? ((await withDetails(db, [row]))[0] ?? null) : null;

export const paymentReads = (db: Database): PaymentReads => ({
  async get(id) {
    return toPaymentOrNull(
      db,
      await db.selectFrom('payments').selectAll().where('id', '=', id).executeTakeFirst(),
    );
  },
  byIds: (ids) =>
    mapByKey(
      ids,
      async (chunk) =>
        withDetails(db, await db.selectFrom('payments').selectAll().where('id', 'in', chunk).execute()),
      ({ id }) => id,
      (payment) => payment,
    ),
  async byExternalId(line, externalId) {
    const row = await db
      .selectFrom('payments')
      .selectAll()
      .where('line', '=', line)
      .where('external_id', '=', externalId)
      .executeTakeFirst();
    return toPaymentOrNull(db, row);
  },
  byExternalIds: (line, externalIds) =>
    mapByKey(
      externalIds,
      async (chunk) =>
        withDetails(
          db,
          await db
            .selectFrom('payments')
            .selectAll()
            .where('line', '=', line)
            .where('external_id', 'in', chunk)
            .execute(),
        ),
      ({ external_id }) => external_id as string,
      (payment) => payment,
    ),
  async byReferences(line, references) {
    if (references.length === 0) return new Map();
    const written = await db
      .selectFrom('payments')
      .select(['id', 'reference'])
      .where('line', '=', line)
      .where('reference', 'is not', null)
      .where('state', '!=', 'cancelled')
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    const firstIds = new Map<string, string>();
    for (const { id, reference } of written) {
      const normalized = normalizeReference(reference as string);
      if (!firstIds.has(normalized)) firstIds.set(normalized, id);
    }
    const firstIdOf = (reference: string) => firstIds.get(normalizeReference(reference)) ?? '';
    const payments = new Map<string, Payment>();
    for (const ids of chunks([...new Set(references.map(firstIdOf))])) {
      const rows = await db.selectFrom('payments').selectAll().where('id', 'in', ids).execute();
      for (const payment of await withDetails(db, rows)) payments.set(payment.id, payment);
    }
    return new Map(
      references.flatMap((reference) => {
        const first = payments.get(firstIdOf(reference));
        return first ? [[reference, first] as const] : [];
      }),
    );
  },
  async list(line, { limit, after: position }) {
    const rows = await db
      .selectFrom('payments')
      .selectAll()
      .where('line', '=', line)
      .where(after(position))
      .orderBy('created_at')
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    return toPage(await withDetails(db, rows), limit, (payment) => payment.created_at);
  },
  ofLines: (lines) =>
    groupByKey(
      lines,
      async (chunk) => withDetails(db, await ofLines(db, chunk)),
      ({ line }) => line,
      (payment) => payment,
    ),
});

const ofLines = (db: Database, lines: string[]) =>
  db
    .selectFrom('payments')
    .selectAll()
    .where('line', 'in', lines)
    .orderBy('created_at')
    .orderBy('id')
    .execute();

const changeRow = (payment: string, seq: number, { state, at, by, ...body }: PaymentChange): ChangeRow => ({
  payment,
  seq,
  state,
  at,
  by,
  body: toJson(body),
});

const addChanges = async ({ db }: Scope, rows: readonly ChangeRow[]) => {
  for (const chunk of chunks(rows)) await db.insertInto('payment_changes').values(chunk).execute();
};

/** Creates payments on one line with their changes. @throws not_found when there is no such line */
async function createWithHistory(
  scope: Scope,
  line: string,
  payments: readonly PaymentWithHistory[],
): Promise<Payment[]> {
  await requireLine(scope, line);
  const created = payments.map((payment) => {
    const id = payment.id ?? newId('payment', scope.now());
    const row: Row = {
      id,
      line,
      state: (payment.changes.at(-1) as PaymentChange).state,
      body: toJson(payment.body),
      reference: payment.body.reference ?? null,
      external_id: payment.external_id ?? null,
      no_proof: proofStatementOf(payment),
      record: null,
      revision: 1,
      created_at: payment.created_at ?? scope.moment(),
      updated_at: scope.moment(),
    };
    return { row, changes: payment.changes.map((change, index) => changeRow(id, index + 1, change)) };
  });
  const rows = created.map(({ row }) => row);
  for (const chunk of chunks(rows)) await scope.db.insertInto('payments').values(chunk).execute();
  await addChanges(
    scope,
    created.flatMap(({ changes }) => changes),
  );
  return created.map(({ row, changes }) => toPayment(row, changes, 0));
}

export const paymentWrites = (scope: Scope): PaymentWrites => ({
  async create({ line, ...payment }, change) {
    return (await createWithHistory(scope, line, [{ ...payment, changes: [change] }]))[0] as Payment;
  },
  createWithHistory: (line, payments) => createWithHistory(scope, line, payments),
  async setRecords(records) {
    for (const chunk of chunks(records)) {
      const pairs = chunk.map(({ id, record }) => sql`(${id}, ${record})`);
      await sql`
        with tied (id, record) as (values ${sql.join(pairs)})
        update payments set record = tied.record, revision = revision + 1, updated_at = ${scope.moment()}
        from tied where payments.id = tied.id`.execute(scope.db);
    }
  },
  async update(id, { body, no_proof, proof_elsewhere, ...patch }, change) {
    const { db } = scope;
    const statesProof = no_proof !== undefined || proof_elsewhere !== undefined;
    const present = await db.selectFrom('payments').select('line').where('id', '=', id).executeTakeFirst();
    if (!present || !(await touchLine(scope, present.line))) return null;
    const row = await db
      .updateTable('payments')
      .set((column) => ({
        ...patch,
        ...(body === undefined ? {} : { body: toJson(body), reference: body.reference ?? null }),
        ...(statesProof ? { no_proof: proofStatementOf({ no_proof, proof_elsewhere }) } : {}),
        revision: column('revision', '+', 1),
        updated_at: scope.moment(),
      }))
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    if (row && change) {
      const last = await db
        .selectFrom('payment_changes')
        .select('seq')
        .where('payment', '=', id)
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      await addChanges(scope, [changeRow(id, (last?.seq ?? 0) + 1, change)]);
    }
    return toPaymentOrNull(db, row);
  },
});
