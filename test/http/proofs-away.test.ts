/** Where proofs lie is full, read-only or away: that is told, nothing half-done is left, and nothing else waits for it. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import t from 'tap';
import { openProofs } from '../../src/proofs/index.ts';
import { exportRows } from '../../src/service/export.ts';
import { openStore } from '../../src/store/store.ts';
import { sendFile } from './multipart.ts';
import { addPerson, roubles, serve } from './service.ts';

await t.test('what cannot be stored or read now is asked for again later', async (t) => {
  const service = await serve(t, { environment: { PORT: '0' } });
  const anna = await addPerson(service, 'Anna');
  const api = service.as(anna.write);
  const paid = { paid_at: '2026-03-10', amount: roubles('300'), channel: 'app' };
  const { id: payment } = (await api('POST', `/v1/lines/${anna.line}/payments`, paid)).json();
  const { id } = (await sendFile(api, payment, { bytes: 'receipt' })).json();
  const folder = join(service.folder, 'proofs');
  const file = join(folder, id.slice(-2), id);
  const origin = await service.listen();
  const exported = async () => {
    const headers = { authorization: `Bearer ${anna.write}` };
    const answer = await fetch(`${origin}/v1/export?proofs=true`, { headers });
    return answer.text();
  };

  renameSync(file, `${file}.away`);
  // It is there, and no one can read it.
  symlinkSync(file, file);
  const got = await api('GET', `/v1/proofs/${id}/file`);
  t.match([got.statusCode, got.json().code, got.headers['retry-after']], [503, 'unavailable', '2']);
  await t.rejects(exported(), 'an export without it breaks off');
  rmSync(file);
  t.notMatch(await exported(), '"proof_part"', 'what is gone is left out');
  renameSync(`${file}.away`, file);
  t.match(await exported(), '"proof_part"');

  renameSync(folder, `${folder}.away`);
  const away = await api('GET', `/v1/proofs/${id}/file`);
  t.match(
    [away.statusCode, away.json().code],
    [503, 'unavailable'],
    'a folder that is away tells of no file',
  );
  const papers = await api('GET', `/v1/lines/${anna.line}/dossier`);
  t.match([papers.statusCode, papers.json().code], [503, 'unavailable'], 'nor does a dossier call it lost');
  await t.rejects(exported());
  const ivan = await addPerson(service, 'Ivan');
  await service.app.store.write(null, (q) => q.proofs.doom('aa/his'));
  t.equal((await service.as(ivan.write)('DELETE', `/v1/lines/${ivan.line}`)).statusCode, 204);
  t.same(
    await service.app.store.proofs.doomed(10),
    ['aa/his'],
    'what is to be erased is erased once it is back',
  );
  writeFileSync(folder, 'no folder');
  const put = await sendFile(api, payment, { bytes: 'another' });
  t.match([put.statusCode, put.json().code, put.headers['retry-after']], [503, 'unavailable', '2']);
  rmSync(folder);
  renameSync(`${folder}.away`, folder);
  t.equal((await api('GET', `/v1/payments/${payment}/proofs`)).json().items.length, 1, 'nothing of it stays');
  t.equal((await sendFile(api, payment, { bytes: 'another' })).statusCode, 201);
});

await t.test('an export that nobody reads to its end leaves no file open', async (t) => {
  const service = await serve(t);
  const { app } = service;
  const anna = await addPerson(service, 'Anna');
  const api = service.as(anna.write);
  const paid = { paid_at: '2026-03-10', amount: roubles('300'), channel: 'app' };
  const { id: payment } = (await api('POST', `/v1/lines/${anna.line}/payments`, paid)).json();
  await sendFile(api, payment, { bytes: 'x'.repeat(200_000) });
  for (const last of ['"object":"proof"', '"object":"proof_part"']) {
    const opened: Readable[] = [];
    const proofs: typeof app.proofs = {
      ...app.proofs,
      read: async (proof) => {
        const stream = await app.proofs.read(proof);
        opened.push(stream);
        return stream;
      },
    };
    for await (const row of exportRows({ ...app, proofs }, anna.id, { proofs: true })) {
      if (row.includes(last)) break;
    }
    t.same(
      opened.map(({ destroyed }) => destroyed),
      [true],
      last,
    );
  }
});

await t.test('what is sent cannot be put down to be read', async (t) => {
  const service = await serve(t);
  const anna = await addPerson(service, 'Anna');
  const api = service.as(anna.write);
  const paid = { paid_at: '2026-03-10', amount: roubles('300'), channel: 'app' };
  const { id: payment } = (await api('POST', `/v1/lines/${anna.line}/payments`, paid)).json();
  const before = process.env.TMPDIR;
  t.teardown(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });
  process.env.TMPDIR = join(service.folder, 'away');
  const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': 'once' };
  for (const answer of [
    await sendFile(api, payment, { bytes: 'receipt' }),
    await api('POST', '/v1/import', '{}', headers),
  ]) {
    t.match(
      [answer.statusCode, answer.json().code, answer.headers['retry-after']],
      [503, 'unavailable', '2'],
    );
  }
  t.same((await api('GET', `/v1/payments/${payment}/proofs`)).json().items, []);
});

await t.test('a file that cannot be taken away keeps neither the service nor other files', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'keepline-doomed-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const url = `sqlite:${join(folder, 'keepline.db')}`;
  // A folder stands where the file should be: it cannot be unlinked, as on a disk that may only be read.
  mkdirSync(join(folder, 'proofs/aa/stays'), { recursive: true });
  writeFileSync(join(folder, 'proofs/aa/goes'), 'x');
  const store = await openStore({ url });
  for (const file of ['aa/stays', 'aa/goes']) await store.write(null, (q) => q.proofs.doom(file));
  await store.close();
  const environment = { DATABASE_URL: url, PROOFS_URL: `file:${join(folder, 'proofs')}` };
  const service = await serve(t, { environment });
  t.equal((await service.as(null)('GET', '/readyz')).statusCode, 200, 'it serves');
  t.notOk(existsSync(join(folder, 'proofs/aa/goes')), 'the other is gone');
  t.same(await service.app.store.proofs.doomed(10), ['aa/stays'], 'and the first is tried again');
});

await t.test('once several files cannot be taken away, the others wait', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'keepline-stuck-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const store = await openStore({ url: `sqlite:${join(folder, 'keepline.db')}` });
  t.teardown(() => store.close());
  const stuck = Array.from({ length: 6 }, (_, n) => `aa/${n}`);
  for (const file of stuck) mkdirSync(join(folder, 'proofs', file), { recursive: true });
  await store.write(null, async (q) => {
    for (const file of stuck) await q.proofs.doom(file);
  });
  const told: string[] = [];
  const log = { warn: (_: object, message: string) => void told.push(message) };
  const proofs = await openProofs(`file:${join(folder, 'proofs')}`, store, () => new Date(), log);
  await proofs.removeDoomed();
  t.same(told, Array(3).fill('the file of a proof is still to be removed'));
  t.equal((await store.proofs.doomed(10)).length, 6, 'and are tried again');
});
