/** Parses amounts of money as people write them, without guessing. */
import type { Mend } from './mend.ts';

/** The decimal separator. */
export type Decimal = 'point' | 'comma';
/** A decimal string of up to nine digits and four decimals, and the currency if one was written. */
type Amount = { amount: string; currency: string | null };
/** The error, worded for a sheet. */
type AmountError = { detail: string; mend: Mend };

/** Removes spaces of all widths and apostrophes, which separate thousands. */
const withoutSpaces = (text: string) => text.replace(/[\s\u00a0\u202f\u2009'’]/g, '');
/** Digits, ungrouped or in groups of three, or of two as in India; with optional decimals. */
const GROUPED = {
  point: /^-?(\d+|\d{1,3}(,\d{2,3})*,\d{3})(\.\d+)?$/,
  comma: /^-?(\d+|\d{1,3}(\.\d{2,3})*\.\d{3})(,\d+)?$/,
} as const;
const GROUPS = { point: /,/g, comma: /\./g } as const;

const POINT = { option: 'decimal', value: 'point' } as const;
const COMMA = { option: 'decimal', value: 'comma' } as const;

/** How to rewrite an unreadable amount, by the decimal separator that was requested. */
const MENDS_BY_DECIMAL = {
  point: ['Write it as 1234.50, or ask for ', COMMA, '.'],
  comma: ['Write it as 1234,50, or ask for ', POINT, '.'],
  unsaid: ['Write it as 1234.50, or 1234,50 with ', COMMA, '.'],
} as const;

/**
 * Parses an amount: `1 300,50` becomes `1300.50`. One that could be thousands or decimals, as `1,300`, is an error
 * unless `decimal` is given.
 */
export function readAmount(
  text: string,
  { decimal }: { decimal: Decimal | null },
): { value: Amount } | AmountError {
  const [, sum = '', currency = ''] = /^(.*?)\s*([A-Za-z]{3})?$/.exec(text.trim()) ?? [];
  const digits = withoutSpaces(sum);
  const wrong = { detail: `${text} is no amount.`, mend: MENDS_BY_DECIMAL[decimal ?? 'unsaid'] };
  if (!/^-?[\d.,]+$/.test(digits)) return wrong;
  const separators = digits.replace(/[^.,]/g, '');
  const last = separators.at(-1);
  let mark: Decimal | null = decimal;
  if (mark === null && last !== undefined) {
    const isMixed = new Set(separators).size === 2;
    const isOnce = separators.length === 1;
    const grouped = /^-?\d{1,3}([.,])\d{3}$/.test(digits);
    if (isOnce && grouped) {
      const mend = ['Say which it is: ', POINT, ' or ', COMMA, '.'];
      return { detail: `It is unclear whether ${text} has thousands or decimals.`, mend };
    }
    // With two kinds of separators the last one is the decimal separator; one kind that is repeated groups thousands.
    mark = isMixed || isOnce ? (last === '.' ? 'point' : 'comma') : last === '.' ? 'comma' : 'point';
  }
  if (mark !== null && !GROUPED[mark].test(digits)) return wrong;
  const value = mark === null ? digits : digits.replace(GROUPS[mark], '').replace(',', '.');
  if (!/^-?\d{1,9}(\.\d{1,4})?$/.test(value)) return wrong;
  return { value: { amount: value, currency: currency ? currency.toUpperCase() : null } };
}
