/**
 * Detects silent feeds: feeds that nobody has fetched for some days although the service was up, so that their readers
 * see nothing new. The nodes record in the hourly housekeeping since when the service has been up; after a long outage,
 * no feed becomes silent until that many days have passed again. A feed already noted as silent stays so until it is
 * fetched.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DAY, HOUR } from '../lib/durations.ts';
import type { Feed, Reads, SilenceReads } from '../store/types.ts';
import type { App } from './context.ts';

/** Feeds read, and written, in one transaction, so that other requests do not wait long for the database. */
const READ_BATCH = 500;
const WRITE_BATCH = 50;

/** The stored setting with the time since which the service has been up, and the last time it was seen up. */
const PRESENCE = 'presence';
type Presence = { since: string; seen: string };

/** The largest expected skew between the nodes' clocks, in milliseconds. */
const MAX_CLOCK_SKEW = HOUR;

/** The longest outage that does not reset the count: a quarter of `days`, as 18 hours of 3 days; a night is ignored. */
const longestAbsence = (days: number): number => (days * DAY) / 4;

/** The criteria for silence at a moment. */
type SilenceThreshold = {
  /** A feed is silent only if its last fetch or change was before this moment. */
  before: string;
  /** Whether the service has been up since `before`; if not, only feeds already noted are silent. */
  wasUp: boolean;
};

/** Since when the service has been up; null if the count restarts at `now`. */
function upSince(presence: Presence | null, now: number, absence: number): string | null {
  if (presence === null) return null;
  const age = now - Date.parse(presence.seen);
  // A time in the future was written by a clock that was ahead, and is not evidence.
  return age > absence || age < -MAX_CLOCK_SKEW ? null : presence.since;
}

async function readPresence({ settings }: Pick<Reads, 'settings'>): Promise<Presence | null> {
  const text = await settings.get(PRESENCE);
  return text === null ? null : (JSON.parse(text) as Presence);
}

export async function silenceThreshold({ config, clock, store }: Pick<App, 'config' | 'clock' | 'store'>) {
  const now = clock().getTime();
  const days = config.silentAfterDays;
  const before = new Date(now - days * DAY).toISOString();
  const since = upSince(await readPresence(store), now, longestAbsence(days));
  return { before, wasUp: since !== null && since < before } satisfies SilenceThreshold;
}

/** Whether a feed is silent; for one never fetched, its creation or its owner's last change counts instead. */
export async function isSilent(
  { silences }: { silences: Pick<SilenceReads, 'ofUser'> },
  feed: Pick<Feed, 'id' | 'user' | 'last_fetched_at' | 'updated_at'>,
  { before, wasUp }: SilenceThreshold,
): Promise<boolean> {
  if ((feed.last_fetched_at ?? feed.updated_at) >= before) return false;
  return wasUp || (await silences.ofUser(feed.user)).some((noted) => noted.feed === feed.id);
}

/** Records that the service is up; several nodes may do so at once. */
const notePresence = ({ config, clock, store }: Pick<App, 'config' | 'clock' | 'store'>): Promise<void> =>
  store.write(null, async (q) => {
    const now = clock();
    const seen = now.toISOString();
    const known = await readPresence(q);
    const since = upSince(known, now.getTime(), longestAbsence(config.silentAfterDays)) ?? seen;
    await q.settings.set(PRESENCE, JSON.stringify({ since, seen } satisfies Presence));
  });

/**
 * Updates the stored silences, which also makes their owners' other feeds be republished. `signal` stops it between two
 * batches.
 */
export async function noteSilence(
  app: Pick<App, 'config' | 'clock' | 'store'>,
  signal?: AbortSignal,
): Promise<void> {
  await notePresence(app);
  const { before, wasUp } = await silenceThreshold(app);
  for (const change of wasUp ? (['end', 'note'] as const) : (['end'] as const)) {
    let after: { sign: string; feed: string } | null = null;
    do {
      const seen = await app.store.silences.findCandidates(change, { before, after, limit: READ_BATCH });
      for (let from = 0; from < seen.feeds.length; from += WRITE_BATCH) {
        if (signal?.aborted) return;
        const batch = seen.feeds.slice(from, from + WRITE_BATCH);
        await app.store.write(null, (q) => q.silences[change](batch, before));
        await sleep(1);
      }
      after = seen.next;
      await sleep(1);
    } while (after !== null && !signal?.aborted);
  }
}
