import { hash } from 'node:crypto';
import { canonicalJson } from '../lib/canonical-json.ts';

const digests = new WeakMap<object, string>();

/** SHA-256 of a value, in hex; the order of its keys does not change it. Computed once for each object. */
export function digestOf(value: object): string {
  const known = digests.get(value);
  if (known !== undefined) return known;
  const digest = hash('sha256', canonicalJson(value));
  digests.set(value, digest);
  return digest;
}

/**
 * SHA-256 of what files contain, in hex; comments, layout and the order of files and keys do not change it. It is a
 * digest of the files' own digests, so that files that have not changed are not hashed again.
 */
export const digestOfAll = (files: ReadonlyMap<string, object>): string =>
  digestOf(Object.fromEntries(Array.from(files, ([name, file]) => [name, digestOf(file)])));
