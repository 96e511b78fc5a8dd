/** Marks of an entry: done, or remind later. */
import { answeredDeadline, canRemindOn, markedCycle } from '../../agenda/index.ts';
import { dateInZone, formatDay, parseDay } from '../../retention/index.ts';
import type { Mark, MarkEffect, Queries } from '../../store/types.ts';
import { type ActContext, FormRefused } from './context.ts';

/** How many days `later` postpones an entry; the text `link.later` states the same number. */
const POSTPONE_DAYS = 3;

export const markOf = async (q: Queries, line: string, { kind, cycle }: Pick<Mark, 'kind' | 'cycle'>) =>
  (await q.marks.ofLines([line])).get(line)?.find((mark) => mark.kind === kind && mark.cycle === cycle) ??
  null;

/** Marks an entry. @throws FormRefused if a later reminder would come too late */
export async function mark(
  context: ActContext,
  q: Queries,
  what: 'done' | 'later',
): Promise<{ mark: MarkEffect }> {
  const { app, line, entry } = context;
  const zone = entry.line?.time_zone ?? 'UTC';
  const now = app.clock();
  const today = parseDay(dateInZone(now, zone)) as number;
  const later = formatDay(today + POSTPONE_DAYS);
  if (what === 'later' && !canRemindOn(entry, later))
    throw new FormRefused({ field: null, key: 'act.wrong_later' });
  const on_day = what === 'later' ? later : answeredDeadline(entry);
  const entryMark = { kind: entry.key.kind, cycle: markedCycle(entry), at: now.toISOString() };
  const previous = await markOf(q, line.id, entryMark);
  await q.marks.put({ line: line.id, ...entryMark, what, on_day });
  return { mark: { ...entryMark, was: previous, ...(what === 'later' ? { again_on: later } : {}) } };
}
