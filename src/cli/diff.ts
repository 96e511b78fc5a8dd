/** Two plain values, and where they differ. Lists of things that have a name are matched by it. */
import { isObject } from '../lib/is-object.ts';

/** `path` as `versions[2024-09-01].clocks.idle.runs`; undefined stands for what is not there. */
export type Change = { path: string; before: unknown; after: unknown };

type Group = Record<string, unknown>;

/** By what an item of a list is known: a version by its date, a stage by its name. */
function nameOf(item: unknown): string | null {
  if (!isObject(item)) return null;
  const { id, since, stage, kind } = item;
  const name = id ?? since ?? stage ?? kind;
  return typeof name === 'string' ? name : null;
}

/** A list as a group: by the items' names where each has one of its own, by their places where not. */
function byName(list: readonly unknown[]): Group {
  const names = list.map(nameOf);
  const named = names.every((name) => name !== null) && new Set(names).size === list.length;
  return Object.fromEntries(list.map((item, index) => [`[${named ? names[index] : index}]`, item]));
}

const step = (path: string, key: string) =>
  path === '' || key.startsWith('[') ? `${path}${key}` : `${path}.${key}`;

function compare(before: unknown, after: unknown, path: string, changes: Change[]): void {
  const lists = Array.isArray(before) && Array.isArray(after);
  if (!lists && !(isObject(before) && isObject(after))) {
    if (JSON.stringify(before) !== JSON.stringify(after)) changes.push({ path, before, after });
    return;
  }
  const [one, other] = lists ? [byName(before), byName(after)] : [before as Group, after as Group];
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    compare(one[key], other[key], step(path, key), changes);
  }
}

/** Every place where the two differ, as deep as both have something there. */
export function changesOf(before: unknown, after: unknown): Change[] {
  const changes: Change[] = [];
  compare(before, after, '', changes);
  return changes;
}

const MAX_LENGTH = 100;

/** A value on one line. */
export function written(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
}
