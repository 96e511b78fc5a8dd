/** By what is looked for all over a table. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const indexes: Migration = {
  async up(db: Kysely<unknown>) {
    // By their last sign: see `silences.ts`, whose expression this must be.
    await sql`create index feeds_last_sign on feeds (coalesce(last_fetched_at, updated_at), id)`.execute(db);
  },
};
