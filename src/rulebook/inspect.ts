/**
 * Validates a value against a schema, with findings for people. A general validator would report every branch of every
 * alternative that does not match; this one decides which alternative was meant and reports one sentence. A test makes
 * sure that both agree on what is valid.
 */
import { parseDay } from '../retention/day.ts';
import { admits, meantGroups } from './choice.ts';
import { missingKey, nameOf, unknownKey, wrongKey, wrongType, wrongValue } from './messages.ts';
import type { Finding, Path } from './problem.ts';
import { alternatives, describeValue, keysOf, patternOf, type Shape } from './shape.ts';

type Found = Finding[];

/** Not by spreading: a file made to be slow has more findings than a call can take arguments. */
function addAll(found: Found, more: Found): void {
  for (const finding of more) found.push(finding);
}

const typeOf = (value: unknown): string =>
  value === null || value === undefined ? 'null' : Array.isArray(value) ? 'array' : typeof value;

function hasType(shape: Shape, value: unknown): boolean {
  if (shape.const !== undefined || shape.enum) return typeOf(value) !== 'array' && typeOf(value) !== 'object';
  if (shape.type === undefined) return true;
  if (shape.type === 'integer') return Number.isInteger(value);
  if (shape.type === 'number') return Number.isFinite(value);
  return typeOf(value) === shape.type;
}

/** Whether a text matches the pattern of its schema; a date that does may still not exist. */
const matchesPattern = (shape: Shape, value: unknown): boolean =>
  shape.pattern !== undefined && typeof value === 'string' && patternOf(shape.pattern).test(value);

function inspectText(shape: Shape, value: string, path: Path, found: Found): void {
  const fits = shape.pattern === undefined || matchesPattern(shape, value);
  if (fits && shape.format === 'date' && parseDay(value) === null) {
    found.push({ path, message: `${nameOf(path)}: there is no day ${value} in the calendar.` });
  } else if (fits && shape.format === 'date-time' && !isMoment(value)) {
    found.push(wrongType(shape, value, path));
  } else if (!fits) {
    found.push(wrongType(shape, value, path));
  } else if (value.length < (shape.minLength ?? 0)) {
    const message = `${nameOf(path)} is too short: write at least ${shape.minLength === 1 ? 'something' : `${shape.minLength} characters`}.`;
    found.push({ path, message });
  } else if (value.length > (shape.maxLength ?? Number.POSITIVE_INFINITY)) {
    found.push({ path, message: `${nameOf(path)} is too long: at most ${shape.maxLength} characters.` });
  }
}

const MOMENT =
  /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const isMoment = (text: string) => {
  const match = MOMENT.exec(text);
  return match !== null && parseDay(match[1]!) !== null;
};

function inspectList(shape: Shape, value: readonly unknown[], path: Path, found: Found): void {
  if (value.length < (shape.minItems ?? 0)) {
    const least = shape.minItems === 1 ? 'one item' : `${shape.minItems} items`;
    found.push({
      path,
      message: `${nameOf(path)} has ${value.length || 'no'} items: it needs at least ${least}.`,
    });
  }
  const seen = new Set<string>();
  value.forEach((item, index) => {
    inspect(shape.items ?? {}, item, [...path, index], found);
    if (!shape.uniqueItems || typeof item === 'object') return;
    if (seen.has(String(item))) {
      found.push({
        path: [...path, index],
        message: `${describeValue(item)} stands twice in ${nameOf(path)}: keep one.`,
      });
    }
    seen.add(String(item));
  });
}

function inspectKeys(shape: Shape, value: Record<string, unknown>, path: Path, found: Found): void {
  for (const key of shape.required ?? []) {
    if (!Object.hasOwn(value, key)) found.push(missingKey(shape, key, path));
  }
  const [pattern, rest] = Object.entries(shape.patternProperties ?? {})[0] ?? [];
  const keys = Object.keys(value);
  if (shape.minProperties !== undefined && keys.length < shape.minProperties) {
    found.push({ path, message: `${nameOf(path)} is empty. Allowed: ${keysOf([shape]).join(', ')}.` });
  }
  for (const key of keys) {
    const property =
      shape.properties && Object.hasOwn(shape.properties, key) ? shape.properties[key] : undefined;
    if (property) {
      inspect(property, value[key], [...path, key], found);
    } else if (pattern !== undefined && rest) {
      if (patternOf(pattern).test(key)) inspect(rest, value[key], [...path, key], found);
      else found.push(wrongKey(pattern, key, path));
    } else if (shape.additionalProperties === false) {
      found.push(unknownKey([shape], key, path));
    }
  }
}

/** Inspects an object as each of the schemas that may have been meant, and reports the findings of the closest. */
function inspectGroups(
  shapes: readonly Shape[],
  value: Record<string, unknown>,
  path: Path,
  found: Found,
): void {
  const meant = meantGroups(shapes, value);
  const keys = Object.keys(value);
  if (meant.length === 0) {
    if (keys.length === 0) found.push(wrongType({ anyOf: shapes }, value, path));
    for (const key of keys) found.push(unknownKey(shapes, key, path));
    return;
  }
  const results = meant.map((shape) => {
    const result: Found = [];
    inspectKeys(shape, value, path, result);
    return result;
  });
  addAll(
    found,
    results.reduce((best, result) => (result.length < best.length ? result : best)),
  );
}

function inspectAny(shape: Shape, value: unknown, path: Path, found: Found): void {
  const fitting = alternatives(shape).filter((one) => hasType(one, value));
  if (typeOf(value) === 'object' && fitting.length > 0) {
    inspectGroups(fitting, value as Record<string, unknown>, path, found);
    return;
  }
  const results = fitting.map((one) => {
    const result: Found = [];
    inspect(one, value, path, result);
    return { one, result };
  });
  if (results.some(({ result }) => result.length === 0)) return;
  const meant = results.find(({ one }) => one.type === 'array' || matchesPattern(one, value));
  if (meant) addAll(found, meant.result);
  else found.push(wrongValue(shape, value, path));
}

/** Adds to `found` everything in a value that its schema does not allow. */
export function inspect(shape: Shape, value: unknown, path: Path, found: Found): void {
  if (shape.anyOf) {
    inspectAny(shape, value, path, found);
  } else if (shape.const !== undefined || shape.enum) {
    if (!admits(shape, value)) found.push(wrongValue(shape, value, path));
  } else if (!hasType(shape, value)) {
    found.push(wrongType(shape, value, path));
  } else if (typeof value === 'string') {
    inspectText(shape, value, path, found);
  } else if (Array.isArray(value)) {
    inspectList(shape, value, path, found);
  } else if (typeof value === 'number') {
    if (value < (shape.minimum ?? -Infinity) || value > (shape.maximum ?? Infinity)) {
      found.push(wrongType(shape, value, path));
    }
  } else if (typeof value === 'object' && value !== null) {
    inspectKeys(shape, value as Record<string, unknown>, path, found);
  }
}
