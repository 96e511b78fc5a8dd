import { DateTime } from 'luxon';
import { DAY } from '../lib/durations.ts';
import { FEED_DEFAULTS } from '../vocabulary.ts';

/** The days that a feed shows. */
export type FeedWindow = {
  /** The first day, `yyyy-mm-dd`. */
  from: string;
  /** The first day after the window, `yyyy-mm-dd`. */
  until: string;
  /** When the window next moves: RFC 3339 in UTC. */
  stale_at: string;
};

const MAX_CACHED = 1_000;
const cache = new Map<string, FeedWindow>();

const DAYS_AHEAD = 400;

/**
 * The days that a feed shows: at least `daysBack` days back and 400 ahead. Both ends are starts of months and move
 * together at the start of a month, so that time alone changes a feed only once a month.
 * @param today `yyyy-mm-dd` in `timeZone`.
 * @throws RangeError for a day or zone that does not exist.
 */
export function feedWindow(
  today: string,
  timeZone: string,
  daysBack: number = FEED_DEFAULTS.history_days,
): FeedWindow {
  // Cached, since it is the same for all feeds of a zone on a day, and looking up a zone's offset is slow.
  const key = `${today} ${timeZone} ${daysBack}`;
  const window = cache.get(key) ?? computeWindow(today, timeZone, daysBack);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(key, window);
  return window;
}

function computeWindow(today: string, timeZone: string, daysBack: number): FeedWindow {
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
