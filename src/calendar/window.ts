import { DateTime } from 'luxon';

/** Which days a feed shows. */
export type FeedWindow = {
  /** The first day, `yyyy-mm-dd`. */
  from: string;
  /** The first day that is not shown any more, `yyyy-mm-dd`. */
  until: string;
  /** When the window next moves: RFC 3339 in UTC. */
  stale_at: string;
};

const DAYS_BACK = 90;
const DAYS_AHEAD = 400;

/**
 * The days that a feed shows: at least 90 back and 400 ahead. Both ends are starts of months and move together at
 * the start of a month, so that by time alone a feed changes once a month.
 * @param today `yyyy-mm-dd` in `timeZone`.
 * @throws RangeError for a day or zone that does not exist.
 */
export function feedWindow(today: string, timeZone: string): FeedWindow {
  const month = DateTime.fromISO(today, { zone: timeZone }).startOf('month');
  if (!month.isValid)
    throw new RangeError(`No such day and time zone: ${JSON.stringify({ today, timeZone })}.`);
  const next = month.plus({ months: 1 });
  return {
    from: month.minus({ days: DAYS_BACK }).startOf('month').toISODate(),
    until: next.plus({ days: DAYS_AHEAD }).endOf('month').plus({ days: 1 }).toISODate(),
    stale_at: next.toUTC().toISO(),
  };
}
