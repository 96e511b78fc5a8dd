/** By what is looked for all over a table. Nodes of the version before do not need it. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const indexes: Migration = {
  async up(db: Kysely<unknown>) {
    // By their last sign: see `silences.ts`, whose expression this must be.
    await sql`create index feeds_last_sign on feeds (coalesce(last_fetched_at, updated_at), id)`.execute(db);
    // Everybody's are listed in this order.
    await db.schema.createIndex('feeds_everybodys').on('feeds').columns(['created_at', 'id']).execute();
    // What a route has answered is forgotten when its things are erased.
    await db.schema.createIndex('idempotency_route').on('idempotency').column('route').execute();
  },
};
