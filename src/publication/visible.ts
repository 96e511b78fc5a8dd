/** What a feed shows: the calendar, the page of the feed and the links in its entries must agree on it. */
import { type AgendaEntry, type EntryKind, isSnoozed } from '../agenda/index.ts';
import type { Feed } from '../store/types.ts';

export const showsLine = ({ lines }: Pick<Feed, 'lines'>, line: string): boolean =>
  lines === null || lines.includes(line);

export const showsKind = ({ kinds }: Pick<Feed, 'kinds'>, kind: EntryKind): boolean =>
  kinds === null || kinds.includes(kind);

/** An empty calendar would not show that it has come: that there is no number yet is said whatever was chosen. */
const isChosen = (feed: Pick<Feed, 'kinds'>, { key, line }: AgendaEntry): boolean =>
  (key.kind === 'nothing' && !line) || showsKind(feed, key.kind);

const SAID_BY_RENEWAL: readonly EntryKind[] = ['lead', 'last_safe_day'];

/** What an entry says, and on which day: two alike are one to their reader. */
const sayingOf = ({ key, kind, on, variant, deadline, payment }: AgendaEntry): string =>
  [key.line, kind, on, variant, deadline?.act_by, payment?.id].join(' ');

/** Without what is told again on a day on which another entry tells the same. */
function toldOnce(entries: readonly AgendaEntry[]): readonly AgendaEntry[] {
  if (!entries.some(isSnoozed)) return entries;
  const told = new Set(entries.filter((entry) => !isSnoozed(entry)).map(sayingOf));
  return entries.filter((entry) => {
    const saying = sayingOf(entry);
    if (isSnoozed(entry) && told.has(saying)) return false;
    told.add(saying);
    return true;
  });
}

/**
 * Without what the renewal that stands on the same day says already, and at more length: of that day's reminder and of
 * the last day itself, where the line was entered on it.
 */
export function withoutDuplicates(all: readonly AgendaEntry[]): AgendaEntry[] {
  const entries = toldOnce(all);
  const renewal = ({ key, on, deadline }: AgendaEntry) => `${key.line} ${on} ${deadline?.act_by}`;
  const renewals = new Set(entries.filter(({ kind, done }) => kind === 'renew' && !done).map(renewal));
  return entries.filter((entry) => !SAID_BY_RENEWAL.includes(entry.kind) || !renewals.has(renewal(entry)));
}

/** Where stages are not named, those of one line that begin on one day are one. */
function withoutNames(entries: readonly AgendaEntry[]): readonly AgendaEntry[] {
  const told = new Set<string>();
  return entries.filter(({ kind, key, on }) => {
    if (kind !== 'stage') return true;
    const isFirst = !told.has(`${key.line} ${on}`);
    told.add(`${key.line} ${on}`);
    return isFirst;
  });
}

/** The entries that a feed shows of some, whatever their date. */
export function visibleEntries(
  feed: Pick<Feed, 'kinds' | 'detail'>,
  entries: readonly AgendaEntry[],
): AgendaEntry[] {
  const chosen = entries.filter((entry) => isChosen(feed, entry));
  return withoutDuplicates(feed.detail === 'neutral' ? withoutNames(chosen) : chosen);
}
