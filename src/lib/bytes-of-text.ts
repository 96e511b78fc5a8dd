/** Room for the bytes of one text after another: a buffer of its own for each would outlive it until a full collection. */
let room = Buffer.allocUnsafeSlow(1 << 16);

/** A text's bytes in UTF-8, one in a character, as Node sends them in one piece with the headers. */
export function bytesOfText(text: string): string {
  // No character takes more than three.
  if (text.length * 3 > room.length) room = Buffer.allocUnsafeSlow(text.length * 3);
  return room.toString('latin1', 0, room.write(text));
}
