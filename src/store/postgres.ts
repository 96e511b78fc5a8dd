import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Database, Engine } from './engine.ts';
import { isStoreError, StoreError } from './errors.ts';
import { migrate } from './migrate.ts';
import { postgresServing } from './serving.ts';
import { createSnapshotLease, noLease, untilLeasesExpire } from './snapshot-lease.ts';
import { translateError } from './translate.ts';
import type { StoreLog } from './types.ts';

const connectMilliseconds = 5_000;
/** Any number that other programs on the same database are unlikely to choose. */
const migrationLock = 7_305_534_113;

/**
 * For every connection of the pool: nothing waits without end, and a commit is on disk when it is acknowledged even
 * where the server's default says otherwise.
 */
const session = `
  set statement_timeout = '30s';
  set lock_timeout = '5s';
  set idle_in_transaction_session_timeout = '60s';
  select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`;

export const openPostgres = async (url: string, log?: StoreLog): Promise<Engine> => {
  const { showsCommits } = await migrateAlone(url);
  const lease = showsCommits ? createSnapshotLease(() => snapshotOf(pool)) : noLease;
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'keepline',
    connectionTimeoutMillis: connectMilliseconds,
    keepAlive: true,
    onConnect: async (client) => {
      // The pool listens to idle connections only. One that is lost while a transaction has it tells that transaction;
      // without a listener it would end the process as well.
      client.on('error', () => undefined);
      await client.query(session);
      // Perhaps to a server that has fallen and stands again, or to the one that has taken its place.
      lease.invalidate();
    },
  });
  // Without a listener, an idle connection that the server ends would end the process.
  pool.on('error', (error) =>
    log?.warn({ code: (error as { code?: string }).code }, 'lost a database connection'),
  );
  const reader = kysely(pool);

  return {
    name: 'postgres',
    reader,
    write: (fn, lazily) =>
      reader.transaction().execute(async (db) => {
        if (lazily) await sql`set local synchronous_commit = off`.execute(db);
        return fn(db);
      }),
    scrub: async () => {},
    snapshot: (fn) =>
      reader.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(fn),
    serving: postgresServing(pool, lease),
    onForeignChange: lease.onCommit,
    untilLeasesExpire: untilLeasesExpire,
    async ping() {
      await pool.query('select 1 from settings limit 1');
    },
    close: () => pool.end(),
  };
};

/** All that is committed now, as a text that is another one after each commit of whatever has written. */
const snapshotOf = async (pool: pg.Pool): Promise<string> => {
  const text = 'select pg_current_snapshot()::text as snapshot';
  const { rows } = await pool.query<{ snapshot: string }>({ name: 'snapshot', text });
  return (rows[0] as { snapshot: string }).snapshot;
};

/** Tried on a commit that changes nothing. Citus may write on other servers, whose commits the one that is asked does not see. */
const trySnapshots = async (pool: pg.Pool): Promise<boolean> => {
  try {
    const { rows } = await pool.query("select 1 where to_regproc('citus_version') is not null");
    const before = await snapshotOf(pool);
    await pool.query('select pg_current_xact_id()');
    return rows.length === 0 && (await snapshotOf(pool)) !== before;
  } catch {
    return false;
  }
};

/** So often a pooler is given the occasion to lend two clients another connection. */
const rounds = 3;

/**
 * Behind a pooler that lends a connection of the server for one transaction (PgBouncer's transaction mode), what a session
 * is set to, has locked and has prepared would be somebody else's. Two clients tell, `alone` with its one connection and
 * another one: with connections of their own, each is answered by one process of the server and never by the other's. A
 * database that only speaks as PostgreSQL does may have no such processes, and numbers none above 0: nothing is known of it.
 * @throws misconfigured
 */
const refusePooler = async (url: string, alone: pg.Pool) => {
  const other = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectMilliseconds });
  other.on('error', () => undefined);
  const answering = new Set<number>();
  try {
    await other.connect();
    for (let round = 0; round < rounds; round += 1) {
      for (const client of [other, alone]) {
        const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
        answering.add(rows[0]?.pid ?? 0);
      }
    }
  } finally {
    await other.end().catch(() => undefined);
  }
  if (answering.size === 2 || Math.max(...answering) <= 0) return;
  throw new StoreError(
    'misconfigured',
    'DATABASE_URL leads to a pooler that lends a connection for one transaction only: let it lead to PostgreSQL itself, or to a pool in session mode.',
  );
};

/** What the error of a connection says; one that was tried at several addresses has one for each. */
const reasonOf = (error: unknown): string =>
  error instanceof AggregateError
    ? error.errors.map(reasonOf).join(', ')
    : error instanceof Error
      ? error.message
      : String(error);

/** Why it cannot be opened, for whoever has to mend that: no request is answered with this. */
const openingError = (error: unknown): unknown => {
  const told = translateError('postgres', error);
  if (!isStoreError(told, 'unavailable')) return told;
  return new StoreError(
    'unavailable',
    `The database cannot be reached: ${reasonOf(error)}. Check DATABASE_URL, and that PostgreSQL runs there.`,
    { cause: error },
  );
};

/**
 * Brings the schema up to date by a pool of one connection, which therefore holds the session's lock for as long as that
 * takes; where a pooler lends it others, nothing is done. Answers whether the database's snapshots show all that is
 * committed.
 * @throws misconfigured, unavailable, schema_too_new
 */
const migrateAlone = async (url: string) => {
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    // Another connection in its place would not have the lock.
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: connectMilliseconds,
  });
  pool.on('error', () => undefined);
  try {
    await refusePooler(url, pool);
    await pool.query('select pg_advisory_lock($1)', [migrationLock]);
    await migrate('postgres', kysely(pool) as never);
    return { showsCommits: await trySnapshots(pool) };
  } catch (error) {
    throw openingError(error);
  } finally {
    await pool.end();
  }
};

const kysely = (pool: pg.Pool): Database => new Kysely({ dialect: new PostgresDialect({ pool }) });
