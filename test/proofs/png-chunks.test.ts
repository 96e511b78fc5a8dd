/** What of a PNG goes on to be cleaned. */
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { crc32, deflateSync } from 'node:zlib';
import t from 'tap';
import { type Spooled, spool } from '../../src/lib/spool.ts';
import { withoutBombs } from '../../src/proofs/png-chunks.ts';
import { withoutLocation } from '../../src/proofs/without-location.ts';

const BARE = readFileSync(new URL('../fixtures/bare.png', import.meta.url));
const HEADER = 8 + 25;
const [begin, end] = [BARE.subarray(0, HEADER), BARE.subarray(HEADER)];

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  crc.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, crc]);
}
const packed = (bytes: number) => deflateSync(Buffer.alloc(bytes));
const text = (of: Buffer) => chunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), of]));
const unicode = (of: Buffer) => chunk('iTXt', Buffer.concat([Buffer.from('Comment\0\x01\0en\0Note\0'), of]));
const profile = (of: Buffer) => chunk('iCCP', Buffer.concat([Buffer.from('sRGB\0\0'), of]));

async function* pieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const passed = (bytes: Buffer, size = bytes.length) => buffer(withoutBombs(pieces(bytes, size)));
const png = (...more: Buffer[]) => Buffer.concat([begin, ...more, end]);

t.test('what is of usual size stays, byte for byte', async (t) => {
  const plain = chunk('iTXt', Buffer.from('Comment\0\0\0\0\0as it is'));
  const kept = png(text(packed(9_000)), unicode(packed(9_000)), profile(packed(500_000)), plain);
  t.same(await passed(kept), kept);
  t.same(await passed(BARE), BARE);
});

t.test('texts and profiles that unpack to many megabytes go, each kind of them', async (t) => {
  for (const bomb of [text, unicode, profile]) t.same(await passed(png(bomb(packed(9_000_000)))), BARE);
});

t.test('all of them together unpack to no more than one may', async (t) => {
  const each = text(packed(1_500_000));
  t.same(await passed(png(each, each, each, each)), png(each, each));
});

t.test('what a program made up for itself goes', async (t) => {
  const own = chunk('plAc', Buffer.from('Nevsky Prospekt 1'));
  t.same(await passed(png(own, chunk('tIME', Buffer.alloc(7)))), png(chunk('tIME', Buffer.alloc(7))));
});

t.test('in pieces of any size it is the same', async (t) => {
  const given = png(text(packed(9_000_000)), text(packed(9_000)), chunk('plAc', Buffer.alloc(9)));
  const whole = await passed(given);
  for (const size of [1, 7, 8, 11, 64, 4_096]) t.same(await passed(given, size), whole, `${size} bytes`);
});

t.test('what is no chunk, or breaks off, comes out as it went in', async (t) => {
  for (const bytes of [
    Buffer.alloc(0),
    BARE.subarray(0, 5),
    BARE.subarray(0, 12),
    Buffer.concat([BARE, Buffer.alloc(99)]),
    png().subarray(0, -6),
    Buffer.concat([begin, text(packed(9_000)).subarray(0, 30)]),
  ]) {
    t.same(await passed(bytes, 16), bytes, `${bytes.length} bytes`);
  }
});

t.test('a picture is cleaned without them', async (t) => {
  const spooled = await spool(
    pieces(png(text(packed(50_000_000)), chunk('plAc', Buffer.from('Nevsky'))), 65_536),
  );
  const cleaned = (await withoutLocation(spooled, 'png')) as Spooled;
  const bytes = await buffer(cleaned.read());
  t.notMatch(bytes.toString('latin1'), /zTXt|plAc|Nevsky/);
  t.same(bytes.subarray(0, HEADER), begin);
  await Promise.all([spooled.close(), cleaned.close()]);
});
