/** Where a date of a line or of an example moves to under another rule, for people to read. */

type MovedDate = { before: string | null; after: string | null; days: number | null };

/** As `2026-03-01 → 2026-04-01 (31 days later)`. */
export function movedText({ before, after, days }: MovedDate): string {
  const by = days === null ? '' : days > 0 ? ` (${days} days later)` : ` (${-days} days earlier)`;
  return `${before ?? 'none'} → ${after ?? 'none'}${by}`;
}
