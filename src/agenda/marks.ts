import { type Day, parseDay } from '../retention/index.ts';
import type { AgendaEntry, EntryKind } from './entry.ts';
import { alarmHours, type Drafting } from './make.ts';

const OBLIGATIONS: readonly EntryKind[] = ['renew', 'last_safe_day', 'lead', 'overdue', 'identity'];

/** Whether an entry of this kind, done, says that a deadline was met: in which way is a record of the ledger. */
export const isObligation = (kind: EntryKind): boolean => OBLIGATIONS.includes(kind);

const PREPARATIONS: readonly EntryKind[] = ['check_account', 'backup'];
const MONTH = 30;

/** The deadline for which an entry is ticked, `yyyy-mm-dd` in the carrier's zone; null where it is for none. */
export const answeredBy = ({ kind, deadline }: AgendaEntry): string | null =>
  isObligation(kind) || PREPARATIONS.includes(kind) ? (deadline?.act_by ?? null) : null;

/**
 * Use moves the deadline of the same cycle on, be it every day: what meets a deadline meets no later one, but an account
 * that was looked at need not be looked at again for a month.
 */
function isAnswered(entry: AgendaEntry, ticked: string | null): boolean {
  const deadline = answeredBy(entry);
  if (ticked === null || deadline === null) return true;
  const holds = isObligation(entry.kind) ? 0 : MONTH;
  return (parseDay(deadline) as Day) <= (parseDay(ticked) as Day) + holds;
}

const AGAIN = '/again/';

/** The cycle that marks name an entry by: what is told again, and put off again, is still the same entry. */
export const markedCycle = ({ key }: AgendaEntry): string => key.cycle.split(AGAIN, 1)[0] as string;

/** Days left, or days overdue, are those of the day on which an entry stands. */
function daysOn({ kind, days, on }: AgendaEntry, day: string): number {
  const later = (parseDay(day) as Day) - (parseDay(on) as Day);
  if (kind === 'lead') return days - later;
  return kind === 'overdue' ? days + later : days;
}

/** What a person has said of entries: one that is done is ticked, one to be told of again stands once more. */
export function marked(draft: Drafting, entries: AgendaEntry[]): AgendaEntry[] {
  const { line, rings } = draft;
  const marks = new Map((line.marks ?? []).map((mark) => [`${mark.kind} ${mark.cycle}`, mark]));
  if (marks.size === 0) return entries;
  return entries.flatMap((entry): AgendaEntry[] => {
    const mark = marks.get(`${entry.kind} ${entry.key.cycle}`);
    // What has been done since needs no tick and no reminder.
    if (!mark || entry.done) return [entry];
    if (mark.what === 'done') {
      return [isAnswered(entry, mark.on_day) ? { ...entry, done: true, alarms: [] } : entry];
    }
    if (mark.on_day === null) return [entry];
    const days = daysOn(entry, mark.on_day);
    // After a deadline none is left and before it none is overdue: other entries stand there.
    if (days < 0) return [entry];
    const key = { ...entry.key, cycle: `${entry.key.cycle}${AGAIN}${mark.on_day}` };
    return [entry, { ...entry, key, on: mark.on_day, days, alarms: rings ? [alarmHours(draft, 1)] : [] }];
  });
}
