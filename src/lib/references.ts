const MARKS = /[^\p{L}\p{M}\p{N}]/gu;

/**
 * Normalises a payment's reference for comparison: ignores case, spaces, dashes and other punctuation, and the
 * full-width letters of East Asian keyboards. `№ AB-12 34` becomes `ab1234`. A reference of punctuation alone keeps it.
 */
export function normalizeReference(written: string): string {
  // Removed before NFKC, which turns `№` into the letters `No`, and again after it, since it can add punctuation.
  const plain = written.replace(MARKS, '').normalize('NFKC').toLowerCase().replace(MARKS, '');
  return plain || written.normalize('NFKC').trim();
}
