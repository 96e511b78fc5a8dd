import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { EngineName } from '../engine.ts';

/** The families of clients that have fetched a feed; the name is empty for clients that did not identify themselves. */
export const feedClients = (engine: EngineName): Migration => ({
  async up(db: Kysely<unknown>) {
    const text = engine === 'sqlite' ? sql`text` : sql`text collate "C"`;
    const table = db.schema.createTable('feed_clients');
    await (engine === 'sqlite' ? table.modifyEnd(sql`strict, without rowid`) : table)
      .addColumn('feed', text, (column) => column.notNull().references('feeds.id').onDelete('cascade'))
      .addColumn('client', text, (column) => column.notNull())
      .addColumn('first_fetched_at', text, (column) => column.notNull())
      .addColumn('last_fetched_at', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('feed_clients_primary', ['feed', 'client'])
      .execute();
    await sql`
      insert into feed_clients
      select id, coalesce(client, ''), last_fetched_at, last_fetched_at from feeds where last_fetched_at is not null
    `.execute(db);
  },
});
