import type { Store } from '../store/types.ts';
import type { Publisher } from './publisher.ts';

/** Feeds per query. */
const PAGE = 200;
/** Feeds published concurrently: compression runs in parallel, and commits are grouped. */
const CONCURRENCY = 20;

/** Runs `work` for each item, at most {@link CONCURRENCY} at a time, started in order. It must not throw. */
export async function forEachConcurrently<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const remaining = items.values();
  const worker = async () => {
    for (const item of remaining) await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

type Walk = {
  now: () => Date;
  signal?: AbortSignal;
  /** Called after each feed with the number published so far. */
  step?: (done: number) => void;
  /** Called for a feed that cannot be published; the others go on. */
  failed: (feed: string, error: unknown) => void;
};

/**
 * Publishes all feeds again that were published by an older release, after the rules have changed, so that fetches need
 * not wait for it. Skips feeds that were never published, which their first fetch publishes, and feeds without an
 * address in force. Returns how many it published. Several processes may run it at the same time.
 * @throws StoreError if the database cannot be queried
 */
export async function renewPublications(
  { store, release, publish }: { store: Store; release: number; publish: Publisher },
  { now, signal, step = () => {}, failed }: Walk,
): Promise<number> {
  let done = 0;
  let after: string | null = null;
  for (;;) {
    const behind: { digest: string; feed: string }[] = await store.publications.behind(release, {
      now: now().toISOString(),
      after,
      limit: PAGE,
    });
    await forEachConcurrently(behind, async ({ feed }) => {
      if (signal?.aborted) return;
      try {
        if (await publish(feed, now())) done += 1;
      } catch (error) {
        failed(feed, error);
      }
      step(done);
    });
    if (signal?.aborted) return done;
    after = behind.at(-1)?.digest ?? null;
    if (after === null) return done;
  }
}
