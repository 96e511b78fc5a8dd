import type { EngineName } from './engine.ts';
import { translateError } from './translate.ts';

/** The state of one transaction, shared by its queries. */
export type TransactionState = {
  open: boolean;
  running: Set<Promise<unknown>>;
  failure: { error: unknown } | null;
};

export const newTransactionState = (): TransactionState => ({
  open: true,
  running: new Set(),
  failure: null,
});

type AnyQuery = (...parameters: unknown[]) => Promise<unknown>;

/**
 * Wraps every query so that its errors become the store's own. Inside a transaction, also rejects queries after a
 * failed one: PostgreSQL would refuse them and SQLite would not, so on both the transaction is rolled back, even if the
 * failure was caught. Rejects queries after the transaction's end as well, since they would run outside of it.
 */
export const guard = <T extends object>(engine: EngineName, queries: T, state?: TransactionState): T =>
  Object.fromEntries(
    Object.entries(queries).map(([name, value]) => [
      name,
      typeof value === 'function' ? guardOne(engine, value as AnyQuery, state) : guard(engine, value, state),
    ]),
  ) as T;

const guardOne = (engine: EngineName, query: AnyQuery, state?: TransactionState): AnyQuery => {
  const translated: AnyQuery = async (...parameters) => {
    try {
      return await query(...parameters);
    } catch (cause) {
      const error = translateError(engine, cause);
      if (state) state.failure ??= { error };
      throw error;
    }
  };
  if (!state) return translated;
  return async (...parameters) => {
    if (!state.open) throw new Error('This transaction has ended: a query in it was not awaited.');
    if (state.failure) throw state.failure.error;
    const run = translated(...parameters);
    state.running.add(run);
    return run.finally(() => state.running.delete(run));
  };
};

/**
 * Runs `fn` as the body of a transaction and settles only when none of its queries is running: one that went on after a
 * rollback would be committed on its own.
 * @throws what `fn` throws, or the failure of a query even if `fn` caught it
 */
export const runInTransaction = async <T>(state: TransactionState, fn: () => Promise<T>): Promise<T> => {
  try {
    const result = await fn();
    if (state.failure) throw state.failure.error;
    if (state.running.size > 0) throw new Error('A query was not awaited before its transaction ended.');
    return result;
  } finally {
    state.open = false;
    await Promise.allSettled(state.running);
  }
};
