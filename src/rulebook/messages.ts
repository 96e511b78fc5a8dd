/** Findings in words: what is wrong with a value, and what is allowed in its place. */
import { closestMatch } from '../lib/spelling.ts';
import type { Finding, Path } from './problem.ts';
import { alternatives, describeAllowed, describeValue, keysOf, patternOf, type Shape } from './shape.ts';

/** What the value belongs to, in words: the key, or the list it is an item of. */
export const nameOf = (path: Path): string => {
  const key = path.findLast((step) => typeof step === 'string');
  if (key === undefined) return 'This file';
  return typeof path.at(-1) === 'number' ? `An item of "${key}"` : `"${key}"`;
};

const fitsInQuotes = (shape: Shape, text: string): boolean =>
  alternatives(shape).some(
    ({ type, const: only, pattern = '' }) =>
      type === 'string' && only === undefined && patternOf(pattern).test(text),
  );

/** A value of another type than those allowed. */
export function wrongType(shape: Shape, value: unknown, path: Path): Finding {
  const quote =
    (typeof value === 'number' || typeof value === 'boolean') && fitsInQuotes(shape, `${value}`)
      ? ` To write ${value} as a text, put it in quotes: "${value}".`
      : '';
  return {
    path,
    message: `${nameOf(path)} cannot be ${describeValue(value)}. Allowed: ${describeAllowed(shape)}.${quote}`,
  };
}

/** A value that is none of those allowed, or not of their form. */
export function wrongValue(shape: Shape, value: unknown, path: Path): Finding {
  const values = alternatives(shape).flatMap(
    (one) => one.enum ?? (one.const === undefined ? [] : [one.const]),
  );
  const meant = typeof value === 'string' ? closestMatch(value, values.map(String)) : null;
  const finding = wrongType(shape, value, path);
  return meant && meant !== value
    ? {
        ...finding,
        message: `${nameOf(path)} cannot be ${describeValue(value)}. Did you mean ${meant}? Allowed: ${describeAllowed(shape)}.`,
      }
    : finding;
}

/** A key that none of the object schemas has. */
export function unknownKey(shapes: readonly Shape[], key: string, path: Path): Finding {
  const keys = keysOf(shapes);
  const meant = key === '<<' ? null : closestMatch(key, keys);
  const hint =
    key === '<<'
      ? ' ("<<" merges nothing here: write the keys themselves.)'
      : meant
        ? ` Did you mean "${meant}"?`
        : '';
  return {
    path: [...path, key],
    at: 'key',
    message: `"${key}" is not known here.${hint} Allowed: ${keys.join(', ')}.`,
  };
}

const keyWords = (pattern: string): string =>
  pattern.includes('[A-Z]{3}')
    ? 'an amount and its currency, such as `3.50 EUR`'
    : 'small letters, digits and "_", a letter first, at most 40';

/** A freely chosen key that is not of the form of such keys. */
export const wrongKey = (pattern: string, key: string, path: Path): Finding => ({
  path: [...path, key],
  at: 'key',
  message: `"${key}" cannot be a key of ${nameOf(path)}. Allowed: ${keyWords(pattern)}.`,
});

/** A required key that is missing. */
export const missingKey = (shape: Shape, key: string, path: Path): Finding => ({
  path: [...path, key],
  message: `${nameOf(path)} has no "${key}". Add it: ${describeAllowed(shape.properties?.[key] ?? {})}.`,
});
