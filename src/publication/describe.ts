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

/** Why a calendar is empty, which would else look broken: the first of the days for which it is too early, or nothing at all. */
function nothingShown(ahead: readonly string[], locale: Locale): string {
  if (ahead.length === 0) return say(locale, 'feed.nothing');
  const first = ahead.reduce((one, other) => (one < other ? one : other));
  return say(locale, 'feed.later', { date: formatDate(locale, parseDay(first) as number) });
}

/** What a calendar says of itself, with what a reader of its entries alone would miss. */
export function describe({ entries, shown, withoutRule, window, locale }: Described): string {
  const sentences = [say(locale, 'feed.description')];
  if (withoutRule > 0) sentences.push(say(locale, 'feed.without_rule', { count: withoutRule }));
  const ahead = entries.map(({ on }) => on).filter((on) => on >= window.until);
  if (shown.length === 0) sentences.push(nothingShown(ahead, locale));
  return sentences.join('\n');
}
