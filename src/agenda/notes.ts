import { civil } from '../retention/day.ts';
import { type Day, parseDay } from '../retention/index.ts';
import { type FoundDeadline, isLostBy } from './deadline.ts';
import type { AgendaEntry } from './entry.ts';
import { alarmHours, type Draft, MONTH, MONTHLY_REPEATS, makeEntry } from './make.ts';

/** After the last record, and not before the line was entered. */
const dayAfter = ({ line, created }: Draft): Day => Math.max(line.timeline.as_of, created) + 1;

/**
 * A clock that nothing has started, or a line of which nothing is known: what to find out, at once. Where no deadline
 * stands that would remind of the line, again each month for two years, for until it is known nothing keeps the number.
 */
export function missingFacts(draft: Draft, deadline: FoundDeadline | null, cycle: string): AgendaEntry[] {
  const { stage, missing } = draft.line.timeline;
  // Of a number that is gone it is asked only whether it is.
  if (isLostBy(draft.line, dayAfter(draft) - 1)) return [];
  if (stage !== 'unknown' && !missing.some(({ kind }) => kind === 'clock')) return [];
  return Array.from({ length: deadline ? 1 : MONTHLY_REPEATS + 1 }, (_, month) =>
    makeEntry(
      draft.line,
      'check_account',
      month === 0 ? `${cycle}/missing` : `${cycle}/missing/${month}`,
      dayAfter(draft) + month * MONTH,
      { variant: 'missing', deadline, alarms: draft.rings && month > 0 ? [alarmHours(draft, 1)] : [] },
    ),
  );
}

/** A line that by its records was lost before it was even entered: is that so? */
export function alreadyLost(draft: Draft, cycle: string): AgendaEntry[] {
  const { line, created } = draft;
  if (!isLostBy(line, created)) return [];
  return [makeEntry(line, 'check_account', `${cycle}/lost`, dayAfter(draft), { variant: 'lost' })];
}

// Fixed days, so that they stay where they are however often the line is used.
const PROMOTION_DATES = ['05-01', '11-01'];

/** Twice a year, where the carrier is known to have a place to look. */
export function promotions(draft: Draft): AgendaEntry[] {
  const { line } = draft;
  if (!line.booked.carrier.promotions?.length) return [];
  const after = dayAfter(draft) - 1;
  const { year } = civil(after);
  return [year, year + 1]
    .flatMap((y) => PROMOTION_DATES.map((date) => `${y}-${date}`))
    .filter((date) => (parseDay(date) as Day) > after)
    .slice(0, PROMOTION_DATES.length)
    .map((date) => makeEntry(line, 'promotions', date.slice(0, 7), parseDay(date) as Day));
}

/** Of a line from which no date follows. */
export function nothingEntry(draft: Draft): AgendaEntry {
  const on = Math.max(draft.line.timeline.as_of, draft.created);
  return makeEntry(draft.line, 'nothing', '0', on);
}
