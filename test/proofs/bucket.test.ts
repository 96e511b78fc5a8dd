/** What can be known of a bucket without one: what its address may say, and that a length goes with what is sent. */
import type { ReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import { spool } from '../../src/lib/spool.ts';
import { openDisk } from '../../src/proofs/disk.ts';

async function* of(text: string) {
  yield Buffer.from(text);
}

t.test('a folder of a bucket that cannot hold a file is refused at once', async (t) => {
  for (const folder of ['my%20dir', 'a+b', 'münchen']) {
    await t.rejects(openDisk(`s3://bucket/${folder}`), { message: /PROOFS_URL names the folder/ }, folder);
  }
  // The AWS SDK is not installed with the service: it is asked for next.
  await t.rejects(openDisk('s3://bucket/keepline/proofs'), { message: /two packages are missing/ });
});

t.test('what is sent says where it ends', async (t) => {
  const spooled = await spool(of('hello world'));
  // The AWS SDK reckons a length from these two.
  t.match(spooled.read() as ReadStream, { start: 0, end: 10 });
  t.equal((await buffer(spooled.read())).toString(), 'hello world');
  await spooled.close();
  const empty = await spool(of(''));
  t.equal((await buffer(empty.read())).length, 0);
  await empty.close();
});
