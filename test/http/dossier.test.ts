/** The dossier: what is in it, that it is what was kept, and that the same state gives the same bytes. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { unzipSync } from 'fflate';
import t from 'tap';
import type { PaymentChange } from '../../src/store/types.ts';
import { LINK_REASONS } from '../../src/vocabulary.ts';
import { sendFile } from './multipart.ts';
import { ADMIN, addPerson, call, NOW, roubles, serve } from './service.ts';

const service = await serve(t, { environment: { PORT: '0' } });
const anna = await addPerson(service, 'Anna');
const api = service.as(anna.write);
const line = `/v1/lines/${anna.line}`;
const HOSTILE = '</td><script>alert(1)</script>"\'&';

await service.as(ADMIN)('PATCH', `/v1/users/${anna.id}`, { locale: 'zh' });
await api('PATCH', line, { label: HOSTILE, number: '+79525550134' });
await api('POST', `${line}/records`, {
  items: [call('2026-01-01'), { type: 'balance', at: '2026-01-01', amount: roubles('300') }],
});
const paid = {
  paid_at: '2026-03-10',
  amount: roubles('300'),
  channel: 'third_party',
  reference: HOSTILE,
  note: HOSTILE,
};
const { id: payment } = (await api('POST', `${line}/payments`, paid)).json();
await sendFile(api, payment, { bytes: 'paid', name: `${HOSTILE}.txt` });
const photo = readFileSync(new URL('../fixtures/photo.jpg', import.meta.url));
const picture = (await sendFile(api, payment, { bytes: photo, name: 'чек.jpg' })).json();
await api('POST', `/v1/payments/${payment}/fail`, { reason: HOSTILE });

const read = async () => {
  const answer = await api('GET', `${line}/dossier`);
  t.equal(answer.statusCode, 200);
  return answer.rawPayload;
};
const open = (zip: Buffer) => new Map(Object.entries(unzipSync(new Uint8Array(zip))));
const text = (files: Map<string, Uint8Array>, name: string) =>
  Buffer.from(files.get(name) as Uint8Array).toString();

t.test('all that a desk would ask for, in its language and the person’s', async (t) => {
  const files = open(await read());
  t.same(
    [...files.keys()],
    [
      'summary.ru.html',
      'summary.zh.html',
      'line.json',
      'ledger.ndjson',
      'payments.ndjson',
      'timeline.zh.json',
      'rule.json',
      'SHA256SUMS',
      'proofs/01.txt',
      'proofs/02.jpg',
    ],
  );
  const page = text(files, 'summary.ru.html');
  for (const told of [
    'Досье номера <bdi>+79525550134</bdi>',
    '10 марта 2026',
    '300\u00a0₽',
    'не прошёл',
    picture.sha256,
    'proofs/02.jpg',
  ])
    t.match(page, told);
  t.match(text(files, 'summary.zh.html'), /^<!doctype html>\s<html lang="zh-Hans">.*2026年3月10日/s);
  t.match(
    page,
    /<li>(?!Источник)[^<]+ — [^<]+ <span lang="en">[A-Za-z][^<]+<\/span><\/li>/,
    'what sources say is in English',
  );
  t.match(
    page,
    /<tr class="void"><td [^>]+>[^<]+ <span class="voided">\(отменено исправлением\)<\/span><\/td>/,
  );
  const chinese = text(files, 'summary.zh.html');
  t.match(chinese, /<td [^>]+>[^<]+<span class="voided">（已作废）/);
  const body = chinese.slice(chinese.indexOf('<main>'));
  t.match(body, /<li>2026年\d+月\d+日 \d\d:\d\d UTC：失败——<bdi>/);
  t.match(body, /（<bdi>чек\.jpg<\/bdi>），image\/jpeg，\d+ B，2026年/);
  t.notMatch(body, /\p{Script=Han}[,:(]|\) ?\p{Script=Han}/u);
  t.notMatch(page, '<script>', 'nothing typed becomes markup');
  t.match(page, /&(lt|#60);script/);
  t.notMatch(page, /<(img|link|script|iframe)/, 'it asks nobody for anything');
  const [kept] = text(files, 'payments.ndjson')
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row));
  t.match(kept, {
    id: payment,
    state: 'failed',
    reference: HOSTILE,
    proofs: [{ file: 'proofs/01.txt' }, picture.sha256 && { sha256: picture.sha256 }],
  });
  t.equal(text(files, 'ledger.ndjson').trim().split('\n').length, 4, 'with what was taken back');
  t.match(JSON.parse(text(files, 'rule.json')), { id: 'ru/t2/prepaid', evidence: {} });
});

t.test('a state is that of a day, which is told', async (t) => {
  const dora = await addPerson(service, 'Dora');
  const api = service.as(dora.write);
  await api('POST', `/v1/lines/${dora.line}/records`, call('2024-01-25'));
  const files = open((await api('GET', `/v1/lines/${dora.line}/dossier`)).rawPayload);
  t.match(text(files, 'summary.en.html'), '<dt>State on 25 January 2024</dt><dd>active</dd>');
});

t.test('a last safe day that nobody knows is not known, rather than none', async (t) => {
  const ben = await addPerson(service, 'Ben');
  const files = open((await service.as(ben.write)('GET', `/v1/lines/${ben.line}/dossier`)).rawPayload);
  t.match(text(files, 'summary.ru.html'), '<dt>Последний безопасный день</dt><dd>Неизвестен</dd>');
  t.match(text(files, 'summary.en.html'), '<dt>Last safe day</dt><dd>Not known</dd>');
});

t.test('of a last safe day that is past it is told so', async (t) => {
  const ole = await addPerson(service, 'Ole');
  const api = service.as(ole.write);
  const items = [call('2025-06-01'), { type: 'balance', at: '2025-09-20', amount: roubles('300') }];
  await api('POST', `/v1/lines/${ole.line}/records`, { items });
  const page = text(open((await api('GET', `/v1/lines/${ole.line}/dossier`)).rawPayload), 'summary.en.html');
  t.match(page, '<dt>Overdue</dt><dd>The last safe day was 30 August 2025.</dd>');
  t.match(page, '<dt>Last day before it gets worse</dt>');
  t.notOk(page.includes(String.raw`\n`), 'no end of a line is spelt out');
  t.notMatch(page, '<dt>Last safe day</dt>');
});

t.test('a last safe day that counts on a payment says so', async (t) => {
  const una = await addPerson(service, 'Una');
  const api = service.as(una.write);
  const line = { rule: 'gb/giffgaff/prepaid', label: 'UK' };
  const { id } = (await api('POST', `/v1/users/${una.id}/lines`, line)).json();
  const amount = { amount: '10', currency: 'GBP' };
  const at = (days: number) => new Date(Date.parse(NOW) - days * 86_400_000).toISOString().slice(0, 10);
  await api('POST', `/v1/lines/${id}/records`, { type: 'topup', at: at(170), amount });
  const paid = { paid_at: at(1), amount, channel: 'app' };
  const payment = (await api('POST', `/v1/lines/${id}/payments`, paid)).json().id;
  const page = async () =>
    text(open((await api('GET', `/v1/lines/${id}/dossier`)).rawPayload), 'summary.en.html');
  const told = /Last safe day<\/dt><dd>[^<]+<br>This counts on a payment .* the last day is \d+ \w+ \d+\./;
  t.match(await page(), told);
  const other = (await api('POST', `/v1/lines/${id}/payments`, { ...paid, paid_at: at(2) })).json().id;
  t.match(
    await page(),
    /<br>This counts on payments that are not confirmed yet. Without them the last day is/,
  );
  await api('POST', `/v1/payments/${other}/cancel`);
  await api('POST', `/v1/payments/${payment}/confirm`);
  t.notMatch(await page(), 'This counts on a payment');
});

t.test('steps that its owner has brought in by an import are told as theirs', async (t) => {
  const ned = await addPerson(service, 'Ned');
  const api = service.as(ned.write);
  const bring = (key: string, rows: string) =>
    service.as(key)('POST', '/v1/import', rows, { 'content-type': 'application/x-ndjson' });
  const step = (state: string, reason?: string) => ({
    state,
    at: '2026-03-11T00:00:00.000Z',
    by: 'T2 support',
    ...(reason ? { reason } : {}),
  });
  const row = {
    object: 'payment',
    id: 'payment_00000000-0000-7000-8000-0000000000c1',
    line: ned.line,
    paid_at: '2026-03-10',
    amount: roubles('100'),
    channel: 'shop',
    changes: [step('pending'), step('failed', 'admitted by the carrier')],
  };
  t.equal((await bring(ned.write, JSON.stringify(row))).statusCode, 200);
  const page = async () =>
    text(open((await api('GET', `/v1/lines/${ned.line}/dossier`)).rawPayload), 'summary.en.html');
  const told = 'admitted by the carrier</bdi> (as imported by the owner)</li>';
  t.match(await page(), told);
  const { changes } = (await api('GET', `/v1/payments/${row.id}`)).json();
  t.match(changes, [{ imported: true }, { by: 'T2 support', imported: true }]);

  const made = (await api('POST', `/v1/lines/${ned.line}/payments`, paid)).json();
  const exported = (await api('GET', '/v1/export')).body;
  t.match((await bring(ned.write, exported)).json().payments, { unchanged: 2 });
  const own = (await api('GET', `/v1/payments/${made.id}`)).json();
  t.notOk(own.changes[0].imported, 'what the service itself has noted stays so');

  const there = (await serve(t)).as(ADMIN);
  const carried = await there('POST', '/v1/import', exported, { 'content-type': 'application/x-ndjson' });
  t.equal(carried.statusCode, 200, carried.body);
  t.equal(
    (await there('GET', `/v1/users/${ned.id}/export`)).body,
    exported,
    'the mark goes along, and no other comes',
  );
  const older = exported.replaceAll(',"imported":true', '');
  t.match((await bring(ned.write, older)).json().payments, { unchanged: 2 });
  t.match(await page(), told, 'nor does it go by an import');
});

t.test('of a proof it tells what its owner has said', async (t) => {
  const eva = await addPerson(service, 'Eva');
  const api = service.as(eva.write);
  const { id } = (await api('POST', `/v1/lines/${eva.line}/payments`, paid)).json();
  const page = async (language: string) => {
    const files = open((await api('GET', `/v1/lines/${eva.line}/dossier`)).rawPayload);
    return text(files, `summary.${language}.html`);
  };
  t.match(await page('en'), '<dt>Proofs</dt><dd>None.</dd>');
  await api('PATCH', `/v1/payments/${id}`, { no_proof: true });
  t.match(await page('en'), '<dt>Proofs</dt><dd>The owner says that there is none.</dd>');
  await api('PATCH', `/v1/payments/${id}`, { proof_elsewhere: true });
  t.match(await page('en'), '<dt>Proofs</dt><dd>The owner says that it is kept elsewhere.</dd>');
  t.match(await page('ru'), 'Владелец указал, что хранит подтверждение в другом месте.');
});

t.test('what a link in the calendar said is told in the language of the page', async (t) => {
  const eve = await addPerson(service, 'Eve');
  const as = service.as(eve.write);
  const { id } = (await as('POST', `/v1/lines/${eve.line}/payments`, paid)).json();
  const step = (change: Omit<PaymentChange, 'at'>) =>
    service.app.store.write(null, (q) =>
      q.payments.update(id, { state: change.state }, { ...change, at: '2026-03-15T12:00:00.000Z' }),
    );
  await step({ state: 'failed', by: eve.feed, link: 'said', reason: 'x' });
  await step({ state: 'pending', by: eve.feed, link: 'undone' });
  // As versions before wrote it.
  await step({ state: 'failed', by: eve.feed, reason: LINK_REASONS.said });
  await step({ state: 'pending', by: eve.feed, reason: LINK_REASONS.undone });
  await as('POST', `/v1/payments/${id}/fail`, { reason: LINK_REASONS.undone });
  const files = open((await as('GET', `/v1/lines/${eve.line}/dossier`)).rawPayload);
  const life = (language: string) =>
    [...text(files, `summary.${language}.html`).matchAll(/<li>[^<]*UTC: (.*?)<\/li>/g)].map(
      ([, told]) => told,
    );
  const byLink = [
    'failed — told through a link in the calendar',
    'waiting for confirmation — taken back through a link in the calendar',
  ];
  t.same(
    life('en').slice(1),
    [...byLink, ...byLink, 'failed — <bdi>undone by a link in the calendar</bdi>'],
    'a sentence that somebody types is theirs',
  );
  t.match(life('ru').slice(1, 3), [
    'не прошёл — отмечено по ссылке в календаре',
    /— отметка снята по ссылке в календаре$/,
  ]);
  t.match(text(files, 'summary.ru.html'), '<dt>Способ оплаты</dt><dd>посредник</dd>');
});

t.test('a stage that may come later, or never, is told so', async (t) => {
  const ada = await addPerson(service, 'Ada');
  const as = service.as(ada.write);
  const { id } = (
    await as('POST', `/v1/users/${ada.id}/lines`, { rule: 'gb/giffgaff/prepaid', label: 'UK' })
  ).json();
  await as('POST', `/v1/lines/${id}/records`, call('2025-12-01'));
  const files = open((await as('GET', `/v1/lines/${id}/dossier`)).rawPayload);
  t.match(text(files, 'summary.en.html'), 'lost<br>Perhaps not before 2 June 2026.');
});

t.test('what a person typed turns none of the text beside it', async (t) => {
  const cat = await addPerson(service, 'Cat');
  const as = service.as(cat.write);
  const sly = '\u202eevil\u2066';
  await as('PATCH', `/v1/lines/${cat.line}`, { label: sly });
  const told = { ...paid, reference: sly, note: sly };
  const made = (await as('POST', `/v1/lines/${cat.line}/payments`, told)).json();
  await sendFile(as, made.id, { bytes: 'paid', name: `${sly}.txt` });
  await as('POST', `/v1/payments/${made.id}/fail`, { reason: sly });
  const page = text(open((await as('GET', `/v1/lines/${cat.line}/dossier`)).rawPayload), 'summary.ru.html');
  t.notMatch(page, /[\u202a-\u202e\u2066-\u2069]/);
  t.match(page, '<h1>Досье номера <bdi>evil</bdi></h1>');
  t.equal(page.split('<bdi>evil</bdi>').length, 6);
  t.match(page, '<bdi>evil.txt</bdi>');
});

t.test('every digest is that of what lies there', async (t) => {
  const files = open(await read());
  const sums = text(files, 'SHA256SUMS').trim().split('\n');
  t.equal(sums.length, files.size - 1);
  for (const sum of sums) {
    const [digest, name = ''] = sum.split('  ');
    t.equal(
      createHash('sha256')
        .update(files.get(name) as Uint8Array)
        .digest('hex'),
      digest,
      name,
    );
  }
});

t.test('the same state, the same bytes; another state, others', async (t) => {
  const before = await read();
  service.setNow('2027-05-01T00:00:00.000Z');
  t.ok((await read()).equals(before), 'a year later too');
  await api('PATCH', `/v1/payments/${payment}`, { note: 'found' });
  t.notOk((await read()).equals(before));
});

t.test('a file that is lost is told of with its digest, and all else is there', async (t) => {
  const lost = (await sendFile(api, payment, { bytes: 'lost', name: 'lost.txt' })).json();
  const later = (await sendFile(api, payment, { bytes: 'later', name: 'later.txt' })).json();
  rmSync(join(service.folder, 'proofs', lost.id.slice(-2), lost.id));
  const files = open(await read());
  const names = [...files.keys()].filter((name) => name.startsWith('proofs/'));
  t.same(names, ['proofs/01.txt', 'proofs/02.jpg', 'proofs/04.txt']);
  t.equal(text(files, 'proofs/04.txt'), 'later');
  const said = new RegExp(`<li>файл отсутствует \\(<bdi>lost\\.txt</bdi>\\), text/plain[^]*?${lost.sha256}`);
  t.match(text(files, 'summary.ru.html'), said);
  t.notMatch(text(files, 'SHA256SUMS'), lost.sha256);
  const [kept] = text(files, 'payments.ndjson').trim().split('\n');
  t.match(JSON.parse(kept as string).proofs.slice(2), [
    { file: null, missing: true, name: 'lost.txt', sha256: lost.sha256 },
    { file: 'proofs/04.txt', sha256: later.sha256 },
  ]);
  for (const { id } of [lost, later]) await api('DELETE', `/v1/proofs/${id}`);
});

t.test('where no file can be looked for now, there is none yet', async (t) => {
  const folder = join(service.folder, 'proofs');
  renameSync(folder, `${folder}-away`);
  t.match((await api('GET', `${line}/dossier`)).json(), { status: 503, code: 'unavailable' });
  renameSync(`${folder}-away`, folder);
  t.equal((await api('GET', `${line}/dossier`)).statusCode, 200);
});

const origin = await service.listen();

t.test('a file that ends before its end breaks it off, and one who hangs up leaves none open', async (t) => {
  const { proofs } = service.app;
  const readFile = proofs.read;
  t.teardown(() => Object.assign(proofs, { read: readFile }));
  const opened: PassThrough[] = [];
  Object.assign(proofs, {
    read: async () => {
      const file = new PassThrough();
      file.write(Buffer.alloc(1_000_000));
      opened.push(file);
      return file;
    },
  });

  const broken = api('GET', `${line}/dossier`).catch((error: Error) => error);
  while (opened.length < 1) await new Promise(setImmediate);
  opened[0]?.destroy();
  const answer = await broken;
  const whole = 'rawPayload' in answer ? answer.rawPayload : Buffer.alloc(0);
  t.throws(() => unzipSync(new Uint8Array(whole)));

  const headers = { authorization: `Bearer ${anna.write}` };
  const request = get(new URL(`${line}/dossier`, origin), { headers });
  const [response] = await once(request, 'response');
  await once(response, 'data');
  while (opened.length < 2) await new Promise(setImmediate);
  request.destroy();
  const left = opened[1] as PassThrough;
  if (!left.destroyed) await once(left, 'close');
  t.ok(left.destroyed);
});

t.test('one who hangs up while a file is being opened leaves none open either', async (t) => {
  const { proofs } = service.app;
  const readFile = proofs.read;
  t.teardown(() => Object.assign(proofs, { read: readFile }));
  const asked = Promise.withResolvers<void>();
  const opening = Promise.withResolvers<PassThrough>();
  const read = () => {
    asked.resolve();
    return opening.promise;
  };
  Object.assign(proofs, { read });
  const headers = { authorization: `Bearer ${anna.write}` };
  const connected = once(service.server.server, 'connection');
  // A connection of its own: one that an earlier request has left open would be used again.
  const request = get(new URL(`${line}/dossier`, origin), { headers, agent: false });
  request.on('error', () => {});
  const [socket] = await connected;
  await asked.promise;
  // It ends with an error too, which is nobody's.
  const left = new Promise((resolve) => socket.once('close', resolve));
  request.destroy();
  await left;
  const file = new PassThrough();
  opening.resolve(file);
  if (!file.destroyed) await once(file, 'close');
  t.ok(file.destroyed);
});

t.test('a payment with all ten proofs warns of nothing', async (t) => {
  const berta = await addPerson(service, 'Berta');
  const hers = service.as(berta.write);
  const { id } = (await hers('POST', `/v1/lines/${berta.line}/payments`, paid)).json();
  for (let n = 0; n < 10; n += 1) await sendFile(hers, id, { bytes: `part ${n}`, name: `${n}.txt` });
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  const files = open((await hers('GET', `/v1/lines/${berta.line}/dossier`)).rawPayload);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  t.equal([...files.keys()].filter((name) => name.startsWith('proofs/')).length, 10);
  t.same(warnings, []);
});
