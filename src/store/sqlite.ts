import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { eventLoopYielder } from '../lib/event-loop.ts';
import { mutex } from '../lib/mutex.ts';
import type { Database, Engine } from './engine.ts';
import { isStoreError, StoreError } from './errors.ts';
import { migrate } from './migrate.ts';
import { sqliteServing } from './serving.ts';
import { statementCache } from './statements.ts';
import { translateError } from './translate.ts';

/**
 * How long a connection that waits for a lock freezes the event loop. Readers hardly ever wait; a writer may have to
 * for seconds, so it waits outside of SQLite, and feeds are served meanwhile.
 */
const busyMilliseconds = { reader: 250, writer: 20 };
/** What each connection keeps of the file: fetches look up all over it, as nothing else does. */
const cacheKilobytes = { served: 24_000, other: 4_000 };
/** How long a writer waits in all before it is told that the database is busy. */
const writeTimeoutMilliseconds = 10_000;
/** How long to wait until whoever still reads what was erased may have ended. */
const scrubAgainMilliseconds = 1_000;
/** What another process wrote is promised within a tenth of a second. */
const noticeMilliseconds = 50;

/** Opens, and if need be makes, the file at `file`; its folder and itself readable by their owner only. */
export const openSqlite = async (file: string): Promise<Engine> => {
  const location = path.resolve(file);
  makePrivate(location);
  const writer = await persist(async () => connect(location));
  const writerDb = kysely(writer);
  try {
    await persist(() => transaction(writer, () => migrate('sqlite', writerDb as never)));
  } catch (error) {
    writer.close();
    throw translateError('sqlite', error);
  }
  // Reads have connections of their own, so that they never see a write that is still under way.
  const reader = connect(location, { readonly: true });
  const snapshots = connect(location, { readonly: true });
  const served = connect(location, { readonly: true, cache: cacheKilobytes.served });
  const serving = sqliteServing(served);
  const snapshotsDb = kysely(snapshots);
  const oneWrite = mutex();
  const oneSnapshot = mutex();
  const yieldTurn = eventLoopYielder();
  const version = writer.prepare('pragma data_version').pluck();
  const timers = new Set<NodeJS.Timeout>();
  let scrubber: NodeJS.Timeout | undefined;
  /** The log keeps what a page said before, until all of it is in the file and it begins anew. */
  const scrub = () =>
    oneWrite(async () => {
      clearTimeout(scrubber);
      if (!writer.open) return;
      const isBusy = attempt(() => writer.pragma('wal_checkpoint(truncate)', { simple: true })) !== 0;
      if (isBusy) scrubber = setTimeout(scrub, scrubAgainMilliseconds).unref();
    });
  // Whoever wrote before may have been killed between an erasure and this.
  await scrub();

  return {
    name: 'sqlite',
    reader: kysely(reader),
    write: (fn, lazily) =>
      oneWrite(async () => {
        await yieldTurn();
        if (lazily) execute(writer, 'pragma synchronous = normal');
        try {
          await persist(() => begin(writer));
          return await finish(writer, () => fn(writerDb)).finally(serving.endRead);
        } finally {
          if (lazily) execute(writer, 'pragma synchronous = full');
        }
      }),
    scrub,
    snapshot: (fn) => oneSnapshot(() => transaction(snapshots, () => fn(snapshotsDb), 'begin')),
    serving,
    onForeignChange(listener) {
      let seen = version.get();
      const timer = setInterval(() => {
        const now = attempt(() => version.get());
        if (now === seen) return;
        seen = now;
        listener();
      }, noticeMilliseconds).unref();
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
      await oneSnapshot(async () => snapshots.close());
      await oneWrite(async () => {
        reader.close();
        served.close();
        writer.close();
      });
    },
  };
};

/** Folder by folder: Node's own `recursive` tries without end where nothing can be made, as in /proc. */
const makeFolder = (folder: string) => {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
};

const makePrivate = (location: string) => {
  try {
    makeFolder(path.dirname(location));
    // SQLite gives the -wal and -shm files beside it the same rights.
    closeSync(openSync(location, 'a', 0o600));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new StoreError(
      'misconfigured',
      `The database file ${location} cannot be opened (${code}). Check DATABASE_URL and the folder's rights.`,
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
      // Of a new file: a calendar of usual size then lies in one or two pages, not in four or five.
      connection.pragma('page_size = 8192');
      connection.pragma('journal_mode = wal');
      // What is erased is gone from the file too.
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

/** A disk that fails must not end the process from within a timer: who reads next is told. */
const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

/** Takes the write lock at once: a transaction that reads first could find, too late, that it may not write. */
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
    // A full disk, among others, makes SQLite roll back by itself.
    if (connection.inTransaction) execute(connection, 'rollback');
    throw error;
  }
};

/** Waits for a lock without freezing the event loop. `work` must have done nothing yet when it finds it taken. */
const persist = async <T>(work: () => Promise<T>): Promise<T> => {
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
