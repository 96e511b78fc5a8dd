import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { type Database, type Engine, MOST_CHANGES } from './engine.ts';
import { isStoreError, StoreError } from './errors.ts';
import { migrate } from './migrate.ts';
import { postgresServing } from './serving.ts';
import { createSnapshotLease, noLease, type Snapshot, untilLeasesExpire } from './snapshot-lease.ts';
import { translateError } from './translate.ts';
import type { StoreLog } from './types.ts';

const connectMilliseconds = 5_000;
/** An advisory lock key that other programs on the same database are unlikely to use. */
const migrationLock = 7_305_534_113;

/**
 * Settings of every connection in the pool: everything has a timeout, and a commit is on disk when it is acknowledged,
 * even if the server's default is otherwise.
 */
const session = `
  set statement_timeout = '30s';
  set lock_timeout = '5s';
  set idle_in_transaction_session_timeout = '60s';
  select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`;

export const openPostgres = async (url: string, log?: StoreLog): Promise<Engine> => {
  const { showsCommits } = await migrateExclusively(url);
  const lease = showsCommits ? createSnapshotLease((since) => takeSnapshot(pool, since)) : noLease;
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'keepline',
    connectionTimeoutMillis: connectMilliseconds,
    keepAlive: true,
    onConnect: async (client) => {
      // The pool handles errors of idle connections only. One lost during a transaction fails that transaction's
      // queries; without a listener its `error` event would end the process as well. A server that has crashed may
      // have lost commits that did not wait for its disk, and give their numbers to others.
      client.on('error', () => lease.invalidate());
      await client.query(session);
    },
  });
  // Without a listener, an idle connection closed by the server would end the process.
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

/** Takes a snapshot, and reads which addresses have changed since the snapshot with the text `since`. */
const takeSnapshot = async (pool: pg.Pool, since: string | null): Promise<Snapshot> => {
  const text = `
    select pg_postmaster_start_time()::text as server, pg_current_snapshot()::text as text, array(
      select digest from serving
      where changed >= pg_snapshot_xmin($1::pg_snapshot)::text::bigint
        and not pg_visible_in_snapshot(changed::text::xid8, $1::pg_snapshot)
      limit ${MOST_CHANGES + 1}
    ) as changes`;
  const { rows } = await pool.query<Snapshot & { changes: string[] }>({
    name: 'snapshot',
    text,
    values: [since],
  });
  const snapshot = rows[0] as Snapshot & { changes: string[] };
  return snapshot.changes.length > MOST_CHANGES ? { ...snapshot, changes: null } : snapshot;
};

/**
 * Whether a snapshot changes with every commit, tried with a commit that writes nothing. False under Citus, which may
 * write on other servers, whose commits this one's snapshot does not show.
 */
const snapshotsShowCommits = async (pool: pg.Pool): Promise<boolean> => {
  try {
    const { rows } = await pool.query("select 1 where to_regproc('citus_version') is not null");
    const { text } = await takeSnapshot(pool, null);
    await pool.query('select pg_current_xact_id()');
    return rows.length === 0 && (await takeSnapshot(pool, text)).text !== text;
  } catch {
    return false;
  }
};

/**
 * Numbers anew the changes to `serving` that another server has numbered, whose rows a backup brought here: they would
 * seem to have changed since every snapshot until this server's transactions reach their numbers.
 */
const renumberChanges = async (pool: pg.Pool): Promise<void> => {
  await pool.query(
    'update serving set changed = null where changed >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint',
  );
};

/** How often each client asks, so that a pooler has the chance to swap their connections. */
const poolerCheckRounds = 3;

/**
 * Refuses a pooler that assigns server connections per transaction (PgBouncer's transaction mode): session settings,
 * advisory locks and prepared statements would end up on other clients' connections. Two clients, the pool `single` and
 * another connection, ask for their backend's pid: with sessions of their own each always gets the same one, and the
 * two differ. A database that only speaks PostgreSQL's protocol may report no pid above 0; it is accepted.
 * @throws misconfigured
 */
const refusePooler = async (url: string, single: pg.Pool) => {
  const other = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectMilliseconds });
  other.on('error', () => undefined);
  const backendPids = new Set<number>();
  try {
    await other.connect();
    for (let round = 0; round < poolerCheckRounds; round += 1) {
      for (const client of [other, single]) {
        const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
        backendPids.add(rows[0]?.pid ?? 0);
      }
    }
  } finally {
    await other.end().catch(() => undefined);
  }
  if (backendPids.size === 2 || Math.max(...backendPids) <= 0) return;
  throw new StoreError(
    'misconfigured',
    'DATABASE_URL leads to a pooler that lends a connection for one transaction only: let it lead to PostgreSQL itself, or to a pool in session mode.',
  );
};

/** The message of a connection error; with several addresses tried, the messages of all. */
const reasonOf = (error: unknown): string =>
  error instanceof AggregateError
    ? error.errors.map(reasonOf).join(', ')
    : error instanceof Error
      ? error.message
      : String(error);

/** The error for an operator when the database cannot be opened; never sent to a client. */
const openingError = (error: unknown): unknown => {
  const translated = translateError('postgres', error);
  if (!isStoreError(translated, 'unavailable')) return translated;
  return new StoreError(
    'unavailable',
    `The database cannot be reached: ${reasonOf(error)}. Check DATABASE_URL, and that PostgreSQL runs there.`,
    { cause: error },
  );
};

/**
 * Migrates the schema under a session-level advisory lock, held by the single connection of a pool of its own. Returns
 * whether the database's snapshots show every commit.
 * @throws misconfigured (behind a transaction pooler, before any change), unavailable, schema_too_new
 */
const migrateExclusively = async (url: string) => {
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    // A replacement connection would not hold the lock.
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: connectMilliseconds,
  });
  pool.on('error', () => undefined);
  try {
    await refusePooler(url, pool);
    await pool.query('select pg_advisory_lock($1)', [migrationLock]);
    await migrate('postgres', kysely(pool) as never);
    const showsCommits = await snapshotsShowCommits(pool);
    if (showsCommits) await renumberChanges(pool);
    return { showsCommits };
  } catch (error) {
    throw openingError(error);
  } finally {
    await pool.end();
  }
};

const kysely = (pool: pg.Pool): Database => new Kysely({ dialect: new PostgresDialect({ pool }) });
