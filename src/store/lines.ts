import type { Selectable } from 'kysely';
import type { Database } from './engine.ts';
import { deleteResponses } from './idempotency.ts';
import { newId } from './ids.ts';
import { doomFiles } from './proofs.ts';
import { eraseLineFromFeeds } from './publications.ts';
import { requireUser, touchLine } from './require.ts';
import type { Tables } from './schema.ts';
import type { Scope } from './scope.ts';
import type { Line, LineReads, LineWrites } from './types.ts';
import {
  after,
  fromJsonOrNull,
  groupByKey,
  ifGiven,
  mapByKey,
  toJson,
  toJsonOrNull,
  toPage,
} from './values.ts';

export const toLine = ({ edges_release: _, revision: __, ...row }: Selectable<Tables['lines']>): Line => ({
  ...row,
  plan_price: fromJsonOrNull(row.plan_price),
  facts: JSON.parse(row.facts),
});

export const lineReads = (db: Database): LineReads => ({
  async get(id) {
    const row = await db.selectFrom('lines').selectAll().where('id', '=', id).executeTakeFirst();
    return row ? toLine(row) : null;
  },
  async byExternalId(user, externalId) {
    const row = await db
      .selectFrom('lines')
      .selectAll()
      .where('user', '=', user)
      .where('external_id', '=', externalId)
      .executeTakeFirst();
    return row ? toLine(row) : null;
  },
  async byIds(ids) {
    const found = await mapByKey(
      ids,
      (chunk) => db.selectFrom('lines').selectAll().where('id', 'in', chunk).execute(),
      ({ id }) => id,
      toLine,
    );
    return [...found.values()];
  },
  async list(user, { limit, after: position }) {
    const rows = await ofUsers(db, [user])
      .where(after(position))
      .limit(limit + 1)
      .execute();
    return toPage(rows.map(toLine), limit, (line) => line.created_at);
  },
  ofUser: async (user) => (await ofUsers(db, [user]).execute()).map(toLine),
  ofUsers: (users) =>
    groupByKey(
      users,
      (chunk) => ofUsers(db, chunk).execute(),
      ({ user }) => user,
      toLine,
    ),
  async countByRule() {
    const rows = await db
      .selectFrom('lines')
      .select(({ fn }) => ['rule', fn.countAll().as('count')])
      .groupBy('rule')
      .execute();
    return new Map(rows.map(({ rule, count }) => [rule, Number(count)]));
  },
  async ofRule({ rule, after: last, limit }) {
    const rows = await db
      .selectFrom('lines')
      .selectAll()
      .where('rule', '=', rule)
      .where((row) => ifGiven(last, (id) => row('id', '>', id)))
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(toLine);
  },
});

const ofUsers = (db: Database, users: string[]) =>
  db.selectFrom('lines').selectAll().where('user', 'in', users).orderBy('created_at').orderBy('id');

export const lineWrites = (scope: Scope): LineWrites => ({
  async create(line) {
    await requireUser(scope, line.user);
    const row = {
      id: line.id ?? newId('line', scope.now()),
      user: line.user,
      rule: line.rule,
      label: line.label,
      number: line.number ?? null,
      time_zone: line.time_zone ?? null,
      plan_price: toJsonOrNull(line.plan_price),
      facts: toJson(line.facts ?? {}),
      external_id: line.external_id ?? null,
      revision: 1,
      edges_release: 0,
      created_at: line.created_at ?? scope.moment(),
      updated_at: scope.moment(),
    };
    await scope.db.insertInto('lines').values(row).execute();
    return toLine(row);
  },
  async update(id, { plan_price, facts, ...patch }) {
    if (!(await touchLine(scope, id))) return null;
    const row = await scope.db
      .updateTable('lines')
      .set((column) => ({
        ...patch,
        ...(plan_price === undefined ? {} : { plan_price: toJsonOrNull(plan_price) }),
        ...(facts === undefined ? {} : { facts: toJson(facts) }),
        revision: column('revision', '+', 1),
        updated_at: scope.moment(),
      }))
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return row ? toLine(row) : null;
  },
  async erase(id) {
    const user = await touchLine(scope, id);
    if (!user) return false;
    await eraseLineFromFeeds(scope, user, id);
    await doomFiles(scope, (proofs) => proofs.where('payments.line', '=', id));
    await deleteResponses(scope, { line: id });
    const { numDeletedRows } = await scope.db.deleteFrom('lines').where('id', '=', id).executeTakeFirst();
    return numDeletedRows > 0n;
  },
});
