/** Everything out, everything in: SQLite, PostgreSQL and back give the same feeds, the same files, the same export. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { markOf, NOBODY } from '../support/marks.ts';
import { startPostgres } from '../support/postgres.ts';
import { sendFile } from './multipart.ts';
import { ADMIN, addPerson, call, type Fixture, roubles, serve } from './service.ts';

const NOW = '2026-03-16T12:00:00.000Z';
const NDJSON = { 'content-type': 'application/x-ndjson' };
const postgres = await startPostgres();
t.teardown(() => postgres.stop());
const shared = {
  KEEPLINE_SECRET: 'a secret of the tests that all nodes share',
  PUBLIC_URL: 'https://keepline.example.org',
};
const first = await serve(t, { environment: shared });
const second = await serve(t, { environment: { ...shared, DATABASE_URL: await postgres.database() } });
const third = await serve(t, { environment: shared });

const anna = await addPerson(first, 'Anna');
const api = first.as(anna.write);
const line = `/v1/lines/${anna.line}`;
await api('POST', `${line}/records`, {
  items: [call('2026-01-01'), { type: 'balance', at: '2026-01-01', amount: roubles('300') }],
});
const pay = async (rest: object) => {
  const paid = { paid_at: '2026-03-10', amount: roubles('100'), channel: 'app', ...rest };
  return (await api('POST', `${line}/payments`, paid)).json().id as string;
};
const [pending, confirmed, failed, again] = [
  await pay({ reference: 'pending', external_id: 'p-1' }),
  await pay({ credited: roubles('90'), note: 'строка' }),
  await pay({ channel: 'third_party' }),
  await pay({ makes: 'purchase', product: 'pack' }),
];
await api('POST', `/v1/payments/${confirmed}/confirm`, { balance: roubles('390'), seen_on: '2026-03-12' });
await api('POST', `/v1/payments/${failed}/fail`, { reason: 'vanished' });
await api('POST', `/v1/payments/${again}/confirm`);
await api('POST', `/v1/payments/${again}/refund`, { reason: 'sent back' });
await api('PATCH', `/v1/payments/${again}`, { no_proof: true });
await api('PATCH', `/v1/payments/${failed}`, { note: 'said later', reference: 'f-1' });
const photo = readFileSync(new URL('../fixtures/photo.jpg', import.meta.url));
await sendFile(api, confirmed, { bytes: photo, name: 'чек.jpg' });
await sendFile(api, pending, { bytes: Buffer.alloc(200_000, 'receipt ') });
await api('PATCH', `/v1/feeds/${anna.feed}`, { detail: 'masked', alarms: 'both', lead_days: [14, 3] });

/** Another feed, whose links are followed before it goes. */
const linked = (
  await api('POST', `/v1/users/${anna.id}/feeds`, { name: 'Links', action_links: true })
).json();
async function act(said: string, kind: RegExp, isUndone = false) {
  const path = new URL(linked.urls.https).pathname;
  const text = (await first.as(null)('GET', path)).body.replaceAll('\r\n ', '');
  for (const event of text.split('BEGIN:VEVENT')) {
    const path = new RegExp(`${said}: https://keepline\\.example\\.org(/act/[\\w-]+)`).exec(event)?.[1];
    if (!path || !kind.test(event)) continue;
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const done = await first.as(null)('POST', path, '', form);
    if (done.statusCode >= 400) throw new Error(done.body);
    if (isUndone) await first.as(null)('POST', path, 'undo=1', form);
    return;
  }
  throw new Error(`no entry says ${said}`);
}
await act('Done', /CATEGORIES:.*(Back|back)/);
await act('It did not go through', /SUMMARY:.*did the/, true);
await act('Remind me in three days', /SUMMARY:.*(roof|eceipt)/);
await api('PATCH', `/v1/payments/${failed}`, { proof_elsewhere: true });
await api('DELETE', `/v1/feeds/${linked.id}`);

/** The feed as it is served; its address is a new one. */
async function feedOf(service: Fixture): Promise<string> {
  const rotated = await service.as(ADMIN)('POST', `/v1/feeds/${anna.feed}/rotate`, { overlap_days: 0 });
  return (await service.as(null)('GET', new URL(rotated.json().urls.https).pathname)).body;
}
const exported = async (service: Fixture) => (await service.as(ADMIN)('GET', '/v1/export?proofs=true')).body;
const bring = (service: Fixture, rows: string) => service.as(ADMIN)('POST', '/v1/import', rows, NDJSON);

// A feed that has lived: fetched, changed, and fetched again on another day.
await feedOf(first);
for (const service of [first, second, third]) service.setNow(NOW);
await api('POST', `${line}/records`, call('2026-03-14'));
const feed = await feedOf(first);
const rows = await exported(first);

t.test('to the other engine and back, the same to the byte', async (t) => {
  let carried = rows;
  for (const service of [second, third]) {
    const imported = await bring(service, carried);
    t.equal(imported.statusCode, 200, imported.body);
    t.match(imported.json(), {
      payments: { made: 4 },
      proofs: { made: 2 },
      marks: { made: 2 },
      feeds: { made: 1 },
    });
    t.match(feed, /SEQUENCE:[1-9]/);
    t.equal(await feedOf(service), feed, 'the feed');
    carried = await exported(service);
    t.equal(carried, rows, 'the export');
    const dossiers = await Promise.all(
      [first, service].map((one) =>
        one
          .as(ADMIN)('GET', `${line}/dossier`)
          .then((it) => it.rawPayload),
      ),
    );
    t.ok(dossiers[1]?.equals(dossiers[0] as Buffer), 'the dossier');
    for (const url of [
      `${line}/agenda`,
      `${line}/timeline`,
      ...[pending, failed].map((id) => `/v1/payments/${id}`),
    ]) {
      const [here, there] = [first, service].map((one) => one.as(ADMIN)('GET', url));
      const [a, b] = [(await here)?.json(), (await there)?.json()];
      t.same({ ...b, updated_at: 0 }, { ...a, updated_at: 0 }, url);
    }
  }
});

t.test('everything that somebody has set comes over', async (t) => {
  const [from, to] = [
    await serve(t, { environment: shared, now: NOW }),
    await serve(t, { environment: shared, now: NOW }),
  ];
  const admin = from.as(ADMIN);
  const make = async (url: string, body: object) => {
    const made = await admin('POST', url, body);
    t.equal(made.statusCode, 201, made.body);
    return made.json().id as string;
  };
  const user = await make('/v1/users', {
    name: 'Vera',
    locale: 'ru',
    time_zone: 'Asia/Tokyo',
    external_id: 'u-1',
  });
  const line = await make(`/v1/users/${user}/lines`, {
    rule: 'au/lebara/prepaid',
    label: 'Hers',
    number: '+61491570156',
    time_zone: 'Australia/Perth',
    plan_price: { amount: '30.00', currency: 'AUD' },
    facts: { plan_days: 28 },
    external_id: 'l-1',
  });
  await make(`/v1/users/${user}/lines`, { rule: 'au/lebara/prepaid', label: 'Another' });
  await make(`/v1/lines/${line}/records`, { ...call('2026-03-01'), external_id: 'r-1' });
  const feed = await make(`/v1/users/${user}/feeds`, {
    name: 'Hers',
    lines: [line],
    kinds: ['renew', 'overdue', 'last_safe_day'],
    locale: 'zh',
    detail: 'masked',
    alarms: 'both',
    lead_days: [14, 3],
    action_links: true,
    show_balance: true,
    alarm_hour: 6,
    history_days: 60,
  });
  const imported = await bring(to, await exported(from));
  t.equal(imported.statusCode, 200, imported.body);
  const paths = [`/v1/users/${user}`, `/v1/lines/${line}`, `/v1/lines/${line}/records`, `/v1/feeds/${feed}`];
  for (const path of paths) {
    const [here, there] = [(await admin('GET', path)).json(), (await to.as(ADMIN)('GET', path)).json()];
    t.same({ ...there, updated_at: 0 }, { ...here, updated_at: 0 }, path);
  }
});

t.test('twice without harm', async (t) => {
  const imported = (await bring(second, rows)).json();
  for (const [kind, counts] of Object.entries(imported)) t.match(counts, { made: 0, changed: 0 }, kind);
  t.equal(await exported(second), rows);
  const before = rows.replace(/,"link":"\w+"/g, '');
  t.not(before, rows);
  t.match(
    (await bring(second, before)).json(),
    { payments: { changed: 0, unchanged: 4 } },
    'as it was once told',
  );
});

t.test('what a feed has shown elsewhere is no news where it is shown already', async (t) => {
  const shown = await feedOf(second);
  const other = rows.replace(/"sequence":\d+/g, '"sequence":99');
  t.equal((await bring(second, other)).statusCode, 200);
  t.equal(await feedOf(second), shown);
  const fresh = await serve(t, { environment: shared, now: NOW });
  const ahead = rows.replace(/"(revised_at|changed_at)":"[^"]+"/g, '"$1":"2030-01-01T00:00:00.000Z"');
  t.equal((await bring(fresh, ahead)).statusCode, 200, 'one that changed many times a second');
  const told = await feedOf(fresh);
  t.notMatch(told, /:20(2[7-9]|3)\d*T/, 'tells nothing of a time to come');
  t.equal(told.match(/^SEQUENCE:.*/gm)?.join(), feed.match(/^SEQUENCE:.*/gm)?.join());
  const offset = rows.replace(/"(revised_at|created_at|changed_at)":"([^"]{19})\.000Z"/g, (_, name, at) => {
    const there = new Date(Date.parse(`${at}Z`) + 10_800_000).toISOString().slice(0, 19);
    return `"${name}":"${there}+03:00"`;
  });
  const east = await serve(t, { environment: shared, now: NOW });
  t.equal((await bring(east, offset)).statusCode, 200);
  t.equal(await feedOf(east), feed, 'moments are moments, however they are written');
  const elsewhere = await serve(t, { environment: { ...shared, KEEPLINE_SECRET: 'x'.repeat(40) }, now: NOW });
  t.equal((await bring(elsewhere, rows)).statusCode, 200);
  const text = await feedOf(elsewhere);
  t.match(
    text.match(/^SEQUENCE:\d+/gm)?.join(' '),
    /^SEQUENCE:0( SEQUENCE:0)*$/,
    'under another secret they are others',
  );
});

t.test('of two marks of one entry the later holds; one that says too little is refused', async (t) => {
  const marks = rows.split('\n').filter((row) => row.includes('"object":"mark"'));
  const done = JSON.parse(marks.find((row) => row.includes('"done"')) as string);
  const user = rows.split('\n')[0] as string;
  const sent = (mark: object) => bring(second, `${user}\n${JSON.stringify({ ...done, ...mark })}\n`);
  const held = async () => (await exported(second)).includes(JSON.stringify(done));
  t.match((await sent({ what: 'later', on_day: '2026-03-20', at: '2026-03-01T00:00:00.000Z' })).json(), {
    marks: { unchanged: 1 },
  });
  t.ok(await held(), 'what was said before is older');
  t.ok(done.on_day, 'the deadline that was answered goes along');
  const wrong = await sent({ what: 'later', on_day: undefined });
  t.match(wrong.json(), { status: 422, errors: [{ pointer: '/1/on_day', mend: 'Give `on_day`.' }] });
  t.match((await sent({ kind: 'nonsense' })).json(), { status: 422, errors: [{ pointer: '/1/kind' }] });
  t.match((await sent({ line: 'nobody' })).json(), { status: 422, errors: [{ pointer: '/1/line' }] });
  t.ok(await held());
});

t.test('what was seen is compared with the rule, as when it comes by itself', async (t) => {
  const fresh = await serve(t, { environment: shared, now: NOW });
  const person = { object: 'user', external_id: 'drifting', name: 'D', locale: 'en', time_zone: 'UTC' };
  const own = { object: 'line', external_id: 'l', rule: 'ru/t2/prepaid', label: 'L' };
  const seen = (at: string, amount: string) => ({
    object: 'record',
    line: 'l',
    external_id: at,
    type: 'balance',
    at,
    amount: roubles(amount),
  });
  const sent = [person, own, seen('2026-03-01', '300'), seen('2026-03-05', '212.50')];
  const answer = await bring(fresh, sent.map((row) => JSON.stringify(row)).join('\n'));
  t.equal(answer.statusCode, 200, answer.body);
  const told = await fresh.as(ADMIN)('GET', '/v1/rules/ru/t2/prepaid/contradictions');
  t.match(told.json().items, [{ kind: 'balance', expected: roubles('300.00'), seen: roubles('212.50') }]);
});

t.test('what has happened since is added; another life is refused, and nothing of it kept', async (t) => {
  await api('POST', `/v1/payments/${pending}/confirm`);
  const later = await exported(first);
  const imported = await bring(second, later);
  t.match(imported.json(), { payments: { changed: 1, unchanged: 3 } });
  t.equal((await second.as(ADMIN)('GET', `/v1/payments/${pending}`)).json().state, 'confirmed');
  const back = await bring(second, rows);
  t.match(back.json(), { status: 422, errors: [{ detail: /with another history/ }] });
  t.equal((await second.as(ADMIN)('GET', `/v1/payments/${pending}`)).json().state, 'confirmed');
});

t.test('a proof whose bytes are others, or whose payment is not there, is refused by its line', async (t) => {
  const changed = rows.replace(/("object":"proof_part".*?"data":")..../, '$1AAAA');
  const fresh = await serve(t, { environment: shared, now: NOW });
  const answer = await bring(fresh, changed);
  t.match(answer.json(), {
    status: 422,
    errors: [{ detail: /parts are not what this says/ }],
    imported: { users: { made: 0 }, payments: { made: 0 } },
  });
  const text = /"object":"proof",.*"type":"text\/plain"/;
  const posed = rows.replace(text, (row) => row.replace('text/plain', 'image/png'));
  const strict = await serve(t, { environment: shared, now: NOW });
  t.match((await bring(strict, posed)).json(), {
    status: 422,
    errors: [{ pointer: /^\/\d+\/type$/, detail: /no file of this type/ }],
    imported: { payments: { made: 0 }, proofs: { made: 0 } },
  });
  const alone = rows
    .split('\n')
    .filter((row) => /"object":"proof/.test(row))
    .join('\n');
  const nobody = await serve(t, { environment: shared, now: NOW });
  t.match((await bring(nobody, alone)).json(), { status: 422, errors: [{ detail: /no such payment/ }] });
  const ahead = rows.replace(/("object":"proof",.*?"created_at":")2026/, '$12031');
  const other = await serve(t, { environment: shared, now: NOW });
  t.match((await bring(other, ahead)).json(), {
    status: 422,
    errors: [{ pointer: /^\/\d+\/created_at$/, detail: /not come yet/ }],
    imported: { payments: { made: 0 }, proofs: { made: 0 } },
  });
  const without = (await first.as(ADMIN)('GET', '/v1/export')).body;
  t.notMatch(without, /"object":"proof/, 'files go out on request only');
  t.notMatch(rows, /klf_|klk_/, 'no key and no address goes out');
});

t.test('a person who is erased while their proofs come in comes in whole', async (t) => {
  const fresh = await serve(t, { environment: shared, now: NOW });
  const { proofs, store } = fresh.app;
  const { put } = proofs;
  const after = { object: 'user', external_id: 'next', name: 'Next', locale: 'en', time_zone: 'UTC' };
  const sent = `${rows}${JSON.stringify(after)}\n`;
  await bring(fresh, (await first.as(ADMIN)('GET', '/v1/export')).body);
  Object.assign(proofs, {
    put: async (...given: Parameters<typeof put>) => {
      await fresh.as(ADMIN)('DELETE', `/v1/users/${anna.id}`);
      await put(...given);
    },
  });
  const answer = await bring(fresh, sent);
  t.match(answer.json(), { users: { made: 2 }, payments: { made: 4 }, proofs: { made: 2 } });
  t.ok(await store.users.byExternalId('next'));
});

t.test("a person's own key brings in no other's", async (t) => {
  const bob = await addPerson(second, 'Bob');
  const alone = rows
    .split('\n')
    .filter((row) => /"object":"(proof|feed)/.test(row))
    .join('\n');
  const answer = await second.as(bob.write)('POST', '/v1/import', alone, NDJSON);
  t.equal(answer.statusCode, 422);
  const [proof] = rows.split('\n').filter((row) => row.includes('"object":"proof"'));
  const one = await second.as(bob.write)('POST', '/v1/import', proof as string, NDJSON);
  t.match(one.json(), { status: 422, errors: [{ pointer: '/0/payment', detail: /not yours/ }] });
  const feed = rows.split('\n').find((row) => row.includes('"object":"feed"')) as string;
  const other = await second.as(bob.write)(
    'POST',
    '/v1/import',
    feed.replace(/"lines":\[.*?\],/, ''),
    NDJSON,
  );
  t.match(other.json(), { status: 422, errors: [{ pointer: '/0/id', detail: /another feed/ }] });
});

t.test('a proof is its own: not another of the same id, and of no other parts', async (t) => {
  const alone = rows.split('\n').filter((row) => /"object":"proof/.test(row));
  const [proof, ...parts] = alone as [string, ...string[]];
  const { id, payment, sha256 } = JSON.parse(proof);
  const another = { pointer: '/0/id', detail: /another proof/ };
  for (const text of [
    proof.replace(payment, payment === pending ? confirmed : pending),
    proof.replace(sha256, '0'.repeat(64)),
  ])
    t.match((await bring(second, text)).json(), { status: 422, errors: [another] });
  const fresh = await serve(t, { environment: shared, now: NOW });
  await bring(fresh, (await first.as(ADMIN)('GET', '/v1/export')).body);
  const sent = async (...some: string[]) => (await bring(fresh, some.join('\n'))).json();
  const own = parts.filter((part) => part.includes(id));
  const stray = (own[0] as string).replace(id, `${id.slice(0, -12)}000000000000`);
  t.match(await sent(proof, stray), { errors: [{ pointer: '/1/object', detail: /no part of the proof/ }] });
  const mark = rows.split('\n').find((row) => row.includes('"object":"mark"')) as string;
  t.match(await sent(proof, ...own, mark), { errors: [{ detail: /no part of the proof/ }] });
  const size = proof.replace(/"size":\d+/, '"size":1');
  t.match(await sent(size, ...own), { errors: [{ pointer: '/0/sha256' }] });
  t.match(await sent(proof, ...own), { proofs: { made: 1 } });
});

t.test('a line that was erased and comes back goes on with its SEQUENCE', async (t) => {
  const fresh = await serve(t, { environment: shared, now: NOW });
  const eva = await addPerson(fresh, 'Eva');
  const admin = fresh.as(ADMIN);
  const { urls } = (await admin('POST', `/v1/users/${eva.id}/feeds`, { name: 'Hers' })).json();
  const address = new URL(urls.https).pathname;
  const highest = async () => {
    const { body } = await fresh.as(null)('GET', address);
    return Math.max(...(body.match(/^SEQUENCE:\d+/gm) ?? []).map((text) => Number(text.slice(9))));
  };
  const record = (amount: string) => ({ type: 'balance', at: '2026-03-15', amount: roubles(amount) });
  await admin('POST', `/v1/lines/${eva.line}/records`, call('2026-03-01'));
  for (const amount of ['10', '20', '30']) {
    await highest();
    await admin('POST', `/v1/lines/${eva.line}/records`, record(amount));
  }
  const before = await highest();
  t.ok(before >= 2);
  const exported = (await admin('GET', `/v1/users/${eva.id}/export`)).body;
  for (const isFetched of [false, true]) {
    await admin('DELETE', `/v1/lines/${eva.line}`);
    if (isFetched) await highest();
    t.equal((await bring(fresh, exported)).statusCode, 200);
    t.ok((await highest()) >= before);
  }
});

t.test('a proof that fills its rows to the last byte comes in again', async (t) => {
  const fresh = await serve(t, { environment: shared, now: NOW });
  const max = await addPerson(fresh, 'Max');
  const own = fresh.as(max.write);
  const paid = { paid_at: '2026-03-10', amount: roubles('100'), channel: 'app' };
  const { id } = (await own('POST', `/v1/lines/${max.line}/payments`, paid)).json();
  t.equal((await sendFile(own, id, { bytes: 'x'.repeat(48_000) })).statusCode, 201);
  const rows = await exported(fresh);
  t.equal(rows.match(/"proof_part"/g)?.length, 1);
  const brought = await bring(await serve(t, { environment: shared, now: NOW }), rows);
  t.match(brought.json(), { proofs: { made: 1 } });
});

t.test('of very many entries that a feed has shown those come in again that it shows', async (t) => {
  const fresh = await serve(t, { environment: shared, now: NOW });
  const una = await addPerson(fresh, 'Una');
  const admin = fresh.as(ADMIN);
  await admin('POST', `/v1/lines/${una.line}/records`, call('2026-03-01'));
  const { id, urls } = (await admin('POST', `/v1/users/${una.id}/feeds`, { name: 'Hers' })).json();
  await fresh.as(null)('GET', new URL(urls.https).pathname);
  const shown = await fresh.app.store.write(null, async (q) => {
    const { items } = (await q.publications.get(id))!;
    const past = Array.from({ length: 1000 }, (_, index) => ({
      ...items[0]!,
      uid: `past-${index}`,
      hash: '',
    }));
    await q.publications.restoreItems(id, past);
    return items.map(({ uid }) => uid);
  });
  const rows = (await admin('GET', `/v1/users/${una.id}/export`)).body;
  const { published } = JSON.parse(rows.split('\n').find((row) => row.includes(id)) as string);
  t.equal(published.items.length, 1000);
  t.same(
    shown.filter((uid) => !published.items.some((item: { uid: string }) => item.uid === uid)),
    [],
  );
  t.equal((await bring(await serve(t, { environment: shared, now: NOW }), rows)).statusCode, 200);
});

t.test(
  'an import of a proof that was killed is done again; a file that is gone does not stop an export',
  async (t) => {
    const fresh = await serve(t, { environment: shared, now: NOW });
    const proof = rows.split('\n').find((row) => row.includes('"object":"proof"')) as string;
    const { id, payment } = JSON.parse(proof);
    t.equal((await bring(fresh, (await api('GET', '/v1/export')).body)).statusCode, 200);
    const dead = { id, payment, name: null, file: `zz/${id}`, node: markOf(NOBODY) };
    await fresh.app.store.write(null, (q) => q.proofs.begin(dead, 10));
    const sent = rows
      .split('\n')
      .filter((row) => /"object":"proof/.test(row))
      .join('\n');
    const done = await bring(fresh, sent);
    t.match([done.statusCode, done.json().proofs], [200, { made: 2 }], done.body);
    t.match((await bring(fresh, sent)).json().proofs, { unchanged: 2 });

    const found = await fresh.app.store.proofs.ofPayments([confirmed, pending]);
    const [kept] = [...found.values()].flat();
    rmSync(join(fresh.folder, 'proofs', kept?.file as string));
    const exported = await fresh.as(ADMIN)('GET', '/v1/export?proofs=true');
    t.equal(exported.statusCode, 200);
    t.notMatch(exported.body, kept?.id as string);
    t.ok(fresh.lines.some((line) => line.includes('is gone') && line.includes(kept?.id as string)));
  },
);

t.test('everybody goes out, once, however many they are', async (t) => {
  const fresh = await serve(t, { environment: shared, now: NOW });
  const names = Array.from({ length: 120 }, (_, index) => `Person ${index}`);
  await fresh.app.store.write(null, async (q) => {
    for (const name of names) await q.users.create({ name, locale: 'en', time_zone: 'UTC' });
  });
  const rows = (await exported(fresh)).trimEnd().split('\n');
  const out = rows.map((row) => JSON.parse(row).name as string);
  t.same(out.sort(), names.toSorted());
});

t.test('one import sent twice at once brings everything in once', async (t) => {
  const person = { object: 'user', external_id: 'twice', name: 'T', locale: 'en', time_zone: 'UTC' };
  const own = { object: 'line', external_id: 'l', rule: 'ru/t2/prepaid', label: 'L' };
  const records = Array.from({ length: 30 }, (_, day) => ({
    object: 'record',
    line: 'l',
    ...call(`2026-01-${String(day + 1).padStart(2, '0')}`),
  }));
  const sent = (some: object[]) => some.map((row) => JSON.stringify(row)).join('\n');
  for (const some of [
    [person, own],
    [person, own, ...records],
  ]) {
    const answers = await Promise.all([1, 2, 3].map(() => bring(second, sent(some))));
    t.same(
      answers.map(({ statusCode }) => statusCode),
      [200, 200, 200],
      answers.map(({ body }) => body).join(),
    );
  }
  const user = await second.app.store.users.byExternalId('twice');
  const [line] = await second.app.store.lines.ofUser(user?.id as string);
  t.equal((await second.app.store.records.ofLine(line?.id as string)).length, 30);

  const there = await serve(t, { environment: shared, now: NOW });
  const twice = await Promise.all([bring(there, rows), bring(there, rows)]);
  for (const { statusCode, body } of twice) t.equal(statusCode, 200, body);
  t.equal(twice[0]?.json().proofs.made + twice[1]?.json().proofs.made, 2, 'and a proof too');
  t.equal(await exported(there), rows);
});
