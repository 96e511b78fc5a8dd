import type { SilentFeed } from '../agenda/index.ts';
import { dateInZone } from '../retention/index.ts';
import type { FeedSilence } from '../store/types.ts';

/** Converts a person's silent feeds for their agenda, with days in the person's zone. */
export const silentFeeds = (silences: readonly FeedSilence[], timeZone: string): SilentFeed[] =>
  silences.map(({ feed, name, since, noted_at }) => ({
    id: feed,
    name,
    since: dateInZone(new Date(since), timeZone),
    occasion: since,
    noted_on: dateInZone(new Date(noted_at), timeZone),
  }));
