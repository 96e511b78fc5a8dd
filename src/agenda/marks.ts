import type { AgendaEntry } from './entry.ts';
import { alarmHours, type Drafting } from './make.ts';

/** What a person has said of entries: one that is done is ticked, one to be told of again stands once more. */
export function marked(draft: Drafting, entries: AgendaEntry[]): AgendaEntry[] {
  const { line, rings } = draft;
  const marks = new Map((line.marks ?? []).map((mark) => [`${mark.kind} ${mark.cycle}`, mark]));
  if (marks.size === 0) return entries;
  return entries.flatMap((entry): AgendaEntry[] => {
    const mark = marks.get(`${entry.kind} ${entry.key.cycle}`);
    // What has been done since needs no tick and no reminder.
    if (!mark || entry.done) return [entry];
    if (mark.what === 'done') return [{ ...entry, done: true, alarms: [] }];
    if (mark.on_day === null) return [entry];
    const key = { ...entry.key, cycle: `${entry.key.cycle}/again/${mark.on_day}` };
    return [entry, { ...entry, key, on: mark.on_day, alarms: rings ? [alarmHours(draft, 1)] : [] }];
  });
}
