/**
 * The publications fetched lately, by their token's digest, within a bound of bytes. It knows since when each has
 * been so, and whether its owner has written since; what it no longer vouches for it still gives, for a look-up may
 * find that nothing has changed, or that there is no database to ask.
 */
import type { PublicationStatus, ServedFeed } from '../../store/types.ts';
import type { Answer } from './answer.ts';

export type Remembered = {
  /** Null for a farewell. */
  feed: string | null;
  answer: Answer;
  served: ServedFeed;
  /** Of the publication that the answer was made from; null for a farewell. */
  status: PublicationStatus | null;
  /** Milliseconds since 1970: from then on it says nothing any more. */
  until: number;
  /** The memory's time at which it was known to be so. */
  seen: number;
};

export type Memory = ReturnType<typeof createMemory>;

/** What an entry takes beside its body: headers, validators, keys. */
const OVERHEAD = 1_500;
/** So many of those that were asked for once are told from the rest. */
const MOST_SEEN = 20_000;
/** So many owners' last writes are kept apart; then all entries are looked up anew, once. */
const MOST_WRITERS = 10_000;

const bytesOf = ({ answer }: Remembered): number => answer.size + OVERHEAD;

export function createMemory(maxBytes: number) {
  // Two generations: what is asked for moves to the young one; the old one goes when the young one is half of all.
  let young = new Map<string, Remembered>();
  let old = new Map<string, Remembered>();
  let youngBytes = 0;
  let time = 1;
  let allSince = 0;
  const writes = new Map<string, number>();
  const seenOnce = new Set<string>();

  /** Once all is full, only what is asked for twice comes in: else those asked for now and then would drive out all. */
  function mayEnter(digest: string): boolean {
    if (old.size === 0 || old.has(digest) || seenOnce.delete(digest)) return true;
    if (seenOnce.size >= MOST_SEEN) seenOnce.clear();
    seenOnce.add(digest);
    return false;
  }

  function keep(digest: string, entry: Remembered) {
    const before = young.get(digest);
    const size = bytesOf;
    youngBytes += size(entry) - (before ? size(before) : 0);
    young.set(digest, entry);
    if (youngBytes <= maxBytes / 2) return;
    old = young;
    young = new Map();
    youngBytes = 0;
  }

  return {
    /** The memory's time: read it before looking something up, and remember the find with it. */
    time: () => time,
    put(digest: string, entry: Remembered) {
      if (young.has(digest) || mayEnter(digest)) keep(digest, entry);
    },
    get(digest: string): Remembered | undefined {
      const entry = young.get(digest);
      if (entry) return entry;
      const older = old.get(digest);
      if (older) {
        old.delete(digest);
        keep(digest, older);
      }
      return older;
    },
    forget(digest: string) {
      const entry = young.get(digest);
      if (entry) youngBytes -= bytesOf(entry);
      young.delete(digest);
      old.delete(digest);
    },
    /** Whether nobody has written since what the entry was made from. */
    vouchesFor: ({ seen, served }: Remembered): boolean =>
      seen > allSince && (served.user === null || (writes.get(served.user) ?? 0) < seen),
    /** The owners who have written; null for anybody. */
    noteWrites(users: readonly string[] | null) {
      time += 1;
      if (users === null || writes.size + users.length > MOST_WRITERS) {
        allSince = time;
        writes.clear();
        time += 1;
        return;
      }
      for (const user of users) writes.set(user, time);
      time += 1;
    },
  };
}
