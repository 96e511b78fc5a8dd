/**
 * In-memory cache of recently fetched publications, by token, bounded in bytes. It returns outdated entries too: a
 * look-up may find that nothing has changed, or the database may be unavailable.
 */
import type { PublicationStatus, ServedFeed } from '../../store/types.ts';
import type { Answer } from './answer.ts';

export type MemoryEntry = {
  /** Of its token. */
  digest: string;
  /** Null for the farewell of an ended link. */
  noteAs: string | null;
  answer: Answer;
  served: ServedFeed;
  /** Status of the publication that the answer was made from; null for a farewell. */
  status: PublicationStatus | null;
  /** When the entry expires, in milliseconds since 1970. */
  until: number;
  /** The time of `Freshness` before the look-up that the entry comes from; 0: it is outdated already. */
  readAt: number;
};

export type Memory = ReturnType<typeof createMemory>;

/** Estimated bytes of an entry apart from its body: headers, validators, keys. */
const ENTRY_OVERHEAD = 1_500;
/** How often a token must be requested before it is admitted to a full cache. */
const ADMISSION_THRESHOLD = 4;
/** Slots for counting requests of tokens not yet admitted; a power of two. A slot tells tokens apart by 24 bits. */
const CANDIDATE_SLOTS = 1 << 15;

const bytesOf = ({ answer }: MemoryEntry): number => answer.size + ENTRY_OVERHEAD;

/** Approximate request counts in fixed space: tokens that share a slot reset each other's count. */
function createAdmissionCounter() {
  const slots = new Uint32Array(CANDIDATE_SLOTS);
  return {
    /** Counts one request. True for every `ADMISSION_THRESHOLD`th; the count then restarts. */
    admits(token: string): boolean {
      let hash = 0;
      // A token's last letters are as random as all of them.
      for (let i = token.length - 8; i < token.length; i += 1)
        hash = Math.imul(hash, 31) + token.charCodeAt(i);
      const slot = hash & (CANDIDATE_SLOTS - 1);
      const tag = (Math.imul(hash, 0x9e3779b1) & 0xffffff00) >>> 0;
      const stored = slots[slot] as number;
      const count = (stored & 0xffffff00) >>> 0 === tag ? (stored & 0xff) + 1 : 1;
      slots[slot] = count === ADMISSION_THRESHOLD ? 0 : tag + count;
      return count === ADMISSION_THRESHOLD;
    },
  };
}

/** A cache entry with the size it was last counted with. */
type SizedEntry = { entry: MemoryEntry; bytes: number };

export function createMemory(maxBytes: number) {
  // Two generations: a requested entry moves to the young one. When that takes half of `maxBytes`, it becomes the old
  // one, and the previous old one is dropped.
  let young = new Map<string, SizedEntry>();
  let old = new Map<string, SizedEntry>();
  let youngBytes = 0;
  const candidates = createAdmissionCounter();

  function resize(sized: SizedEntry, bytes: number) {
    youngBytes += bytes - sized.bytes;
    sized.bytes = bytes;
    if (youngBytes <= maxBytes / 2) return;
    old = young;
    young = new Map();
    youngBytes = 0;
  }

  function insertYoung(token: string, entry: MemoryEntry) {
    const sized = { entry, bytes: 0 };
    young.set(token, sized);
    resize(sized, bytesOf(entry));
  }

  function forget(token: string) {
    const sized = young.get(token);
    if (sized) youngBytes -= sized.bytes;
    young.delete(token);
    old.delete(token);
  }

  return {
    /** Once the cache is full, admits only tokens requested often, so that rare ones do not evict everything. */
    put(token: string, entry: MemoryEntry) {
      const sized = young.get(token);
      if (sized) {
        sized.entry = entry;
        resize(sized, bytesOf(entry));
      } else if (old.size === 0 || old.has(token) || candidates.admits(token)) insertYoung(token, entry);
    },
    get(token: string): MemoryEntry | undefined {
      const sized = young.get(token);
      if (sized) {
        const bytes = bytesOf(sized.entry);
        if (bytes !== sized.bytes) resize(sized, bytes);
        return sized.entry;
      }
      const entry = old.get(token)?.entry;
      if (entry) {
        old.delete(token);
        insertYoung(token, entry);
      }
      return entry;
    },
    forget,
    /** Forgets the entries of these addresses, named by the digests of their tokens. */
    forgetAddresses(digests: readonly string[]) {
      const gone = new Set(digests);
      for (const [token, { entry }] of [...young, ...old]) if (gone.has(entry.digest)) forget(token);
    },
  };
}
