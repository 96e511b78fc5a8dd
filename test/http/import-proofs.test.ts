/** An import with proofs: a person comes in with all of them or not at all, and no file is left without its row. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { importNdjson } from '../../src/imports/index.ts';
import { eventually } from '../support/eventually.ts';
import { filesIn } from '../support/files.ts';
import { markOf, NOBODY } from '../support/marks.ts';
import { onEachEngine } from '../support/stores.ts';
import { sendFile } from './multipart.ts';
import { ADMIN, addPerson, type Fixture, roubles, serve } from './service.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const id = (kind: string, n: number) =>
  `${kind}_019d33ab-f280-7003-8324-${String(n).padStart(12, '0')}` as const;
const user = (external_id: string) => ({
  object: 'user',
  external_id,
  name: external_id,
  locale: 'en',
  time_zone: 'UTC',
});
const line = { object: 'line', external_id: 'l', rule: 'ru/t2/prepaid', label: 'l' };
const step = (state: string) => ({ state, at: '2026-03-10T00:00:00.000Z', by: 'key_1' });
const payment = (n: number) => ({
  object: 'payment',
  id: id('payment', n),
  line: 'l',
  paid_at: '2026-03-10',
  amount: roubles('300'),
  channel: 'app',
  makes: 'topup',
  changes: [step('pending'), step('failed')],
});
const PARTS = 3;
const text = (n: number) => `receipt ${n} `.repeat(8_000);
const proofRow = (n: number, of: number, rest = {}) => ({
  object: 'proof',
  id: id('proof', n),
  payment: id('payment', of),
  type: 'text/plain',
  size: text(n).length,
  sha256: createHash('sha256').update(text(n)).digest('hex'),
  ...rest,
});
/** A proof with its bytes, which may be others than its row says. */
function proof(n: number, of: number, rest = {}, bytes = text(n)): object[] {
  const length = Math.ceil(bytes.length / PARTS);
  const pieces = Array.from({ length: PARTS }, (_, part) => bytes.slice(part * length, (part + 1) * length));
  const parts = pieces.map((piece) => ({
    object: 'proof_part',
    proof: id('proof', n),
    data: Buffer.from(piece).toString('base64'),
  }));
  return [proofRow(n, of, rest), ...parts];
}
const person = [user('anna'), line, payment(1), payment(2)];
const whole = [...person, ...proof(1, 1), ...proof(2, 2)];
const ndjson = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const bring = (service: Fixture, rows: readonly object[], query = '', key = ADMIN) =>
  service.as(key)('POST', `/v1/import${query}`, ndjson(rows), NDJSON);
/** Rows as they come, with something that happens before the last of them. */
async function* coming(rows: readonly object[], meanwhile: () => unknown) {
  for (const row of rows.slice(0, -1)) yield Buffer.from(ndjson([row]));
  await meanwhile();
  yield Buffer.from(ndjson(rows.slice(-1)));
}

const filesOf = (service: Fixture) => filesIn(join(service.folder, 'proofs')).size;
/** What there is: people, files, files ahead of their rows, and files to be removed. */
async function standing(service: Fixture) {
  const { store } = service.app;
  const people = (await store.users.list({ limit: 9, after: null })).items.map((one) => one.external_id);
  const [ahead, doomed] = [await store.proofs.filesAhead(), await store.proofs.doomed(9)];
  return { people, files: filesOf(service), ahead: ahead.length, doomed: doomed.length };
}
const NOTHING = { people: [], files: 0, ahead: 0, doomed: 0 };

await onEachEngine(t, async (t, engine) => {
  const fresh = async (t: { teardown(fn: () => unknown): void }, environment = {}) =>
    serve(t, { environment: { DATABASE_URL: await engine.url(), ...environment } });

  await t.test('nothing of a person comes in unless all their proofs are good', async (t) => {
    const service = await fresh(t);
    const many = Array.from({ length: 11 }, (_, n) => proof(n + 10, 2)).flat();
    const wrong: [string, object[], string, RegExp][] = [
      ['other bytes', proof(2, 2, {}, text(3)), '/8/sha256', /parts are not what/],
      ['another length', proof(2, 2, { size: 5 }), '/8/sha256', /parts are not what/],
      ['no bytes', [proofRow(2, 2)], '/8/sha256', /parts are not what/],
      ['another type', proof(2, 2, { type: 'image/png' }), '/8/type', /no file of this type/],
      ['too many', many, `/${8 + 40}/payment`, /at most 10 proofs/],
      ['of no payment', proof(2, 3), '/8/payment', /no such payment/],
      ['of a time to come', proof(2, 2, { created_at: '2031-01-01T00:00:00Z' }), '/8/created_at', /not come/],
      ['the same id twice', proof(1, 2), '/8/id', /another proof/],
      ['parts of another', [proofRow(2, 2), ...proof(3, 2).slice(1)], '/9/object', /no part of the proof/],
      ['a line after it', [...proof(2, 2), line], '/12/object', /no part of the proof/],
      ['a part that is none', [...proof(2, 2), { object: 'proof_part' }], '/12/proof', /./],
    ];
    for (const [name, rows, pointer, detail] of wrong) {
      const sent = [...person, ...proof(1, 1), ...rows];
      const dry = (await bring(service, sent, '?dry_run=true')).json();
      const real = (await bring(service, sent)).json();
      t.match(real, { status: 422, errors: [{ pointer, detail }] }, name);
      t.match(real.imported, { users: { made: 0 }, payments: { made: 0 }, proofs: { made: 0 } }, name);
      t.same([dry.errors, dry.imported], [real.errors, real.imported], `${name}, rehearsed`);
      t.same(await standing(service), NOTHING, name);
    }
    const bad = [...person, ...proof(1, 1), ...proof(2, 2, {}, text(3))];
    const answer = await bring(service, [user('eve'), ...bad, user('next')]);
    t.match(answer.json(), { imported: { users: { made: 2 } }, errors: [{ pointer: '/9/sha256' }] });
    t.same(await standing(service), { ...NOTHING, people: ['eve', 'next'] }, 'nobody else is kept out');
  });

  await t.test('what is wrong with a person and with their proofs is told at once', async (t) => {
    const service = await fresh(t);
    const nowhere = { ...payment(3), line: 'nowhere' };
    const sent = [...person, nowhere, ...proof(1, 1), ...proof(2, 2, {}, text(3)), ...proof(3, 3)];
    const { errors } = (await bring(service, sent)).json();
    t.same(
      errors.map(({ pointer }: { pointer: string }) => pointer),
      ['/4/line', '/9/sha256'],
      'and not that a payment is missing which was refused itself',
    );
    t.same(await standing(service), NOTHING);
  });

  await t.test('twice without harm, and two at once', async (t) => {
    const service = await fresh(t);
    const dry = await bring(service, whole, '?dry_run=true');
    t.match(dry.json(), { users: { made: 1 }, proofs: { made: 2 } });
    t.same(await standing(service), NOTHING);
    const answers = await Promise.all([1, 2, 3].map(() => bring(service, whole)));
    t.same(
      answers.map(({ statusCode }) => statusCode),
      [200, 200, 200],
      answers.map(({ body }) => body).join(),
    );
    t.equal(
      answers.reduce((sum, answer) => sum + answer.json().proofs.made, 0),
      2,
    );
    const once = { people: ['anna'], files: 2, ahead: 0, doomed: 0 };
    t.same(await standing(service), once);
    t.match((await bring(service, whole)).json(), { proofs: { made: 0, unchanged: 2 } });
    const doubled = [...whole, ...proof(3, 1), ...proof(3, 1)];
    t.match((await bring(service, doubled)).json(), { proofs: { made: 1, unchanged: 3 } });
    t.same(await standing(service), { ...once, files: 3 });
    const exported = (await service.as(ADMIN)('GET', '/v1/export?proofs=true')).body;
    t.equal(exported.match(/"object":"proof"/g)?.length, 3);
  });

  await t.test('whoever hangs up leaves nothing', async (t) => {
    const service = await fresh(t, { PORT: '0' });
    const origin = await service.listen();
    const headers = { authorization: `Bearer ${ADMIN}`, ...NDJSON };
    const sending = request(`${origin}/v1/import`, { method: 'POST', headers });
    sending.on('error', () => undefined);
    sending.write(ndjson(whole.slice(0, -1)));
    t.ok(await eventually(() => filesOf(service) === 1), 'the first proof lies there');
    t.same((await standing(service)).people, [], 'before the person');
    sending.destroy();
    t.ok(await eventually(async () => isDeepStrictEqual(await standing(service), NOTHING)));
  });

  await t.test('the sweep takes what a process that died had brought, and nothing under way', async (t) => {
    const service = await fresh(t);
    const { proofs, store } = service.app;
    const ahead = async (file: string, mark: string) => {
      const place = join(service.folder, 'proofs', file);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, 'x');
      await store.write(null, (q) => q.proofs.addFileAhead(file, mark));
    };
    const rows = coming(whole, async () => {
      await ahead('aa/dead', `${markOf(NOBODY)}/1`);
      await ahead('aa/alive', `${markOf(process.ppid)}/1`);
      await proofs.sweep();
      // Hours later, too: it has not ended.
      service.setNow('2026-03-15T15:00:00.000Z');
      await ahead('aa/later', `${markOf(process.ppid)}/1`);
      await proofs.sweep();
    });
    t.match(await importNdjson(service.app, null, rows), { imported: { proofs: { made: 2 } }, errors: [] });
    t.same(await standing(service), { people: ['anna'], files: 4, ahead: 1, doomed: 0 });
    service.setNow('2026-03-15T18:00:00.000Z');
    await proofs.sweep();
    t.same(await standing(service), { people: ['anna'], files: 2, ahead: 0, doomed: 0 }, 'time tells');
  });

  await t.test('files that another took for abandoned bring nobody in', async (t) => {
    const service = await fresh(t);
    const { proofs, store } = service.app;
    const rows = coming(whole, async () => {
      for (const { node } of await store.proofs.filesAhead())
        await store.write(null, (q) => q.proofs.discardFilesAhead(node));
      await proofs.removeDoomed();
    });
    const { errors } = await importNdjson(service.app, null, rows);
    t.match(errors, [{ pointer: '/0', mend: 'Import it again.' }]);
    t.same(await standing(service), NOTHING);
  });

  await t.test('a proof that was here, and is deleted meanwhile, is not taken for kept', async (t) => {
    const service = await fresh(t);
    await bring(service, whole);
    const { store } = service.app;
    const changed = [{ ...user('anna'), name: 'Anna' }, ...whole.slice(1)];
    const rows = coming(changed, () => store.write(null, (q) => q.proofs.drop(id('proof', 1))));
    t.match((await importNdjson(service.app, null, rows)).errors, [{ pointer: '/4/id', detail: /deleted/ }]);
    t.equal((await store.users.byExternalId('anna'))?.name, 'anna');
    t.match((await bring(service, changed)).json(), { proofs: { made: 1, unchanged: 1 } });
  });

  await t.test('where files cannot be stored, nobody comes in, and nothing is left', async (t) => {
    const service = await fresh(t);
    const { proofs } = service.app;
    const { put } = proofs;
    let count = 0;
    Object.assign(proofs, {
      put: async (...given: Parameters<typeof put>) => {
        count += 1;
        if (count === 2) throw new Error('away');
        await put(...given);
      },
    });
    t.equal((await bring(service, whole)).statusCode, 500);
    t.same(await standing(service), NOTHING);
  });

  await t.test('nobody brings in proofs of another’s payment', async (t) => {
    const service = await fresh(t);
    const [alice, bob] = [await addPerson(service, 'Alice'), await addPerson(service, 'Bob')];
    const paid = { paid_at: '2026-03-10', amount: roubles('300'), channel: 'app' };
    const made = await service.as(alice.write)('POST', `/v1/lines/${alice.line}/payments`, paid);
    const [own, ...parts] = proof(1, 1) as [object, ...object[]];
    const first = { ...own, payment: made.json().id };
    // A line of his own that is called as hers.
    const posing = { ...line, external_id: alice.line };
    for (const rows of [[], [posing]]) {
      const answer = await bring(service, [...rows, first, ...parts], '', bob.write);
      t.match(answer.json(), { status: 422, errors: [{ detail: /not yours/ }] });
    }
    t.equal((await bring(service, [user('mallory'), first, ...parts])).statusCode, 422, 'nor an admin there');
    t.match((await bring(service, [first, ...parts])).json(), { proofs: { made: 1 } }, 'but by itself');
    t.equal((await sendFile(service.as(alice.write), made.json().id, { bytes: 'x' })).statusCode, 201);
  });
});
