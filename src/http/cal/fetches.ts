/**
 * When each feed was last fetched, and by which family of clients: kept here and written once a minute, so that a
 * fetch itself writes nothing. A crash loses at most that minute. Of so many feeds that their notes would take much
 * memory, those that come last in a minute are not noted in it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store, StoreLog } from '../../store/types.ts';
import { clientFamily } from './client.ts';

/** The client that fetched a feed first in this minute, and others, where there are any. */
type Note = { at: number; client: string | null; others: Map<string | null, number> | null };

const timesOf = ({ at, client, others }: Note) => [[client, at] as const, ...(others ?? [])];

const MINUTE = 60_000;
/** Written at once, so that nobody else waits long for the database. */
const BATCH = 100;
/** So many feeds are noted in a minute. */
const MAX_FEEDS = 20_000;
const MAX_AGENTS = 500;
const MAX_AGENT_LENGTH = 300;

export function createFetchNotes(store: Store, log: StoreLog, most = MAX_FEEDS) {
  let notes = new Map<string, Note>();
  const families = new Map<string, string | null>();
  let writing: Promise<void> = Promise.resolve();

  function familyOf(agent: string | undefined): string | null {
    if (agent === undefined || agent.length > MAX_AGENT_LENGTH) return clientFamily(agent);
    const known = families.get(agent);
    if (known !== undefined) return known;
    if (families.size >= MAX_AGENTS) families.clear();
    const family = clientFamily(agent);
    families.set(agent, family);
    return family;
  }

  async function write() {
    // By feed, for neighbours lie together in the database: a page of it is then written once, and not for each of them.
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
        .catch((error: unknown) => log.warn({ err: error }, 'when feeds were fetched was not written'));
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
      const known = notes.get(feed);
      if (known === undefined) {
        if (notes.size < most) notes.set(feed, { at: at.getTime(), client, others: null });
      } else if (known.client === client) {
        known.at = at.getTime();
      } else {
        known.others ??= new Map();
        known.others.set(client, at.getTime());
      }
    },
    /** What is noted of a feed and not written yet, the latest first: whoever has just subscribed looks for it. */
    of(feed: string): { client: string | null; last_fetched_at: string }[] {
      const note = notes.get(feed);
      const times = note ? timesOf(note) : [];
      return times
        .toSorted(([, a], [, b]) => b - a)
        .map(([client, at]) => ({ client, last_fetched_at: new Date(at).toISOString() }));
    },
    /** Writes what is noted. */
    flush,
    close() {
      clearInterval(timer);
      return flush();
    },
  };
}
