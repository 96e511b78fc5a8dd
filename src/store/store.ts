/**
 * Opens the store: one schema and one set of queries over SQLite and PostgreSQL. This folder contains SQL only: no
 * rules, date arithmetic, wording or HTTP. `types.ts` documents the queries.
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
import type { ServingChange, Store, StoreOptions } from './types.ts';

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
      'DATABASE_URL must be sqlite:<file>, such as sqlite:data/keepline.db, or postgres://user:password@host/database.',
    );
  }
  return openSqlite(file);
};

const makeStore = (engine: Engine, now: () => number, log: StoreOptions['log']): Store => {
  const listeners = new Set<Parameters<Store['onChange']>[0]>();
  const currentTransaction = new AsyncLocalStorage<TransactionState>();
  const notifyListeners = (change: ServingChange) => {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        // The write is committed and must not be reported as failed.
        log?.warn({ err: error }, 'a listener to changes of the store failed');
      }
    }
  };
  let stopWatching: (() => void) | null = null;
  let closed: Promise<void> | null = null;
  const translatingErrors = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error) => {
      throw translateError(engine.name, error);
    });

  return {
    engine: engine.name,
    ...guard(engine.name, readQueries(engine.reader)),
    serving: engine.serving,
    async write(owner, fn, { lazily = false } = {}) {
      if (currentTransaction.getStore()?.open) {
        throw new Error(
          'A write inside a write would wait for itself: use the queries that the outer one was given.',
        );
      }
      let addresses: string[] = [];
      let [hasErased, mayBeCached] = [false, false];
      const result = await translatingErrors(
        engine.write(async (db) => {
          const state = newTransactionState();
          const scope = makeScope(db, engine.name, now);
          const queries = guard(engine.name, writeQueries(scope), state);
          const answer = await runInTransaction(state, () =>
            currentTransaction.run(state, async () => {
              if (owner !== null && !(await scope.touch(owner))) {
                throw new StoreError('not_found', 'There is no such user (any more).', { entity: 'users' });
              }
              return fn(queries);
            }),
          );
          addresses = await refreshServing(scope);
          hasErased = scope.hasErased;
          mayBeCached = [...scope.touchedUsers].some((user) => !scope.createdUsers.has(user));
          return answer;
        }, lazily),
      );
      if (addresses.length > 0) notifyListeners({ addresses, hasErased });
      if (hasErased)
        await engine
          .scrub()
          .catch((error: unknown) =>
            log?.warn({ err: error }, 'the log of the database still holds what was erased'),
          );
      if (mayBeCached) await engine.untilLeasesExpire();
      return result;
    },
    snapshot: (fn) =>
      translatingErrors(
        engine.snapshot((db) => {
          const state = newTransactionState();
          const queries = guard(engine.name, readQueries(db), state);
          return runInTransaction(state, () => fn(queries));
        }),
      ),
    onChange(listener) {
      listeners.add(listener);
      stopWatching ??= engine.onForeignChange((addresses) =>
        notifyListeners({ addresses, hasErased: false }),
      );
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stopWatching?.();
        stopWatching = null;
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
