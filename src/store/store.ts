/**
 * Opens the store: one schema and one set of queries over SQLite and PostgreSQL. SQL and nothing but SQL lives in
 * this folder; no rule, no date arithmetic, no wording, no HTTP may enter. `types.ts` says what it answers.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { withTimeout } from '../lib/timeout.ts';
import type { Engine } from './engine.ts';
import { StoreError } from './errors.ts';
import { guard, newTransactionState, runInTransaction, type TransactionState } from './guard.ts';
import { openPostgres } from './postgres.ts';
import { readQueries, writeQueries } from './queries.ts';
import { makeScope } from './scope.ts';
import { refreshServing } from './serving.ts';
import { openSqlite } from './sqlite.ts';
import { translateError } from './translate.ts';
import type { Store, StoreOptions } from './types.ts';

const readyMilliseconds = 2_000;

/**
 * Opens the database and brings its schema up to date; any number of processes may do so at once.
 * @throws misconfigured, unavailable, busy, disk, schema_too_new
 */
export const openStore = async ({ url, log, now = Date.now }: StoreOptions): Promise<Store> =>
  makeStore(await openEngine(url, log), now, log);

const openEngine = (url: string, log: StoreOptions['log']): Promise<Engine> => {
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres(url, log);
  const file = /^sqlite:(?!\/\/)(.+)$/.exec(url)?.[1];
  if (file === undefined || file === ':memory:') {
    throw new StoreError(
      'misconfigured',
      'DATABASE_URL must be sqlite:<file>, as sqlite:data/keepline.db, or postgres://user:password@host/database.',
    );
  }
  return openSqlite(file);
};

const makeStore = (engine: Engine, now: () => number, log: StoreOptions['log']): Store => {
  const listeners = new Set<Parameters<Store['onChange']>[0]>();
  const inside = new AsyncLocalStorage<TransactionState>();
  const tell = (users: readonly string[] | null, hasErased: boolean) => {
    for (const listener of listeners) {
      try {
        listener(users, hasErased);
      } catch (error) {
        // The write is done and must not be told as failed.
        log?.warn({ err: error }, 'a listener to changes of the store failed');
      }
    }
  };
  let stopNotice: (() => void) | null = null;
  let closed: Promise<void> | null = null;
  const translated = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error) => {
      throw translateError(engine.name, error);
    });

  return {
    engine: engine.name,
    ...guard(engine.name, readQueries(engine.reader)),
    serving: engine.serving,
    async write(owner, fn, { lazily = false } = {}) {
      if (inside.getStore()?.open) {
        throw new Error(
          'A write inside a write would wait for itself: use the queries that the outer one was given.',
        );
      }
      const touched: string[] = [];
      let [hasErased, isNews] = [false, false];
      const result = await translated(
        engine.write(async (db) => {
          const life = newTransactionState();
          const scope = makeScope(db, engine.name, now);
          const queries = guard(engine.name, writeQueries(scope), life);
          const answer = await runInTransaction(life, () =>
            inside.run(life, async () => {
              if (owner !== null && !(await scope.touch(owner))) {
                throw new StoreError('not_found', 'There is no such user (any more).', { entity: 'users' });
              }
              return fn(queries);
            }),
          );
          await refreshServing(scope);
          touched.push(...scope.touchedUsers);
          hasErased = scope.hasErased;
          isNews = touched.some((user) => !scope.createdUsers.has(user));
          return answer;
        }, lazily),
      );
      if (touched.length > 0) tell(touched, hasErased);
      if (hasErased)
        await engine
          .scrub()
          .catch((error: unknown) =>
            log?.warn({ err: error }, 'the log of the database still holds what was erased'),
          );
      if (isNews) await engine.untilLeasesExpire();
      return result;
    },
    snapshot: (fn) =>
      translated(
        engine.snapshot((db) => {
          const life = newTransactionState();
          const queries = guard(engine.name, readQueries(db), life);
          return runInTransaction(life, () => fn(queries));
        }),
      ),
    onChange(listener) {
      listeners.add(listener);
      stopNotice ??= engine.onForeignChange(() => tell(null, false));
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stopNotice?.();
        stopNotice = null;
      };
    },
    async ready() {
      const answer = engine.ping().then(
        () => true,
        () => false,
      );
      return withTimeout(readyMilliseconds, answer, () => false);
    },
    close() {
      closed ??= engine.close();
      return closed;
    },
  };
};
