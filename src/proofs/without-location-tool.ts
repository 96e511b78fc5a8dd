/** The process behind `without-location.ts`: a picture in by standard input, out by standard output; exit 0, or else. */
import { buffer } from 'node:stream/consumers';
import { parseMetadata, writeMetadata } from '@uswriting/exiftool';

const KEPT = ['-orientation', '-datetimeoriginal', '-createdate', '-modifydate'];
const LOCATION = ['-gps*', '-location*', '-city', '-sub-location', '-country*'];

const name = `picture.${process.argv[2]}`;
const data = new Uint8Array(await buffer(process.stdin));
// Silent: what has nothing of what is kept, as a screenshot, is warned of, and a warning is taken for a failure.
const args = ['-q', '-q', '-m', '--icc_profile:all', '-tagsfromfile', '@', ...KEPT];
const written = await writeMetadata({ name, data }, { all: '' }, { args });
if (!written.success) throw new Error(written.error);
const cleaned = new Uint8Array(written.data);

// Looked at again, so that what could not be taken out is not kept unnoticed.
const left = await parseMetadata<Record<string, unknown>[]>(
  { name, data: cleaned },
  { args: ['-json', ...LOCATION], transform: (text) => JSON.parse(text) },
);
const tags = left.success ? Object.keys(left.data[0] ?? {}).filter((tag) => tag !== 'SourceFile') : [];
if (tags.length > 0) throw new Error(`left in it: ${tags}`);
process.stdout.write(cleaned);
