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

/** What the owner has said of a proof, in the column that at first told only that there is none. */
const SAID = { nothing: 0, none: 1, elsewhere: 2 };
const saidOf = ({ no_proof, proof_elsewhere }: Pick<PaymentPatch, 'no_proof' | 'proof_elsewhere'>): number =>
  proof_elsewhere ? SAID.elsewhere : no_proof ? SAID.none : SAID.nothing;

const toPayment = (row: Row, changes: ChangeRow[], proofs: number): Payment => {
  const { reference: _, revision: __, ...rest } = row;
  return {
    ...rest,
    state: row.state as PaymentState,
    body: JSON.parse(row.body),
    no_proof: row.no_proof === SAID.none,
    proof_elsewhere: row.no_proof === SAID.elsewhere,
    changes: changes.map(toChange),
    proofs,
  };
};

/** Rows with their lives and the number of their proofs, in as many queries whatever their number. */
async function whole(db: Database, rows: Row[]): Promise<Payment[]> {
  const changes = new Map<string, ChangeRow[]>(rows.map(({ id }) => [id, []]));
  const proofs = new Map<string, number>();
  for (const some of chunks([...changes.keys()])) {
    const found = await db
      .selectFrom('payment_changes')
      .selectAll()
      .where('payment', 'in', some)
      .orderBy('payment')
      .orderBy('seq')
      .execute();
    for (const change of found) changes.get(change.payment)?.push(change);
    const counted = await db
      .selectFrom('proofs')
      .select(({ fn }) => ['payment', fn.countAll().as('count')])
      .where('payment', 'in', some)
      .where('state', '=', 'kept')
      .groupBy('payment')
      .execute();
    for (const { payment, count } of counted) proofs.set(payment, Number(count));
  }
  return rows.map((row) => toPayment(row, changes.get(row.id) ?? [], proofs.get(row.id) ?? 0));
}

const one = async (db: Database, row: Row | undefined): Promise<Payment | null> =>
  row ? ((await whole(db, [row]))[0] ?? null) : null;

export const paymentReads = (db: Database): PaymentReads => ({
  async get(id) {
    return one(db, await db.selectFrom('payments').selectAll().where('id', '=', id).executeTakeFirst());
  },
  byIds: (ids) =>
    mapByKey(
      ids,
      async (some) =>
        whole(db, await db.selectFrom('payments').selectAll().where('id', 'in', some).execute()),
      ({ id }) => id,
      (one) => one,
    ),
  async byExternalId(line, externalId) {
    const row = await db
      .selectFrom('payments')
      .selectAll()
      .where('line', '=', line)
      .where('external_id', '=', externalId)
      .executeTakeFirst();
    return one(db, row);
  },
  byExternalIds: (line, externalIds) =>
    mapByKey(
      externalIds,
      async (some) =>
        whole(
          db,
          await db
            .selectFrom('payments')
            .selectAll()
            .where('line', '=', line)
            .where('external_id', 'in', some)
            .execute(),
        ),
      ({ external_id }) => external_id as string,
      (one) => one,
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
    const firsts = new Map<string, string>();
    for (const { id, reference } of written) {
      const meant = normalizeReference(reference as string);
      if (!firsts.has(meant)) firsts.set(meant, id);
    }
    const firstOf = (reference: string) => firsts.get(normalizeReference(reference)) ?? '';
    const payments = new Map<string, Payment>();
    for (const some of chunks([...new Set(references.map(firstOf))])) {
      const rows = await db.selectFrom('payments').selectAll().where('id', 'in', some).execute();
      for (const payment of await whole(db, rows)) payments.set(payment.id, payment);
    }
    return new Map(
      references.flatMap((reference) => {
        const first = payments.get(firstOf(reference));
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
    return toPage(await whole(db, rows), limit, (payment) => payment.created_at);
  },
  ofLines: (lines) =>
    groupByKey(
      lines,
      async (some) => whole(db, await ofLines(db, some)),
      ({ line }) => line,
      (one) => one,
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
  for (const some of chunks(rows)) await db.insertInto('payment_changes').values(some).execute();
};

/** Makes payments on one line with their lives. @throws not_found when there is no such line */
async function bring(
  scope: Scope,
  line: string,
  payments: readonly PaymentWithHistory[],
): Promise<Payment[]> {
  await requireLine(scope, line);
  const brought = payments.map((payment) => {
    const id = payment.id ?? newId('payment', scope.now());
    const row: Row = {
      id,
      line,
      state: (payment.changes.at(-1) as PaymentChange).state,
      body: toJson(payment.body),
      reference: payment.body.reference ?? null,
      external_id: payment.external_id ?? null,
      no_proof: saidOf(payment),
      record: null,
      revision: 1,
      created_at: payment.created_at ?? scope.moment(),
      updated_at: scope.moment(),
    };
    return { row, changes: payment.changes.map((change, index) => changeRow(id, index + 1, change)) };
  });
  const rows = brought.map(({ row }) => row);
  for (const some of chunks(rows)) await scope.db.insertInto('payments').values(some).execute();
  await addChanges(
    scope,
    brought.flatMap(({ changes }) => changes),
  );
  return brought.map(({ row, changes }) => toPayment(row, changes, 0));
}

export const paymentWrites = (scope: Scope): PaymentWrites => ({
  async create({ line, ...payment }, change) {
    return (await bring(scope, line, [{ ...payment, changes: [change] }]))[0] as Payment;
  },
  createWithHistory: (line, payments) => bring(scope, line, payments),
  async setRecords(records) {
    for (const some of chunks(records)) {
      const pairs = some.map(({ id, record }) => sql`(${id}, ${record})`);
      await sql`
        with tied (id, record) as (values ${sql.join(pairs)})
        update payments set record = tied.record, revision = revision + 1, updated_at = ${scope.moment()}
        from tied where payments.id = tied.id`.execute(scope.db);
    }
  },
  async update(id, { body, no_proof, proof_elsewhere, ...patch }, change) {
    const { db } = scope;
    const saysOfProof = no_proof !== undefined || proof_elsewhere !== undefined;
    const present = await db.selectFrom('payments').select('line').where('id', '=', id).executeTakeFirst();
    if (!present || !(await touchLine(scope, present.line))) return null;
    const row = await db
      .updateTable('payments')
      .set((column) => ({
        ...patch,
        ...(body === undefined ? {} : { body: toJson(body), reference: body.reference ?? null }),
        ...(saysOfProof ? { no_proof: saidOf({ no_proof, proof_elsewhere }) } : {}),
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
    return one(db, row);
  },
});
