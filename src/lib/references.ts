const MARKS = /[^\p{L}\p{M}\p{N}]/gu;

/**
 * A payment's reference without what people write otherwise each time: case, spaces, dashes and other marks, and the
 * wide letters of an East Asian keyboard. `№ AB-12 34` is `ab1234`. Of marks alone they are what tells.
 */
export function normalizeReference(written: string): string {
  // Once more afterwards: `№` would become the letters of its plain form, and plain forms have marks of their own.
  const plain = written.replace(MARKS, '').normalize('NFKC').toLowerCase().replace(MARKS, '');
  return plain || written.normalize('NFKC').trim();
}
