/**
 * What a feed shows: the calendar, the page of the feed and the links in its entries must agree on it. And what is
 * stored of lines that their agenda is made of.
 */
import type { EntryKind } from '../agenda/index.ts';
import type { Feed, Mark, Payment, Reads, StoredRecord } from '../store/types.ts';

export const showsLine = ({ lines }: Pick<Feed, 'lines'>, line: string): boolean =>
  lines === null || lines.includes(line);

export const showsKind = ({ kinds }: Pick<Feed, 'kinds'>, kind: EntryKind): boolean =>
  kinds === null || kinds.includes(kind);

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
