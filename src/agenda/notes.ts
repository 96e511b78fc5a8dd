import { civil } from '../retention/day.ts';
import { type Day, parseDay } from '../retention/index.ts';
import { type FoundDeadline, isLostBy } from './deadline.ts';
import type { AgendaEntry } from './entry.ts';
import { alarmHours, type Draft, MONTH, MONTHLY_REPEATS, makeEntry } from './make.ts';

/** The day after the last record, or after the line was entered if that is later. */
const dayAfter = ({ line, created }: Draft): Day => Math.max(line.timeline.as_of, created) + 1;

/**
 * Asks at once for missing facts: a clock that nothing has started, or a line whose stage is unknown. Without a
 * deadline that would remind of the line, it is repeated monthly for two years, because until then nothing protects the
 * number.
 */
export function missingFacts(draft: Draft, deadline: FoundDeadline | null, cycle: string): AgendaEntry[] {
  const { stage, missing } = draft.line.timeline;
  // For a lost number, `alreadyLost` asks only whether that is true.
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

/** Asks to check a line that, by its records, was already lost when it was entered. */
export function alreadyLost(draft: Draft, cycle: string): AgendaEntry[] {
  const { line, created } = draft;
  if (!isLostBy(line, created)) return [];
  return [makeEntry(line, 'check_account', `${cycle}/lost`, dayAfter(draft), { variant: 'lost' })];
}

// Fixed dates: they must not move with every use of the line.
const PROMOTION_DATES = ['05-01', '11-01'];

/** Twice a year, if the rule names a page with the carrier's promotions. */
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

/** The only entry of a line for which no date is known. */
export function nothingEntry(draft: Draft): AgendaEntry {
  const on = Math.max(draft.line.timeline.as_of, draft.created);
  return makeEntry(draft.line, 'nothing', '0', on);
}
