import type { Selectable } from 'kysely';
import type { Database } from './engine.ts';
import { leaveTombstones } from './feeds.ts';
import { deleteResponses } from './idempotency.ts';
import { newId } from './ids.ts';
import { doomFiles } from './proofs.ts';
import type { Tables } from './schema.ts';
import type { Scope } from './scope.ts';
import type { Locale, User, UserReads, UserWrites } from './types.ts';
import { after, mapByKey, toPage } from './values.ts';

const toUser = ({ erased_revision: _, ...row }: Selectable<Tables['users']>): User => ({
  ...row,
  locale: row.locale as Locale,
});

const findBy = async (db: Database, column: 'id' | 'external_id', value: string) => {
  const row = await db.selectFrom('users').selectAll().where(column, '=', value).executeTakeFirst();
  return row ? toUser(row) : null;
};

export const userReads = (db: Database): UserReads => ({
  get: (id) => findBy(db, 'id', id),
  byIds: (ids) =>
    mapByKey(
      ids,
      (chunk) => db.selectFrom('users').selectAll().where('id', 'in', chunk).execute(),
      ({ id }) => id,
      toUser,
    ),
  byExternalId: (externalId) => findBy(db, 'external_id', externalId),
  async list({ limit, after: position }) {
    const rows = await db
      .selectFrom('users')
      .selectAll()
      .where(after(position))
      .orderBy('created_at')
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    return toPage(rows.map(toUser), limit, (user) => user.created_at);
  },
});

export const userWrites = (scope: Scope): UserWrites => {
  const { db, engine, now, moment, touch, touchedUsers, createdUsers } = scope;
  return {
    async create(user) {
      const row = {
        id: user.id ?? newId('user', now()),
        name: user.name,
        locale: user.locale,
        time_zone: user.time_zone,
        external_id: user.external_id ?? null,
        revision: 1,
        erased_revision: 0,
        created_at: user.created_at ?? moment(),
        updated_at: moment(),
      };
      await db.insertInto('users').values(row).execute();
      touchedUsers.add(row.id);
      createdUsers.add(row.id);
      return toUser(row);
    },
    async update(id, patch) {
      if (!(await touch(id))) return null;
      const row = await db
        .updateTable('users')
        .set({ ...patch, updated_at: moment() })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
      return toUser(row);
    },
    async hold(id) {
      // SQLite has no concurrent writers, so no lock is needed there.
      const row = await db
        .selectFrom('users')
        .select('id')
        .where('id', '=', id)
        .$if(engine === 'postgres', (query) => query.forUpdate())
        .executeTakeFirst();
      return row !== undefined;
    },
    async erase(id) {
      if (!(await touch(id))) return false;
      await leaveTombstones(scope, (feeds) => feeds.where('feeds.user', '=', id));
      await doomFiles(scope, (proofs) =>
        proofs.innerJoin('lines', 'lines.id', 'payments.line').where('lines.user', '=', id),
      );
      await deleteResponses(scope, { user: id });
      // Foreign keys cascade to everything else.
      await db.deleteFrom('users').where('id', '=', id).execute();
      return true;
    },
  };
};
