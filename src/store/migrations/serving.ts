import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { EngineName } from '../engine.ts';

/** All that a fetch needs, in one row for each address. */
export const servingTable = (engine: EngineName): Migration => ({
  async up(db: Kysely<unknown>) {
    const text = engine === 'sqlite' ? sql`text` : sql`text collate "C"`;
    await db.schema
      .createTable('serving')
      .addColumn('digest', text, (column) => column.primaryKey())
      .addColumn('feed', text, (column) => column.notNull())
      .addColumn('user', text)
      .addColumn('user_revision', 'integer')
      .addColumn('locale', text, (column) => column.notNull())
      .addColumn('expires_at', text)
      .addColumn('revoked_at', text)
      .addColumn('version', 'integer')
      .addColumn('revision', 'integer')
      .addColumn('release', 'integer')
      .addColumn('stale_at', text)
      .addColumn('etag', text)
      .addColumn('changed_at', text)
      // Looked up by its key only: without rowid, SQLite stores the row in the index of the key.
      .$call((builder) => (engine === 'sqlite' ? builder.modifyEnd(sql`strict, without rowid`) : builder))
      .execute();
    await sql`
      insert into serving
      select t.digest, t.feed, f."user", u.revision, coalesce(f.locale, u.locale, t.locale, 'en'), t.expires_at,
        t.revoked_at, p.version, p.revision, p."release", p.stale_at, p.etag, p.changed_at
      from feed_tokens t
      left join feeds f on f.id = t.feed
      left join users u on u.id = f."user"
      left join publications p on p.feed = t.feed`.execute(db);
  },
});
