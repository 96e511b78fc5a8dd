/** Reads the stored data that agendas are built from, for calendars, pages, links and the API. */
import type { Mark, Payment, Reads, StoredRecord } from '../store/types.ts';

/** The stored data of a line that its agenda is built from. */
export type LineData = { records: StoredRecord[]; payments: Payment[]; marks: Mark[] };

/** Reads it for several lines, in a fixed number of queries; returns a look-up by line id. */
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
