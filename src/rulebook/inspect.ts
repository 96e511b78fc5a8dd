/**
 * A value against a schema, as findings for people. A validator would name every branch of every alternative that
 * does not fit; this one decides which alternative was meant and says one sentence. That both agree on what is valid
 * is a test.
 */
import { parseDay } from '../retention/day.ts';
import { nearest } from './nearest.ts';
import type { Finding, Path } from './problem.ts';
import { allowed, alternatives, keysOf, type Shape, written } from './shape.ts';

type Found = Finding[];

const typeOf = (value: unknown): string =>
  value === null || value === undefined ? 'null' : Array.isArray(value) ? 'array' : typeof value;

function hasType(shape: Shape, value: unknown): boolean {
  if (shape.const !== undefined || shape.enum) return typeOf(value) !== 'array' && typeOf(value) !== 'object';
  if (shape.type === undefined) return true;
  if (shape.type === 'integer') return Number.isInteger(value);
  if (shape.type === 'number') return Number.isFinite(value);
  return typeOf(value) === shape.type;
}

/** What the value belongs to, in words: the key, or the list it is an item of. */
const nameOf = (path: Path): string => {
  const key = path.findLast((step) => typeof step === 'string');
  if (key === undefined) return 'This file';
  return typeof path.at(-1) === 'number' ? `An item of "${key}"` : `"${key}"`;
};

function wrongType(shape: Shape, value: unknown, path: Path): Finding {
  const wantsText = alternatives(shape).some((one) => one.type === 'string' && one.const === undefined);
  const quote =
    wantsText && (typeof value === 'number' || typeof value === 'boolean')
      ? ` To write ${value} as a text, put it in quotes: "${value}".`
      : '';
  return {
    path,
    message: `${nameOf(path)} cannot be ${written(value)}. Allowed: ${allowed(shape)}.${quote}`,
  };
}

function inspectText(shape: Shape, value: string, path: Path, found: Found): void {
  const fits = shape.pattern === undefined || new RegExp(shape.pattern, 'u').test(value);
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
        message: `${written(item)} stands twice in ${nameOf(path)}: keep one.`,
      });
    }
    seen.add(String(item));
  });
}

/** Keys that no group among the alternatives knows. */
function unknownKey(shapes: readonly Shape[], key: string, path: Path): Finding {
  const keys = keysOf(shapes);
  const meant = key === '<<' ? null : nearest(key, keys);
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

function inspectKeys(shape: Shape, value: Record<string, unknown>, path: Path, found: Found): void {
  const missing = (shape.required ?? []).filter((key) => !Object.hasOwn(value, key));
  for (const key of missing) {
    const what = allowed(shape.properties?.[key] ?? {});
    const owner = path.length === 0 ? 'This file' : nameOf(path);
    found.push({ path: [...path, key], message: `${owner} has no "${key}". Add it: ${what}.` });
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
      if (new RegExp(pattern, 'u').test(key)) inspect(rest, value[key], [...path, key], found);
      else {
        const message = `"${key}" cannot be a key of ${nameOf(path)}. Allowed: ${keyWords(pattern)}.`;
        found.push({ path: [...path, key], at: 'key', message });
      }
    } else if (shape.additionalProperties === false) {
      found.push(unknownKey([shape], key, path));
    }
  }
}

const keyWords = (pattern: string): string =>
  pattern.includes('[A-Z]{3}')
    ? 'an amount and its currency, such as `3.50 EUR`'
    : pattern === '^.*$'
      ? 'any name'
      : 'small letters, digits and "_", a letter first, at most 40';

/** Of several groups the one that was meant: by the value of `type` or `by`, else by most keys. */
function inspectGroups(
  shapes: readonly Shape[],
  value: Record<string, unknown>,
  path: Path,
  found: Found,
): void {
  const score = (shape: Shape) =>
    Object.keys(value).filter((key) => Object.hasOwn(shape.properties ?? {}, key)).length;
  const most = Math.max(...shapes.map(score));
  let meant = shapes.filter((shape) => score(shape) === most);
  const told = keysOf(meant).filter((key) =>
    meant.every((shape) => {
      const choice = shape.properties?.[key];
      return shape.required?.includes(key) && (choice?.const !== undefined || choice?.enum !== undefined);
    }),
  );
  for (const key of told) {
    const fits = meant.filter((shape) => admits(shape.properties![key]!, value[key]));
    if (fits.length === 0 && meant.length > 1) {
      const values = meant.flatMap(({ properties }) => properties![key]!.enum ?? [properties![key]!.const]);
      const choice: Shape = {
        type: 'object',
        required: [key],
        properties: { [key]: { enum: [...new Set(values)] } },
      };
      inspectKeys(choice, value, path, found);
      return;
    }
    if (fits.length > 0) meant = fits;
  }
  if (most === 0 && shapes.length > 1) {
    for (const key of Object.keys(value)) found.push(unknownKey(shapes, key, path));
    if (Object.keys(value).length === 0) found.push(wrongType({ anyOf: shapes }, value, path));
    return;
  }
  const results = meant.map((shape) => {
    const result: Found = [];
    inspectKeys(shape, value, path, result);
    return result;
  });
  found.push(...results.reduce((best, result) => (result.length < best.length ? result : best)));
}

const admits = (shape: Shape, value: unknown): boolean =>
  shape.enum ? shape.enum.includes(value) : shape.const === value;

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
  const dated = results.find(({ result }) => result[0]?.message.includes('in the calendar'));
  const list = results.find(({ one }) => one.type === 'array');
  const close = dated ?? list;
  if (close) found.push(...close.result);
  else found.push(wrongValue(shape, value, path));
}

function wrongValue(shape: Shape, value: unknown, path: Path): Finding {
  const values = alternatives(shape).flatMap(
    (one) => one.enum ?? (one.const === undefined ? [] : [one.const]),
  );
  const meant = typeof value === 'string' ? nearest(value, values.map(String)) : null;
  const finding = wrongType(shape, value, path);
  return meant && meant !== value
    ? {
        ...finding,
        message: `${nameOf(path)} cannot be ${written(value)}. Did you mean ${meant}? Allowed: ${allowed(shape)}.`,
      }
    : finding;
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
