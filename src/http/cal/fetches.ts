/**
 * Records when each feed was last fetched, and by which family of clients. Notes are buffered here and written once a
 * minute, so that a fetch itself writes nothing; a crash loses at most that minute. To bound memory, at most
 * `MAX_FEEDS` feeds are noted in one minute; further feeds are skipped until the next.
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
/** Feeds per transaction, so that no other write waits long. */
const BATCH = 100;
/** The most feeds noted in one minute. */
const MAX_FEEDS = 20_000;
const MAX_AGENTS = 500;
const MAX_AGENT_LENGTH = 300;

export function createFetchNotes(store: Store, log: StoreLog, maxFeeds = MAX_FEEDS) {
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

  async function write() {
    // Sorted by feed, because neighbouring rows share a database page, which is then written once.
    const noted = [...notes].sort(([one], [other]) => (one < other ? -1 : 1));
    notes = new Map();
    for (let from = 0; from < noted.length; from += BATCH) {
      if (from > 0) await sleep(1);
      const batch = noted.slice(from, from + BATCH);
      const fetches = batch.flatMap(([feed, note]) =>
        timesOf(note).map(([client, at]) => ({ feed, at: new Date(at).toISOString(), client })),
      );
      await store
        .write(null, (q) => q.feeds.noteFetches(fetches), { lazily: true })
        .catch((error: unknown) => log.warn({ err: error }, 'the times of fetches were not written'));
    }
  }

  const flush = () => {
    writing = writing.then(write);
    return writing;
  };
  const timer = setInterval(flush, MINUTE).unref();

  return {
    note(feed: string, at: Date, agent: string | undefined) {
      const client = familyOf(agent);
      const note = notes.get(feed);
      if (note === undefined) {
        if (notes.size < maxFeeds) notes.set(feed, { at: at.getTime(), client, others: null });
      } else if (note.client === client) {
        note.at = at.getTime();
      } else {
        note.others ??= new Map();
        note.others.set(client, at.getTime());
      }
    },
    /** A feed's fetches that are not written yet, latest first: somebody who has just subscribed looks for theirs. */
    of(feed: string): { client: string | null; last_fetched_at: string }[] {
      const note = notes.get(feed);
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
