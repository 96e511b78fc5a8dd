/**
 * Records when each feed was last fetched, and by which family of clients. Notes are buffered here, by the digest of
 * the token, and written once a minute, so that a fetch itself writes nothing; a crash loses at most that minute. To
 * bound memory, at most `MAX_NOTES` addresses are noted in one minute; further ones are skipped until the next.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store, StoreLog } from '../../store/types.ts';
import { clientFamily } from './client.ts';

/**
 * Last fetches in the current minute, in ms since 1970: by the client that came first, and by others if there are any.
 */
type Note = { at: number; client: string | null; others: Map<string | null, number> | null };

const timesOf = ({ at, client, others }: Note) => [[client, at] as const, ...(others ?? [])];

const MINUTE = 60_000;
/** Notes per query or transaction. */
const BATCH = 100;
/** The most addresses noted in one minute. */
const MAX_NOTES = 20_000;
const MAX_AGENTS = 500;
const MAX_AGENT_LENGTH = 300;

export function createFetchNotes(store: Store, log: StoreLog, maxNotes = MAX_NOTES) {
  let notes = new Map<string, Note>();
  const families = new Map<string, string | null>();
  let writing: Promise<void> = Promise.resolve();

  function familyOf(agent: string | undefined): string | null {
    if (agent === undefined || agent.length > MAX_AGENT_LENGTH) return clientFamily(agent);
    const cached = families.get(agent);
    if (cached !== undefined) return cached;
    if (families.size >= MAX_AGENTS) families.clear();
    const family = clientFamily(agent);
    families.set(agent, family);
    return family;
  }

  /** Runs `work` on batches of a list, in turn, so that neither fetches nor other writes wait long. */
  async function inBatches<T>(list: readonly T[], work: (batch: T[]) => Promise<unknown>) {
    for (let from = 0; from < list.length; from += BATCH) {
      if (from > 0) await sleep(1);
      await work(list.slice(from, from + BATCH)).catch((error: unknown) =>
        log.warn({ err: error }, 'the times of fetches were not written'),
      );
    }
  }

  async function write() {
    const noted = [...notes];
    notes = new Map();
    const byFeed: [feed: string, note: Note][] = [];
    await inBatches(noted, async (batch) => {
      const feeds = await store.feeds.ofTokens(batch.map(([digest]) => digest));
      for (const [digest, note] of batch) {
        const feed = feeds.get(digest);
        if (feed !== undefined) byFeed.push([feed, note]);
      }
    });
    // Sorted by feed, because neighbouring rows share a database page, which is then written once.
    byFeed.sort(([one], [other]) => (one < other ? -1 : 1));
    await inBatches(byFeed, (batch) => {
      const fetches = batch.flatMap(([feed, note]) =>
        timesOf(note).map(([client, at]) => ({ feed, at: new Date(at).toISOString(), client })),
      );
      return store.write(null, (q) => q.feeds.noteFetches(fetches), { lazily: true });
    });
  }

  const flush = () => {
    writing = writing.then(write);
    return writing;
  };
  const timer = setInterval(flush, MINUTE).unref();

  return {
    /** Notes a fetch by the digest of its token. */
    note(digest: string, at: Date, agent: string | undefined) {
      const client = familyOf(agent);
      const note = notes.get(digest);
      if (note === undefined) {
        if (notes.size < maxNotes) notes.set(digest, { at: at.getTime(), client, others: null });
      } else if (note.client === client) {
        note.at = at.getTime();
      } else {
        note.others ??= new Map();
        note.others.set(client, at.getTime());
      }
    },
    /**
     * An address's fetches that are not written yet, latest first: somebody who has just subscribed looks for theirs.
     */
    of(digest: string): { client: string | null; last_fetched_at: string }[] {
      const note = notes.get(digest);
      const times = note ? timesOf(note) : [];
      return times
        .toSorted(([, a], [, b]) => b - a)
        .map(([client, at]) => ({ client, last_fetched_at: new Date(at).toISOString() }));
    },
    /** Writes all notes to the store. */
    flush,
    close() {
      clearInterval(timer);
      return flush();
    },
  };
}
