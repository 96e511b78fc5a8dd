/**
 * Group commit of publications: a commit waits for the disk, and one for many publications costs hardly more than one
 * for a single one. Publications that arrive during a commit go into the next.
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

/** Whether the database is unavailable as a whole, so that an immediate retry would only wait again. */
export const isUnavailable = ({ engine }: Pick<Store, 'engine'>, error: unknown): boolean =>
  isStoreError(error, 'unavailable') || (engine === 'sqlite' && isStoreError(error, 'busy'));

/** Publications per transaction at most, since other writers wait for it. */
const MAX_BATCH = 50;

/** Returns a batching `PublicationWrites.publish`; each publication is on disk when its promise resolves. */
export function groupCommit(store: Pick<Store, 'engine' | 'write'>): Publish {
  const waiting: Waiting[] = [];
  let isWriting = false;

  const write = (batch: readonly Waiting[]) =>
    store.write(null, async (q) => {
      const results: PublishResult[] = [];
      for (const call of batch) results.push(await q.publications.publish(...call.arguments));
      return results;
    });

  /**
   * Writes a batch. If it fails, writes each publication in a transaction of its own, so that one cannot fail the
   * others; except when the database is unavailable or its SQLite file locked, since each would then wait in turn. On
   * PostgreSQL `busy` may concern a single user's row.
   */
  async function settle(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await write(batch);
      for (const [index, call] of batch.entries()) call.resolve(results[index] as PublishResult);
    } catch (error) {
      if (isUnavailable(store, error) || batch.length === 1) for (const call of batch) call.reject(error);
      else for (const call of batch) await settle([call]);
    }
  }

  async function writeAll() {
    isWriting = true;
    // Batches the publications that finish in the same turn of the event loop.
    await setImmediate();
    while (waiting.length > 0) await settle(waiting.splice(0, MAX_BATCH));
    isWriting = false;
  }

  return (...parameters) =>
    new Promise((resolve, reject) => {
      waiting.push({ arguments: parameters, resolve, reject });
      if (!isWriting) void writeAll();
    });
}
