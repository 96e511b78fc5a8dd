/**
 * The publications fetched lately, by their token, within a bound of bytes. It knows since when each has
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
/** A newcomer is asked for so often before it takes another's place. */
const ADMITTED_AFTER = 4;
/** So many that were asked for less often are told apart, each in 24 bits; a power of two. */
const NEWCOMERS = 1 << 15;
/** So many owners' last writes are kept apart; then all entries are looked up anew, once. */
const MAX_WRITERS = 10_000;

const bytesOf = ({ answer }: Remembered): number => answer.size + OVERHEAD;

/** How often each of many was asked for, about: two that share a place make each other forgotten. */
function createCounter() {
  const places = new Uint32Array(NEWCOMERS);
  return {
    /** Counts once more. True for the last of `ADMITTED_AFTER` times; then it begins anew. */
    isAdmitted(token: string): boolean {
      let hash = 0;
      // A token's last letters are as random as all of them.
      for (let i = token.length - 8; i < token.length; i += 1)
        hash = Math.imul(hash, 31) + token.charCodeAt(i);
      const place = hash & (NEWCOMERS - 1);
      const mark = (Math.imul(hash, 0x9e3779b1) & 0xffffff00) >>> 0;
      const present = places[place] as number;
      const count = (present & 0xffffff00) >>> 0 === mark ? (present & 0xff) + 1 : 1;
      places[place] = count === ADMITTED_AFTER ? 0 : mark + count;
      return count === ADMITTED_AFTER;
    },
  };
}

/** With as many bytes as it was last counted for. */
type Held = { entry: Remembered; bytes: number };

export function createMemory(maxBytes: number) {
  // Two generations: what is asked for moves to the young one; the old one goes when the young one is half of all.
  let young = new Map<string, Held>();
  let old = new Map<string, Held>();
  let youngBytes = 0;
  let time = 1;
  let allSince = 0;
  const writes = new Map<string, number>();
  const newcomers = createCounter();

  function count(held: Held, bytes: number) {
    youngBytes += bytes - held.bytes;
    held.bytes = bytes;
    if (youngBytes <= maxBytes / 2) return;
    old = young;
    young = new Map();
    youngBytes = 0;
  }

  function enter(token: string, entry: Remembered) {
    const held = { entry, bytes: 0 };
    young.set(token, held);
    count(held, bytesOf(entry));
  }

  function forget(token: string) {
    const held = young.get(token);
    if (held) youngBytes -= held.bytes;
    young.delete(token);
    old.delete(token);
  }

  function forgetOwners(users: ReadonlySet<string>) {
    for (const [token, { entry }] of [...young, ...old]) {
      if (entry.served.user !== null && users.has(entry.served.user)) forget(token);
    }
  }

  return {
    /** The memory's time: read it before looking something up, and remember the find with it. */
    time: () => time,
    /** Once all is full, only what is asked for often comes in: else those asked for now and then would drive out all. */
    put(token: string, entry: Remembered) {
      const held = young.get(token);
      if (held) {
        held.entry = entry;
        count(held, bytesOf(entry));
      } else if (old.size === 0 || old.has(token) || newcomers.isAdmitted(token)) enter(token, entry);
    },
    get(token: string): Remembered | undefined {
      const held = young.get(token);
      if (held) {
        const bytes = bytesOf(held.entry);
        if (bytes !== held.bytes) count(held, bytes);
        return held.entry;
      }
      const entry = old.get(token)?.entry;
      if (entry) {
        old.delete(token);
        enter(token, entry);
      }
      return entry;
    },
    forget,
    /** Whether nobody has written since what the entry was made from. */
    vouchesFor: ({ seen, served }: Remembered): boolean =>
      seen > allSince && (served.user === null || (writes.get(served.user) ?? 0) < seen),
    /** The owners who have written; null for anybody. Of those who have erased something nothing is kept. */
    noteWrites(users: readonly string[] | null, hasErased: boolean) {
      if (users !== null && hasErased) forgetOwners(new Set(users));
      time += 1;
      if (users === null || writes.size + users.length > MAX_WRITERS) {
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
