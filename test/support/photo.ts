/** What a photograph tells, as ExifTool reads it. */
import { parseMetadata } from '@uswriting/exiftool';

/** What of the fixtures' photographs stays. */
export const STAYS = { Orientation: 6, DateTimeOriginal: '2026:03:28 10:00:00' };

/** Where a photograph was taken, how to turn it and when it was taken; null where it cannot be read. */
export async function placeIn(name: string, bytes: Uint8Array): Promise<Record<string, unknown> | null> {
  const args = ['-json', '-n', '-GPS*', '-Orientation', '-DateTimeOriginal'];
  const read = await parseMetadata<Record<string, unknown>[]>(
    { name, data: new Uint8Array(bytes) },
    { args, transform: (text) => JSON.parse(text) },
  );
  return read.success ? (read.data[0] ?? null) : null;
}
