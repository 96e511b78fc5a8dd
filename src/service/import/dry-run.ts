/** Dry runs: the same work in a transaction that is rolled back. */
import type { Queries } from '../../store/types.ts';
import type { App } from '../context.ts';

class RollBack<T> extends Error {
  readonly result: T;

  constructor(result: T) {
    super('a dry run is not kept');
    this.result = result;
  }
}

/** Runs `work` in one transaction, which is rolled back in a dry run; returns its result in either case. */
export async function dryRun<T>(
  app: App,
  owner: string | null,
  isDryRun: boolean,
  work: (q: Queries) => Promise<T>,
): Promise<T> {
  try {
    return await app.store.write(owner, async (q) => {
      const result = await work(q);
      if (isDryRun) throw new RollBack(result);
      return result;
    });
  } catch (error) {
    if (error instanceof RollBack) return error.result as T;
    throw error;
  }
}
