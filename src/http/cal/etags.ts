/**
 * The ETags of up to a million addresses, in 24 bytes each, so that clients who already have their calendar are answered without the
 * database. An entry is found by two hashes of the token's digest and holds 64 bits of the ETag's; where they match,
 * the calendar is the one that the client names. What does not fit displaces another entry.
 */
import type { PublicationStatus } from '../../store/types.ts';

export type Etags = ReturnType<typeof createEtags>;

/** The fields of an entry, each an unsigned integer of 32 bits; moments in whole seconds since 1970. */
const [TAG, ETAG_HIGH, ETAG_LOW, CHANGED_AT, STALE_AT, RELEASE] = [0, 1, 2, 3, 4, 5] as const;
const FIELDS = 6;
/** Entries that share a place. Each address has two places, so that nearly all can be used. */
const PLACE = 8;
/** The room for addresses at first, and the most; powers of two. */
const CAPACITY = { first: 1 << 14, most: 1 << 20 };
/** How many times the room each growth gives. */
const GROWTH = 4;
/** In the place of a moment at which a publication becomes stale: it does not. */
const NEVER = 0xffffffff;

/** 32 bits of a text; independent for each seed (FNV-1a, finished as in MurmurHash3). */
function hashOf(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
const [PLACE_SEED, TAG_SEED, HIGH_SEED, LOW_SEED] = [0x811c9dc5, 0x2545f491, 0x9e3779b1, 0x5bd1e995] as const;

const secondsOf = (moment: string): number => Math.floor(Date.parse(moment) / 1000);

export function createEtags({ first, most } = CAPACITY) {
  let capacity = first;
  let places = capacity / PLACE;
  let table = new Uint32Array(capacity * FIELDS);

  function clear() {
    places = capacity / PLACE;
    table = new Uint32Array(capacity * FIELDS);
  }

  /** An address's tag, never 0, and the index of the first field of each of its two places. */
  function placesOf(digest: string) {
    const tag = hashOf(digest, TAG_SEED) || 1;
    const first = hashOf(digest, PLACE_SEED) & (places - 1);
    const second = (first ^ Math.imul(tag, 0x9e3779b1)) & (places - 1);
    return { tag, first: first * PLACE * FIELDS, second: second * PLACE * FIELDS };
  }
  /** The index of the entry with this tag in a place; -1: there is none. The tag 0 finds room. */
  function indexIn(place: number, tag: number): number {
    for (let at = place; at < place + PLACE * FIELDS; at += FIELDS) if (table[at + TAG] === tag) return at;
    return -1;
  }
  function indexOf(digest: string): number {
    const { tag, first, second } = placesOf(digest);
    const index = indexIn(first, tag);
    return index >= 0 ? index : indexIn(second, tag);
  }
  function countFree(place: number): number {
    let free = 0;
    for (let at = place; at < place + PLACE * FIELDS; at += FIELDS) if (table[at + TAG] === 0) free += 1;
    return free;
  }
  /** The index of an address's entry; if it has none, of room for one, in the emptier of its places. */
  function roomFor(digest: string): number {
    const present = indexOf(digest);
    if (present >= 0) return present;
    const { tag, first, second } = placesOf(digest);
    const place = countFree(first) < countFree(second) ? second : first;
    const free = indexIn(place, 0);
    return free >= 0 ? free : place + (tag % PLACE) * FIELDS;
  }
  /** As typed arrays are filled, without checks of their bounds. */
  const set = (index: number, field: number, value: number) => {
    table[index + field] = value;
  };

  return {
    /** How many addresses there is room for. */
    capacity: () => capacity,
    /** Makes room for more addresses and forgets all; false: there is no more room. */
    grow(): boolean {
      if (capacity >= most) return false;
      capacity = Math.min(capacity * GROWTH, most);
      clear();
      return true;
    },
    /** Stores what an address that has no end serves. */
    put(digest: string, { etag, changed_at, stale_at, release }: PublicationStatus) {
      const index = roomFor(digest);
      set(index, TAG, hashOf(digest, TAG_SEED) || 1);
      set(index, ETAG_HIGH, hashOf(etag, HIGH_SEED));
      set(index, ETAG_LOW, hashOf(etag, LOW_SEED));
      set(index, CHANGED_AT, secondsOf(changed_at));
      set(index, STALE_AT, stale_at === null ? NEVER : secondsOf(stale_at));
      set(index, RELEASE, release);
    },
    /** What is known of the calendar if its ETag is this one; moments in milliseconds since 1970, whole seconds. */
    find(
      digest: string,
      etag: string,
    ): { changedAt: number; staleAt: number | null; release: number } | null {
      const index = indexOf(digest);
      if (index < 0) return null;
      if (table[index + ETAG_HIGH] !== hashOf(etag, HIGH_SEED)) return null;
      if (table[index + ETAG_LOW] !== hashOf(etag, LOW_SEED)) return null;
      const staleAt = table[index + STALE_AT] as number;
      return {
        changedAt: (table[index + CHANGED_AT] as number) * 1000,
        staleAt: staleAt === NEVER ? null : staleAt * 1000,
        release: table[index + RELEASE] as number,
      };
    },
    forget(digest: string) {
      const index = indexOf(digest);
      if (index >= 0) set(index, TAG, 0);
    },
    clear,
  };
}
