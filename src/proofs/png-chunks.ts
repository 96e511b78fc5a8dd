/**
 * Filters a PNG before ExifTool cleans it: drops texts and profiles that decompress to many megabytes, which would only
 * cost time, and private chunks, which ExifTool would keep unread. Chunks are those of the PNG specification (third
 * edition, 5.3: length, type, data, CRC; 5.4: the meaning of the case of a type's letters).
 */
import { inflateSync } from 'node:zlib';

const SIGNATURE = 8;
const HEADER = 8;
const CRC = 4;
/** The limit, in bytes, for all decompressed texts and profiles of a picture, and for each compressed chunk. */
const MAX_UNPACKED = 4_000_000;

/** The offset of a chunk's compressed data; -1 if it is not compressed. */
const compressedAt: Record<string, (data: Buffer) => number> = {
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

/** The decompressed size of a chunk; null if it exceeds `limit`; 0 if it cannot be decompressed. */
function unpackedSize(type: string, data: Buffer, limit: number): number | null {
  const at = compressedAt[type]?.(data) ?? -1;
  if (at < 0) return 0;
  if (limit === 0) return null;
  try {
    return inflateSync(data.subarray(at), { maxOutputLength: limit }).length;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? null : 0;
  }
}

/** Streams a PNG, in pieces of any size, without those chunks; bytes that are not a chunk pass unchanged. */
export async function* withoutBombs(png: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let buffered: Buffer = Buffer.alloc(0);
  let budget = MAX_UNPACKED;
  let current = { bytes: SIGNATURE, isKept: true };
  for await (const piece of png) {
    buffered = buffered.length === 0 ? piece : Buffer.concat([buffered, piece]);
    while (buffered.length > 0) {
      if (current.bytes > 0) {
        const part = buffered.subarray(0, current.bytes);
        if (current.isKept) yield part;
        current.bytes -= part.length;
        buffered = buffered.subarray(part.length);
        continue;
      }
      if (buffered.length < HEADER) break;
      const length = buffered.readUInt32BE(0);
      const type = buffered.toString('latin1', 4, HEADER);
      const bytes = HEADER + length + CRC;
      const isCompressed = type in compressedAt;
      const isChecked = isCompressed && length <= MAX_UNPACKED;
      if (isChecked && buffered.length < bytes) break;
      const size = isChecked ? unpackedSize(type, buffered.subarray(HEADER, HEADER + length), budget) : 0;
      budget = size === null ? 0 : budget - size;
      current = { bytes, isKept: !isPrivate(type) && isCompressed === isChecked && size !== null };
    }
  }
  yield buffered;
}
