/**
 * The schema migrations. A released migration is never edited: changes come as a new one, under the next number. Nodes
 * of the previous version keep running during a rolling deploy, so a migration never removes what they still use.
 */
import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { EngineName } from '../engine.ts';
import { bodiesTable } from './bodies.ts';
import { feedClients } from './feed-clients.ts';
import { feedSilence } from './feed-silence.ts';
import { filesAhead } from './files-ahead.ts';
import { indexes } from './indexes.ts';
import { servingTable } from './serving.ts';
import { servingChanges } from './serving-changes.ts';

/** So that both engines sort text by its bytes, and SQLite rejects values of the wrong type. */
const buildersOf = (db: Kysely<unknown>, engine: EngineName) => ({
  text: engine === 'sqlite' ? sql`text` : sql`text collate "C"`,
  table: (name: string) => {
    const builder = db.schema.createTable(name);
    return engine === 'sqlite' ? builder.modifyEnd(sql`strict`) : builder;
  },
});

const first = (engine: EngineName): Migration => ({
  async up(db: Kysely<unknown>) {
    const { table, text } = buildersOf(db, engine);
    const index = (name: string, on: string, columns: string[]) =>
      db.schema.createIndex(name).on(on).columns(columns).execute();
    /** A conflict error names the last column. */
    const unique = (on: string, columns: string[]) =>
      db.schema
        .createIndex(`${on}_${columns.at(-1)}_unique`)
        .unique()
        .on(on)
        .columns(columns)
        .execute();

    await table('users')
      .addColumn('id', text, (column) => column.primaryKey())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('locale', text, (column) => column.notNull())
      .addColumn('time_zone', text, (column) => column.notNull())
      .addColumn('external_id', text)
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('erased_revision', 'integer', (column) => column.notNull())
      .addColumn('created_at', text, (column) => column.notNull())
      .addColumn('updated_at', text, (column) => column.notNull())
      .execute();
    await unique('users', ['external_id']);
    await index('users_list', 'users', ['created_at', 'id']);

    await table('keys')
      .addColumn('id', text, (column) => column.primaryKey())
      .addColumn('user', text, (column) => column.references('users.id').onDelete('cascade'))
      .addColumn('scope', text, (column) => column.notNull())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('digest', text, (column) => column.notNull())
      .addColumn('expires_at', text)
      .addColumn('created_at', text, (column) => column.notNull())
      .addColumn('last_used_at', text)
      .execute();
    await unique('keys', ['digest']);
    await index('keys_list', 'keys', ['user', 'created_at', 'id']);

    await table('lines')
      .addColumn('id', text, (column) => column.primaryKey())
      .addColumn('user', text, (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('rule', text, (column) => column.notNull())
      .addColumn('label', text, (column) => column.notNull())
      .addColumn('number', text)
      .addColumn('time_zone', text)
      .addColumn('plan_price', text)
      .addColumn('facts', text, (column) => column.notNull())
      .addColumn('external_id', text)
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('edges_release', 'integer', (column) => column.notNull())
      .addColumn('created_at', text, (column) => column.notNull())
      .addColumn('updated_at', text, (column) => column.notNull())
      .execute();
    await unique('lines', ['user', 'external_id']);
    await index('lines_list', 'lines', ['user', 'created_at', 'id']);
    await index('lines_edges_release', 'lines', ['edges_release', 'id']);

    await table('records')
      .addColumn('id', text, (column) => column.primaryKey())
      .addColumn('line', text, (column) => column.notNull().references('lines.id').onDelete('cascade'))
      .addColumn('seq', 'integer', (column) => column.notNull())
      .addColumn('type', text, (column) => column.notNull())
      .addColumn('body', text, (column) => column.notNull())
      .addColumn('external_id', text)
      .addColumn('recorded_at', text, (column) => column.notNull())
      .addColumn('voided_by', text)
      .addColumn('payment', text)
      .execute();
    await unique('records', ['line', 'seq']);
    await unique('records', ['line', 'external_id']);
    await index('records_list', 'records', ['line', 'recorded_at', 'id']);

    await table('edges')
      .addColumn('line', text, (column) => column.notNull().references('lines.id').onDelete('cascade'))
      .addColumn('position', 'integer', (column) => column.notNull())
      .addColumn('act_by', text, (column) => column.notNull())
      .addColumn('stage', text, (column) => column.notNull())
      .addColumn('lost_on', text)
      .addColumn('provisional', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('edges_primary', ['line', 'position'])
      .execute();
    await index('edges_act_by', 'edges', ['act_by', 'line', 'position']);

    await table('feeds')
      .addColumn('id', text, (column) => column.primaryKey())
      .addColumn('user', text, (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('lines', text)
      .addColumn('kinds', text)
      .addColumn('locale', text)
      .addColumn('detail', text, (column) => column.notNull())
      .addColumn('alarms', text, (column) => column.notNull())
      .addColumn('lead_days', text, (column) => column.notNull())
      .addColumn('action_links', 'integer', (column) => column.notNull())
      .addColumn('show_balance', 'integer', (column) => column.notNull())
      .addColumn('created_at', text, (column) => column.notNull())
      .addColumn('updated_at', text, (column) => column.notNull())
      .addColumn('last_fetched_at', text)
      .addColumn('client', text)
      .execute();
    await index('feeds_list', 'feeds', ['user', 'created_at', 'id']);

    await table('feed_tokens')
      .addColumn('digest', text, (column) => column.primaryKey())
      .addColumn('feed', text, (column) => column.notNull())
      .addColumn('locale', text)
      .addColumn('created_at', text, (column) => column.notNull())
      .addColumn('expires_at', text)
      .addColumn('revoked_at', text)
      .execute();
    await index('feed_tokens_feed', 'feed_tokens', ['feed']);

    // The large columns come last, so that SQLite reads the small ones without following overflow pages.
    await table('publications')
      .addColumn('feed', text, (column) => column.primaryKey().references('feeds.id').onDelete('cascade'))
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('release', 'integer', (column) => column.notNull())
      .addColumn('stale_at', text)
      .addColumn('etag', text, (column) => column.notNull())
      .addColumn('changed_at', text, (column) => column.notNull())
      .addColumn('hash', text, (column) => column.notNull())
      .addColumn('body', text, (column) => column.notNull())
      .addColumn('gzip', text)
      .addColumn('items', text, (column) => column.notNull())
      .execute();

    await table('releases')
      .addColumn('number', 'integer', (column) => column.primaryKey())
      .addColumn('digest', text, (column) => column.notNull())
      .addColumn('first_seen_at', text, (column) => column.notNull())
      .execute();
    await unique('releases', ['digest']);

    await table('idempotency')
      .addColumn('key', text, (column) => column.notNull())
      .addColumn('route', text, (column) => column.notNull())
      .addColumn('idempotency_key', text, (column) => column.notNull())
      .addColumn('request_digest', text, (column) => column.notNull())
      .addColumn('claim', text, (column) => column.notNull())
      .addColumn('status', 'integer')
      .addColumn('headers', text)
      .addColumn('body', text)
      .addColumn('user', text)
      .addColumn('line', text)
      .addColumn('created_at', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('idempotency_primary', ['key', 'route', 'idempotency_key'])
      .execute();
    await unique('idempotency', ['claim']);
    await index('idempotency_user', 'idempotency', ['user']);
    await index('idempotency_line', 'idempotency', ['line']);
    await index('idempotency_created_at', 'idempotency', ['created_at']);

    await table('settings')
      .addColumn('name', text, (column) => column.primaryKey())
      .addColumn('value', text, (column) => column.notNull())
      .execute();
  },
});

/** For counting and reading the lines of a rule when it changes. */
const linesByRule: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createIndex('lines_rule').on('lines').columns(['rule', 'id']).execute();
  },
};

/** Payments, their changes and proofs; contradictions. */
const payments = (engine: EngineName): Migration => ({
  async up(db: Kysely<unknown>) {
    const { table, text } = buildersOf(db, engine);
    const lineOf = (column: ColumnDefinitionBuilder) =>
      column.notNull().references('lines.id').onDelete('cascade');
    const paymentOf = (column: ColumnDefinitionBuilder) =>
      column.notNull().references('payments.id').onDelete('cascade');

    await table('payments')
      .addColumn('id', text, (column) => column.primaryKey())
      .addColumn('line', text, lineOf)
      .addColumn('state', text, (column) => column.notNull())
      .addColumn('body', text, (column) => column.notNull())
      .addColumn('reference', text)
      .addColumn('external_id', text)
      .addColumn('no_proof', 'integer', (column) => column.notNull())
      .addColumn('record', text)
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('created_at', text, (column) => column.notNull())
      .addColumn('updated_at', text, (column) => column.notNull())
      .execute();
    await db.schema
      .createIndex('payments_external_id_unique')
      .unique()
      .on('payments')
      .columns(['line', 'external_id'])
      .execute();
    for (const [name, columns] of [
      ['payments_list', ['line', 'created_at', 'id']],
      ['payments_record', ['record']],
    ] as const) {
      await db.schema
        .createIndex(name)
        .on('payments')
        .columns([...columns])
        .execute();
    }

    await table('payment_changes')
      .addColumn('payment', text, paymentOf)
      .addColumn('seq', 'integer', (column) => column.notNull())
      .addColumn('state', text, (column) => column.notNull())
      .addColumn('at', text, (column) => column.notNull())
      .addColumn('by', text, (column) => column.notNull())
      .addColumn('body', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('payment_changes_primary', ['payment', 'seq'])
      .execute();

    await table('proofs')
      .addColumn('id', text, (column) => column.primaryKey())
      .addColumn('payment', text, paymentOf)
      .addColumn('state', text, (column) => column.notNull())
      .addColumn('file', text, (column) => column.notNull())
      .addColumn('name', text)
      .addColumn('type', text)
      .addColumn('size', 'integer')
      .addColumn('sha256', text)
      .addColumn('node', text, (column) => column.notNull())
      .addColumn('created_at', text, (column) => column.notNull())
      .execute();
    await db.schema
      .createIndex('proofs_list')
      .on('proofs')
      .columns(['payment', 'created_at', 'id'])
      .execute();
    await db.schema.createIndex('proofs_state').on('proofs').columns(['state', 'id']).execute();

    await table('doomed_files')
      .addColumn('file', text, (column) => column.primaryKey())
      .addColumn('since', text, (column) => column.notNull())
      .execute();

    await table('contradictions')
      .addColumn('record', text, (column) => column.notNull().references('records.id').onDelete('cascade'))
      .addColumn('kind', text, (column) => column.notNull())
      .addColumn('line', text, lineOf)
      .addColumn('rule', text, (column) => column.notNull())
      .addColumn('version', text, (column) => column.notNull())
      .addColumn('clock', text)
      .addColumn('expected', text, (column) => column.notNull())
      .addColumn('seen', text, (column) => column.notNull())
      .addColumn('found_at', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('contradictions_primary', ['record', 'kind'])
      .execute();
    await db.schema
      .createIndex('contradictions_rule')
      .on('contradictions')
      .columns(['rule', 'found_at', 'record'])
      .execute();
    await db.schema.createIndex('contradictions_line').on('contradictions').column('line').execute();
  },
});

/** Marks on agenda entries, and acts of links in a calendar. */
const marks = (engine: EngineName): Migration => ({
  async up(db: Kysely<unknown>) {
    const { table, text } = buildersOf(db, engine);
    const lineOf = (column: ColumnDefinitionBuilder) =>
      column.notNull().references('lines.id').onDelete('cascade');
    await table('marks')
      .addColumn('line', text, lineOf)
      .addColumn('kind', text, (column) => column.notNull())
      .addColumn('cycle', text, (column) => column.notNull())
      .addColumn('what', text, (column) => column.notNull())
      .addColumn('on_day', text)
      .addColumn('at', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('marks_primary', ['line', 'kind', 'cycle'])
      .execute();
    await table('acts')
      .addColumn('ticket', text, (column) => column.primaryKey())
      .addColumn('line', text, lineOf)
      .addColumn('feed', text, (column) => column.notNull())
      .addColumn('at', text, (column) => column.notNull())
      .addColumn('did', text, (column) => column.notNull())
      .execute();
    await db.schema.createIndex('acts_line').on('acts').column('line').execute();
  },
});

/** The hour of a feed's alarms, and how many days back it reaches; null for the defaults. */
const feedHours: Migration = {
  async up(db: Kysely<unknown>) {
    for (const name of ['alarm_hour', 'history_days']) {
      await db.schema.alterTable('feeds').addColumn(name, 'integer').execute();
    }
  },
};

/** All migrations, by name, in their order. */
export const migrations = (engine: EngineName): Record<string, Migration> => ({
  '0001_first': first(engine),
  '0002_lines_by_rule': linesByRule,
  '0003_payments': payments(engine),
  '0004_marks': marks(engine),
  '0010_feed_silence': feedSilence(engine),
  '0011_feed_hours': feedHours,
  '0013_serving': servingTable(engine),
  '0014_feed_clients': feedClients(engine),
  '0015_bodies': bodiesTable(engine),
  '0016_indexes': indexes,
  '0017_files_ahead': filesAhead(engine),
  '0018_serving_changes': servingChanges(engine),
});
