/**
 * Numbers the changes to `serving`, so that a process learns which addresses others have changed. On PostgreSQL the
 * number is the transaction's, which a snapshot tells whether it shows; on SQLite, with one writer, it only increases.
 * By trigger, so that nodes of the previous version, which do not know of it, number theirs too.
 */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { EngineName } from '../engine.ts';

export const servingChanges = (engine: EngineName): Migration => ({
  async up(db: Kysely<unknown>) {
    const number = engine === 'sqlite' ? sql`integer` : sql`bigint`;
    await db.schema.alterTable('serving').addColumn('changed', number).execute();
    // Most addresses of a large service have not changed since this migration.
    await sql`create index serving_changed on serving (changed) where changed is not null`.execute(db);
    if (engine === 'sqlite') {
      await sql`
        create trigger serving_change after update on serving
        begin
          update serving set changed = (select coalesce(max(changed), 0) + 1 from serving where changed is not null)
          where digest = new.digest;
        end`.execute(db);
      return;
    }
    // An engine that only speaks PostgreSQL's protocol may lack it; fetches then always ask the database.
    const { rows } = await sql`select 1 from pg_proc where proname = 'pg_current_xact_id'`.execute(db);
    if (rows.length === 0) return;
    await sql`
      create or replace function keepline_number_change() returns trigger language plpgsql as $$
      begin
        new.changed := pg_current_xact_id()::text::bigint;
        return new;
      end $$`.execute(db);
    await sql`
      create trigger serving_change before update on serving
      for each row execute function keepline_number_change()`.execute(db);
  },
});
