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

/**
 * Explains an empty calendar, which would otherwise look broken: names the first later entry's date, if there is one.
 */
function nothingShown(ahead: readonly string[], locale: Locale): string {
  if (ahead.length === 0) return say(locale, 'feed.nothing');
  const first = ahead.reduce((a, b) => (a < b ? a : b));
  return say(locale, 'feed.later', { date: formatDate(locale, parseDay(first) as number) });
}

/** The description of a calendar, with what its entries do not show. */
export function describe({ entries, shown, withoutRule, window, locale }: Described): string {
  const sentences = [say(locale, 'feed.description')];
  if (withoutRule > 0) sentences.push(say(locale, 'feed.without_rule', { count: withoutRule }));
  const ahead = entries.map(({ on }) => on).filter((on) => on >= window.until);
  if (shown.length === 0) sentences.push(nothingShown(ahead, locale));
  return sentences.join('\n');
}
