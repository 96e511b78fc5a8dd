/** The sentences that say what is wrong with a value, and what is allowed in its place. */
import { closestMatch } from '../lib/spelling.ts';
import type { Finding, Path } from './problem.ts';
import { allowed, alternatives, keysOf, patternOf, type Shape, written } from './shape.ts';

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

/** It is of another kind than what is allowed. */
export function wrongType(shape: Shape, value: unknown, path: Path): Finding {
  const quote =
    (typeof value === 'number' || typeof value === 'boolean') && fitsInQuotes(shape, `${value}`)
      ? ` To write ${value} as a text, put it in quotes: "${value}".`
      : '';
  return {
    path,
    message: `${nameOf(path)} cannot be ${written(value)}. Allowed: ${allowed(shape)}.${quote}`,
  };
}

/** It is none of the values allowed, or not of their form. */
export function wrongValue(shape: Shape, value: unknown, path: Path): Finding {
  const values = alternatives(shape).flatMap(
    (one) => one.enum ?? (one.const === undefined ? [] : [one.const]),
  );
  const meant = typeof value === 'string' ? closestMatch(value, values.map(String)) : null;
  const finding = wrongType(shape, value, path);
  return meant && meant !== value
    ? {
        ...finding,
        message: `${nameOf(path)} cannot be ${written(value)}. Did you mean ${meant}? Allowed: ${allowed(shape)}.`,
      }
    : finding;
}

/** Keys that no group among the alternatives knows. */
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

/** A key of the writer's own choice that is not formed as such keys are. */
export const wrongKey = (pattern: string, key: string, path: Path): Finding => ({
  path: [...path, key],
  at: 'key',
  message: `"${key}" cannot be a key of ${nameOf(path)}. Allowed: ${keyWords(pattern)}.`,
});

/** A key that must be there. */
export const missingKey = (shape: Shape, key: string, path: Path): Finding => ({
  path: [...path, key],
  message: `${nameOf(path)} has no "${key}". Add it: ${allowed(shape.properties?.[key] ?? {})}.`,
});
