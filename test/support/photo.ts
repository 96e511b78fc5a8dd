/** Reads the metadata of photographs with ExifTool. */
import { parseMetadata } from '@uswriting/exiftool';

/** The metadata of the fixtures' photographs that must be kept. */
export const STAYS = { Orientation: 6, DateTimeOriginal: '2026:03:28 10:00:00' };

/** The GPS tags, orientation and date of a photograph; null if it cannot be read. */
export async function placeIn(name: string, bytes: Uint8Array): Promise<Record<string, unknown> | null> {
  const args = ['-json', '-n', '-GPS*', '-Orientation', '-DateTimeOriginal'];
  const read = await parseMetadata<Record<string, unknown>[]>(
    { name, data: new Uint8Array(bytes) },
    { args, transform: (text) => JSON.parse(text) },
  );
  return read.success ? (read.data[0] ?? null) : null;
}
