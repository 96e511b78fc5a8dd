import { hash } from 'node:crypto';
import { entries, isGroup } from './walk.ts';

/** A value as JSON whose keys stand in order, so that only what it says decides its form. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isGroup(value)) return JSON.stringify(value);
  const pairs = entries(value).sort(([a], [b]) => Number(a > b) - Number(a < b));
  return `{${pairs.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}

const digests = new WeakMap<object, string>();

/** SHA-256 of what a value says, in hex: the order of its keys does not change it. Reckoned once for each object. */
export function digestOf(value: object): string {
  const known = digests.get(value);
  if (known !== undefined) return known;
  const digest = hash('sha256', canonical(value));
  digests.set(value, digest);
  return digest;
}

/**
 * SHA-256 of what files say, in hex: comments, layout and the order of files and keys do not change it. It is made of
 * each file's own, so that where one has changed the others are not gone through again.
 */
export const digestOfAll = (files: ReadonlyMap<string, object>): string =>
  digestOf(Object.fromEntries(Array.from(files, ([name, file]) => [name, digestOf(file)])));
