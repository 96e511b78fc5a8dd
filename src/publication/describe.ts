import type { AgendaEntry } from '../agenda/index.ts';
import type { FeedWindow } from '../calendar/index.ts';
import { parseDay } from '../retention/index.ts';
import { formatDate, type Locale, say } from '../wording/index.ts';

type Described = {
  entries: readonly AgendaEntry[];
  shown: readonly AgendaEntry[];
  withoutRule: number;
  window: FeedWindow;
  locale: Locale;
};

/** What a calendar says of itself, with what a reader of its entries alone would miss. */
export function describe({ entries, shown, withoutRule, window, locale }: Described): string {
  const sentences = [say(locale, 'feed.description')];
  if (withoutRule > 0) sentences.push(say(locale, 'feed.without_rule', { count: withoutRule }));
  const ahead = entries.map(({ on }) => on).filter((on) => on >= window.until);
  if (shown.length === 0 && ahead.length > 0) {
    const first = ahead.reduce((one, other) => (one < other ? one : other));
    sentences.push(say(locale, 'feed.later', { date: formatDate(locale, parseDay(first) as number) }));
  }
  return sentences.join('\n');
}
