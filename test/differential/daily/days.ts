/** Days as whole numbers since 1 January 1970, and arithmetic of months with luxon. */
import { DateTime } from 'luxon';

export type Day = number;
/** A number of days, or of months; a year is twelve months. */
export type Length = { days: number } | { months: number };
export type MonthEnd = 'clamp' | 'clamp_28' | 'last_day';

const MILLISECONDS = 86_400_000;
const dateOf = (day: Day): DateTime => DateTime.fromMillis(day * MILLISECONDS, { zone: 'utc' });
const numberOf = (date: DateTime): Day => Math.round(date.toMillis() / MILLISECONDS);

export const dayOf = (date: string): Day => numberOf(DateTime.fromISO(date, { zone: 'utc' }));
export const dayOfMonth = (day: Day): number => dateOf(day).day;
export const daysInMonth = (day: Day): number => dateOf(day).daysInMonth as number;

/** The day of a moment in a zone (sentence 1), and the moment in milliseconds. */
export function momentIn(zone: string, moment: string): { day: Day; at: number } {
  const local = DateTime.fromISO(moment, { setZone: true }).setZone(zone);
  return { day: dayOf(local.toISODate() as string), at: local.toMillis() };
}

const lengths = new Map<string, Length>();
export function lengthOf(period: string): Length {
  let length = lengths.get(period);
  if (!length) {
    const [count, unit] = period.split(' ') as [string, string];
    length = unit.startsWith('day')
      ? { days: Number(count) }
      : { months: Number(count) * (unit.startsWith('year') ? 12 : 1) };
    lengths.set(period, length);
  }
  return length;
}

/** Sentence 2: the same day a number of months later, adjusted in short months as `monthEnd` says. */
export function afterMonths(anchor: Day, months: number, monthEnd: MonthEnd = 'clamp'): Day {
  const key = `${anchor} ${months} ${monthEnd}`;
  const known = ends.get(key) ?? countMonths(anchor, months, monthEnd);
  ends.set(key, known);
  return known;
}
/** Results of {@link afterMonths}, which is called with the same arguments every day. */
const ends = new Map<string, Day>();

function countMonths(anchor: Day, months: number, monthEnd: MonthEnd): Day {
  const from = dateOf(anchor);
  const end = from.plus({ months });
  // `clamp_28`: the 29th to 31st become the 28th. `last_day`: the last day of a month stays the last.
  if (monthEnd === 'clamp_28') return numberOf(end.set({ day: Math.min(from.day, 28) }));
  if (monthEnd === 'last_day' && from.day === from.daysInMonth)
    return numberOf(end.endOf('month').startOf('day'));
  return numberOf(end);
}

export const after = (anchor: Day, length: Length, monthEnd: MonthEnd = 'clamp'): Day =>
  'days' in length ? anchor + length.days : afterMonths(anchor, length.months, monthEnd);
