/**
 * Publications written together: a commit waits for the disk, and one for many costs hardly more than one for one. What
 * comes while a commit is under way goes into the next.
 */
import { setImmediate } from 'node:timers/promises';
import { isStoreError } from '../store/errors.ts';
import type { PublicationWrites, PublishResult, Store } from '../store/types.ts';

type Publish = PublicationWrites['publish'];
type Waiting = {
  arguments: Parameters<Publish>;
  resolve(result: PublishResult): void;
  reject(error: unknown): void;
};

/** Whether the database cannot be asked at all, so that to ask it again at once would only be to wait again. */
export const isUnavailable = ({ engine }: Pick<Store, 'engine'>, error: unknown): boolean =>
  isStoreError(error, 'unavailable') || (engine === 'sqlite' && isStoreError(error, 'busy'));

/** At most so many in one transaction: whoever else writes waits for it. */
const MAX_BATCH = 50;

/** `PublicationWrites.publish` of one process, each on disk when its promise resolves. */
export function groupCommit(store: Pick<Store, 'engine' | 'write'>): Publish {
  const waiting: Waiting[] = [];
  let isWriting = false;

  const write = (some: readonly Waiting[]) =>
    store.write(null, async (q) => {
      const results: PublishResult[] = [];
      for (const one of some) results.push(await q.publications.publish(...one.arguments));
      return results;
    });

  /**
   * One that fails must not take the others with it: then each has a transaction of its own. Where the database itself
   * is away, or its file is held, that would keep each of them waiting in turn; what is busy on PostgreSQL may be a
   * single person's row.
   */
  async function settle(some: readonly Waiting[]): Promise<void> {
    try {
      const results = await write(some);
      for (const [index, one] of some.entries()) one.resolve(results[index] as PublishResult);
    } catch (error) {
      if (isUnavailable(store, error) || some.length === 1) for (const one of some) one.reject(error);
      else for (const one of some) await settle([one]);
    }
  }

  async function writeAll() {
    isWriting = true;
    // Those that are done in one turn go together.
    await setImmediate();
    while (waiting.length > 0) await settle(waiting.splice(0, MAX_BATCH));
    isWriting = false;
  }

  return (...given) =>
    new Promise((resolve, reject) => {
      waiting.push({ arguments: given, resolve, reject });
      if (!isWriting) void writeAll();
    });
}
