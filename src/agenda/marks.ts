import { type Day, parseDay } from '../retention/index.ts';
import { isLostBy } from './deadline.ts';
import type { AgendaEntry, EntryKind } from './entry.ts';
import { alarmHours, type Draft } from './make.ts';

const OBLIGATIONS: readonly EntryKind[] = ['renew', 'last_safe_day', 'lead', 'overdue', 'identity'];

/** Whether ticking an entry of this kind says that a deadline was met; what met it is a record in the ledger. */
export const isObligation = (kind: EntryKind): boolean => OBLIGATIONS.includes(kind);

/** How many days a tick of an entry that is no obligation also covers later deadlines. */
const TICK_HOLDS_DAYS = 30;

/** The deadline for which an entry is ticked, `yyyy-mm-dd` in the carrier's zone; null if it has none. */
export const answeredDeadline = ({ deadline }: AgendaEntry): string | null => deadline?.act_by ?? null;

/**
 * Whether a tick made for the deadline `ticked` still holds. Use may move the deadline of one cycle on, even daily: a
 * tick of an obligation holds for no later deadline, but an account once checked need not be checked again for a month.
 */
function isAnswered(entry: AgendaEntry, ticked: string | null): boolean {
  const deadline = answeredDeadline(entry);
  if (ticked === null || deadline === null) return true;
  const holds = isObligation(entry.kind) ? 0 : TICK_HOLDS_DAYS;
  return (parseDay(deadline) as Day) <= (parseDay(ticked) as Day) + holds;
}

const AGAIN = '/again/';

/** The cycle by which marks identify an entry: a snoozed entry, snoozed again, is still the same entry. */
export const markedCycle = ({ key }: AgendaEntry): string => key.cycle.split(AGAIN, 1)[0] as string;

/** Whether an entry is the repeat that a snooze added. */
export const isSnoozed = ({ key }: AgendaEntry): boolean => key.cycle.includes(AGAIN);

/** Whether an entry may be snoozed to a day of the person's zone: no obligation remains once the number is lost. */
export const canRemindOn = ({ kind, line }: AgendaEntry, day: string): boolean =>
  !isObligation(kind) || line === null || !isLostBy(line, parseDay(day) as Day);

/**
 * The entry whose contents a snoozed entry takes on its new day: before the deadline never an overdue one, on the last
 * safe day that day's entry, after it an overdue one. An entry that waits for a payment stays as it is.
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

/** Days between a day and the entry's deadline, before or after it; 0 without a deadline. */
function daysOn({ deadline }: AgendaEntry, day: string): number {
  if (deadline === null) return 0;
  return Math.abs((parseDay(day) as Day) - (parseDay(deadline.safe) as Day));
}

/** Applies the owner's marks: a `done` entry is ticked, a `later` one is repeated on the day that was chosen. */
export function applyMarks(draft: Draft, entries: AgendaEntry[]): AgendaEntry[] {
  const { line, rings } = draft;
  const marks = new Map((line.marks ?? []).map((mark) => [`${mark.kind} ${mark.cycle}`, mark]));
  if (marks.size === 0) return entries;
  return entries.flatMap((entry): AgendaEntry[] => {
    const mark = marks.get(`${entry.key.kind} ${entry.key.cycle}`);
    // An entry that a record has closed meanwhile needs neither.
    if (!mark || entry.done) return [entry];
    const { what, on_day } = mark;
    if (what === 'done') return [isAnswered(entry, on_day) ? { ...entry, done: true, alarms: [] } : entry];
    if (on_day === null || !canRemindOn(entry, on_day)) return [entry];
    const shown = entryShownOn(entry, on_day, entries);
    const key = { ...entry.key, cycle: `${entry.key.cycle}${AGAIN}${on_day}` };
    const alarms = rings ? [alarmHours(draft, 1)] : [];
    return [entry, { ...shown, key, on: on_day, days: daysOn(shown, on_day), alarms }];
  });
}
