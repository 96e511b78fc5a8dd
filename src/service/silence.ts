/**
 * When a calendar counts as silent: nobody has fetched it for some days, though it could have been fetched, and whoever
 * relies on it sees nothing new. Nobody can fetch while the service itself is away: so its nodes write down, with the
 * hourly housekeeping, since when one of them has been there, and after a long absence no feed becomes silent until the
 * days have passed once more. What was noted before stays so until its feed is fetched.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DAY, HOUR } from '../lib/durations.ts';
import type { Feed, Reads, SilenceReads } from '../store/types.ts';
import type { App } from './context.ts';

/** Looked at, and written, at once: so that nobody else waits long for the database. */
const LOOKED_AT = 500;
const WRITTEN = 50;

/** The setting that tells since when the service has been there, and when that was last written down. */
const PRESENCE = 'presence';
type Presence = { since: string; seen: string };

/** How far the clocks of nodes may be apart. */
const SKEW = HOUR;

/** A shorter absence leaves whoever fetches time enough: of three days, eighteen hours, as of a machine off at night. */
const longestAbsence = (days: number): number => (days * DAY) / 4;

/** What silence is measured by at a moment. */
type SilenceThreshold = {
  /** The moment before which the last sign of a feed must be for it to be silent. */
  before: string;
  /** Whether the service has been there ever since; where not, only what was noted earlier is silent. */
  wasThere: boolean;
};

/** Since when the service has been there by `now`; null where that begins anew. */
function presentSince(presence: Presence | null, now: number, absence: number): string | null {
  if (presence === null) return null;
  const age = now - Date.parse(presence.seen);
  // Written by a clock that was ahead, it says nothing of the time until then.
  return age > absence || age < -SKEW ? null : presence.since;
}

async function readPresence({ settings }: Pick<Reads, 'settings'>): Promise<Presence | null> {
  const text = await settings.get(PRESENCE);
  return text === null ? null : (JSON.parse(text) as Presence);
}

export async function silenceThreshold({ config, clock, store }: Pick<App, 'config' | 'clock' | 'store'>) {
  const now = clock().getTime();
  const days = config.silentAfterDays;
  const before = new Date(now - days * DAY).toISOString();
  const since = presentSince(await readPresence(store), now, longestAbsence(days));
  return { before, wasThere: since !== null && since < before } satisfies SilenceThreshold;
}

/** Whether nobody fetches a feed; one that never was gave its last sign when it was made, or changed by its owner. */
export async function isSilent(
  { silences }: { silences: Pick<SilenceReads, 'ofUser'> },
  feed: Pick<Feed, 'id' | 'user' | 'last_fetched_at' | 'updated_at'>,
  { before, wasThere }: SilenceThreshold,
): Promise<boolean> {
  if ((feed.last_fetched_at ?? feed.updated_at) >= before) return false;
  return wasThere || (await silences.ofUser(feed.user)).some((noted) => noted.feed === feed.id);
}

/** Writes down that the service is there; several nodes may do so at once. */
const notePresence = ({ config, clock, store }: Pick<App, 'config' | 'clock' | 'store'>): Promise<void> =>
  store.write(null, async (q) => {
    const now = clock();
    const seen = now.toISOString();
    const known = await readPresence(q);
    const since = presentSince(known, now.getTime(), longestAbsence(config.silentAfterDays)) ?? seen;
    await q.settings.set(PRESENCE, JSON.stringify({ since, seen } satisfies Presence));
  });

/** Brings what is stored of silence up to date; their owners' other feeds follow. Stops between two steps. */
export async function noteSilence(
  app: Pick<App, 'config' | 'clock' | 'store'>,
  signal?: AbortSignal,
): Promise<void> {
  await notePresence(app);
  const { before, wasThere } = await silenceThreshold(app);
  for (const change of wasThere ? (['end', 'note'] as const) : (['end'] as const)) {
    let after: { sign: string; feed: string } | null = null;
    do {
      const seen = await app.store.silences.findCandidates(change, { before, after, limit: LOOKED_AT });
      for (let from = 0; from < seen.feeds.length; from += WRITTEN) {
        if (signal?.aborted) return;
        const some = seen.feeds.slice(from, from + WRITTEN);
        await app.store.write(null, (q) => q.silences[change](some, before));
        await sleep(1);
      }
      after = seen.next;
      await sleep(1);
    } while (after !== null && !signal?.aborted);
  }
}
