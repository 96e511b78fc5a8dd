/**
 * Days are integers: the number of days since 1970-01-01, in no zone at all. A carrier's day is a date of its own
 * zone, so nothing here knows of clocks, offsets or daylight saving time.
 */
export type Day = number;

/** Later than any date: a deadline that is not known to come. Twice this value still fits a signed 32-bit integer. */
export const NEVER: Day = 2 ** 29;

export type MonthEnd = 'clamp' | 'clamp_28' | 'last_day';

/** A length of time; years are twelve months each. */
export type Span = { count: number; unit: 'day' | 'month' };

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Days since 1970-01-01 of a proleptic Gregorian date; month 1–12. */
export function dayOf(year: number, month: number, date: number): Day {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + date - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

/** The year, month (1–12) and date of a day. */
export function civil(day: Day): { year: number; month: number; date: number } {
  const z = day + 719468;
  const era = Math.floor(z / 146097);
  const dayOfEra = z - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const mp = Math.floor((5 * dayOfYear + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    date: dayOfYear - Math.floor((153 * mp + 2) / 5) + 1,
  };
}

const lastDate = (year: number, month: number): number =>
  month === 2
    ? (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
      ? 29
      : 28
    : month === 4 || month === 6 || month === 9 || month === 11
      ? 30
      : 31;

/** A date as `2026-03-01`, or null when there is no such day. */
export function parseDay(text: string): Day | null {
  const match = DATE.exec(text);
  if (!match) return null;
  const [year, month, date] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (month < 1 || month > 12 || date < 1 || date > lastDate(year, month)) return null;
  return dayOf(year, month, date);
}

const two = (n: number) => (n < 10 ? `0${n}` : `${n}`);

/** A day as `2026-03-01`. */
export function formatDay(day: Day): string {
  const { year, month, date } = civil(day);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(date)}`;
}

/** As {@link formatDay}; null for null. */
export const formatDayOrNull = (day: Day | null): string | null => (day === null ? null : formatDay(day));

/** Adds months to a day and keeps its date; `monthEnd` decides where the month is too short for it. */
export function addMonths(day: Day, months: number, monthEnd: MonthEnd = 'clamp'): Day {
  const { year, month, date } = civil(day);
  const index = year * 12 + month - 1 + months;
  const y = Math.floor(index / 12);
  const m = index - y * 12 + 1;
  if (monthEnd === 'last_day' && date === lastDate(year, month)) return dayOf(y, m, lastDate(y, m));
  if (monthEnd === 'clamp_28') return dayOf(y, m, Math.min(date, 28));
  return dayOf(y, m, Math.min(date, lastDate(y, m)));
}

/** Whether a text is a calendar date from 1900 to 2999. */
export const isDate = (text: string): boolean => /^(19|2\d)\d\d-/.test(text) && parseDay(text) !== null;

/** The day that comes a span after `day`. */
export function addSpan(day: Day, span: Span, monthEnd: MonthEnd = 'clamp'): Day {
  return span.unit === 'day' ? day + span.count : addMonths(day, span.count, monthEnd);
}

/** A span as the rules write it: `90 days`, `6 months`, `1 year`. Throws a RangeError on anything else. */
export function parseSpan(text: string): Span {
  const match = /^(\d+) (day|month|year)s?$/.exec(text);
  if (!match) throw new RangeError(`"${text}" is no period: write it as "90 days", "6 months" or "1 year"`);
  const count = Number(match[1]);
  return match[2] === 'day'
    ? { count, unit: 'day' }
    : { count: match[2] === 'year' ? count * 12 : count, unit: 'month' };
}
