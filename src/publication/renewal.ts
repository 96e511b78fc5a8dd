import type { Store } from '../store/types.ts';
import type { Publisher } from './publisher.ts';

/** So many are looked up at once. */
const PAGE = 200;
/** So many are made at once: their bytes are compressed beside each other, and one commit is for many. */
const AT_ONCE = 20;

/** Does `work` for each item, at most so many at once, begun in their order. It must not throw. */
export async function forEachConcurrently<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const inTurn = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, inTurn));
}

type Walk = {
  now: () => Date;
  signal?: AbortSignal;
  /** Called after each feed with how many are done. */
  step?: (done: number) => void;
  /** Called for a feed that cannot be published: it must not hold up the others. */
  failed: (feed: string, error: unknown) => void;
};

/**
 * Publishes anew all feeds that an older release has published, some at once: after rules have changed, so that
 * nobody who fetches has to wait for it. Feeds that were never published are left to their first fetch, those whose
 * addresses have all ended are left as they are. Answers how many it published; several processes may walk at once.
 * @throws StoreError where the database cannot be asked
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
