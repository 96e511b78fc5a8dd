/** Photographs of each kind: where they were taken is gone, how to turn them and their date stay. */
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import { type Spooled, spool } from '../../src/lib/spool.ts';
import { withoutLocation } from '../../src/proofs/without-location.ts';
import { placeIn, STAYS } from '../support/photo.ts';

async function* of(bytes: Uint8Array) {
  yield bytes;
}

for (const extension of ['jpg', 'heic', 'webp', 'png']) {
  await t.test(extension, async (t) => {
    const name = `photo.${extension}`;
    const bytes = readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
    t.match(await placeIn(name, bytes), { GPSLatitude: 55.75, ...STAYS }, 'as it comes');
    const spooled = await spool(of(bytes));
    const cleaned = (await withoutLocation(spooled, extension)) as Spooled;
    t.same(await placeIn(name, await buffer(cleaned.read())), { SourceFile: `/${name}`, ...STAYS });
    t.same(await buffer(spooled.read()), bytes, 'what came is as it was');
    await Promise.all([spooled.close(), cleaned.close()]);
  });
}

for (const extension of ['jpg', 'heic', 'webp', 'png']) {
  await t.test(
    `${extension} that tells nothing, as a screenshot or one that a messenger has sent`,
    async (t) => {
      const bytes = readFileSync(new URL(`../fixtures/bare.${extension}`, import.meta.url));
      const spooled = await spool(of(bytes));
      const cleaned = await withoutLocation(spooled, extension);
      t.ok(cleaned, 'is taken');
      if (cleaned) t.ok((await buffer(cleaned.read())).length > 0);
      await Promise.all([spooled.close(), cleaned?.close()]);
    },
  );
}

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
/** The beginning of a PNG's header, and nothing after it. */
const BROKEN = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

await t.test('what is damaged and tells of no place stays as it is', async (t) => {
  const damaged: [string, Buffer][] = [
    ['jpg', Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(200, 'x')])],
    ['jpg', Buffer.from('ffd8ffd9', 'hex')],
    ['png', Buffer.concat([BROKEN, Buffer.alloc(99)])],
    ['png', fixture('bare.png').subarray(0, -30)],
    ['webp', fixture('bare.webp').subarray(0, -30)],
  ];
  for (const [extension, bytes] of damaged) {
    const spooled = await spool(of(bytes));
    const cleaned = await withoutLocation(spooled, extension);
    t.ok(cleaned, `${extension} of ${bytes.length} bytes`);
    if (cleaned) t.same(await buffer(cleaned.read()), bytes);
    await Promise.all([spooled.close(), cleaned?.close()]);
  }
});

await t.test('what is damaged and tells of a place, or may, is not cleaned', async (t) => {
  const photo = fixture('photo.jpg');
  const hidden = fixture('photo.png').subarray(BROKEN.length);
  for (const [extension, bytes] of [
    ['jpg', photo.subarray(0, 300)],
    ['jpg', photo.subarray(0, -100)],
    ['png', Buffer.concat([BROKEN, Buffer.alloc(99), hidden])],
    ['jpg', Buffer.alloc(0)],
  ] as const) {
    const spooled = await spool(of(bytes));
    t.equal(await withoutLocation(spooled, extension), null, `${extension} of ${bytes.length} bytes`);
    await spooled.close();
  }
});
