/** Equality of JSON values, regardless of the order of keys and of how amounts are written: `50` equals `50.00`. */
import { canonicalJson } from '../lib/canonical-json.ts';
import { formatAmount, parseAmount } from '../retention/money.ts';

const DECIMAL = /^-?\d{1,9}(\.\d{1,4})?$/;

/** A value with its amounts normalised. */
function normalise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalise);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => {
      const isAmount = name === 'amount' && typeof part === 'string' && DECIMAL.test(part);
      return [name, isAmount ? formatAmount(parseAmount(part)) : normalise(part)];
    }),
  );
}

/** A canonical text of a value: equivalent values have the same one. */
export const canonicalForm = (value: unknown): string => canonicalJson(normalise(value));

export const isEquivalent = (a: unknown, b: unknown): boolean => canonicalForm(a) === canonicalForm(b);

/** Whether an object has all of these fields with equivalent values. */
export const matchesFields = <T extends object>(known: T, fields: Partial<T>): boolean =>
  Object.entries(fields).every(([name, value]) => isEquivalent(value, known[name as keyof T]));
