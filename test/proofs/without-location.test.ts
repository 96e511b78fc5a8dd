/** Photographs of each kind: where they were taken is gone, how to turn them and their date stay. */
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import { withoutLocation } from '../../src/proofs/without-location.ts';
import { type Spooled, spool } from '../../src/spool.ts';
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

await t.test('what is no picture, or half of one, is not cleaned', async (t) => {
  const photo = readFileSync(new URL('../fixtures/photo.jpg', import.meta.url));
  for (const bytes of [Buffer.from('paid'), photo.subarray(0, 300), Buffer.alloc(0)]) {
    const spooled = await spool(of(bytes));
    t.equal(await withoutLocation(spooled, 'jpg'), null);
    await spooled.close();
  }
});
