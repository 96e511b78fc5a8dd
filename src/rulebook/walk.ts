/** Reads parts of a file of which only some may be well-formed. */
import { isObject } from '../lib/is-object.ts';
import type { Finding, Path, Report } from './problem.ts';

/**
 * A file under check: its value, a function that adds a finding, and one that tells whether the value at a path is
 * well-formed.
 */
export type CheckContext = {
  value: unknown;
  report: Report;
  isValid: (path: Path) => boolean;
};

/** The keys of an object with their values; none if it is not an object. */
export const entries = (value: unknown): [string, unknown][] =>
  isObject(value) ? Object.entries(value) : [];

/** The items of a list with their indexes; none if it is not a list. */
export const items = (value: unknown): [number, unknown][] =>
  Array.isArray(value) ? [...value.entries()] : [];

/** The value of an own key; undefined if there is none. */
export const get = (value: unknown, key: string): unknown =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

type Visit = (value: unknown, path: Path) => void;

function walk(
  value: unknown,
  path: (string | number)[],
  visit: Visit,
  entersKey: (key: string) => boolean,
): void {
  visit(value, path);
  if (typeof value !== 'object' || value === null) return;
  const isList = Array.isArray(value);
  for (const [key, inner] of isList ? value.entries() : Object.entries(value)) {
    if (!isList && !entersKey(key as string)) continue;
    path.push(key);
    walk(inner, path, visit, entersKey);
    path.pop();
  }
}

/**
 * Visits a value and every value within it, from the top down, with its path; `entersKey` says which keys to enter. The
 * path changes in place with the next step: a new array for each of a file's thousands of values would take longer than
 * the rest.
 */
export const visitAll = (
  value: unknown,
  visit: Visit,
  entersKey: (key: string) => boolean = () => true,
): void => walk(value, [], visit, entersKey);

/** A function that tells whether none of the findings is at a path or below it. */
export const validityOf =
  (findings: readonly Finding[]) =>
  (path: Path): boolean =>
    !findings.some((finding) => path.every((step, index) => finding.path[index] === step));
