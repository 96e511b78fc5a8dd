/**
 * What a feed shows: the calendar, the page of the feed and the links in its entries must agree on it. And what is
 * stored of lines that their agenda is made of.
 */
import type { AgendaEntry, EntryKind } from '../agenda/index.ts';
import type { Feed, Mark, Payment, Reads, StoredRecord } from '../store/types.ts';

export const showsLine = ({ lines }: Pick<Feed, 'lines'>, line: string): boolean =>
  lines === null || lines.includes(line);

export const showsKind = ({ kinds }: Pick<Feed, 'kinds'>, kind: EntryKind): boolean =>
  kinds === null || kinds.includes(kind);

/** An empty calendar would not show that it has come: that there is no number yet is said whatever was chosen. */
const isChosen = (feed: Pick<Feed, 'kinds'>, { kind, line }: AgendaEntry): boolean =>
  (kind === 'nothing' && !line) || showsKind(feed, kind);

const SAID_BY_RENEWAL: readonly EntryKind[] = ['lead', 'last_safe_day'];

/**
 * Without what the renewal that stands on the same day says already, and at more length: of that day's reminder and of
 * the last day itself, where the line was entered on it.
 */
export function withoutEchoes(entries: readonly AgendaEntry[]): AgendaEntry[] {
  const renewal = ({ key, on, deadline }: AgendaEntry) => `${key.line} ${on} ${deadline?.act_by}`;
  const renewals = new Set(entries.filter(({ kind, done }) => kind === 'renew' && !done).map(renewal));
  return entries.filter((entry) => !SAID_BY_RENEWAL.includes(entry.kind) || !renewals.has(renewal(entry)));
}

/** The entries that a feed shows of some, whatever their date. */
export const shownOf = (feed: Pick<Feed, 'kinds'>, entries: readonly AgendaEntry[]): AgendaEntry[] =>
  withoutEchoes(entries.filter((entry) => isChosen(feed, entry)));

/** All of a line that its agenda is made of. */
export type StoredOfLine = { records: StoredRecord[]; payments: Payment[]; marks: Mark[] };

/** Reads it of some lines, in as many queries whatever their number. */
export async function readOfLines(
  q: Pick<Reads, 'records' | 'payments' | 'marks'>,
  ids: string[],
): Promise<(line: string) => StoredOfLine> {
  const records = await q.records.ofLines(ids);
  const payments = await q.payments.ofLines(ids);
  const marks = await q.marks.ofLines(ids);
  return (line) => ({
    records: records.get(line) ?? [],
    payments: payments.get(line) ?? [],
    marks: marks.get(line) ?? [],
  });
}
