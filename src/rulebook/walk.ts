/** Steps through a file of which only some parts may be well-formed. */
import { isObject } from '../lib/is-object.ts';
import type { Finding, Path, Say } from './problem.ts';

/** One file under check: what it holds, what was found so far, and whether a part of it is well-formed. */
export type Checked = {
  value: unknown;
  say: Say;
  sound: (path: Path) => boolean;
};

/** The keys of a group with their values; none where it is no group. */
export const entries = (value: unknown): [string, unknown][] =>
  isObject(value) ? Object.entries(value) : [];

/** The items of a list with their indexes; none where it is no list. */
export const items = (value: unknown): [number, unknown][] =>
  Array.isArray(value) ? [...value.entries()] : [];

/** A key's own value; nothing where there is none, nor from a prototype. */
export const get = (value: unknown, key: string): unknown =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

type Visit = (value: unknown, path: Path) => void;

function walk(value: unknown, path: (string | number)[], visit: Visit, into: (key: string) => boolean): void {
  visit(value, path);
  if (typeof value !== 'object' || value === null) return;
  const isList = Array.isArray(value);
  for (const [key, inner] of isList ? value.entries() : Object.entries(value)) {
    if (!isList && !into(key as string)) continue;
    path.push(key);
    walk(inner, path, visit, into);
    path.pop();
  }
}

/**
 * Calls with every value within another, from the top down, and its path there; `into` says which keys to enter. The path
 * that is given changes with the next step: a new one for each of a file's thousands of values would take longer than the
 * rest.
 */
export const everywhere = (value: unknown, visit: Visit, into: (key: string) => boolean = () => true): void =>
  walk(value, [], visit, into);

/** Whether nothing has been found at a path or below it. */
export const soundAmong =
  (findings: readonly Finding[]) =>
  (path: Path): boolean =>
    !findings.some((finding) => path.every((step, index) => finding.path[index] === step));
