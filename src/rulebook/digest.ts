import { createHash } from 'node:crypto';
import { entries, isGroup } from './walk.ts';

/** A value as JSON whose keys stand in order, so that only what it says decides its form. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isGroup(value)) return JSON.stringify(value);
  const pairs = entries(value).sort(([a], [b]) => Number(a > b) - Number(a < b));
  return `{${pairs.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}

/** SHA-256 of what files say, in hex: comments, layout and the order of keys do not change it. */
export const digestOf = (files: ReadonlyMap<string, unknown>): string =>
  createHash('sha256')
    .update(canonical(Object.fromEntries(files)))
    .digest('hex');
