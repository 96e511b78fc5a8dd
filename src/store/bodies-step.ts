import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { EngineName } from './engine.ts';

/**
 * The compressed bytes of what is published, under a number that `serving` names: to read them is one step to one
 * place. Nodes of the version before read `publications.body`, which stays; what they publish has no row here, or an
 * older one, and is read there.
 */
export const bodiesTable = (engine: EngineName): Migration => ({
  async up(db: Kysely<unknown>) {
    const isSqlite = engine === 'sqlite';
    const text = isSqlite ? sql`text` : sql`text collate "C"`;
    await db.schema
      .createTable('bodies')
      // No number is given twice: else what names one that is gone would read another's calendar.
      .addColumn('id', 'integer', (column) =>
        isSqlite ? column.primaryKey().autoIncrement() : column.primaryKey().generatedByDefaultAsIdentity(),
      )
      .addColumn('feed', text, (column) =>
        column.notNull().unique().references('feeds.id').onDelete('cascade'),
      )
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('etag', text, (column) => column.notNull())
      .addColumn('changed_at', text, (column) => column.notNull())
      // Base64: a string is no burden to the collector of garbage, as the bytes that a driver copies are.
      .addColumn('gzip', text, (column) => column.notNull())
      .$call((builder) => (isSqlite ? builder.modifyEnd(sql`strict`) : builder))
      .execute();
    if (!isSqlite) {
      // A calendar of usual size then lies in the row itself, not in pieces in a table beside it, and is not packed twice.
      await sql`alter table bodies alter column gzip set storage external, set (toast_tuple_target = 8160)`.execute(
        db,
      );
    }
    await db.schema.alterTable('serving').addColumn('body', 'integer').execute();
  },
});
