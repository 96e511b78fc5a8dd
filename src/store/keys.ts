import type { Selectable } from 'kysely';
import type { Database } from './engine.ts';
import { newId } from './ids.ts';
import { requireUser } from './require.ts';
import type { Tables } from './schema.ts';
import type { Scope } from './scope.ts';
import type { Key, KeyReads, KeyScope, KeyWrites, PageRequest } from './types.ts';
import { after, toPage } from './values.ts';

const toKey = (row: Selectable<Tables['keys']>): Key => ({ ...row, scope: row.scope as KeyScope });

const findBy = async (db: Database, column: 'id' | 'digest', value: string) => {
  const row = await db.selectFrom('keys').selectAll().where(column, '=', value).executeTakeFirst();
  return row ? toKey(row) : null;
};

const list = async (db: Database, user: string | null, { limit, after: position }: PageRequest) => {
  const rows = await db
    .selectFrom('keys')
    .selectAll()
    .where('user', user === null ? 'is' : '=', user)
    .where(after(position))
    .orderBy('created_at')
    .orderBy('id')
    .limit(limit + 1)
    .execute();
  return toPage(rows.map(toKey), limit, (key) => key.created_at);
};

export const keyReads = (db: Database): KeyReads => ({
  get: (id) => findBy(db, 'id', id),
  byDigest: (digest) => findBy(db, 'digest', digest),
  list: (user, page) => list(db, user, page),
  listAdmin: (page) => list(db, null, page),
});

export const keyWrites = (scope: Scope): KeyWrites => ({
  async create(key) {
    if (key.user !== null) await requireUser(scope, key.user);
    const row = {
      id: newId('key', scope.now()),
      user: key.user,
      scope: key.scope,
      name: key.name,
      digest: key.digest,
      expires_at: key.expires_at ?? null,
      created_at: scope.moment(),
      last_used_at: null,
    };
    await scope.db.insertInto('keys').values(row).execute();
    return row;
  },
  async delete(id) {
    const key = await findBy(scope.db, 'id', id);
    if (!key) return false;
    if (key.user !== null) await scope.touch(key.user);
    const { numDeletedRows } = await scope.db.deleteFrom('keys').where('id', '=', id).executeTakeFirst();
    // Nobody can replay the responses stored for it any more.
    await scope.db.deleteFrom('idempotency').where('key', '=', id).execute();
    return numDeletedRows > 0n;
  },
  async noteUsed(uses) {
    // In a fixed order, so that two nodes cannot deadlock.
    for (const { id, at } of uses.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
      await scope.db.updateTable('keys').set({ last_used_at: at }).where('id', '=', id).execute();
    }
  },
});
