/**
 * Reads what feeds are built from, in batches: a query for twenty feeds costs little more than for one. Feeds requested
 * while queries run go into the next batch.
 */
import { batchLoader } from '../lib/batch-loader.ts';
import type { Feed, FeedToken, Publication, Reads, Store } from '../store/types.ts';
import type { FeedSource } from './build.ts';
import { isUnavailable } from './group-commit.ts';
import { readLineData } from './stored.ts';
import { showsLine } from './visible.ts';

/** All that a feed is built from, read in one snapshot. */
export type FoundFeed = {
  feed: Feed;
  /** Its owner's. */
  revision: number;
  /** The stored publication; null before the first. */
  publication: Publication | null;
  /** Its addresses; empty unless its entries carry action links. */
  tokens: readonly FeedToken[];
  source: Omit<FeedSource, 'token'>;
};

/** Reads feeds, in a number of queries that does not depend on that of feeds or lines. Erased feeds are left out. */
async function readFeeds(q: Reads, ids: readonly string[]): Promise<Map<string, FoundFeed>> {
  const feeds = [...(await q.feeds.byIds(ids)).values()];
  const owners = [...new Set(feeds.map(({ user }) => user))];
  const users = await q.users.byIds(owners);
  const publications = await q.publications.ofFeeds(ids);
  const lines = await q.lines.ofUsers(owners);
  const linesOfFeed = new Map(
    feeds.map((feed) => [feed, (lines.get(feed.user) ?? []).filter(({ id }) => showsLine(feed, id))]),
  );
  const stored = await readLineData(q, [...new Set([...linesOfFeed.values()].flat().map(({ id }) => id))]);
  const silences = await q.silences.ofUsers(owners);
  const linked = feeds.filter((feed) => feed.action_links).map(({ id }) => id);
  const tokens = linked.length > 0 ? await q.feeds.tokensOf(linked) : new Map<string, FeedToken[]>();
  const found = new Map<string, FoundFeed>();
  for (const [feed, shownLines] of linesOfFeed) {
    const user = users.get(feed.user);
    if (!user) continue;
    found.set(feed.id, {
      feed,
      revision: user.revision,
      publication: publications.get(feed.id) ?? null,
      tokens: tokens.get(feed.id) ?? [],
      source: {
        user,
        silent: silences.get(feed.user) ?? [],
        lines: shownLines.map((line) => ({ line, ...stored(line.id) })),
      },
    });
  }
  return found;
}

/** Returns a function that reads one feed and batches its calls. Includes what was written before the call. */
export function batchedReader(
  store: Pick<Store, 'engine' | 'snapshot'>,
): (feed: string) => Promise<FoundFeed | null> {
  const read = (ids: readonly string[]) => store.snapshot((q) => readFeeds(q, ids));
  const load = batchLoader<PromiseSettledResult<FoundFeed>>(async (ids) => {
    try {
      const found = [...(await read(ids))];
      return new Map(found.map(([id, value]) => [id, { status: 'fulfilled', value }]));
    } catch (error) {
      if (ids.length === 1 || isUnavailable(store, error)) throw error;
      // Read one by one, so that a feed that cannot be read does not fail the others.
      const results = new Map<string, PromiseSettledResult<FoundFeed>>();
      for (const id of ids) {
        const [result] = await Promise.allSettled([read([id])]);
        const value = result.status === 'fulfilled' ? result.value.get(id) : null;
        if (result.status === 'rejected') results.set(id, result);
        else if (value) results.set(id, { status: 'fulfilled', value });
      }
      return results;
    }
  });
  return async (id) => {
    const result = await load(id);
    if (result?.status === 'rejected') throw result.reason;
    return result?.value ?? null;
  };
}
