/** When a calendar counts as silent: nobody has fetched it for some days, and whoever relies on it sees nothing new. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DAY } from '../lib/durations.ts';
import type { Feed } from '../store/types.ts';
import type { App } from './context.ts';

/** Written at once, so that nobody else waits long for the database. */
const BATCH = 50;

/** The moment before which the last sign of a feed must be for it to be silent. */
export const silentBefore = ({ config, clock }: Pick<App, 'config' | 'clock'>): string =>
  new Date(clock().getTime() - config.silentAfterDays * DAY).toISOString();

/** Whether there was no sign of a feed since before a moment; one that was never fetched gave one when it was made. */
export const isSilent = (feed: Pick<Feed, 'last_fetched_at' | 'created_at'>, before: string): boolean =>
  (feed.last_fetched_at ?? feed.created_at) < before;

/** Brings what is stored of silence up to date; their owners' other feeds follow. */
export async function noteSilence(app: Pick<App, 'config' | 'clock' | 'store'>): Promise<void> {
  const before = silentBefore(app);
  for (const change of ['end', 'note'] as const) {
    while ((await app.store.write(null, (q) => q.silences[change](before, BATCH))) === BATCH) await sleep(1);
  }
}
