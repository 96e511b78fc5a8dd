/** Compares two plain values. Items of lists are matched by name where they have one. */
import { isObject } from '../lib/is-object.ts';

/** A difference at a `path` such as `versions[2024-09-01].clocks.idle.runs`; undefined means absent. */
export type Change = { path: string; before: unknown; after: unknown };

type Group = Record<string, unknown>;

/** The name by which an item of a list is matched: of a version its date, of a stage its name; null if it has none. */
function itemName(item: unknown): string | null {
  if (!isObject(item)) return null;
  const { id, since, stage, kind } = item;
  const name = id ?? since ?? stage ?? kind;
  return typeof name === 'string' ? name : null;
}

/** A list as an object: keyed by the items' names if all have distinct ones, else by index. */
function byName(list: readonly unknown[]): Group {
  const names = list.map(itemName);
  const named = names.every((name) => name !== null) && new Set(names).size === list.length;
  return Object.fromEntries(list.map((item, index) => [`[${named ? names[index] : index}]`, item]));
}

const childPath = (path: string, key: string) =>
  path === '' || key.startsWith('[') ? `${path}${key}` : `${path}.${key}`;

function compare(before: unknown, after: unknown, path: string, changes: Change[]): void {
  const lists = Array.isArray(before) && Array.isArray(after);
  if (!lists && !(isObject(before) && isObject(after))) {
    if (JSON.stringify(before) !== JSON.stringify(after)) changes.push({ path, before, after });
    return;
  }
  const [left, right] = lists ? [byName(before), byName(after)] : [before as Group, after as Group];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    compare(left[key], right[key], childPath(path, key), changes);
  }
}

/** All differences between two values, at the deepest paths that both have. */
export function changesOf(before: unknown, after: unknown): Change[] {
  const changes: Change[] = [];
  compare(before, after, '', changes);
  return changes;
}

const MAX_LENGTH = 100;

/** A value on one line, shortened if long. */
export function formatValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
}
