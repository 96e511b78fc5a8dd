import type { StageEntry } from '../retention/timeline.ts';
import { formatDate } from './format.ts';
import type { Locale } from './locale.ts';
import { say } from './say.ts';

/** The remark beside the day of a stage that the two readings reach on different days; null if they agree. */
export function doubtText({ from, latest_from }: StageEntry, locale: Locale): string | null {
  if (from === latest_from) return null;
  if (from === null || latest_from === null) return say(locale, 'text.maybe_never');
  return say(locale, 'text.maybe_later', { date: formatDate(locale, latest_from) });
}
