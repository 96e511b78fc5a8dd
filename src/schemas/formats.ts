/** String formats for the API's schemas. */
import { isTimeZone } from '../lib/time-zone.ts';
import { isDate, parseDay } from '../retention/day.ts';

const MOMENT =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;

/** The UTC day of a moment, in which it is answered; at the ends of the supported years it may lie outside them. */
const dayInUtc = (moment: string) => new Date(moment.toUpperCase()).toISOString().slice(0, 10);

/**
 * Whether a text is an RFC 3339 date-time with seconds and an offset, on a date that exists; letters in either case.
 */
export function isMoment(text: string): boolean {
  const match = MOMENT.exec(text);
  return match !== null && isDate(match[1] as string) && isDate(dayInUtc(text));
}

export const formats: Record<string, (text: string) => boolean> = {
  date: isDate,
  'date-time': isMoment,
  'time-zone': isTimeZone,
};

/** Whether a string has the form of a date or moment, but its day does not exist. */
export const isMissingDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}($|T)/i.test(text) && parseDay(text.slice(0, 10)) === null;

/** Error texts for each format. */
export const formatTexts: Record<string, { wrong: string; mend: string }> = {
  date: { wrong: 'It is no date.', mend: 'Write a date from 1900 to 2999, such as `2026-03-01`.' },
  'date-time': {
    wrong: 'It is no moment.',
    mend: 'Write a moment with its offset, such as `2026-03-01T10:00:00Z`.',
  },
  'time-zone': {
    wrong: 'There is no such time zone.',
    mend: 'Write an IANA time zone, such as `Europe/Moscow`.',
  },
};
