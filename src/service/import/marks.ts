/** Imports marks of a line's agenda entries; of two marks of one entry, the later one wins. */
import type { Line, Mark } from '../../store/types.ts';
import { isEquivalent } from '../equivalence.ts';
import { pastMoment, refuseRow } from './refuse.ts';
import type { MarkRow } from './rows.ts';
import type { Import } from './tally.ts';

/** Existing marks by line and entry; those of a line are read with its first row. */
export type KnownMarks = Map<string, Map<string, Mark>>;

const entryKey = ({ kind, cycle }: Pick<Mark, 'kind' | 'cycle'>) => `${kind} ${cycle}`;

async function marksOf({ q }: Import, known: KnownMarks, line: Line) {
  const read = known.get(line.id);
  if (read) return read;
  const marks = (await q.marks.ofLines([line.id])).get(line.id) ?? [];
  const byEntry = new Map(marks.map((mark) => [entryKey(mark), mark]));
  known.set(line.id, byEntry);
  return byEntry;
}

export async function importMark(work: Import, all: KnownMarks, line: Line, row: MarkRow, number: number) {
  const { app, q, tally } = work;
  const { kind, cycle, what, on_day = null } = row;
  if (what === 'later' && on_day === null) {
    const detail = '`on_day` is the day of the reminder, and `later` has one.';
    throw refuseRow(number, { pointer: '/on_day', detail, mend: 'Give `on_day`.' });
  }
  const at = pastMoment(app, row.at, number, 'at') as string;
  const mark = { line: line.id, kind, cycle, what, on_day, at };
  const marks = await marksOf(work, all, line);
  const known = marks.get(entryKey(mark));
  if (known && (known.at > at || isEquivalent(known, mark))) {
    tally.marks.unchanged += 1;
    return;
  }
  tally.marks[known ? 'changed' : 'made'] += 1;
  await q.marks.put(mark);
  marks.set(entryKey(mark), mark);
}
