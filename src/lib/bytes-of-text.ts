/** Reused for every text: a buffer allocated for each would survive until a full garbage collection. */
let scratch = Buffer.allocUnsafeSlow(1 << 16);

/**
 * Returns a text's UTF-8 bytes as a latin1 string, one byte per character: Node sends it in one piece with the headers.
 */
export function bytesOfText(text: string): string {
  // A UTF-16 code unit takes at most three bytes.
  if (text.length * 3 > scratch.length) scratch = Buffer.allocUnsafeSlow(text.length * 3);
  return scratch.toString('latin1', 0, scratch.write(text));
}
