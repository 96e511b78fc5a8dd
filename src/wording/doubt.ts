import type { StageEntry } from '../retention/timeline.ts';
import { formatDate } from './format.ts';
import type { Locale } from './locale.ts';
import { say } from './say.ts';

/** What is to be told beside the day of a stage which the two readings do not reach on the same day; null where they do. */
export function doubtText({ from, latest_from }: StageEntry, locale: Locale): string | null {
  if (from === latest_from) return null;
  if (from === null || latest_from === null) return say(locale, 'text.maybe_never');
  return say(locale, 'text.maybe_later', { date: formatDate(locale, latest_from) });
}
