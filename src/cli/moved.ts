/** How a date of a line or of an example moves under another rule, as text. */

import { countOf } from './count.ts';

type MovedDate = { before: string | null; after: string | null; days: number | null };

/** For example `2026-03-01 → 2026-04-01 (31 days later)`. */
export function movedText({ before, after, days }: MovedDate): string {
  const by = days === null ? '' : ` (${countOf(Math.abs(days), 'day')} ${days > 0 ? 'later' : 'earlier'})`;
  return `${before ?? 'none'} → ${after ?? 'none'}${by}`;
}
