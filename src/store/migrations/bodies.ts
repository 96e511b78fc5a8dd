import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { EngineName } from '../engine.ts';

/**
 * The compressed bytes of what is published, and nothing else: a row is small enough to lie where it is found. Nodes of
 * the version before read `publications`, which keeps the text; what they publish leaves an older row here, or none, and
 * is read there. No table that they read gets another column, for PostgreSQL refuses a prepared `select *` after that.
 */
export const bodiesTable = (engine: EngineName): Migration => ({
  async up(db: Kysely<unknown>) {
    const isSqlite = engine === 'sqlite';
    const text = isSqlite ? sql`text` : sql`text collate "C"`;
    await db.schema
      .createTable('bodies')
      .addColumn('feed', text, (column) => column.primaryKey().references('feeds.id').onDelete('cascade'))
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('etag', text, (column) => column.notNull())
      .addColumn('changed_at', text, (column) => column.notNull())
      // Base64: a string is no burden to the collector of garbage, as the bytes that a driver copies are.
      .addColumn('gzip', text, (column) => column.notNull())
      .$call((builder) => (isSqlite ? builder.modifyEnd(sql`strict`) : builder))
      .execute();
    if (isSqlite) return;
    // A calendar of usual size then lies in the row itself, not in pieces in a table beside it, and is not packed twice.
    await sql`alter table bodies alter column gzip set storage external, set (toast_tuple_target = 8160)`.execute(
      db,
    );
  },
});
