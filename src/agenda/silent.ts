import { type Day, parseDay } from '../retention/index.ts';
import { formatDate, type Locale, say } from '../wording/index.ts';
import type { AgendaEntry, SilentFeed } from './entry.ts';
import { makeEntry, WEEK } from './make.ts';
import { type TextOptions, truncate } from './text-context.ts';

/** How many weeks to repeat it: by then the reader has seen it, and evidently does without the silent feed. */
const MAX_REMINDERS = 8;
const MAX_NAME_LENGTH = 36;

/** Weekly entries, for a person's other feeds, about feeds that are not fetched any more. */
export function silentFeedEntries(feeds: readonly SilentFeed[]): AgendaEntry[] {
  return feeds.flatMap((feed) =>
    Array.from({ length: MAX_REMINDERS }, (_, week) => {
      const on = (parseDay(feed.noted_on) as Day) + week * WEEK;
      return makeEntry(null, 'silent_feed', `${feed.id}/${feed.occasion}/${week + 1}`, on, { feed });
    }),
  );
}

/** The texts of such an entry; the feed's name appears only in full detail. */
export function silentFeedText(
  feed: SilentFeed,
  locale: Locale,
  { detail = 'full' }: TextOptions,
): { title: string; text: string } {
  const name = detail === 'full' ? truncate(feed.name, MAX_NAME_LENGTH) : '';
  const values = { name, named: name === '' ? 'no' : 'yes' };
  const date = formatDate(locale, parseDay(feed.since) as Day);
  return {
    title: say(locale, 'title.silent_feed', values),
    text: say(locale, 'text.silent_feed', { ...values, date }),
  };
}
