/** Whether two things say the same: in whatever order their keys stand, and `50` as well as `50.00`. */
import { canonicalJson } from '../lib/canonical-json.ts';
import { formatAmount, parseAmount } from '../retention/money.ts';

const DECIMAL = /^-?\d{1,9}(\.\d{1,4})?$/;

/** A value with each of its amounts in one spelling. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => {
      const isAmount = name === 'amount' && typeof part === 'string' && DECIMAL.test(part);
      return [name, isAmount ? formatAmount(parseAmount(part)) : plain(part)];
    }),
  );
}

/** What a value says, as a text that all have in common that say it. */
export const canonicalForm = (value: unknown): string => canonicalJson(plain(value));

export const isEquivalent = (a: unknown, b: unknown): boolean => canonicalForm(a) === canonicalForm(b);

/** Whether something has all of these fields, and they say the same there. */
export const matchesFields = <T extends object>(known: T, fields: Partial<T>): boolean =>
  Object.entries(fields).every(([name, value]) => isEquivalent(value, known[name as keyof T]));
