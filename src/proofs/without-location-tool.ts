/**
 * The process that `without-location.ts` runs: reads a picture from stdin, writes it to stdout; exits with 0 on
 * success.
 */
import { buffer } from 'node:stream/consumers';
import { parseMetadata, writeMetadata } from '@uswriting/exiftool';
import { withoutBombs } from './png-chunks.ts';

const KEPT = ['-orientation', '-datetimeoriginal', '-createdate', '-modifydate'];
const LOCATION = ['-gps*', '-location*', '-city', '-sub-location', '-country*'];
/** Fields that ExifTool adds to those requested; `Warning` if it could not read everything. */
const EXTRA_FIELDS: ReadonlySet<string> = new Set(['SourceFile', 'Warning']);

/**
 * Signatures of metadata: Exif (with or without its name), XMP, IPTC, and the texts of PNG. In a damaged picture they
 * may occur where ExifTool cannot read.
 */
const METADATA =
  /Exif|EXIF|eXIf|II\*\0|MM\0\*|adobe\.com|XMP |x:xmpmeta|rdf:|Photoshop|8BIM|[tz]EXt|iTXt|Raw profile|GPS/;

const [, , extension] = process.argv;
const name = `picture.${extension}`;
const original = new Uint8Array(
  await buffer(extension === 'png' ? withoutBombs(process.stdin) : process.stdin),
);

/** Whether a picture contains a location; if it cannot be read completely, whether it might. */
async function mayHaveLocation(data: Uint8Array): Promise<boolean> {
  const read = await parseMetadata<Record<string, unknown>[]>(
    { name, data },
    { args: ['-json', ...LOCATION, '-warning'], transform: (text) => JSON.parse(text) },
  );
  const tags = read.success ? Object.keys(read.data[0] ?? {}) : ['Warning'];
  if (tags.some((tag) => !EXTRA_FIELDS.has(tag))) return true;
  return tags.includes('Warning') && METADATA.test(Buffer.from(data).toString('latin1'));
}

// Quiet: a picture without the kept tags, such as a screenshot, causes a warning, and the library treats it as a
// failure.
const args = ['-q', '-q', '-m', '--icc_profile:all', '-tagsfromfile', '@', ...KEPT];
const written = await writeMetadata({ name, data: original }, { all: '' }, { args });
// A damaged picture cannot be rewritten: it is kept as it is unless it may contain a location.
const cleaned = written.success ? new Uint8Array(written.data) : original;
// Checked again, in case something was not removed.
if (await mayHaveLocation(cleaned)) throw new Error('it may tell where it was taken');
process.stdout.write(cleaned);
