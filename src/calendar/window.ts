import { DateTime } from 'luxon';
import { DAY } from '../lib/durations.ts';
import { FEED_DEFAULTS } from '../vocabulary.ts';

/** Which days a feed shows. */
export type FeedWindow = {
  /** The first day, `yyyy-mm-dd`. */
  from: string;
  /** The first day that is not shown any more, `yyyy-mm-dd`. */
  until: string;
  /** When the window next moves: RFC 3339 in UTC. */
  stale_at: string;
};

const MAX_REMEMBERED = 1_000;
const remembered = new Map<string, FeedWindow>();

const DAYS_AHEAD = 400;

/**
 * The days that a feed shows: at least so many back as are asked for, and 400 ahead. Both ends are starts of months and
 * move together at the start of a month, so that by time alone a feed changes once a month.
 * @param today `yyyy-mm-dd` in `timeZone`.
 * @throws RangeError for a day or zone that does not exist.
 */
export function feedWindow(
  today: string,
  timeZone: string,
  daysBack: number = FEED_DEFAULTS.history_days,
): FeedWindow {
  // The same for all feeds of a zone on a day, and the zone's offset is dear to ask for.
  const key = `${today} ${timeZone} ${daysBack}`;
  const known = remembered.get(key) ?? reckon(today, timeZone, daysBack);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(key, known);
  return known;
}

function reckon(today: string, timeZone: string, daysBack: number): FeedWindow {
  const month = startOfMonth(new Date(`${today}T00:00:00Z`), 0);
  const next = startOfMonth(month, 1);
  const stale = DateTime.fromISO(isoDate(next), { zone: timeZone });
  if (!stale.isValid) throw new RangeError(`No such time zone: ${JSON.stringify(timeZone)}.`);
  return {
    from: isoDate(startOfMonth(addDays(month, -daysBack), 0)),
    until: isoDate(startOfMonth(addDays(next, DAYS_AHEAD), 1)),
    stale_at: new Date(stale.toMillis()).toISOString(),
  };
}

function startOfMonth(day: Date, monthsLater: number): Date {
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + monthsLater, 1));
}

function addDays(day: Date, days: number): Date {
  return new Date(day.getTime() + days * DAY);
}

/** @throws RangeError for an invalid date. */
function isoDate(day: Date): string {
  return day.toISOString().slice(0, 10);
}
