/**
 * Proofs of payments: only the rows, the bytes are stored elsewhere. A row is inserted before its file is written
 * (`arriving`) and becomes `kept` once the file is complete; when a row is deleted, its file is added to `doomed_files`
 * in the same transaction and deleted later. So leftovers can be found whenever a process dies. A file may also be
 * written before its payment exists: it is listed in `files_ahead` until its row is inserted.
 */
import { type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import type { Database } from './engine.ts';
import { StoreError } from './errors.ts';
import { touchLine } from './require.ts';
import type { Tables } from './schema.ts';
import type { Scope } from './scope.ts';
import type { Proof, ProofReads, ProofType, ProofWrites } from './types.ts';
import { after, chunks, groupByKey, mapByKey, toPage } from './values.ts';

type Row = Selectable<Tables['proofs']>;

const toProof = ({ id, payment, file, name, type, size, sha256, created_at }: Row): Proof => ({
  id,
  payment,
  file,
  name,
  type: type as ProofType,
  size: size as number,
  sha256: sha256 as string,
  created_at,
});

type Doomed = SelectQueryBuilder<Tables, 'proofs' | 'payments', { file: string }>;

/** Dooms the files of the selected proofs, whose rows are about to be deleted by cascade. */
export async function doomFiles(scope: Scope, select: (proofs: Doomed) => unknown): Promise<void> {
  const all = scope.db
    .selectFrom('proofs')
    .innerJoin('payments', 'payments.id', 'proofs.payment')
    .select('proofs.file') as Doomed;
  const rows = await (select(all) as Doomed).execute();
  await doom(
    scope,
    rows.map(({ file }) => file),
  );
}

/** Lists files for deletion. */
async function doom({ db, moment }: Scope, files: readonly string[]): Promise<void> {
  for (const chunk of chunks(files)) {
    await db
      .insertInto('doomed_files')
      .values(chunk.map((file) => ({ file, since: moment() })))
      .onConflict((on) => on.doNothing())
      .execute();
  }
}

const keptOf = (db: Database, payments: string[]) =>
  db
    .selectFrom('proofs')
    .selectAll()
    .where('payment', 'in', payments)
    .where('state', '=', 'kept')
    .orderBy('created_at')
    .orderBy('id');

export const proofReads = (db: Database): ProofReads => ({
  async get(id) {
    const row = await db
      .selectFrom('proofs')
      .selectAll()
      .where('id', '=', id)
      .where('state', '=', 'kept')
      .executeTakeFirst();
    return row ? toProof(row) : null;
  },
  byIds: (ids) =>
    mapByKey(
      ids,
      (chunk) =>
        db.selectFrom('proofs').selectAll().where('id', 'in', chunk).where('state', '=', 'kept').execute(),
      ({ id }) => id,
      toProof,
    ),
  async list(payment, { limit, after: position }) {
    const rows = await keptOf(db, [payment])
      .where(after(position))
      .limit(limit + 1)
      .execute();
    return toPage(rows.map(toProof), limit, (proof) => proof.created_at);
  },
  ofPayments: (payments) =>
    groupByKey(
      payments,
      (chunk) => keptOf(db, chunk).execute(),
      ({ payment }) => payment,
      toProof,
    ),
  arriving: () =>
    db
      .selectFrom('proofs')
      .select(['id', 'file', 'node', 'created_at'])
      .where('state', '=', 'arriving')
      .orderBy('id')
      .execute(),
  filesAhead: () =>
    db
      .selectFrom('files_ahead')
      .select(({ fn }) => ['node', fn.max('since').as('since')])
      .groupBy('node')
      .execute(),
  async doomed(limit) {
    const rows = await db
      .selectFrom('doomed_files')
      .select('file')
      .orderBy('since')
      .orderBy('file')
      .limit(limit)
      .execute();
    return rows.map(({ file }) => file);
  },
});

/** Raises the revision of a payment's owner. False: there is no such payment. */
async function touchPayment(scope: Scope, payment: string): Promise<boolean> {
  const row = await scope.db
    .selectFrom('payments')
    .select('line')
    .where('id', '=', payment)
    .executeTakeFirst();
  return row !== undefined && (await touchLine(scope, row.line)) !== null;
}

/** Raises the revisions of the payments' owners. */
async function touchOwners({ db, touch }: Scope, payments: string[]): Promise<void> {
  const owners = await db
    .selectFrom('payments')
    .innerJoin('lines', 'lines.id', 'payments.line')
    .select('lines.user')
    .distinct()
    .where('payments.id', 'in', payments)
    .orderBy('lines.user')
    .execute();
  for (const { user } of owners) await touch(user);
}

export const proofWrites = (scope: Scope): ProofWrites => ({
  async begin(proof, limit) {
    const { db } = scope;
    // Locks the owner's row, so that two concurrent uploads cannot both take the last place.
    if (!(await touchPayment(scope, proof.payment))) return false;
    const { count } = await db
      .selectFrom('proofs')
      .select(sql<number>`count(*)`.as('count'))
      .where('payment', '=', proof.payment)
      .executeTakeFirstOrThrow();
    if (Number(count) >= limit) return false;
    await db
      .insertInto('proofs')
      .values({
        ...proof,
        state: 'arriving',
        type: null,
        size: null,
        sha256: null,
        created_at: scope.moment(),
      })
      .execute();
    return true;
  },
  async keep(id, what, moment) {
    const { db } = scope;
    const present = await db.selectFrom('proofs').select('payment').where('id', '=', id).executeTakeFirst();
    if (!present || !(await touchPayment(scope, present.payment))) return null;
    const row = await db
      .updateTable('proofs')
      .set({ ...what, state: 'kept', ...(moment === undefined ? {} : { created_at: moment }) })
      .where('id', '=', id)
      .where('state', '=', 'arriving')
      .returningAll()
      .executeTakeFirst();
    return row ? toProof(row) : null;
  },
  async drop(id) {
    const { db } = scope;
    const row = await db
      .selectFrom('proofs')
      .select(['payment', 'file'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row) return false;
    scope.hasErased = true;
    await touchPayment(scope, row.payment);
    await doom(scope, [row.file]);
    await db.deleteFrom('proofs').where('id', '=', id).execute();
    return true;
  },
  async addFileAhead(file, node) {
    await scope.db.insertInto('files_ahead').values({ file, node, since: scope.moment() }).execute();
  },
  async count(payments) {
    const { db } = scope;
    const counts = new Map<string, number>();
    for (const ids of chunks(payments)) {
      await touchOwners(scope, ids);
      const rows = await db
        .selectFrom('proofs')
        .select(({ fn }) => ['payment', fn.countAll().as('count')])
        .where('payment', 'in', ids)
        .groupBy('payment')
        .execute();
      for (const { payment, count } of rows) counts.set(payment, Number(count));
    }
    return counts;
  },
  async keepFilesAhead(proofs) {
    const { db } = scope;
    for (const chunk of chunks(proofs)) {
      const files = chunk.map(({ file }) => file);
      const { numDeletedRows } = await db
        .deleteFrom('files_ahead')
        .where('file', 'in', files)
        .executeTakeFirst();
      if (Number(numDeletedRows) < files.length) {
        throw new StoreError('not_found', 'The file of a proof was given up meanwhile.', {
          entity: 'proofs',
        });
      }
      await db
        .insertInto('proofs')
        .values(
          chunk.map(({ created_at = scope.moment(), ...proof }) => ({
            ...proof,
            state: 'kept',
            node: '',
            created_at,
          })),
        )
        .execute();
    }
  },
  async discardFilesAhead(node) {
    const rows = await scope.db
      .deleteFrom('files_ahead')
      .where('node', '=', node)
      .returning('file')
      .execute();
    await doom(
      scope,
      rows.map(({ file }) => file),
    );
    return rows.length;
  },
  doom: (file) => doom(scope, [file]),
  async forgetDoomed(files) {
    for (const chunk of chunks(files)) {
      await scope.db.deleteFrom('doomed_files').where('file', 'in', chunk).execute();
    }
  },
});
