import { type Day, parseDay } from '../retention/index.ts';
import { isLostBy } from './deadline.ts';
import type { AgendaEntry, EntryKind } from './entry.ts';
import { alarmHours, type Draft } from './make.ts';

const OBLIGATIONS: readonly EntryKind[] = ['renew', 'last_safe_day', 'lead', 'overdue', 'identity'];

/** Whether an entry of this kind, done, says that a deadline was met: in which way is a record of the ledger. */
export const isObligation = (kind: EntryKind): boolean => OBLIGATIONS.includes(kind);

const MONTH = 30;

/** The deadline for which an entry is ticked, `yyyy-mm-dd` in the carrier's zone; null where it is for none. */
export const answeredDeadline = ({ deadline }: AgendaEntry): string | null => deadline?.act_by ?? null;

/**
 * Use moves the deadline of the same cycle on, be it every day: what meets a deadline meets no later one, but an account
 * that was looked at need not be looked at again for a month.
 */
function isAnswered(entry: AgendaEntry, ticked: string | null): boolean {
  const deadline = answeredDeadline(entry);
  if (ticked === null || deadline === null) return true;
  const holds = isObligation(entry.kind) ? 0 : MONTH;
  return (parseDay(deadline) as Day) <= (parseDay(ticked) as Day) + holds;
}

const AGAIN = '/again/';

/** The cycle that marks name an entry by: what is told again, and put off again, is still the same entry. */
export const markedCycle = ({ key }: AgendaEntry): string => key.cycle.split(AGAIN, 1)[0] as string;

/** Whether an entry stands there because its owner wanted to be reminded of it again. */
export const isSnoozed = ({ key }: AgendaEntry): boolean => key.cycle.includes(AGAIN);

/** Is there on a day of the person's zone still something to remind of? Not of a number that is lost by then. */
export const canRemindOn = ({ kind, line }: AgendaEntry, day: string): boolean =>
  !isObligation(kind) || line === null || !isLostBy(line, parseDay(day) as Day);

/**
 * As which entry one is told again on a day: before its deadline nothing is overdue, on the last day it is the last day,
 * and after it nothing is left but what is overdue. What waits for a payment says so on any day.
 */
function entryShownOn(entry: AgendaEntry, day: string, entries: readonly AgendaEntry[]): AgendaEntry {
  const { kind, deadline, variant } = entry;
  if (!isObligation(kind) || deadline === null || variant === 'pending') return entry;
  const alike = entries.filter((other) => other.deadline === deadline);
  if (day > deadline.safe)
    return alike.findLast((other) => other.kind === 'overdue' && other.on <= day) ?? entry;
  const last = alike.find((other) => other.kind === 'last_safe_day' || other.variant === 'last') ?? entry;
  if (day === deadline.safe) return last;
  return kind === 'overdue' ? (alike.find((other) => other.kind === 'renew') ?? last) : entry;
}

/** Days left, or days overdue, are those of the day on which an entry stands. */
function daysOn({ deadline }: AgendaEntry, day: string): number {
  if (deadline === null) return 0;
  return Math.abs((parseDay(day) as Day) - (parseDay(deadline.safe) as Day));
}

/** What a person has said of entries: one that is done is ticked, one to be told of again stands once more. */
export function applyMarks(draft: Draft, entries: AgendaEntry[]): AgendaEntry[] {
  const { line, rings } = draft;
  const marks = new Map((line.marks ?? []).map((mark) => [`${mark.kind} ${mark.cycle}`, mark]));
  if (marks.size === 0) return entries;
  return entries.flatMap((entry): AgendaEntry[] => {
    const mark = marks.get(`${entry.key.kind} ${entry.key.cycle}`);
    // What has been done since needs no tick and no reminder.
    if (!mark || entry.done) return [entry];
    const { what, on_day } = mark;
    if (what === 'done') return [isAnswered(entry, on_day) ? { ...entry, done: true, alarms: [] } : entry];
    if (on_day === null || !canRemindOn(entry, on_day)) return [entry];
    const told = entryShownOn(entry, on_day, entries);
    const key = { ...entry.key, cycle: `${entry.key.cycle}${AGAIN}${on_day}` };
    const alarms = rings ? [alarmHours(draft, 1)] : [];
    return [entry, { ...told, key, on: on_day, days: daysOn(told, on_day), alarms }];
  });
}
