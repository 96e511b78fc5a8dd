/**
 * When each feed was last fetched, and by which family of clients: kept here and written once a minute, so that a
 * fetch itself writes nothing. A crash loses at most that minute.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store, StoreLog } from '../../store/types.ts';
import { clientFamily } from './client.ts';

const MINUTE = 60_000;
/** Written at once, so that nobody else waits long for the database. */
const BATCH = 100;
const MOST_AGENTS = 500;
const LONGEST_AGENT = 300;

export function createFetchNotes(store: Store, log: StoreLog) {
  let notes = new Map<string, { at: Date; client: string | null }>();
  const families = new Map<string, string | null>();
  let writing: Promise<void> = Promise.resolve();

  function familyOf(agent: string | undefined): string | null {
    if (agent === undefined || agent.length > LONGEST_AGENT) return clientFamily(agent);
    const known = families.get(agent);
    if (known !== undefined) return known;
    if (families.size >= MOST_AGENTS) families.clear();
    const family = clientFamily(agent);
    families.set(agent, family);
    return family;
  }

  async function write() {
    const fetches = Array.from(notes, ([feed, { at, client }]) => ({ feed, at: at.toISOString(), client }));
    notes = new Map();
    for (let from = 0; from < fetches.length; from += BATCH) {
      if (from > 0) await sleep(1);
      await store
        .write(null, (q) => q.feeds.noteFetches(fetches.slice(from, from + BATCH)))
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
      if (known) {
        known.at = at;
        known.client = client;
      } else {
        notes.set(feed, { at, client });
      }
    },
    /** Writes what is noted. */
    flush,
    close() {
      clearInterval(timer);
      return flush();
    },
  };
}
