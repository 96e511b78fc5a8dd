import { entryUid, type PublishedCalendar, tombstone } from '../calendar/index.ts';
import { type Locale, say } from '../wording/index.ts';

/**
 * The calendar that an ended address serves for a while: one entry that says what to do now, and nothing of the feed.
 */
export function farewell(secret: string, feed: string, locale: Locale, endedAt: Date): PublishedCalendar {
  const head = { name: 'Keepline', description: say(locale, 'ended.title') };
  const lastWord = {
    uid: entryUid(secret, 'ended', feed, ''),
    date: endedAt.toISOString().slice(0, 10),
    summary: say(locale, 'ended.title'),
    description: say(locale, 'ended.text'),
  };
  return tombstone(head, lastWord, endedAt);
}
