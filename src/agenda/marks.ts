import type { AgendaEntry } from './entry.ts';
import { alarmHours, type Drafting } from './make.ts';

/** The kinds of which a tick says that a deadline was answered; a later deadline is not answered by it. */
const ANSWERS: ReadonlySet<string> = new Set(['renew', 'last_safe_day', 'lead', 'overdue', 'identity']);

/** The deadline that a tick of an entry answers, `yyyy-mm-dd` in the carrier's zone; null where it answers none. */
export const answeredBy = ({ kind, deadline }: AgendaEntry): string | null =>
  ANSWERS.has(kind) ? (deadline?.act_by ?? null) : null;

/** Use moves the deadline of the same cycle on: what was ticked is to be done again by then. */
function isAnswered(entry: AgendaEntry, until: string | null): boolean {
  const deadline = answeredBy(entry);
  return until === null || deadline === null || deadline <= until;
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
    const key = { ...entry.key, cycle: `${entry.key.cycle}/again/${mark.on_day}` };
    return [entry, { ...entry, key, on: mark.on_day, alarms: rings ? [alarmHours(draft, 1)] : [] }];
  });
}
