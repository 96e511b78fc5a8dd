/** Which entries a feed shows: its calendar, its page and its action links must agree. */
import { type AgendaEntry, type EntryKind, isSnoozed } from '../agenda/index.ts';
import type { Feed } from '../store/types.ts';

export const showsLine = ({ lines }: Pick<Feed, 'lines'>, line: string): boolean =>
  lines === null || lines.includes(line);

export const showsKind = ({ kinds }: Pick<Feed, 'kinds'>, kind: EntryKind): boolean =>
  kinds === null || kinds.includes(kind);

/** The entry that there is no line yet is shown whatever kinds are selected: an empty calendar would look broken. */
const isChosen = (feed: Pick<Feed, 'kinds'>, { key, line }: AgendaEntry): boolean =>
  (key.kind === 'nothing' && !line) || showsKind(feed, key.kind);

const COVERED_BY_RENEWAL: readonly EntryKind[] = ['lead', 'last_safe_day'];

/** Two entries with the same key look the same to a reader: same line, kind, day and content. */
const duplicateKey = ({ key, kind, on, variant, deadline, payment }: AgendaEntry): string =>
  [key.line, kind, on, variant, deadline?.act_by, payment?.id].join(' ');

/** Drops snoozed entries that duplicate another entry of the same day. */
function withoutDuplicateSnoozes(entries: readonly AgendaEntry[]): readonly AgendaEntry[] {
  if (!entries.some(isSnoozed)) return entries;
  const seen = new Set(entries.filter((entry) => !isSnoozed(entry)).map(duplicateKey));
  return entries.filter((entry) => {
    const key = duplicateKey(entry);
    if (isSnoozed(entry) && seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/**
 * Drops entries that repeat what a renewal entry on the same day says in more detail: that day's reminder, and the last
 * safe day itself if the line was entered on it.
 */
export function withoutDuplicates(all: readonly AgendaEntry[]): AgendaEntry[] {
  const entries = withoutDuplicateSnoozes(all);
  const renewal = ({ key, on, deadline }: AgendaEntry) => `${key.line} ${on} ${deadline?.act_by}`;
  const renewals = new Set(entries.filter(({ kind, done }) => kind === 'renew' && !done).map(renewal));
  return entries.filter((entry) => !COVERED_BY_RENEWAL.includes(entry.kind) || !renewals.has(renewal(entry)));
}

/** In a neutral feed, which does not name stages, keeps one stage entry per line and day. */
function mergeUnnamedStages(entries: readonly AgendaEntry[]): readonly AgendaEntry[] {
  const seen = new Set<string>();
  return entries.filter(({ kind, key, on }) => {
    if (kind !== 'stage') return true;
    const isFirst = !seen.has(`${key.line} ${on}`);
    seen.add(`${key.line} ${on}`);
    return isFirst;
  });
}

/** Filters the entries that a feed shows, of any date. */
export function visibleEntries(
  feed: Pick<Feed, 'kinds' | 'detail'>,
  entries: readonly AgendaEntry[],
): AgendaEntry[] {
  const chosen = entries.filter((entry) => isChosen(feed, entry));
  return withoutDuplicates(feed.detail === 'neutral' ? mergeUnnamedStages(chosen) : chosen);
}
