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
  /** This process's release, numbered in the order the database first saw them; changes with the rulebook. */
  readonly release: number;
  /** Called with the outcome for each feed. */
  onOutcome?: (outcome: 'made' | 'failed') => void;
};

/**
 * Brings a feed's publication up to date and returns the stored one: ours, or that of whoever published first. Null
 * when the feed is gone. Includes what was written before the call, unless another call for the same feed was running:
 * compare its `revision`.
 *
 * Replaces a newer release's publication only if it is outdated otherwise. Readers always get a stored publication that
 * follows the previous one, so that no SEQUENCE decreases or is used for two texts, neither during a rolling deploy nor
 * after a return to the older release.
 */
export type Publisher = (feed: string, now: Date) => Promise<Publication | null>;

const calendarOf = ({ items, changed_at, body, etag, hash }: Publication): PublishedCalendar => ({
  items,
  changed_at,
  body,
  etag,
  hash,
});

/** Off the main thread, once per publication: fetches do not compress. */
const compress = promisify(gzipBytes);
// 2% larger than at the default level 6, in half the time.
const GZIP_LEVEL = 4;

/** The stored publication, and whether another attempt is needless. */
type Outcome = { current: Publication | null; isSettled: boolean };

/** Reads and writes that are batched over all publications of a process. */
type BatchedIo = {
  read(feed: string): Promise<FoundFeed | null>;
  write: PublicationWrites['publish'];
};

async function publishOnce(
  context: PublisherContext,
  io: BatchedIo,
  id: string,
  now: Date,
): Promise<Outcome> {
  // Read once: the rules may be replaced meanwhile, and the release must be that of the rulebook used.
  const { release, rulebook, secret, site, linksTo } = context;
  const found = await io.read(id);
  if (!found) return { current: null, isSettled: true };
  const { feed, revision, publication, tokens } = found;
  const binding = feed.action_links ? linkBindingOf(tokens, now) : null;
  const source = { ...found.source, token: binding?.token ?? null };
  const target = { revision, release };
  if (publication && isCurrent(publication, target, now)) return { current: publication, isSettled: true };
  const previous = publication && calendarOf(publication);
  const built = await buildFeed({ rulebook, secret, site, linksTo }, source, feed, previous, now);
  const { calendar } = built;
  // When an address expires, links bound to it must be replaced.
  const linksEnd = binding?.until ?? built.stale_at;
  const stale_at = linksEnd < built.stale_at ? linksEnd : built.stale_at;
  const unchanged = publication?.body === calendar.body ? publication.gzip : null;
  const gzip = unchanged ?? (await compress(calendar.body, { level: GZIP_LEVEL }));
  const next = { feed: id, revision, release, stale_at, ...calendar, gzip };
  const result = await io.write(next, publication?.version ?? 0);
  const current = result.publication;
  // The winner may not have read the write that we have.
  const isSettled = result.published || current === null || isCurrent(current, target, now);
  return { current, isSettled };
}

const MAX_ATTEMPTS = 4;

async function publish(
  context: PublisherContext,
  io: BatchedIo,
  id: string,
  now: Date,
): Promise<Publication | null> {
  for (let attempt = 1; ; attempt += 1) {
    const { current, isSettled } = await publishOnce(context, io, id, now);
    if (isSettled || attempt === MAX_ATTEMPTS) return current;
  }
}

/** Creates the publisher of a process: concurrent calls for a feed share one publication. */
export function createPublisher(context: PublisherContext): Publisher {
  const running = new Map<string, Promise<Publication | null>>();
  const io = { read: batchedReader(context.store), write: groupCommit(context.store) };
  return (id, now) => {
    const present = running.get(id);
    if (present) return present;
    const work = publish(context, io, id, now).finally(() => running.delete(id));
    running.set(id, work);
    work.then(
      (publication) => publication && context.onOutcome?.('made'),
      () => context.onOutcome?.('failed'),
    );
    return work;
  };
}
