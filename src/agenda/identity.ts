import { overdueEntries } from './consequences.ts';
import { closedCycles } from './cycle.ts';
import { identityDeadlines, isLostBy, safeOf } from './deadline.ts';
import type { AgendaEntry } from './entry.ts';
import { alarmHours, type Draft, makeEntry } from './make.ts';
import { doneBy } from './reminders.ts';

const LEAD_DAYS = 60;
const ALARM_DAYS = [1, 7];

/** The owner's duty to be identified: entries two months ahead, on the last day, and overdue until it is done. */
export function identityEntries(draft: Draft): AgendaEntry[] {
  const { line, created, rings } = draft;
  const closed = closedCycles(line, 'identity');
  const done = closed.map((cycle) =>
    makeEntry(line, 'identity', `${cycle.move.clock}/${cycle.number}/last`, safeOf(line, cycle.lastSafe), {
      variant: 'last',
      done: true,
      done_by: doneBy(cycle, line),
    }),
  );
  // Once the number is lost, the duty no longer applies.
  const owed = isLostBy(line, Math.max(line.timeline.as_of, created)) ? [] : identityDeadlines(line);
  const due = owed.flatMap((deadline) => {
    const { safeOn, because, asks } = deadline;
    const cycle = `${deadline.clock}/${closed.length}`;
    const first = Math.max(safeOn - LEAD_DAYS, created);
    const last = makeEntry(line, 'identity', `${cycle}/last`, safeOn, {
      variant: 'last',
      deadline,
      because,
      asks,
      alarms: rings ? ALARM_DAYS.map((days) => alarmHours(draft, days)) : [],
    });
    const early = makeEntry(line, 'identity', `${cycle}/first`, first, {
      variant: 'first',
      deadline,
      because,
      asks,
    });
    return [...(first < safeOn ? [early] : []), last, ...overdueEntries(draft, deadline, cycle)];
  });
  return [...done, ...due];
}
