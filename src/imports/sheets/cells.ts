/** Parses the cells of a sheet without guessing: an ambiguous cell is an error that asks which reading is meant. */
import { DateTime } from 'luxon';
import type { Decimal } from '../../service/amounts.ts';
import type { Mend } from '../../service/mend.ts';

type DateOrder = 'iso' | 'dmy' | 'mdy';
export type CellFormat = { dates: DateOrder; decimal: Decimal | null };
/** What is wrong with a cell. */
export type CellError = { detail: string; mend: Mend };
type Parsed<T> = { value: T } | CellError;

export const isCellError = <T>(parsed: Parsed<T>): parsed is CellError => 'detail' in parsed;

const NUMERIC_DATE = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/;
const ISO = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/;
const ZONED = /(?:Z|[+-]\d{2}:\d{2})$/;
/** The time that a spreadsheet adds to a date which it stores as a date-time. */
const MIDNIGHT = /[T ]+0?0:00(?::00)?$/;
const SHORT_YEAR = /^\d{1,2}[./-]\d{1,2}[./-]\d{2}$/;

/** Parses a date into `2026-02-01`; one with numbers in another order only as `dates` says. */
export function parseDate(cell: string, { dates }: CellFormat): Parsed<string> {
  const text = cell.replace(MIDNIGHT, '');
  if (MOMENT.test(text)) {
    if (ZONED.test(text)) return { value: text.replace(' ', 'T').replace(/(T\d{2}:\d{2})(?!:)/, '$1:00') };
    const mend = 'Leave the time out, or give its zone: 2026-02-01T09:00+03:00.';
    return { detail: `${text} has a time without a time zone.`, mend };
  }
  if (SHORT_YEAR.test(text))
    return { detail: `${text} has a year of two digits.`, mend: 'Write the year in full.' };
  const iso = ISO.exec(text);
  const numeric = NUMERIC_DATE.exec(text);
  if (!iso && !numeric) return { detail: `${text} is no date.`, mend: 'Write it as 2026-02-01.' };
  if (numeric && dates === 'iso') {
    const mend: Mend = [
      'Say in which order the dates are: ',
      { option: 'dates', value: 'dmy' },
      ' (day first) or ',
      { option: 'dates', value: 'mdy' },
      ' (month first).',
    ];
    return { detail: `It is unclear which number in ${text} is the day.`, mend };
  }
  const [, a, b, c] = (iso ?? numeric) as unknown as [string, string, string, string];
  const [year, month, day] = iso ? [a, b, c] : dates === 'dmy' ? [c, b, a] : [c, a, b];
  const date = DateTime.utc(Number(year), Number(month), Number(day));
  if (date.isValid) return { value: date.toISODate() };
  return {
    detail: `${text} does not exist.`,
    mend: 'Give a date of the calendar, in the order that was asked for.',
  };
}

/** Parses a phone number as spreadsheets write it. */
export function parsePhoneNumber(text: string): Parsed<string> {
  if (/^\d([.,]\d+)?e\+?\d+$/i.test(text)) {
    return {
      detail: `${text} has lost its digits: the sheet took it for a number.`,
      mend: 'Set the column to text, and enter the numbers again.',
    };
  }
  // A spreadsheet may have added decimals to a numeric column.
  const whole = text.replace(/^(\+?\d{6,})[.,]0{1,2}$/, '$1');
  const digits = whole.replace(/^'/, '').replace(/[\s\u00a0\u202f().-]/g, '');
  return { value: digits };
}
