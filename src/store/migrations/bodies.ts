import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { EngineName } from '../engine.ts';

/**
 * The compressed bytes of publications, and nothing else, so that a row is small enough to be stored inline. Nodes of
 * the previous version use `publications`, which keeps the text; after they publish, the row here is outdated or
 * missing, and the bytes are read there. No table that they read may get another column, since PostgreSQL would refuse
 * their prepared `select *`.
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
      // Base64: strings burden the garbage collector less than the buffers that a driver would copy bytes into.
      .addColumn('gzip', text, (column) => column.notNull())
      .$call((builder) => (isSqlite ? builder.modifyEnd(sql`strict`) : builder))
      .execute();
    if (isSqlite) return;
    // Stores a calendar of usual size inline instead of in the TOAST table, and does not compress it again.
    await sql`alter table bodies alter column gzip set storage external, set (toast_tuple_target = 8160)`.execute(
      db,
    );
  },
});
