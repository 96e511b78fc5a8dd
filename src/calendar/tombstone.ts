import type { FeedHead } from './head.ts';
import { renderItem } from './item.ts';
import { type PublishedCalendar, publishCalendar } from './publication.ts';

/** The only entry of a tombstone, in the language of the former feed. */
export type LastWord = { uid: string; date: string; summary: string; description: string; url?: string };

/**
 * Builds the calendar that a revoked address serves: one all-day entry that says what to do. It makes every client
 * delete the private entries, which they would keep on 404 and 410. The same input gives the same bytes.
 */
export function tombstone(head: FeedHead, lastWord: LastWord, revokedAt: Date): PublishedCalendar {
  const item = renderItem({
    ...lastWord,
    line: null,
    categories: [],
    alarms: [],
    alarmText: '',
    done: false,
  });
  return publishCalendar(
    null,
    { head, items: [item], today: lastWord.date, describeLeftOut: () => '' },
    revokedAt,
  );
}
