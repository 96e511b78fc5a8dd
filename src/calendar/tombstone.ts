import type { FeedHead } from './head.ts';
import { renderItem } from './item.ts';
import { type PublishedCalendar, publishCalendar } from './publication.ts';

/** What a revoked link still tells, in the language of the feed that it was. */
export type LastWord = { uid: string; date: string; summary: string; description: string; url?: string };

/**
 * The calendar that a revoked link serves, so that every client deletes the private entries (they keep them on 404
 * and 410): one all-day entry that says what to do. Same input, same bytes.
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
