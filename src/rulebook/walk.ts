/** Steps through a file of which only some parts may be well-formed. */
import type { Finding, Path } from './problem.ts';

/** One file under check: what it holds, what was found so far, and whether a part of it is well-formed. */
export type Checked = {
  value: unknown;
  say: (path: Path, message: string, at?: 'key') => void;
  sound: (path: Path) => boolean;
};

export const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The keys of a group with their values; none where it is no group. */
export const entries = (value: unknown): [string, unknown][] => (isGroup(value) ? Object.entries(value) : []);

/** The items of a list with their indexes; none where it is no list. */
export const items = (value: unknown): [number, unknown][] =>
  Array.isArray(value) ? [...value.entries()] : [];

/** A key's own value; nothing where there is none, nor from a prototype. */
export const get = (value: unknown, key: string): unknown =>
  isGroup(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** Calls with every value below a path, from the top down; `into` says which keys to enter. */
export function everywhere(
  value: unknown,
  path: Path,
  visit: (value: unknown, path: Path) => void,
  into: (key: string) => boolean = () => true,
): void {
  visit(value, path);
  for (const [key, inner] of entries(value)) if (into(key)) everywhere(inner, [...path, key], visit, into);
  for (const [index, inner] of items(value)) everywhere(inner, [...path, index], visit, into);
}

/** Whether nothing has been found at a path or below it. */
export const soundAmong =
  (findings: readonly Finding[]) =>
  (path: Path): boolean =>
    !findings.some((finding) => path.every((step, index) => finding.path[index] === step));
