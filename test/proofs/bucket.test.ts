/** Proofs in a bucket: what its address may say, and that files come back as they went in. */
import { randomBytes } from 'node:crypto';
import type { ReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import { spool } from '../../src/lib/spool.ts';
import { openDisk } from '../../src/proofs/disk.ts';
import { sendFile } from '../http/multipart.ts';
import { addPerson, roubles, serve } from '../http/service.ts';
import { openTestBucket } from '../support/bucket.ts';

async function* of(content: string | Buffer) {
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

await t.test('a folder of a bucket that cannot hold a file is refused at once', async (t) => {
  for (const folder of ['my%20dir', 'a+b', 'münchen']) {
    await t.rejects(openDisk(`s3://bucket/${folder}`), { message: /PROOFS_URL names the folder/ }, folder);
  }
});

await t.test('what is sent says where it ends', async (t) => {
  const spooled = await spool(of('hello world'));
  // The AWS SDK reckons a length from these two.
  t.match(spooled.read() as ReadStream, { start: 0, end: 10 });
  t.equal((await buffer(spooled.read())).toString(), 'hello world');
  await spooled.close();
  const empty = await spool(of(''));
  t.equal((await buffer(empty.read())).length, 0);
  await empty.close();
});

const GONE = { message: 'the file of a proof is gone' };
const CANNOT = /proofs cannot be stored where PROOFS_URL says/;
const AWAY = { message: 'a proof cannot be stored or read' };

await t.test('a file lies in the bucket byte for byte, comes back, and goes', async (t) => {
  const bucket = await openTestBucket(t);
  const disk = await openDisk(bucket.url);
  for (const size of [1, 3_000_000]) {
    const bytes = randomBytes(size);
    const spooled = await spool(of(bytes));
    await disk.put('ab/prf_ab', spooled.read());
    await spooled.close();
    const kept = bucket.files.get('keepline/proofs/ab/prf_ab');
    t.ok(kept?.equals(bytes), `${size} bytes, and ${kept?.length} are kept`);
    t.equal(await disk.has('ab/prf_ab'), true);
    t.ok((await buffer(await disk.read('ab/prf_ab'))).equals(bytes));
    await disk.remove('ab/prf_ab');
    t.equal(await disk.has('ab/prf_ab'), false);
    await disk.remove('ab/prf_ab');
    await t.rejects(disk.read('ab/prf_ab'), GONE);
  }
  bucket.failWith(500);
  const spooled = await spool(of('x'));
  await t.rejects(disk.put('ab/prf_ab', spooled.read()), AWAY);
  await spooled.close();
  await t.rejects(disk.read('ab/prf_ab'), AWAY);
  await t.rejects(disk.has('ab/prf_ab'), AWAY);
  await t.rejects(disk.remove('ab/prf_ab'), AWAY);
});

await t.test('a service that says no more than 404 says that a file is gone', async (t) => {
  // The SDK finds keys in the environment.
  await openTestBucket(t);
  const server = createServer((_, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const disk = await openDisk(`s3://proofs?endpoint=http://localhost:${port}`);
  await t.rejects(disk.read('ab/prf_ab'), GONE);
  t.equal(await disk.has('ab/prf_ab'), false);
});

await t.test('its folder and its region are those of its address', async (t) => {
  const bucket = await openTestBucket(t);
  const put = async (url: string) => {
    bucket.files.clear();
    const disk = await openDisk(url);
    const spooled = await spool(of('x'));
    await disk.put('ab/prf_ab', spooled.read());
    await spooled.close();
    return [...bucket.files.keys()];
  };
  const folder = /keepline\/proofs(?=\?)/;
  t.same(await put(bucket.url), ['keepline/proofs/ab/prf_ab']);
  t.equal(bucket.region(), 'us-east-1');
  t.same(
    await put(bucket.url.replace(folder, 'keepline/')),
    ['keepline/ab/prf_ab'],
    'with a slash behind it',
  );
  t.same(await put(bucket.url.replace(folder, '')), ['ab/prf_ab'], 'none');
  await put(`${bucket.url}&region=eu-central-1`);
  t.equal(bucket.region(), 'eu-central-1');
});

await t.test('the service keeps its proofs in a bucket', async (t) => {
  const bucket = await openTestBucket(t);
  const service = await serve(t, { environment: { PROOFS_URL: bucket.url } });
  const anna = await addPerson(service, 'Anna');
  const api = service.as(anna.write);
  const paid = { paid_at: '2026-03-10', amount: roubles('300'), channel: 'app' };
  const { id: payment } = (await api('POST', `/v1/lines/${anna.line}/payments`, paid)).json();

  const bytes = Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n');
  const proof = (await sendFile(api, payment, { bytes })).json();
  t.match(proof, { type: 'application/pdf', size: bytes.length });
  t.same([...bucket.files.values()], [bytes]);
  const file = await api('GET', `/v1/proofs/${proof.id}/file`);
  t.same(file.rawPayload, bytes);

  bucket.failWith(503);
  const refused = await sendFile(api, payment, { bytes: 'another' });
  t.match([refused.statusCode, refused.json().code], [503, 'unavailable']);
  t.equal((await api('GET', `/v1/proofs/${proof.id}/file`)).statusCode, 503);
  bucket.failWith(null);
  t.equal((await api('GET', `/v1/payments/${payment}/proofs`)).json().items.length, 1);

  t.equal((await api('DELETE', `/v1/proofs/${proof.id}`)).statusCode, 204);
  t.equal(bucket.files.size, 0, 'a proof that is deleted leaves nothing in the bucket');
  t.notMatch(service.lines.join(''), CANNOT);

  bucket.failWith(403);
  const forbidden = await serve(t, { environment: { PROOFS_URL: bucket.url } });
  t.match(forbidden.lines.join(''), CANNOT, 'a bucket that takes nothing is told at the start');
});
