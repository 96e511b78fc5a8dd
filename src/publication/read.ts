/**
 * What feeds are made of, read for many at once: a query for twenty costs little more than one for one. What is asked for
 * while a query is under way goes into the next.
 */
import { batchLoader } from '../lib/batch-loader.ts';
import type { Feed, FeedToken, Publication, Reads, Store } from '../store/types.ts';
import type { FeedSource } from './build.ts';
import { isUnavailable } from './group-commit.ts';
import { readLineData } from './stored.ts';
import { showsLine } from './visible.ts';

/** All that a feed is made of, as of one moment. */
export type FoundFeed = {
  feed: Feed;
  /** Its owner's. */
  revision: number;
  /** What stands of it, null before its first. */
  publication: Publication | null;
  /** Its addresses, where its entries carry links. */
  tokens: readonly FeedToken[];
  source: Omit<FeedSource, 'token'>;
};

/** Reads some feeds, in as many queries whatever their number and that of their lines; those that are gone are left out. */
async function readFeeds(q: Reads, ids: readonly string[]): Promise<Map<string, FoundFeed>> {
  const feeds = [...(await q.feeds.byIds(ids)).values()];
  const owners = [...new Set(feeds.map(({ user }) => user))];
  const users = await q.users.byIds(owners);
  const publications = await q.publications.ofFeeds(ids);
  const lines = await q.lines.ofUsers(owners);
  const chosen = new Map(
    feeds.map((feed) => [feed, (lines.get(feed.user) ?? []).filter(({ id }) => showsLine(feed, id))]),
  );
  const stored = await readLineData(q, [...new Set([...chosen.values()].flat().map(({ id }) => id))]);
  const silences = await q.silences.ofUsers(owners);
  const linked = feeds.filter((feed) => feed.action_links).map(({ id }) => id);
  const tokens = linked.length > 0 ? await q.feeds.tokensOf(linked) : new Map<string, FeedToken[]>();
  const found = new Map<string, FoundFeed>();
  for (const [feed, own] of chosen) {
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
        lines: own.map((line) => ({ line, ...stored(line.id) })),
      },
    });
  }
  return found;
}

/** Reads one feed; what is asked for at once is read together. What was written before the call is in it. */
export function batchedReader(
  store: Pick<Store, 'engine' | 'snapshot'>,
): (feed: string) => Promise<FoundFeed | null> {
  const read = (ids: readonly string[]) => store.snapshot((q) => readFeeds(q, ids));
  const together = batchLoader<PromiseSettledResult<FoundFeed>>(async (ids) => {
    try {
      const found = [...(await read(ids))];
      return new Map(found.map(([id, value]) => [id, { status: 'fulfilled', value }]));
    } catch (error) {
      if (ids.length === 1 || isUnavailable(store, error)) throw error;
      // One that cannot be read must not take the others with it.
      const each = new Map<string, PromiseSettledResult<FoundFeed>>();
      for (const id of ids) {
        const [result] = await Promise.allSettled([read([id])]);
        const value = result.status === 'fulfilled' ? result.value.get(id) : null;
        if (result.status === 'rejected') each.set(id, result);
        else if (value) each.set(id, { status: 'fulfilled', value });
      }
      return each;
    }
  });
  return async (id) => {
    const result = await together(id);
    if (result?.status === 'rejected') throw result.reason;
    return result?.value ?? null;
  };
}
