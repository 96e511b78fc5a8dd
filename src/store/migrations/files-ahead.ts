import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { EngineName } from '../engine.ts';

/** Files written before their payment exists; hence no foreign key. */
export const filesAhead = (engine: EngineName): Migration => ({
  async up(db: Kysely<unknown>) {
    const text = engine === 'sqlite' ? sql`text` : sql`text collate "C"`;
    const table = db.schema.createTable('files_ahead');
    await (engine === 'sqlite' ? table.modifyEnd(sql`strict`) : table)
      .addColumn('file', text, (column) => column.primaryKey())
      .addColumn('node', text, (column) => column.notNull())
      .addColumn('since', text, (column) => column.notNull())
      .execute();
    await db.schema.createIndex('files_ahead_node').on('files_ahead').columns(['node', 'since']).execute();
  },
});
