/** What is stored of lines that their agenda is made of, for a calendar, a page, a link or the API alike. */
import type { Mark, Payment, Reads, StoredRecord } from '../store/types.ts';

/** All of a line that its agenda is made of. */
export type LineData = { records: StoredRecord[]; payments: Payment[]; marks: Mark[] };

/** Reads it of some lines, in as many queries whatever their number. */
export async function readLineData(
  q: Pick<Reads, 'records' | 'payments' | 'marks'>,
  ids: string[],
): Promise<(line: string) => LineData> {
  const records = await q.records.ofLines(ids);
  const payments = await q.payments.ofLines(ids);
  const marks = await q.marks.ofLines(ids);
  return (line) => ({
    records: records.get(line) ?? [],
    payments: payments.get(line) ?? [],
    marks: marks.get(line) ?? [],
  });
}
