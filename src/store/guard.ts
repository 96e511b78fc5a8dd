import type { EngineName } from './engine.ts';
import { translateError } from './translate.ts';

/** The life of one transaction, as its queries see it. */
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
 * Wraps every query: its errors become the store's own, and those of a transaction obey it. After a failure
 * PostgreSQL would refuse what follows and SQLite would not; so on both nothing more may be asked, and nothing is
 * committed, even where the failure was caught. A query after the end would run outside of the transaction.
 */
export const guard = <T extends object>(engine: EngineName, queries: T, life?: TransactionState): T =>
  Object.fromEntries(
    Object.entries(queries).map(([name, value]) => [
      name,
      typeof value === 'function' ? guardOne(engine, value as AnyQuery, life) : guard(engine, value, life),
    ]),
  ) as T;

const guardOne = (engine: EngineName, query: AnyQuery, life?: TransactionState): AnyQuery => {
  const translated: AnyQuery = async (...parameters) => {
    try {
      return await query(...parameters);
    } catch (cause) {
      const error = translateError(engine, cause);
      if (life) life.failure ??= { error };
      throw error;
    }
  };
  if (!life) return translated;
  return async (...parameters) => {
    if (!life.open) throw new Error('This transaction has ended: a query in it was not awaited.');
    if (life.failure) throw life.failure.error;
    const run = translated(...parameters);
    life.running.add(run);
    return run.finally(() => life.running.delete(run));
  };
};

/**
 * Runs `fn` within a transaction's life, and ends only when none of its queries runs any more: what went on after
 * a rollback would be written by itself.
 * @throws what `fn` throws, or the failure of a query that it caught
 */
export const runInTransaction = async <T>(life: TransactionState, fn: () => Promise<T>): Promise<T> => {
  try {
    const result = await fn();
    if (life.failure) throw life.failure.error;
    if (life.running.size > 0) throw new Error('A query was not awaited before its transaction ended.');
    return result;
  } finally {
    life.open = false;
    await Promise.allSettled(life.running);
  }
};
