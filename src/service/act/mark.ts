/** Marks of an entry: done, or remind later. */
import { answeredDeadline, canRemindOn, markedCycle } from '../../agenda/index.ts';
import { dateInZone, formatDay, parseDay } from '../../retention/index.ts';
import type { Mark, MarkEffect, Queries } from '../../store/types.ts';
import { type Bound, FormRefused } from './bound.ts';

/** How many days `later` postpones an entry; the text `link.later` states the same number. */
const LATER_DAYS = 3;

export const markOf = async (q: Queries, line: string, { kind, cycle }: Pick<Mark, 'kind' | 'cycle'>) =>
  (await q.marks.ofLines([line])).get(line)?.find((mark) => mark.kind === kind && mark.cycle === cycle) ??
  null;

/** Marks an entry. @throws FormRefused if a later reminder would come too late */
export async function mark(bound: Bound, q: Queries, what: 'done' | 'later'): Promise<{ mark: MarkEffect }> {
  const { app, line, entry } = bound;
  const zone = entry.line?.time_zone ?? 'UTC';
  const now = app.clock();
  const today = parseDay(dateInZone(now, zone)) as number;
  const later = formatDay(today + LATER_DAYS);
  if (what === 'later' && !canRemindOn(entry, later))
    throw new FormRefused({ field: null, key: 'act.wrong_later' });
  const on_day = what === 'later' ? later : answeredDeadline(entry);
  const said = { kind: entry.key.kind, cycle: markedCycle(entry), at: now.toISOString() };
  const was = await markOf(q, line.id, said);
  await q.marks.put({ line: line.id, ...said, what, on_day });
  return { mark: { ...said, was, ...(what === 'later' ? { again_on: later } : {}) } };
}
