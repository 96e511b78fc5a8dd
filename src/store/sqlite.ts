import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { eventLoopYielder } from '../lib/event-loop.ts';
import { mutex } from '../lib/mutex.ts';
import { type Database, type Engine, MOST_CHANGES } from './engine.ts';
import { isStoreError, StoreError } from './errors.ts';
import { migrate } from './migrate.ts';
import { sqliteServing } from './serving.ts';
import { statementCache } from './statements.ts';
import { translateError } from './translate.ts';

/**
 * SQLite's busy timeout, during which a connection blocks the event loop. Readers hardly ever wait for a lock; a writer
 * may have to for seconds, so it retries outside of SQLite (`retryWhileBusy`), and feeds are served meanwhile.
 */
const busyMilliseconds = { reader: 250, writer: 20 };
/** The page cache of each connection: only the one for fetches reads all over the file. */
const cacheKilobytes = { served: 12_000, other: 4_000 };
/** How long a writer retries in all before it fails as `busy`. */
const writeTimeoutMilliseconds = 10_000;
/** How long to wait before truncating the WAL again after readers have prevented it. */
const scrubAgainMilliseconds = 1_000;
/** How often to check for other processes' writes, which must be noticed within 100 ms. */
const noticeMilliseconds = 50;

/** Opens the database in `file`, creating it and its folder if need be, readable by their owner only. */
export const openSqlite = async (file: string): Promise<Engine> => {
  const location = path.resolve(file);
  makePrivate(location);
  const writer = await retryWhileBusy(async () => connect(location));
  const writerDb = kysely(writer);
  try {
    await retryWhileBusy(() => transaction(writer, () => migrate('sqlite', writerDb as never)));
  } catch (error) {
    writer.close();
    throw translateError('sqlite', error);
  }
  // Reads have their own connections, so that they never see an uncommitted write.
  const reader = connect(location, { readonly: true });
  const snapshots = connect(location, { readonly: true });
  const served = connect(location, { readonly: true, cache: cacheKilobytes.served });
  const serving = sqliteServing(served);
  const snapshotsDb = kysely(snapshots);
  const writeMutex = mutex();
  const snapshotMutex = mutex();
  const yieldTurn = eventLoopYielder();
  const version = writer.prepare('pragma data_version').pluck();
  const lastChange = reader
    .prepare<[], number | null>('select max(changed) from serving where changed is not null')
    .pluck();
  const changesSince = reader.prepare<[number, number], { digest: string; changed: number }>(
    'select digest, changed from serving where changed > ? order by changed limit ?',
  );
  const timers = new Set<NodeJS.Timeout>();
  let scrubber: NodeJS.Timeout | undefined;
  /** Truncates the WAL, which still holds erased data until it is checkpointed; retries while readers prevent it. */
  const scrub = () =>
    writeMutex(async () => {
      clearTimeout(scrubber);
      if (!writer.open) return;
      const isBusy = ignoreErrors(() => writer.pragma('wal_checkpoint(truncate)', { simple: true })) !== 0;
      if (isBusy) scrubber = setTimeout(scrub, scrubAgainMilliseconds).unref();
    });
  // An earlier process may have been killed between an erasure and its scrub.
  await scrub();

  return {
    name: 'sqlite',
    reader: kysely(reader),
    write: (fn, lazily) =>
      writeMutex(async () => {
        await yieldTurn();
        if (lazily) execute(writer, 'pragma synchronous = normal');
        try {
          await retryWhileBusy(() => begin(writer));
          return await finish(writer, () => fn(writerDb)).finally(serving.endRead);
        } finally {
          if (lazily) execute(writer, 'pragma synchronous = full');
        }
      }),
    scrub,
    snapshot: (fn) => snapshotMutex(() => transaction(snapshots, () => fn(snapshotsDb), 'begin')),
    serving,
    onForeignChange(listener) {
      let seenVersion = version.get();
      let seen = lastChange.get() ?? 0;
      const notice = () => {
        // Read first: while the version is still the same, all changes up to this one are of this process.
        const last = lastChange.get() ?? 0;
        const present = version.get();
        if (present === seenVersion) {
          seen = last;
          return;
        }
        const changes = changesSince.all(seen, MOST_CHANGES + 1);
        seenVersion = present;
        seen = changes.at(-1)?.changed ?? seen;
        if (changes.length > MOST_CHANGES) listener(null);
        else if (changes.length > 0) listener(changes.map(({ digest }) => digest));
      };
      const timer = setInterval(() => ignoreErrors(notice), noticeMilliseconds).unref();
      timers.add(timer);
      return () => clearInterval(timer);
    },
    untilLeasesExpire: async () => undefined,
    async ping() {
      reader.prepare('select 1 from settings limit 1').get();
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      clearTimeout(scrubber);
      await snapshotMutex(async () => snapshots.close());
      await writeMutex(async () => {
        reader.close();
        served.close();
        writer.close();
      });
    },
  };
};

/** Recursive by hand: Node's `recursive` option loops for ever where nothing can be created, as in /proc. */
const makeFolder = (folder: string) => {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have created it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
};

const makePrivate = (location: string) => {
  try {
    makeFolder(path.dirname(location));
    // SQLite gives the -wal and -shm files the same permissions.
    closeSync(openSync(location, 'a', 0o600));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new StoreError(
      'misconfigured',
      `The database file ${location} cannot be opened (${code}). Check DATABASE_URL and the folder's permissions.`,
      { cause },
    );
  }
};

const connect = (
  location: string,
  { cache = cacheKilobytes.other, ...options }: { readonly?: boolean; cache?: number } = {},
): Sqlite.Database => {
  const connection = new Sqlite(location, {
    ...options,
    timeout: busyMilliseconds[options.readonly ? 'reader' : 'writer'],
  });
  try {
    if (!options.readonly) {
      // Takes effect for a new file: a calendar of usual size then takes one or two pages instead of four or five.
      connection.pragma('page_size = 8192');
      connection.pragma('journal_mode = wal');
      // Overwrites deleted content in the file.
      connection.pragma('secure_delete = on');
    }
    connection.pragma(`cache_size = -${cache}`);
    connection.pragma('synchronous = full');
    connection.pragma('foreign_keys = on');
    return connection;
  } catch (error) {
    connection.close();
    throw translateError('sqlite', error);
  }
};

const kysely = (connection: Sqlite.Database): Database =>
  new Kysely({ dialect: new SqliteDialect({ database: statementCache(connection) }) });

const execute = (connection: Sqlite.Database, sql: string) => {
  try {
    connection.exec(sql);
  } catch (error) {
    throw translateError('sqlite', error);
  }
};

/** Ignores an error, which in a timer would end the process: the next query reports a failing disk. */
const ignoreErrors = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

/** Takes the write lock at once: a transaction that reads first could fail to upgrade its lock later. */
const begin = async (connection: Sqlite.Database) => execute(connection, 'begin immediate');

const transaction = async <T>(
  connection: Sqlite.Database,
  work: () => Promise<T>,
  start: 'begin' | 'begin immediate' = 'begin immediate',
): Promise<T> => {
  execute(connection, start);
  return finish(connection, work);
};

const finish = async <T>(connection: Sqlite.Database, work: () => Promise<T>): Promise<T> => {
  try {
    const result = await work();
    execute(connection, 'commit');
    return result;
  } catch (error) {
    // SQLite has already rolled back after some errors, such as a full disk.
    if (connection.inTransaction) execute(connection, 'rollback');
    throw error;
  }
};

/**
 * Retries `work` while the database is locked, without blocking the event loop. It must fail before any side effect.
 */
const retryWhileBusy = async <T>(work: () => Promise<T>): Promise<T> => {
  const until = performance.now() + writeTimeoutMilliseconds;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isStoreError(error, 'busy') || performance.now() >= until) throw error;
      await sleep(5 + Math.random() * 20);
    }
  }
};
