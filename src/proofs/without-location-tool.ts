/** The process behind `without-location.ts`: a picture in by standard input, out by standard output; exit 0, or else. */
import { buffer } from 'node:stream/consumers';
import { parseMetadata, writeMetadata } from '@uswriting/exiftool';
import { withoutBombs } from './png-chunks.ts';

const KEPT = ['-orientation', '-datetimeoriginal', '-createdate', '-modifydate'];
const LOCATION = ['-gps*', '-location*', '-city', '-sub-location', '-country*'];
/** What ExifTool tells beside what was asked for; a warning, where it could not read all. */
const ASIDE: ReadonlySet<string> = new Set(['SourceFile', 'Warning']);

/**
 * How that begins in which a picture tells of itself: Exif (with or without its name), XMP, IPTC, and the texts of PNG.
 * In the bytes of a damaged picture one of these may stand where ExifTool does not come to.
 */
const TELLING =
  /Exif|EXIF|eXIf|II\*\0|MM\0\*|adobe\.com|XMP |x:xmpmeta|rdf:|Photoshop|8BIM|[tz]EXt|iTXt|Raw profile|GPS/;

const [, , extension] = process.argv;
const name = `picture.${extension}`;
const sent = new Uint8Array(await buffer(extension === 'png' ? withoutBombs(process.stdin) : process.stdin));

/** Whether a picture tells where it was taken; of one that cannot be read whole, whether it could. */
async function mayTellPlace(data: Uint8Array): Promise<boolean> {
  const read = await parseMetadata<Record<string, unknown>[]>(
    { name, data },
    { args: ['-json', ...LOCATION, '-warning'], transform: (text) => JSON.parse(text) },
  );
  const told = read.success ? Object.keys(read.data[0] ?? {}) : ['Warning'];
  if (told.some((tag) => !ASIDE.has(tag))) return true;
  return told.includes('Warning') && TELLING.test(Buffer.from(data).toString('latin1'));
}

// Silent: what has nothing of what is kept, as a screenshot, is warned of, and a warning is taken for a failure.
const args = ['-q', '-q', '-m', '--icc_profile:all', '-tagsfromfile', '@', ...KEPT];
const written = await writeMetadata({ name, data: sent }, { all: '' }, { args });
// A damaged picture cannot be written anew: it stays as it is if it tells of no place.
const cleaned = written.success ? new Uint8Array(written.data) : sent;
// Looked at again, so that what could not be taken out is not kept unnoticed.
if (await mayTellPlace(cleaned)) throw new Error('it may tell where it was taken');
process.stdout.write(cleaned);
