/** Feeds that nobody fetches any more. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { EngineName } from '../engine.ts';

export const feedSilence = (engine: EngineName): Migration => ({
  async up(db: Kysely<unknown>) {
    const text = engine === 'sqlite' ? sql`text` : sql`text collate "C"`;
    const table = db.schema.createTable('feed_silence');
    await (engine === 'sqlite' ? table.modifyEnd(sql`strict`) : table)
      .addColumn('feed', text, (column) => column.primaryKey().references('feeds.id').onDelete('cascade'))
      .addColumn('since', text, (column) => column.notNull())
      .addColumn('noted_at', text, (column) => column.notNull())
      .execute();
  },
});
