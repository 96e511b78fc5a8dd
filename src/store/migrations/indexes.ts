/** Indexes for scans of whole tables. Nodes of the previous version do not need them. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const indexes: Migration = {
  async up(db: Kysely<unknown>) {
    // By the last sign of life: must be the expression of `lastSeen` in `silences.ts`.
    await sql`create index feeds_last_sign on feeds (coalesce(last_fetched_at, updated_at), id)`.execute(db);
    // For the list of all users' feeds.
    await db.schema.createIndex('feeds_everybodys').on('feeds').columns(['created_at', 'id']).execute();
    // For deleting a route's responses when its data is erased.
    await db.schema.createIndex('idempotency_route').on('idempotency').column('route').execute();
  },
};
