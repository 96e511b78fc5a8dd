import { type Day, parseDay } from '../retention/index.ts';
import { formatDate, type Locale, say } from '../wording/index.ts';
import type { AgendaEntry, SilentFeed } from './entry.ts';
import { makeEntry, WEEK } from './make.ts';
import { type TextOptions, truncate } from './text-context.ts';

/** Then whoever reads this one has seen it, and lives without the other. */
const MAX_REMINDERS = 8;
const MAX_NAME_LENGTH = 36;

/** That one of a person's feeds is not fetched any more, told in their others, each week anew. */
export function silentFeedEntries(feeds: readonly SilentFeed[]): AgendaEntry[] {
  return feeds.flatMap((feed) =>
    Array.from({ length: MAX_REMINDERS }, (_, week) => {
      const on = (parseDay(feed.noted_on) as Day) + week * WEEK;
      return makeEntry(null, 'silent_feed', `${feed.id}/${feed.occasion}/${week + 1}`, on, { feed });
    }),
  );
}

/** What is told of it; only in full detail what its owner called it. */
export function silentFeedText(
  feed: SilentFeed,
  locale: Locale,
  { detail = 'full' }: TextOptions,
): { title: string; text: string } {
  const named = truncate(feed.name, MAX_NAME_LENGTH);
  const name = detail === 'full' ? named : '';
  const values = { name, named: name === '' ? 'no' : 'yes' };
  const date = formatDate(locale, parseDay(feed.since) as Day);
  return {
    title: say(locale, 'title.silent_feed', values),
    text: say(locale, 'text.silent_feed', { ...values, date }),
  };
}
