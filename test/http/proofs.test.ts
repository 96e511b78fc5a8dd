/** Proofs: what they are, what they are not, what is left on the disk; on both engines. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MAX_PROOF_BYTES } from '../../src/proofs/index.ts';
import { StoreError } from '../../src/store/errors.ts';
import { eventually } from '../support/eventually.ts';
import { filesIn } from '../support/files.ts';
import { markOf, NOBODY } from '../support/marks.ts';
import { placeIn, STAYS } from '../support/photo.ts';
import { startPostgres } from '../support/postgres.ts';
import { multipart, sendFile } from './multipart.ts';
import { ADMIN, addPerson, type Fixture, roubles, serve } from './service.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const PDF = Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n');

const postgres = await startPostgres();
t.teardown(() => postgres.stop());

for (const engine of ['sqlite', 'postgres'] as const) {
  await t.test(engine, async (t) => {
    const environment: Record<string, string> =
      engine === 'postgres' ? { PORT: '0', DATABASE_URL: await postgres.database() } : { PORT: '0' };
    const service = await serve(t, { environment });
    await proofsOf(t, service, environment);
  });
}

async function proofsOf(t: Test, service: Fixture, environment: Record<string, string>) {
  const disk = join(service.folder, 'proofs');
  const kept = () => filesIn(disk);
  const withPayment = async (name: string, from: Fixture = service) => {
    const person = await addPerson(from, name);
    const api = from.as(person.write);
    const paid = { paid_at: '2026-03-10', amount: roubles('300'), channel: 'app', reference: 'R-1' };
    const { id } = (await api('POST', `/v1/lines/${person.line}/payments`, paid)).json();
    return { ...person, api, payment: id as string };
  };
  const anna = await withPayment('Anna');

  await t.test('of what is refused the rest is let go, and so is the connection', async (t) => {
    const origin = await service.listen();
    const { server } = service.server;
    const open = () =>
      new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count ?? 0)));
    const refused: [string, Buffer, number][] = [
      ['too large', multipart({ bytes: Buffer.alloc(MAX_PROOF_BYTES + 12_000_000, 'x') }).body, 413],
      ['another name', multipart({ field: 'other', bytes: Buffer.alloc(16_000_000, 'x') }).body, 422],
      ['a second one', multipart({ bytes: PDF }, { bytes: Buffer.alloc(16_000_000, 'x') }).body, 422],
    ];
    const { headers } = multipart({ bytes: PDF });
    for (const [what, body, status] of refused) {
      const { hostname, port } = new URL(origin);
      const socket = connect(Number(port), hostname);
      const lines = {
        ...headers,
        host: hostname,
        authorization: `Bearer ${anna.write}`,
        'content-length': `${body.length}`,
      };
      const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`POST /v1/payments/${anna.payment}/proofs HTTP/1.1\r\n${head.join('')}\r\n`);
      // As some programs do: nothing is read before all is sent.
      await new Promise((resolve) => socket.write(body, resolve));
      const [answer] = await once(socket, 'data');
      t.match(String(answer), new RegExp(`^HTTP/1.1 ${status} `), what);
      socket.destroy();
    }
    await eventually(open, (count) => count === 0);
    t.equal(kept().size, 0);
  });

  await t.test('what is erased while its proof is being stored leaves no file', async (t) => {
    const zoe = await withPayment('Zoe');
    const { proofs } = service.app;
    const { put } = proofs;
    t.teardown(() => Object.assign(proofs, { put }));
    const before = kept().size;
    Object.assign(proofs, {
      put: async (...given: Parameters<typeof put>) => {
        t.equal((await zoe.api('DELETE', `/v1/lines/${zoe.line}`)).statusCode, 204);
        await put(...given);
      },
    });
    t.equal((await sendFile(zoe.api, zoe.payment, { bytes: PDF })).statusCode, 404);
    t.equal(kept().size, before);
  });

  await t.test('a file that is gone is told as such, and is no half of an answer', async (t) => {
    const uma = await withPayment('Uma');
    const { id } = (await sendFile(uma.api, uma.payment, { bytes: PDF })).json();
    const [name] = [...kept().keys()].filter((file) => file.includes(id));
    rmSync(join(disk, name as string));
    const got = await uma.api('GET', `/v1/proofs/${id}/file`);
    t.match([got.statusCode, got.json().code], [404, 'proof_file_missing']);
    t.match(got.json().errors, [{ pointer: '/proof', in: 'path', mend: /from a backup/ }]);
    await uma.api('DELETE', `/v1/proofs/${id}`);
  });

  await t.test('each kind that is taken comes back byte for byte, as an attachment', async (t) => {
    const payment = anna.payment;
    const sent = [
      { bytes: PDF, name: 'чек.pdf', type: 'application/pdf', as: 'application/pdf', saved: 'чек.pdf' },
      { bytes: 'paid', name: '../../etc/passwd', type: 'text/plain', as: 'text/plain', saved: 'passwd.txt' },
      { bytes: '<script>alert(1)</script>', name: 'x.html', as: 'text/plain', saved: 'x.html.txt' },
      { bytes: 'BMO bank receipt', name: 'bmo.TXT', type: 'text/plain', as: 'text/plain', saved: 'bmo.TXT' },
      { bytes: 'MZ: 300 руб', name: 'mz.exe', type: 'text/plain', as: 'text/plain', saved: 'mz.exe.txt' },
    ];
    for (const { as, saved, ...file } of sent) {
      const made = await sendFile(anna.api, payment, file);
      t.equal(made.statusCode, 201, made.body);
      const proof = made.json();
      t.match(proof, { type: as, size: Buffer.byteLength(file.bytes), payment });
      t.equal(proof.sha256, createHash('sha256').update(file.bytes).digest('hex'));
      const got = await anna.api('GET', `/v1/proofs/${proof.id}/file`);
      t.same(got.rawPayload, Buffer.from(file.bytes as string));
      t.match(got.headers, {
        'x-content-type-options': 'nosniff',
        'content-disposition': /^attachment; filename="proof-[0-9a-f]{12}\.(pdf|txt)"/,
        'content-security-policy': /sandbox/,
      });
      t.match(String(got.headers['content-type']), as);
      const disposition = String(got.headers['content-disposition']);
      t.notMatch(disposition, /\.\.|etc\//);
      t.equal(decodeURIComponent(disposition.split("; filename*=UTF-8''")[1] as string), saved);
    }
    t.equal((await anna.api('GET', `/v1/payments/${payment}`)).json().proofs, sent.length);
    const { items, next_cursor: end } = (await anna.api('GET', `/v1/payments/${payment}/proofs`)).json();
    t.equal(end, null);
    const paged: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query: string = `?limit=2${cursor && `&cursor=${cursor}`}`;
      const page = (await anna.api('GET', `/v1/payments/${payment}/proofs${query}`)).json();
      paged.push(...page.items);
      cursor = page.next_cursor;
    }
    t.same(paged, items, 'page by page, as other lists');
    t.same(
      items.map(({ name }: { name: string }) => name),
      ['чек.pdf', 'passwd', 'x.html', 'bmo.TXT', 'mz.exe'],
    );
    const agenda = (await anna.api('GET', `/v1/lines/${anna.line}/agenda`)).json().items;
    t.notOk(
      agenda.some(({ kind }: { kind: string }) => kind === 'save_proof'),
      'nothing asks for it any more',
    );
  });

  await t.test('what its sender says nothing of is known by its bytes alone', async (t) => {
    const kim = await withPayment('Kim');
    const sent: [string | Uint8Array, string | null, string][] = [
      [fixture('bare.png'), null, 'image/png'],
      [fixture('bare.jpg'), 'application/octet-stream', 'image/jpeg'],
      [fixture('bare.webp'), null, 'image/webp'],
      [fixture('bare.heic'), 'image/heif', 'image/heic'],
      [PDF, null, 'application/pdf'],
      ['Content-Type: none', null, 'text/plain'],
      // As some programs call them.
      [fixture('bare.jpg'), 'image/jpg', 'image/jpeg'],
      [PDF, 'application/x-pdf', 'application/pdf'],
      ['paid', 'Text/Plain; charset=utf-8', 'text/plain'],
      [fixture('bare.png'), 'IMAGE/PNG', 'image/png'],
    ];
    for (const [bytes, type, as] of sent) {
      // Kept as they are, for to clean each takes seconds.
      const file = { bytes, type, name: 'a.bin' };
      const made = await sendFile(kim.api, kim.payment, file, '?keep_location=true');
      t.match([made.statusCode, made.json().type], [201, as], made.body);
    }
    async function* bytewise() {
      for (const byte of fixture('bare.heic')) yield Uint8Array.of(byte);
    }
    const received = await service.app.proofs.receive(bytewise(), null);
    if (typeof received === 'string') return t.fail(received);
    t.equal(received.type, 'image/heic', 'in whatever pieces it comes');
    await received.spooled.close();
  });

  await t.test('where a photograph was taken is removed, unless it is to stay', async (t) => {
    const bob = await withPayment('Bob');
    const bytes = fixture('photo.jpg');
    const made = await sendFile(bob.api, bob.payment, { bytes, name: 'photo.jpg' });
    t.equal(made.statusCode, 201, made.body);
    const got = await bob.api('GET', `/v1/proofs/${made.json().id}/file`);
    t.match(await placeIn('photo.jpg', bytes), { GPSLatitude: 55.75 });
    t.same(await placeIn('photo.jpg', got.rawPayload), { SourceFile: '/photo.jpg', ...STAYS });
    t.equal(made.json().sha256, createHash('sha256').update(got.rawPayload).digest('hex'));
    const whole = await sendFile(bob.api, bob.payment, { bytes }, '?keep_location=true');
    t.equal(whole.json().size, bytes.length);
    const broken = await sendFile(bob.api, bob.payment, { bytes: bytes.subarray(0, -100) });
    t.match(
      broken.json(),
      { status: 422, code: 'location_stays' },
      'what cannot be cleaned is not kept unnoticed',
    );
    const damaged = Buffer.concat([PNG, Buffer.alloc(99)]);
    const whatever = await sendFile(bob.api, bob.payment, { bytes: damaged });
    t.match(whatever.json(), { size: damaged.length, type: 'image/png' }, 'what tells of no place is');
  });

  await t.test('hostile files: the answer to each, and the disk as it was', async (t) => {
    const eve = await withPayment('Eve');
    const before = kept();
    const zip = Buffer.from('504b0304140000000000', 'hex');
    const hostile: [string, Parameters<typeof multipart>[0], number, string][] = [
      ['empty', { bytes: '' }, 422, 'invalid'],
      ['an archive', { bytes: zip, name: 'receipt.pdf' }, 415, 'media_type'],
      ['a program', { bytes: Buffer.from('7f454c460201010000000000', 'hex') }, 415, 'media_type'],
      ['a Windows program', { bytes: Buffer.from('4d5a900003000000', 'hex') }, 415, 'media_type'],
      ['a GIF', { bytes: 'GIF89a\x01\x00\x01\x00' }, 415, 'media_type'],
      ['a bitmap', { bytes: Buffer.from('424d8a0000000000', 'hex') }, 415, 'media_type'],
      ['RTF', { bytes: '{\\rtf1 paid}' }, 415, 'media_type'],
      ['PostScript', { bytes: '%!PS-Adobe-3.0\n' }, 415, 'media_type'],
      ['a calendar', { bytes: 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\n' }, 415, 'media_type'],
      ['SVG', { bytes: '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>' }, 415, 'media_type'],
      ['PDF called PNG', { bytes: PDF, type: 'image/png', name: 'x.png' }, 415, 'media_type'],
      ['PNG called PDF', { bytes: PNG, type: 'application/pdf' }, 415, 'media_type'],
      ['PNG called text', { bytes: PNG, type: 'text/plain' }, 415, 'media_type'],
      ['text called JPEG', { bytes: 'hello', type: 'image/jpeg' }, 415, 'media_type'],
      ['a PDF called a film', { bytes: PDF, type: 'video/mp4' }, 415, 'media_type'],
      ['text with a NUL', { bytes: 'a\0b' }, 415, 'media_type'],
      ['text with an escape', { bytes: 'a\x1b[2Jb' }, 415, 'media_type'],
      ['text with a DEL', { bytes: 'a\x7fb' }, 415, 'media_type'],
      ['no UTF-8', { bytes: Buffer.from([0xff, 0xfe, 0xfd, 0x41]) }, 415, 'media_type'],
      ['half a character', { bytes: Buffer.from([0x41, 0xd0]) }, 415, 'media_type'],
      ['a byte too long', { bytes: Buffer.alloc(MAX_PROOF_BYTES + 1, 'a') }, 413, 'body_too_large'],
      ['far too long', { bytes: Buffer.alloc(2 * MAX_PROOF_BYTES, 'a') }, 413, 'body_too_large'],
      ['under another name', { bytes: PDF, field: 'proof' }, 422, 'invalid'],
      ['under __proto__', { bytes: PDF, field: '__proto__' }, 400, 'malformed_request'],
      ['half a photograph', { bytes: fixture('photo.jpg').subarray(0, 300) }, 422, 'location_stays'],
    ];
    for (const [name, file, status, code] of hostile) {
      const answer = await sendFile(eve.api, eve.payment, file);
      t.match(answer.json(), { status, code }, `${name}: ${answer.body.slice(0, 200)}`);
      t.ok(answer.json().errors[0].mend, 'and says what to do');
      t.notMatch(answer.body, /import|percent-encoded|application\/json`/, `${name}: with a proof`);
    }
    const two = multipart({ bytes: PDF }, { bytes: PDF });
    const url = `/v1/payments/${eve.payment}/proofs`;
    for (const [name, body, headers, status] of [
      ['JSON', { file: 'x' }, {}, 415],
      ['no part', `--x--\r\n`, { 'content-type': 'multipart/form-data; boundary=x' }, 422],
      ['no boundary', 'x', { 'content-type': 'multipart/form-data' }, 400],
      ['two files', two.body, two.headers, 422],
    ] as const) {
      const answer = await eve.api('POST', url, body, headers);
      t.equal(answer.statusCode, status, `${name}: ${answer.body}`);
      t.match(answer.json().mend, /multipart\/form-data|named in `errors`/, name);
    }
    t.equal((await sendFile(eve.api, 'payment_none', { bytes: PDF })).statusCode, 404);
    t.equal((await sendFile(eve.api, anna.payment, { bytes: PDF })).statusCode, 404, "another's");
    t.equal((await sendFile(service.as(eve.read), eve.payment, { bytes: PDF })).statusCode, 403);
    t.same([...kept().keys()].sort(), [...before.keys()].sort(), 'nothing is left behind');
    t.equal((await eve.api('GET', `/v1/payments/${eve.payment}`)).json().proofs, 0);
    t.equal(
      (await sendFile(eve.api, eve.payment, { bytes: Buffer.alloc(MAX_PROOF_BYTES, 'a') })).statusCode,
      201,
      'the largest',
    );
  });

  await t.test('a database that cannot answer is no proof that there is none', async (t) => {
    const { lines } = service.app.store;
    const { get } = lines;
    t.teardown(() => Object.assign(lines, { get }));
    const { id } = (await sendFile(anna.api, anna.payment, { bytes: PDF })).json();
    const urls = [`/v1/payments/${anna.payment}`, `/v1/proofs/${id}`, `/v1/proofs/${id}/file`];
    for (const code of ['busy', 'unavailable'] as const) {
      Object.assign(lines, { get: () => Promise.reject(new StoreError(code, 'Not now.')) });
      for (const url of urls)
        t.match((await anna.api('GET', url)).json(), { status: 503 }, `${code}: ${url}`);
    }
    Object.assign(lines, { get });
    for (const url of urls) t.equal((await anna.api('GET', url)).statusCode, 200);
    t.equal((await anna.api('DELETE', `/v1/proofs/${id}`)).statusCode, 204);
  });

  await t.test('ten a payment, also when they come at once; the same request once', async (t) => {
    const finn = await withPayment('Finn');
    const key = { 'idempotency-key': 'one' };
    const first = await sendFile(finn.api, finn.payment, { bytes: 'one' }, '', key);
    // One that would be refused for its place: the key is looked at before.
    const half = { bytes: fixture('photo.jpg').subarray(0, 300) };
    t.match((await sendFile(finn.api, finn.payment, half, '', key)).json(), {
      code: 'idempotency_key_reused',
    });
    t.equal((await sendFile(finn.api, finn.payment, { bytes: 'one' }, '', key)).body, first.body, 'replayed');
    t.match((await sendFile(finn.api, finn.payment, { bytes: 'two' }, '', key)).json(), {
      code: 'idempotency_key_reused',
    });
    const sent = await Promise.all(
      Array.from({ length: 12 }, (_, n) => sendFile(finn.api, finn.payment, { bytes: `receipt ${n}` })),
    );
    const codes = sent.map(({ statusCode }) => statusCode).sort();
    t.same(codes, [...Array(9).fill(201), 409, 409, 409]);
    const twice = await withPayment('Gwen');
    await sendFile(twice.api, twice.payment, { bytes: 'one' });
    const same = [...kept().values()].filter((bytes) => bytes.toString() === 'one');
    t.equal(same.length, 2, 'what two people send is not shared');
    await finn.api('DELETE', `/v1/proofs/${first.json().id}`);
    t.equal([...kept().values()].filter((bytes) => bytes.toString() === 'one').length, 1);
    const again = await sendFile(finn.api, finn.payment, { bytes: 'one' }, '', key);
    t.equal(again.statusCode, 201, 'there is room again');
    t.not(again.json().id, first.json().id, 'what is erased is no answer any more');
  });

  await t.test('erasing a line or a person erases the files', async (t) => {
    const hana = await withPayment('Hana');
    const ivan = await withPayment('Ivan');
    const count = kept().size;
    await sendFile(hana.api, hana.payment, { bytes: 'hers' });
    await sendFile(ivan.api, ivan.payment, { bytes: 'his' });
    t.equal(kept().size, count + 2);
    t.equal((await hana.api('DELETE', `/v1/lines/${hana.line}`)).statusCode, 204);
    t.equal(kept().size, count + 1);
    t.equal((await service.as(ADMIN)('DELETE', `/v1/users/${ivan.id}`)).statusCode, 204);
    t.equal(kept().size, count);
  });

  await t.test('what a crash has left is swept at the next start, and nothing else', async (t) => {
    const jack = await withPayment('Jack');
    const { id } = (await sendFile(jack.api, jack.payment, { bytes: 'mine' })).json();
    const before = [...kept().keys()].sort();
    const store = service.app.store;
    const leave = async (proof: string, node: string) => {
      const row = { id: proof, payment: jack.payment, name: null, file: `zz/${proof}`, node };
      await store.write(null, (q) => q.proofs.begin(row, 10));
      mkdirSync(join(disk, 'zz'), { recursive: true });
      writeFileSync(join(disk, row.file), 'half of a fi');
    };
    // A process that is no more, this one (which still receives), and one of another machine that began just now.
    await leave('proof_dead', markOf(NOBODY));
    await leave('proof_alive', service.app.proofs.node);
    await leave('proof_afar', 'another-machine/1/12345678');
    const database = environment.DATABASE_URL ?? `sqlite:${join(service.folder, 'keepline.db')}`;
    const next = await serve(t, {
      environment: { DATABASE_URL: database, PROOFS_URL: `file:${disk}` },
    });
    const files = [...kept().keys()].filter((name) => name.startsWith('zz')).sort();
    t.same(files, ['zz/proof_afar', 'zz/proof_alive']);
    t.equal((await next.as(jack.write)('GET', `/v1/proofs/${id}/file`)).body, 'mine');
    await store.write(null, async (q) => {
      await q.proofs.drop('proof_alive');
      await q.proofs.drop('proof_afar');
    });
    await service.app.proofs.sweep();
    t.same([...kept().keys()].sort(), before);
  });

  t.ok(
    service.lines.every((line) => !/passwd|чек\.pdf|R-1/.test(line)),
    'neither names nor references reach the log',
  );
}
