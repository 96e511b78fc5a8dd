import { promisify } from 'node:util';
import { gzip as gzipBytes } from 'node:zlib';
import type { PublishedCalendar } from '../calendar/index.ts';
import type { Publication, PublicationWrites, Store } from '../store/types.ts';
import { linkBindingOf } from './acts.ts';
import { type BuildContext, buildFeed } from './build.ts';
import { isCurrent } from './freshness.ts';
import { groupCommit } from './group-commit.ts';
import { batchedReader, type FoundFeed } from './read.ts';

export type PublisherContext = BuildContext & {
  store: Store;
  /** This process's, numbered in the order in which the database first saw them; with the rulebook it may move on. */
  readonly release: number;
  /** Is told what became of each feed that was to be brought up to date. */
  onOutcome?: (outcome: 'made' | 'failed') => void;
};

/**
 * Brings a feed's publication up to date and answers the one that stands: ours, or that of whoever was first. Null
 * when the feed is gone. What was written before the call is in it, unless another call for the same feed was under
 * way: compare its `revision`.
 *
 * A newer release's publication is published over only where it is behind in another way. What readers are given is
 * always a publication that follows the one before, so that no SEQUENCE falls or stands for two texts, neither while a
 * deploy rolls nor after a return to the older release.
 */
export type Publisher = (feed: string, now: Date) => Promise<Publication | null>;

const calendarOf = ({ items, changed_at, body, etag, hash }: Publication): PublishedCalendar => ({
  items,
  changed_at,
  body,
  etag,
  hash,
});

/** Off the main thread, once for each publication: no fetch compresses anything. */
const compress = promisify(gzipBytes);
// Two hundredths more than by the usual 6, for half the time.
const LEVEL = 4;

type Outcome = { stands: Publication | null; settled: boolean };

/** What many publications of one process do together. */
type BatchedIo = {
  read(feed: string): Promise<FoundFeed | null>;
  write: PublicationWrites['publish'];
};

async function publishOnce(
  context: PublisherContext,
  press: BatchedIo,
  id: string,
  now: Date,
): Promise<Outcome> {
  // Read once: the rules may be replaced while this waits, and its number must be that of what it was made with.
  const { release, rulebook, secret, site, linksTo } = context;
  const found = await press.read(id);
  if (!found) return { stands: null, settled: true };
  const { feed, revision, publication, tokens } = found;
  const binding = feed.action_links ? linkBindingOf(tokens, now) : null;
  const source = { ...found.source, token: binding?.token ?? null };
  const wanted = { revision, release };
  if (publication && isCurrent(publication, wanted, now)) return { stands: publication, settled: true };
  const previous = publication && calendarOf(publication);
  const built = await buildFeed({ rulebook, secret, site, linksTo }, source, feed, previous, now);
  const { calendar } = built;
  // Links that are bound to an address which ends are made anew then.
  const ends = binding?.until ?? built.stale_at;
  const stale_at = ends < built.stale_at ? ends : built.stale_at;
  const same = publication?.body === calendar.body ? publication.gzip : null;
  const gzip = same ?? (await compress(calendar.body, { level: LEVEL }));
  const next = { feed: id, revision, release, stale_at, ...calendar, gzip };
  const result = await press.write(next, publication?.version ?? 0);
  const stands = result.publication;
  // The winner may have read before the write that we have seen.
  return { stands, settled: result.published || stands === null || isCurrent(stands, wanted, now) };
}

const ATTEMPTS = 4;

async function publish(
  context: PublisherContext,
  press: BatchedIo,
  id: string,
  now: Date,
): Promise<Publication | null> {
  for (let attempt = 1; ; attempt += 1) {
    const { stands, settled } = await publishOnce(context, press, id, now);
    if (settled || attempt === ATTEMPTS) return stands;
  }
}

/** A publisher of one process: fetches of a feed that come together wait for one publication. */
export function createPublisher(context: PublisherContext): Publisher {
  const underWay = new Map<string, Promise<Publication | null>>();
  const press = { read: batchedReader(context.store), write: groupCommit(context.store) };
  return (id, now) => {
    const present = underWay.get(id);
    if (present) return present;
    const work = publish(context, press, id, now).finally(() => underWay.delete(id));
    underWay.set(id, work);
    work.then(
      (publication) => publication && context.onOutcome?.('made'),
      () => context.onOutcome?.('failed'),
    );
    return work;
  };
}
