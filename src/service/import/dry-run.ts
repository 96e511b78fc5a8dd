/** A dry run: the same work in the same transaction, which is then not kept. */
import type { Queries } from '../../store/types.ts';
import type { App } from '../context.ts';

class NotKept<T> extends Error {
  readonly result: T;

  constructor(result: T) {
    super('a dry run is not kept');
    this.result = result;
  }
}

/** Does the work in one transaction, and keeps it unless it is a dry run; answers what it gave in either case. */
export async function dryRun<T>(
  app: App,
  owner: string | null,
  isDryRun: boolean,
  work: (q: Queries) => Promise<T>,
): Promise<T> {
  try {
    return await app.store.write(owner, async (q) => {
      const result = await work(q);
      if (isDryRun) throw new NotKept(result);
      return result;
    });
  } catch (error) {
    if (error instanceof NotKept) return error.result as T;
    throw error;
  }
}
