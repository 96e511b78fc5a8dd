/**
 * A PNG on its way to be cleaned, without what would only cost time there or be kept unread: texts and profiles that
 * unpack to many megabytes, and chunks that a program has made up for itself. Chunks are those of the PNG specification
 * (third edition, 5.3: length, type, data, CRC; 5.4: what the case of a type's letters says).
 */
import { inflateSync } from 'node:zlib';

const SIGNATURE = 8;
const HEAD = 8;
const CRC = 4;
/** What all packed texts and profiles of a picture may unpack to, in bytes; larger ones, packed, are not looked at. */
const MAX_UNPACKED = 4_000_000;

/** Where a chunk's packed bytes begin; -1 for one without. */
const packedAt: Record<string, (data: Buffer) => number> = {
  zTXt: (data) => data.indexOf(0) + 2,
  iCCP: (data) => data.indexOf(0) + 2,
  iTXt(data) {
    const keyword = data.indexOf(0);
    if (data[keyword + 1] !== 1) return -1;
    const language = data.indexOf(0, keyword + 3);
    return data.indexOf(0, language + 1) + 1;
  },
};

const isLowerCase = (letter: string | undefined): boolean => letter !== undefined && /[a-z]/.test(letter);
const isPrivate = (type: string): boolean => isLowerCase(type[0]) && isLowerCase(type[1]);

/** How much a chunk unpacks to; null where that is more than `most`. One that cannot be unpacked is nothing. */
function unpacked(type: string, data: Buffer, most: number): number | null {
  const at = packedAt[type]?.(data) ?? -1;
  if (at < 0) return 0;
  if (most === 0) return null;
  try {
    return inflateSync(data.subarray(at), { maxOutputLength: most }).length;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? null : 0;
  }
}

/** The bytes of a PNG, in pieces of any size, without those chunks; what is no chunk comes out as it went in. */
export async function* withoutBombs(png: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  let left = MAX_UNPACKED;
  let passing = { bytes: SIGNATURE, isKept: true };
  for await (const piece of png) {
    held = held.length === 0 ? piece : Buffer.concat([held, piece]);
    while (held.length > 0) {
      if (passing.bytes > 0) {
        const part = held.subarray(0, passing.bytes);
        if (passing.isKept) yield part;
        passing.bytes -= part.length;
        held = held.subarray(part.length);
        continue;
      }
      if (held.length < HEAD) break;
      const length = held.readUInt32BE(0);
      const type = held.toString('latin1', 4, HEAD);
      const bytes = HEAD + length + CRC;
      const isPacked = type in packedAt;
      const isLookedAt = isPacked && length <= MAX_UNPACKED;
      if (isLookedAt && held.length < bytes) break;
      const size = isLookedAt ? unpacked(type, held.subarray(HEAD, HEAD + length), left) : 0;
      left = size === null ? 0 : left - size;
      passing = { bytes, isKept: !isPrivate(type) && isPacked === isLookedAt && size !== null };
    }
  }
  yield held;
}
