/** Everything in, everything out, and everything gone. */
import { Readable } from 'node:stream';
import t from 'tap';
import { importNdjson } from '../../src/imports/index.ts';
import type { StoredRecord } from '../../src/store/types.ts';
import { sendFile } from './multipart.ts';
import { ADMIN, addPerson, call, roubles, serve } from './service.ts';

const service = await serve(t);
const admin = service.as(ADMIN);
const NDJSON = { 'content-type': 'application/x-ndjson' };
const text = (rows: unknown[]) =>
  rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n');
const send = (rows: unknown[], key = ADMIN) => service.as(key)('POST', '/v1/import', text(rows), NDJSON);

const user = (external_id: string, rest = {}) => ({
  object: 'user',
  external_id,
  name: external_id,
  locale: 'ru',
  time_zone: 'Europe/Berlin',
  ...rest,
});
const line = (external_id: string, rest = {}) => ({
  object: 'line',
  external_id,
  rule: 'ru/t2/prepaid',
  label: external_id,
  ...rest,
});
const record = (of: string, at: string, rest = {}) => ({ object: 'record', line: of, ...call(at), ...rest });
const find = async (external_id: string) =>
  (await admin('GET', '/v1/users?limit=200'))
    .json()
    .items.find((one: { external_id: string }) => one.external_id === external_id);
const linesOf = async (id: string) => (await admin('GET', `/v1/users/${id}/lines`)).json().items;
/** The entries of a new feed of a person, without the moments at which they were made. */
async function entriesOf(one: typeof service, id: string): Promise<string[]> {
  const made = await one.as(ADMIN)('POST', `/v1/users/${id}/feeds`, { name: 'Mine', show_balance: true });
  const { body } = await one.as(null)('GET', new URL(made.json().urls.https).pathname);
  const entries = body.split('BEGIN:VEVENT').slice(1);
  t.ok(entries.length > 3, 'there is something in it');
  return entries.map((entry) => entry.replace(/^(DTSTAMP|CREATED|LAST-MODIFIED):.*$/gm, '$1'));
}
const recordsOf = async (id: string) =>
  (await admin('GET', `/v1/lines/${id}/records?limit=200`)).json().items;

t.test('importing twice does no harm, and brings up to date', async (t) => {
  const rows = [
    user('erika'),
    line('erika-t2'),
    record('erika-t2', '2026-01-01', { external_id: 'one' }),
    record('erika-t2', '2026-01-02'),
    record('erika-t2', '2026-01-02'),
    { object: 'record', line: 'erika-t2', type: 'void', at: '2026-01-03', record: 'one' },
    '',
    user('fritz'),
  ];
  const first = await send(rows);
  t.match(first.json(), {
    users: { made: 2, changed: 0, unchanged: 0 },
    lines: { made: 1, changed: 0, unchanged: 0 },
    records: { made: 4, changed: 0, unchanged: 0 },
  });
  const again = await send(rows);
  t.match(again.json(), {
    users: { made: 0, changed: 0, unchanged: 2 },
    lines: { made: 0, changed: 0, unchanged: 1 },
    records: { made: 0, changed: 0, unchanged: 4 },
  });
  const { id } = await find('erika');
  const [own] = await linesOf(id);
  const records = await recordsOf(own.id);
  t.equal(records.length, 4);
  t.equal(records[0].voided_by, records[3].id, 'a void by external_id');
  t.equal(records[3].record, records[0].id);
  const changed = await send([
    user('erika', { locale: 'zh' }),
    line('erika-t2', { label: 'Bank', number: '+79525550134' }),
  ]);
  t.match(changed.json(), { users: { changed: 1 }, lines: { changed: 1 } });
  t.match(await linesOf(id), [{ label: 'Bank', number: '+79525550134' }]);
  t.equal((await admin('GET', `/v1/users/${id}`)).json().locale, 'zh');
});

t.test('all or nothing for each person', async (t) => {
  const answer = await send([
    user('good'),
    line('good-t2'),
    user('bad'),
    line('bad-t2'),
    record('bad-t2', '2026-02-30'),
    record('nowhere', '2026-02-01'),
    user('worse'),
    '{"object":',
    user('worst'),
    line('worst-t2', { rule: 'ru/t2/prepayd' }),
    record('worst-t2', '2026-02-01'),
    user('also-good'),
  ]);
  t.equal(answer.statusCode, 422);
  const { code, errors, imported } = answer.json();
  t.equal(code, 'invalid');
  t.match(errors, [
    { pointer: '/4/at', detail: 'Line 5: There is no 2026-02-30 in the calendar.' },
    { pointer: '/7', detail: /^Line 8: The line is not JSON/, mend: /on each line/ },
    { pointer: '/9/rule', detail: 'Line 10: There is no such rule.', mend: /ru\/t2\/prepaid/ },
  ]);
  t.equal(errors.length, 3, 'nothing is said of the records of a line that is refused');
  t.match(imported, { users: { made: 2 }, lines: { made: 1 }, records: { made: 0 } });
  t.ok(await find('good'));
  t.ok(await find('also-good'));
  for (const name of ['bad', 'worse', 'worst']) t.notOk(await find(name), name);
  const late = await send([
    user('bad'),
    line('bad-t2'),
    record('bad-t2', '2026-02-01'),
    record('nowhere', '2026-02-01'),
  ]);
  t.match(late.json().errors, [{ pointer: '/3/line', detail: 'Line 4: The person has no such line.' }]);
  t.notOk(await find('bad'), 'what was right of it was not kept either');
});

t.test('a person whose own row is wrong keeps nobody else out', async (t) => {
  const answer = await send([
    user('before'),
    user('wrong', { nmae: 'x' }),
    line('wrong-t2'),
    `{"object":"user","name":"${'x'.repeat(2_000_000)}"}`,
    user('after'),
    line('after-t2'),
  ]);
  t.match(answer.json(), {
    status: 422,
    errors: [{ pointer: '/1/nmae' }, { pointer: '/3', detail: 'Line 4: The line is too long.' }],
    imported: { users: { made: 2 }, lines: { made: 1 } },
  });
  t.ok(await find('before'));
  t.ok(await find('after'));
});

t.test('of very many errors the first are told, and the right ones go in all the same', async (t) => {
  const wrong = Array.from({ length: 150 }, (_, index) => user(`wrong-${index}`, { nmae: 'x' }));
  const { errors, imported } = (await send([...wrong, user('last')])).json();
  t.same([errors.length, errors[0].pointer, errors.at(-1).pointer], [100, '/0/nmae', '/99/nmae']);
  t.equal(imported.users.made, 1);
});

t.test('lines that are too long are told by their number, in whatever pieces they come', async (t) => {
  async function* pieces() {
    const long = Buffer.alloc(1_500_000, 'x');
    yield Buffer.from(`${text([user('long')])}\n`);
    for (let count = 0; count < 3; count += 1) yield long;
    yield Buffer.from(`\n${text([user('short'), line('short-t2')])}\n`);
    yield Buffer.concat([long, long, Buffer.from('\n')]);
    for (let count = 0; count < 3; count += 1) yield long;
  }
  const { imported, errors } = await importNdjson(service.app, null, pieces());
  t.same(
    errors.map(({ pointer, detail }) => [pointer, detail]),
    [2, 5, 6].map((number) => [`/${number - 1}`, `Line ${number}: The line is too long.`]),
  );
  t.match(imported, { users: { made: 0 }, lines: { made: 0 } });
});

t.test('what an import refuses', async (t) => {
  const part = { object: 'proof_part', proof: 'proof_00000000-0000-7000-8000-000000000001', data: 'eA==' };
  const cases: [string, unknown[], object][] = [
    ['no person', [line('x')], { pointer: '/0/object', detail: 'Line 1: It does not say whose this is.' }],
    ['no id of any kind', [{ ...user('x'), external_id: undefined }], { pointer: '/0/external_id' }],
    ['an unknown object', [{ object: 'pigeon' }], { pointer: '/0/object' }],
    ['no object', ['[]'], { pointer: '/0/object' }],
    ['nothing at all', ['null'], { pointer: '/0/object' }],
    ['a line of somebody else', [user('x'), line('x', { user: 'y' })], { pointer: '/1/user' }],
    [
      'a line without any id',
      [user('x'), line('x', { external_id: undefined })],
      { pointer: '/1/external_id' },
    ],
    ['a part of no proof', [user('x'), part], { pointer: '/1/object', detail: /stands alone/ }],
    ['an unknown field', [user('x', { nmae: 'x' })], { pointer: '/0/nmae' }],
    ['a number that is none', [user('x'), line('x', { number: '+7999' })], { pointer: '/1/number' }],
    [
      'another rule for a line',
      [user('erika'), line('erika-t2', { rule: 'ru/mts/prepaid' })],
      { pointer: '/1/rule' },
    ],
    [
      'a changed record',
      [user('erika'), record('erika-t2', '2026-01-09', { external_id: 'one' })],
      { pointer: '/1' },
    ],
    ['the future', [user('x'), line('x'), record('x', '2031-01-01')], { pointer: '/2/at' }],
    ['a moment ahead', [user('x', { created_at: '2031-01-01T00:00:00Z' })], { pointer: '/0/created_at' }],
    ['a line too long', [`{"object":"user","name":"${'x'.repeat(100_001)}"}`], { pointer: '/0' }],
    ['a NUL', [user('x', { name: 'a\0b' })], { pointer: '/0/name' }],
    [
      'the id of another’s line',
      [user('x'), line('y', { id: (await linesOf((await find('erika')).id))[0].id })],
      { pointer: '/1/rule' },
    ],
  ];
  for (const [name, rows, error] of cases) {
    const answer = await send(rows);
    t.equal(answer.statusCode, 422, name);
    t.match(answer.json().errors, [error], name);
    t.notOk(await find('x'), name);
  }
  const json = await admin('POST', '/v1/import', user('x'));
  t.match(json.json(), { code: 'media_type', mend: /x-ndjson/ });
});

t.test('a person’s own key imports into that person alone', async (t) => {
  const dora = await addPerson(service, 'Dora');
  const own = await send([line('dora-2'), record('dora-2', '2026-01-01')], dora.write);
  t.match(own.json(), { lines: { made: 1 }, records: { made: 1 } });
  const named = await send([{ ...user('dora'), id: dora.id }], dora.write);
  t.match(named.json(), { users: { changed: 1 } });
  const unnamed = await send([user('dora', { external_id: undefined, name: 'D' })], dora.write);
  t.match(unnamed.json(), { users: { changed: 1 } });
  t.match(await find('dora'), { id: dora.id, name: 'D' }, 'what it is called by stays');
  for (const row of [user('erika'), { ...user('x'), id: (await find('erika')).id }]) {
    const answer = await send([row], dora.write);
    t.match(answer.json().errors, [{ pointer: '/0', detail: "Line 1: The key is another person's." }]);
  }
  const stolen = await send([{ ...user('erika'), id: dora.id, name: 'stolen' }], dora.write);
  t.equal(stolen.statusCode, 422, "another's external_id");
  t.equal((await find('erika')).name, 'erika');
});

t.test('what goes out comes in again, here and elsewhere', async (t) => {
  const { id } = await find('erika');
  const exported = await admin('GET', `/v1/users/${id}/export`);
  t.match(exported.headers, {
    'content-type': 'application/x-ndjson; charset=utf-8',
    'cache-control': 'no-store',
  });
  const here = await admin('POST', '/v1/import', exported.body, NDJSON);
  t.match(here.json(), {
    users: { unchanged: 1 },
    lines: { unchanged: 1 },
    records: { made: 0, unchanged: 4 },
  });

  const elsewhere = await serve(t, { environment: { KEEPLINE_SECRET: service.app.secret } });
  const there = elsewhere.as(ADMIN);
  const moved = await there('POST', '/v1/import', exported.body, NDJSON);
  t.match(moved.json(), { users: { made: 1 }, lines: { made: 1 }, records: { made: 4 } });
  t.equal((await there('GET', `/v1/users/${id}/export`)).body, exported.body, 'to the byte');
  t.same(
    await entriesOf(elsewhere, id),
    await entriesOf(service, id),
    'under the same secret its feeds have the same entries, by the same UIDs',
  );
  const everything = (await admin('GET', '/v1/export')).body;
  t.notMatch(everything, /klk_|klf_|digest|token/, 'no keys and no tokens');
  t.equal((await there('POST', '/v1/import', everything, NDJSON)).statusCode, 200);
  // Where they were compared, `elsewhere` has made feeds of its own.
  const rows = (text: string) => text.split('\n').filter((row) => !row.startsWith('{"object":"feed"'));
  t.same(rows((await there('GET', '/v1/export')).body), rows(everything));
});

t.test('a long import is streamed', async (t) => {
  const people = 300;
  async function* rows() {
    for (let i = 0; i < people; i++) {
      yield `${text([user(`many-${i}`), line('only')])}\n`;
      for (let day = 1; day <= 9; day++) yield `${JSON.stringify(record('only', `2026-01-0${day}`))}\n`;
    }
  }
  const answer = await service.server.inject({
    method: 'POST',
    url: '/v1/import',
    headers: { authorization: `Bearer ${ADMIN}`, ...NDJSON },
    payload: Readable.from(rows()),
  });
  t.match(answer.json(), { users: { made: people }, lines: { made: people }, records: { made: 9 * people } });
});

t.test('the same amount, written otherwise, is the same record', async (t) => {
  const topup = (amount: string, rest = {}) => ({
    object: 'record',
    line: 'only',
    type: 'topup',
    at: '2026-03-01',
    amount: { amount, currency: 'RUB' },
    ...rest,
  });
  const named = { external_id: 'one' };
  await send([user('fifty'), line('only'), topup('50', named), topup('1.10')]);
  const again = await send([user('fifty'), line('only'), topup('50.00', named), topup('01.1')]);
  t.match(again.json(), { records: { made: 0, unchanged: 2 } });
  const other = await send([user('fifty'), line('only'), topup('50.01', named)]);
  t.match(other.json(), { code: 'invalid', errors: [{ pointer: '/2' }] });
  const twice = await send([user('fifty'), line('only'), topup('1.1'), topup('1.10')]);
  t.match(twice.json(), { records: { made: 1, unchanged: 1 } }, 'told twice, it was twice');
});

t.test('a line whose price is only written otherwise is unchanged', async (t) => {
  const priced = (plan_price: object) => [user('paula'), line('paula-t2', { plan_price })];
  t.match((await send(priced({ amount: '50', currency: 'RUB' }))).json(), { lines: { made: 1 } });
  for (const price of [
    { currency: 'RUB', amount: '50' },
    { amount: '50.00', currency: 'RUB' },
  ]) {
    t.match((await send(priced(price))).json(), { lines: { changed: 0, unchanged: 1 } });
  }
  t.match((await send(priced({ amount: '51', currency: 'RUB' }))).json(), { lines: { changed: 1 } });
});

t.test('what a person imports by their own key is bounded', async (t) => {
  const { write } = await addPerson(service, 'Ivan');
  async function* endless() {
    for (let i = 0; i < 51; i++) yield `${'x'.repeat(999_999)}\n`;
  }
  const post = (key: string) =>
    service.server.inject({
      method: 'POST',
      url: '/v1/import',
      headers: { authorization: `Bearer ${key}`, ...NDJSON },
      payload: Readable.from(endless()),
    });
  t.match((await post(write)).json(), { status: 413, code: 'body_too_large' });
});

t.test('erasing a line', async (t) => {
  const dora = await addPerson(service, 'Gina');
  const api = service.as(dora.write);
  const topup = { type: 'topup', at: '2026-03-01', amount: roubles('100') };
  await api('POST', `/v1/lines/${dora.line}/records`, topup, { 'idempotency-key': 'x' });
  t.match((await api('GET', '/v1/deadlines')).json().items, [{ line: dora.line }]);
  t.equal((await api('DELETE', `/v1/lines/${dora.line}`)).statusCode, 204);
  for (const part of ['', '/records', '/timeline', '/agenda']) {
    t.equal((await api('GET', `/v1/lines/${dora.line}${part}`)).statusCode, 404);
  }
  t.same((await api('GET', '/v1/deadlines')).json().items, []);
  t.notMatch((await api('GET', '/v1/export')).body, dora.line);
  t.equal((await api('DELETE', `/v1/lines/${dora.line}`)).statusCode, 404);
});

t.test('erasing a person', async (t) => {
  const helen = await addPerson(service, 'Helen');
  const api = service.as(helen.write);
  t.equal((await api('DELETE', `/v1/users/${helen.id}`)).statusCode, 204);
  t.equal((await api('GET', '/v1/users')).statusCode, 401, 'the keys are gone');
  t.equal((await admin('GET', `/v1/users/${helen.id}`)).statusCode, 404);
  t.equal((await admin('GET', `/v1/lines/${helen.line}`)).statusCode, 404);
  t.notMatch((await admin('GET', '/v1/export')).body, /Helen/);
});

t.test('a dry run and the import itself are two requests, whatever their key', async (t) => {
  const body = text([user('ida')]);
  const headers = { ...NDJSON, 'idempotency-key': 'once' };
  const dry = await admin('POST', '/v1/import?dry_run=true', body, headers);
  t.match(dry.json(), { users: { made: 1 } });
  const real = await admin('POST', '/v1/import', body, headers);
  t.match(
    [real.statusCode, real.json().code],
    [422, 'idempotency_key_reused'],
    'not the answer of the dry run',
  );
  t.equal(await find('ida'), undefined);
});

t.test('an export goes in where its person and lines have other ids', async (t) => {
  const other = await serve(t);
  const theirs = other.as(ADMIN);
  await theirs('POST', '/v1/import', text([user('jan'), line('jan-t2')]), NDJSON);
  const here = await addPerson(service, 'Jan');
  await admin('PATCH', `/v1/users/${here.id}`, { external_id: 'jan' });
  await admin('PATCH', `/v1/lines/${here.line}`, { external_id: 'jan-t2' });
  await admin('PATCH', `/v1/feeds/${here.feed}`, { lines: [here.line] });
  const exported = (await service.as(here.write)('GET', '/v1/export')).body;
  const answer = await theirs('POST', '/v1/import', exported, NDJSON);
  t.equal(answer.statusCode, 200, answer.body);
  t.match(answer.json(), { users: { made: 0 }, lines: { made: 0 }, feeds: { made: 1 } });
  const [jan] = (await theirs('GET', '/v1/users?limit=200')).json().items;
  t.not(jan.id, here.id);
  const [there] = (await theirs('GET', `/v1/users/${jan.id}/lines`)).json().items;
  const [feed] = (await theirs('GET', `/v1/users/${jan.id}/feeds`)).json().items;
  t.same(feed.lines, [there.id], 'its line as it is called here');
});

t.test('no import changes what a payment has moved', async (t) => {
  const kim = await addPerson(service, 'Kim');
  const api = service.as(kim.write);
  const paid = { paid_at: '2026-03-10', amount: roubles('300'), channel: 'app' };
  const { id } = (await api('POST', `/v1/lines/${kim.line}/payments`, paid)).json();
  const exported = (await api('GET', '/v1/export')).body;
  const with_ = (change: object) =>
    text(
      exported
        .trim()
        .split('\n')
        .map((row) => JSON.parse(row))
        .map((row) => (row.object === 'payment' ? { ...row, ...change } : row)),
    );
  for (const change of [
    { amount: roubles('999') },
    { paid_at: '2026-03-09' },
    { credited: roubles('1') },
    { makes: 'plan_renewed' },
  ]) {
    const answer = await api('POST', '/v1/import', with_(change), NDJSON);
    t.match(
      [answer.statusCode, answer.json().errors?.[0]?.detail],
      [422, /another amount/],
      JSON.stringify(change),
    );
  }
  const noted = await api('POST', '/v1/import', with_({ amount: roubles('300.00'), note: 'a word' }), NDJSON);
  t.match([noted.statusCode, noted.json().payments], [200, { changed: 1 }], 'a note is added');
  t.match((await api('GET', `/v1/payments/${id}`)).json(), { amount: roubles('300.00'), note: 'a word' });
});

t.test('an id of one and an external_id of another name nobody', async (t) => {
  const made = await send([user('u-one'), line('l-one'), line('l-two'), user('u-two')]);
  t.equal(made.statusCode, 200, made.body);
  const known = (name: string) => service.app.store.users.byExternalId(name);
  const one = (await known('u-one')) as { id: string };
  const [first] = await linesOf(one.id);
  const renamed = await send([user('u-two', { id: one.id, name: 'Renamed' })]);
  t.match(renamed.json(), { status: 422, errors: [{ pointer: '/0/external_id' }] });
  t.equal((await known('u-two'))?.name, 'u-two');
  const moved = await send([user('u-one'), line('l-two', { id: first.id })]);
  t.match(moved.json(), { status: 422, errors: [{ pointer: '/1/external_id' }] });
});

const RECORD = 'record_00000000-0000-7000-8000-000000000002';

t.test('a payment comes in with a life that can have been, and with its record', async (t) => {
  await send([user('lea'), line('lea-t2')]);
  const at = '2026-03-11T00:00:00+03:00';
  const paying = (changes: object[], rest = {}) => [
    user('lea'),
    line('lea-t2'),
    {
      object: 'payment',
      id: 'payment_00000000-0000-7000-8000-000000000001',
      line: 'lea-t2',
      paid_at: '2026-03-10',
      amount: roubles('100'),
      channel: 'app',
      makes: 'topup',
      changes,
      ...rest,
    },
  ];
  const step = (state: string) => ({ state, at, by: 'key_1' });
  const answers = async (rows: object[]) => {
    const answer = await send(rows);
    return [answer.statusCode, answer.json().errors?.[0]?.pointer];
  };
  t.same(await answers(paying([step('confirmed')])), [422, '/2/changes/0/state']);
  t.same(await answers(paying([step('pending'), step('refunded'), step('failed')])), [
    422,
    '/2/changes/2/state',
  ]);
  t.same(await answers(paying([step('pending'), step('confirmed')])), [422, '/2/record']);
  const topup = {
    object: 'record',
    id: RECORD,
    line: 'lea-t2',
    type: 'topup',
    at: '2026-03-10',
    amount: roubles('100'),
  };
  const named = { record: RECORD };
  const paid = { ...topup, payment: 'payment_00000000-0000-7000-8000-000000000001' };
  t.same(await answers([...paying([step('pending'), step('failed')], named), paid]), [422, '/2/record']);
  const awaited = paying([step('pending')], named);
  t.same(await answers([...awaited, topup]), [422, '/2/record'], 'a record of no payment');
  t.same(
    await answers([...awaited, { ...paid, amount: roubles('99') }]),
    [422, '/2/record'],
    'of another sum',
  );
  const elsewhere = [...awaited, line('lea-2'), { ...paid, line: 'lea-2' }];
  t.same(await answers(elsewhere), [422, '/2/record'], 'of another line');
  const both = { no_proof: true, proof_elsewhere: true };
  t.same(await answers(paying([step('pending')], { ...named, ...both })), [422, '/2/proof_elsewhere']);
  const whole = [...paying([step('pending'), step('confirmed')], { ...named, external_id: 'lea-1' }), paid];
  t.same(await answers(whole), [200, undefined]);
  const told = (await admin('GET', '/v1/payments/payment_00000000-0000-7000-8000-000000000001')).json();
  t.match(told, {
    state: 'confirmed',
    record: RECORD,
    changes: [{ at: '2026-03-10T21:00:00.000Z' }, {}],
  });
  t.match((await send(whole)).json().payments, { unchanged: 1 });
  const moved = [user('lea'), line('lea-2'), { ...whole[2], line: 'lea-2' }];
  t.same(await answers(moved), [422, '/2/id'], 'it is of the other line');
  const id = 'payment_00000000-0000-7000-8000-000000000009';
  const renamed = [user('lea'), line('lea-t2'), { ...whole[2], id }, { ...paid, payment: id }];
  t.match((await send(renamed)).json(), { payments: { unchanged: 1 }, records: { unchanged: 1 } });
});

t.test(
  'of payments each is told that lacks its record, and none whose record is not looked at',
  async (t) => {
    const paying = (of: string, digit: number) => ({
      object: 'payment',
      id: `payment_00000000-0000-7000-8000-00000000001${digit}`,
      line: of,
      paid_at: '2026-03-10',
      amount: roubles('100'),
      channel: 'app',
      makes: 'topup',
      record: `record_00000000-0000-7000-8000-00000000001${digit}`,
      changes: [{ state: 'pending', at: '2026-03-11T00:00:00Z', by: 'key_1' }],
    });
    const { id, record: made } = paying('ina-2', 3);
    const topup = {
      object: 'record',
      line: 'ina-2',
      type: 'topup',
      at: '2026-03-10',
      amount: roubles('100'),
    };
    const answer = await send([
      user('ina'),
      line('ina-1'),
      line('ina-2'),
      paying('ina-2', 3),
      paying('ina-1', 1),
      paying('ina-1', 2),
      { ...topup, id: made, payment: id },
      record('ina-2', '2031-01-01'),
    ]);
    const told = answer.json().errors.map(({ pointer }: { pointer: string }) => pointer);
    t.same(told, ['/7/at', '/4/record', '/5/record']);
  },
);

t.test('an export goes in again whatever has been recorded since', async (t) => {
  const mia = await addPerson(service, 'Mia');
  const api = service.as(mia.write);
  const paid = { paid_at: '2026-01-10', amount: roubles('300'), channel: 'app' };
  const { id } = (await api('POST', `/v1/lines/${mia.line}/payments`, paid)).json();
  await api('PATCH', `/v1/payments/${id}`, { reference: 'said later' });
  await api('POST', `/v1/payments/${id}/cancel`);
  t.equal(
    (await api('POST', `/v1/lines/${mia.line}/records`, { type: 'activated', at: '2026-02-01' })).statusCode,
    201,
  );
  const exported = (await api('GET', '/v1/export')).body;
  const again = await admin('POST', '/v1/import', exported, NDJSON);
  t.match([again.statusCode, again.json().payments], [200, { unchanged: 1 }], again.body);
  const fresh = await serve(t);
  for (const counts of [{ made: 1 }, { unchanged: 1 }]) {
    const there = await fresh.as(ADMIN)('POST', '/v1/import', exported, NDJSON);
    t.match([there.statusCode, there.json().payments], [200, counts], there.body);
    t.equal((await fresh.as(ADMIN)('GET', `/v1/users/${mia.id}/export`)).body, exported);
  }
});

t.test('an export goes in though its line’s today is yesterday now', async (t) => {
  const eve = await addPerson(service, 'Eve');
  const api = service.as(eve.write);
  const url = `/v1/lines/${eve.line}`;
  await api('PATCH', url, { time_zone: 'Pacific/Kiritimati' });
  await api('POST', `${url}/records`, { type: 'topup', at: '2026-03-16', amount: roubles('50') });
  const paid = { paid_at: '2026-03-16', amount: roubles('100'), channel: 'app' };
  t.equal((await api('POST', `${url}/payments`, paid)).statusCode, 201);
  await api('PATCH', url, { time_zone: 'Pacific/Pago_Pago' });
  const exported = (await api('GET', '/v1/export')).body;
  const fresh = (await serve(t)).as(ADMIN);
  const brought = await fresh('POST', '/v1/import', exported, NDJSON);
  t.equal(brought.statusCode, 200, brought.body);
  t.equal((await fresh('GET', `/v1/users/${eve.id}/export`)).body, exported);
  const later = exported.replaceAll('"2026-03-16"', '"2026-03-18"');
  t.match((await (await serve(t)).as(ADMIN)('POST', '/v1/import', later, NDJSON)).json(), {
    status: 422,
    errors: [{ detail: /has not come yet/ }],
  });
});

t.test('a payment comes in with a reference of spaces, which was let in once', async (t) => {
  const lea = await addPerson(service, 'Lea');
  const api = service.as(lea.write);
  const paid = { paid_at: '2026-03-10', amount: roubles('100'), channel: 'app', reference: 'R' };
  await api('POST', `/v1/lines/${lea.line}/payments`, paid);
  const exported = (await api('GET', '/v1/export')).body.replace('"reference":"R"', '"reference":" "');
  const fresh = (await serve(t)).as(ADMIN);
  t.equal((await fresh('POST', '/v1/import', exported, NDJSON)).statusCode, 200);
  t.equal((await fresh('GET', `/v1/users/${lea.id}/export`)).body, exported);
  const [kept] = (await fresh('GET', `/v1/lines/${lea.line}/payments`)).json().items;
  const change = async (body: object) => (await fresh('PATCH', `/v1/payments/${kept.id}`, body)).json();
  t.match(await change({ note: 'cash' }), { note: 'cash', reference: ' ' }, 'and stays until it is changed');
  t.match(await change({ reference: ' ' }), { status: 422, errors: [{ pointer: '/reference' }] });
  t.match(await change({ reference: 'R-2' }), { note: 'cash', reference: 'R-2' });
  t.match(await change({ reference: null }), { note: 'cash', reference: null });
});

t.test('payments whose names were exchanged are not taken for each other', async (t) => {
  const ann = await addPerson(service, 'Ann');
  const api = service.as(ann.write);
  const there = (await serve(t)).as(ADMIN);
  const paid = { paid_at: '2026-03-10', amount: roubles('100'), channel: 'app' };
  const pay = async (external_id: string) =>
    (await api('POST', `/v1/lines/${ann.line}/payments`, { ...paid, external_id })).json().id as string;
  const [one, two] = [await pay('x'), await pay('y')];
  const bring = async () => there('POST', '/v1/import', (await api('GET', '/v1/export')).body, NDJSON);
  t.equal((await bring()).statusCode, 200);
  for (const [id, external_id] of [
    [one, null],
    [two, 'x'],
    [one, 'y'],
  ] as const)
    await api('PATCH', `/v1/payments/${id}`, { external_id });
  t.match((await bring()).json(), { status: 422, errors: [{ pointer: /external_id$/, detail: /another/ }] });
});

t.test('a void of a payment’s record comes in only with the step that took it back', async (t) => {
  const pia = await addPerson(service, 'Pia');
  const api = service.as(pia.write);
  const url = `/v1/lines/${pia.line}`;
  const paid = { paid_at: '2026-03-10', amount: roubles('100'), channel: 'app' };
  const { id, record } = (await api('POST', `${url}/payments`, paid)).json();
  const void_ = (of: string, digit: number) => ({
    object: 'record',
    id: `record_00000000-0000-7000-8000-0000000000a${digit}`,
    line: pia.line,
    type: 'void',
    at: '2026-03-16',
    record: of,
  });
  const bring = async (...rows: object[]) => {
    const answer = await api('POST', '/v1/import', text(rows), NDJSON);
    return [answer.statusCode, answer.json().errors?.[0]?.pointer];
  };
  t.same(await bring(void_(record, 1)), [422, '/0/record']);
  const exported = (await api('GET', '/v1/export')).body
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row));
  const payment = exported.find(({ object }) => object === 'payment');
  t.same(await bring(payment, void_(record, 1)), [422, '/1/record'], 'it is awaited yet');
  const other = {
    object: 'record',
    id: 'record_00000000-0000-7000-8000-0000000000b1',
    line: pia.line,
    type: 'topup',
    at: '2026-03-10',
    amount: roubles('9000'),
    payment: id,
  };
  const swapped = { ...payment, record: other.id };
  t.same(
    await bring(swapped, other, void_(record, 1)),
    [422, '/0/record'],
    'nor is it exchanged for another',
  );
  const step = { ...payment.changes[0], state: 'cancelled' };
  const { record: _, ...rest } = payment;
  const cancelled = { ...rest, changes: [...payment.changes, step] };
  t.same(await bring(cancelled), [422, '/0/record'], 'nor does it stay, where its payment came to nothing');
  t.same(await bring(cancelled, void_(record, 1)), [200, undefined]);
  t.match((await api('GET', `/v1/payments/${id}`)).json(), { state: 'cancelled', record: null });

  const second = (await api('POST', `${url}/payments`, paid)).json();
  const balance = roubles('500');
  const { changes } = (await api('POST', `/v1/payments/${second.id}/confirm`, { balance })).json();
  const rows = (await api('GET', '/v1/export')).body.split('\n').filter((row) => row.includes(second.id));
  const confirmed = JSON.parse(rows.find((row) => row.includes('"object":"payment"')) as string);
  const [seen] = changes.at(-1).records;
  t.same(await bring(confirmed, void_(seen, 2)), [422, '/1/record'], 'nor what was seen when it came');
});

const idOf = (kind: string, number: number) =>
  `record_00000000-0000-7000-8000-${kind}${`${number}`.padStart(8, '0')}`;

/** So many calls, each taken back by the row after it, with ids as an export has them. */
function takenBack(of: string, kind: string, count: number) {
  return Array.from({ length: count }, (_, index) => [
    record(of, '2026-03-01', { id: idOf(`${kind}1`.padStart(4, '0'), index) }),
    {
      object: 'record',
      id: idOf(`${kind}2`.padStart(4, '0'), index),
      line: of,
      type: 'void',
      at: '2026-03-02',
      record: idOf(`${kind}1`.padStart(4, '0'), index),
    },
  ]).flat();
}

await t.test('what is taken back within one export is so, and twice is told', async (t) => {
  const ida = await addPerson(service, 'Ida');
  const rows = takenBack(ida.line, 'a', 3);
  t.match((await send(rows, ida.write)).json(), { records: { made: 6 } });
  t.match((await send(rows, ida.write)).json(), { records: { made: 0, unchanged: 6 } });
  t.same(
    (await recordsOf(ida.line)).map(({ type, voided_by }: StoredRecord) => [type, voided_by]),
    [0, 1, 2].flatMap((index) => [
      ['activity', idOf('00a2', index)],
      ['void', null],
    ]),
  );
  const [first, second] = takenBack(ida.line, 'b', 1);
  const again = { ...second, id: idOf('00b3', 0) };
  t.match((await send([first, second, again], ida.write)).json(), {
    status: 422,
    errors: [{ pointer: '/2/record', detail: 'The record is voided already.' }],
  });
});

await t.test('a void finds a record that has another id here', async (t) => {
  const una = await addPerson(service, 'Una');
  const named = { external_id: 'one' };
  await send([record(una.line, '2026-03-01', named)], una.write);
  const [called, taken] = takenBack(una.line, '7', 1) as [object, object];
  t.match((await send([{ ...called, ...named }, taken], una.write)).json(), {
    records: { made: 1, unchanged: 1 },
  });
  t.match(await recordsOf(una.line), [{ external_id: 'one', voided_by: idOf('0072', 0) }, { type: 'void' }]);
});

await t.test('an activation is held against what stands, however much was taken back before', async (t) => {
  const begun = (digit: number, at: string) => ({
    object: 'record',
    id: idOf('00c1', digit),
    line: 'eva-t2',
    type: 'activated',
    at,
  });
  const [early, noEarly] = takenBack('eva-t2', 'd', 1);
  const gone = { ...noEarly, id: idOf('00c2', 1), record: idOf('00c1', 1) };
  const used = record('eva-t2', '2026-03-03', { id: idOf('00c3', 1) });
  const rows = [early, noEarly, begun(1, '2026-03-05'), gone, used, begun(2, '2026-03-02')];
  t.equal((await send([user('eva'), line('eva-t2'), ...rows])).statusCode, 200);
  const [first, second] = [begun(3, '2026-03-05'), { ...gone, id: idOf('00c2', 3), record: idOf('00c1', 3) }];
  t.equal((await send([user('evi'), line('eva-t2'), first])).statusCode, 200);
  const since = record('eva-t2', '2026-03-03', { id: idOf('00c3', 3) });
  t.match((await send([user('evi'), line('eva-t2'), since])).json(), { status: 422 });
  t.equal((await send([user('evi'), line('eva-t2'), second, since])).statusCode, 200);
  const wrong = [user('eve'), line('eva-t2'), begun(1, '2026-03-05'), used];
  t.match((await send(wrong)).json(), { status: 422, errors: [{ pointer: /^\/3\// }] });
});

await t.test('what takes much back does not take ever longer', async (t) => {
  const costOf = async (kind: string, count: number) => {
    const rows = [user(`many-${kind}`), line(`many-${kind}`), ...takenBack(`many-${kind}`, kind, count)];
    const before = process.threadCpuUsage().user;
    const answer = await send(rows);
    t.match(answer.json(), { records: { made: 2 * count } });
    return process.threadCpuUsage().user - before;
  };
  await costOf('e', 100);
  const [few, many] = [await costOf('f', 250), await costOf('9', 2_000)];
  // Eight times as much; each with all before it would be 64 times.
  t.ok(many < few * 24, `${many} µs for eight times what took ${few} µs`);
});

t.test('what no ledger lets in does not come in because it has an id', async (t) => {
  const early = [
    user('ada'),
    line('ada-t2'),
    { object: 'record', id: RECORD.replace(/2$/, '4'), line: 'ada-t2', type: 'activated', at: '2026-03-01' },
    record('ada-t2', '2026-02-20', { id: RECORD.replace(/2$/, '5') }),
  ];
  const answer = await send(early);
  t.match(answer.json(), {
    status: 422,
    errors: [{ pointer: '/3/at', detail: /activated only on 2026-03-01/ }],
  });
  const late = await send([early[0], early[1], early[3], early[2]].map((row) => row as object));
  t.match(late.json(), { status: 422 }, 'in whatever order');
  const apart = await send([early[0], early[1], early[3]].map((row) => row as object));
  t.equal(apart.statusCode, 200, apart.body);
  t.match((await send([early[0], early[1], early[2]].map((row) => row as object))).json(), {
    status: 422,
    errors: [{ pointer: '/2/at', detail: /records from before/ }],
  });
});

t.test('a line goes out and in with a fact that its rule no longer asks for', async (t) => {
  const lou = await addPerson(service, 'Lou');
  const api = service.as(lou.write);
  // What a correction of the rule leaves behind.
  const facts = { nationality: 'martian', citizenship: 'other' };
  await service.app.store.write(null, (q) => q.lines.update(lou.line, { facts }));
  const exported = (await api('GET', '/v1/export')).body;
  const again = await api('POST', '/v1/import', exported, NDJSON);
  t.match([again.statusCode, again.json().lines], [200, { unchanged: 1 }], again.body);
  const fresh = (await serve(t)).as(ADMIN);
  t.equal((await fresh('POST', '/v1/import', exported, NDJSON)).statusCode, 200);
  t.equal((await fresh('GET', `/v1/users/${lou.id}/export`)).body, exported);
  const other = exported.replace('"citizenship":"other"', '"citizenship":"none"');
  t.match((await fresh('POST', '/v1/import', other, NDJSON)).json(), {
    status: 422,
    errors: [{ pointer: '/1/facts/citizenship' }],
  });
  const made = await send([user('fox'), line('fox-t2', { facts: { citizenship: 'other' } })]);
  t.match(made.json(), { status: 422, errors: [{ pointer: '/1/facts/citizenship' }] });
});

t.test('a dry run tells of proofs what the import would', async (t) => {
  const sue = await addPerson(service, 'Sue');
  const api = service.as(sue.write);
  const paid = { paid_at: '2026-01-10', amount: roubles('300'), channel: 'app' };
  const { id } = (await api('POST', `/v1/lines/${sue.line}/payments`, paid)).json();
  await sendFile(api, id, { bytes: 'receipt', name: 'a.txt' });
  const exported = (await api('GET', '/v1/export?proofs=true')).body.trim();
  const proof = exported.split('\n').find((row) => row.includes('"object":"proof"')) as string;
  const part = exported.split('\n').find((row) => row.includes('"object":"proof_part"')) as string;
  const more = Array.from({ length: 10 }, (_, digit) => {
    const rename = (row: string) =>
      row.replace(/proof_[0-9a-f-]{36}/, `proof_00000000-0000-7000-8000-00000000000${digit}`);
    return [rename(proof), rename(part)];
  }).flat();
  const future = proof.replace(/"created_at":"[^"]*"/, '"created_at":"2031-01-01T00:00:00.000Z"');
  const tell = async (rows: string) => {
    const fresh = (await serve(t)).as(ADMIN);
    const told = async (url: string) => {
      const { imported, errors, ...rest } = (await fresh('POST', url, rows, NDJSON)).json();
      return errors ? { imported, errors } : rest;
    };
    const dry = await told('/v1/import?dry_run=true');
    t.same((await fresh('GET', '/v1/export?proofs=true')).body, '', 'nothing is kept');
    const real = await told('/v1/import');
    t.same(dry, real);
    return real;
  };
  t.match(await tell(exported), { proofs: { made: 1 } });
  const wrong = exported.replace(/"sha256":"..../, '"sha256":"0000');
  t.match(await tell(wrong), {
    imported: { payments: { made: 0 } },
    errors: [{ detail: /parts are not what/ }],
  });
  t.match(await tell([exported, proof, part].join('\n')), { proofs: { made: 1, unchanged: 1 } });
  t.match(await tell([exported, ...more].join('\n')), { errors: [{ detail: /at most 10 proofs/ }] });
  t.match(await tell(exported.replace(proof, future)), { errors: [{ detail: /has not come yet/ }] });
  t.match(await tell([exported, proof].join('\n').replaceAll(id, `${id.slice(0, -1)}z`)), { errors: [{}] });
  const alone = [exported.split('\n')[0], proof, part].join('\n');
  t.match(await tell(alone), { errors: [{ detail: /no such payment/ }] });
});

/** So many payments, each with its record; `family` is a digit of their ids. */
function paidFor(of: string, family: number, count: number) {
  const paid = { paid_at: '2026-01-10', amount: roubles('300'), channel: 'app', makes: 'topup' };
  const step = (state: string) => ({ state, at: '2026-01-11T00:00:00.000Z', by: 'key_1' });
  const rows = Array.from({ length: count }, (_, index) => {
    const uuid = `00000000-0000-7000-8000-${family}${`${index}`.padStart(11, '0')}`;
    const [payment, record] = [`payment_${uuid}`, `record_${uuid}`];
    const changes = [step('pending'), step('confirmed')];
    return {
      payment: {
        object: 'payment',
        id: payment,
        external_id: `p-${index}`,
        line: of,
        ...paid,
        record,
        changes,
      },
      record: {
        object: 'record',
        id: record,
        line: of,
        type: 'topup',
        at: paid.paid_at,
        amount: paid.amount,
        payment,
      },
    };
  });
  return [user(of), line(of), ...rows.map(({ payment }) => payment), ...rows.map(({ record }) => record)];
}

t.test('what many payments ask of the store is asked for all of them', async (t) => {
  const { store } = service.app;
  const { write } = store;
  let asked = 0;
  const counting = (queries: object): object =>
    new Proxy(queries, {
      get(of, name) {
        const value: unknown = Reflect.get(of, name);
        if (typeof value === 'object' && value !== null) return counting(value);
        asked += 1;
        return value;
      },
    });
  t.teardown(() => Object.assign(store, { write }));
  Object.assign(store, {
    write: ((owner, work, options) =>
      write(owner, (q) => work(counting(q) as typeof q), options)) as typeof write,
  });
  const costOf = async (of: string, family: number, count: number) => {
    const counts: number[] = [];
    for (const kind of ['made', 'unchanged']) {
      asked = 0;
      t.match((await send(paidFor(of, family, count))).json(), {
        payments: { [kind]: count },
        records: { [kind]: count },
      });
      counts.push(asked);
    }
    return counts;
  };
  const [few, many] = [await costOf('few', 2, 5), await costOf('many', 1, 700)];
  // Others may ask for something meanwhile, but not so often.
  for (const [index, count] of many.entries())
    t.ok(count < (few[index] ?? 0) + 50, `${count}, ${few[index]}`);
});

t.test('a payment that stands twice in an import is compared with itself', async (t) => {
  type Row = { id: string; changes: object[]; external_id: string };
  const rows = paidFor('twofold', 3, 2) as Row[];
  const [person, own, first, second, ...records] = rows as [object, object, Row, Row, ...Row[]];
  const begun = { ...first, record: undefined, changes: first.changes.slice(0, 1) };
  const answer = await send([person, own, begun, first, second, first, ...records]);
  t.match(answer.json(), { payments: { made: 2, changed: 1, unchanged: 1 } });
  const posed = { ...second, external_id: first.external_id };
  const both = await send([person, own, first, posed, ...records]);
  t.match(both.json(), { errors: [{ pointer: '/3/external_id', detail: /of one that is here/ }] });
  const other = { ...begun, id: second.id.replace('-8000-3', '-8000-4'), external_id: 'new' };
  const changed = await send([person, own, other, { ...other, amount: roubles('5') }]);
  t.match(changed.json(), { errors: [{ pointer: '/3', detail: /another amount/ }] });
});

t.test('a life has an end that an import still takes', async (t) => {
  const pat = await addPerson(service, 'Pat');
  const api = service.as(pat.write);
  const paid = { paid_at: '2026-01-10', amount: roubles('300'), channel: 'app' };
  const { id } = (await api('POST', `/v1/lines/${pat.line}/payments`, paid)).json();
  await service.app.store.write(null, async (q) => {
    const step = { at: '2026-03-01T00:00:00.000Z', by: 'key_1' };
    for (let round = 1; round < 899; round += 1)
      await q.payments.update(id, {}, { ...step, state: round % 2 === 1 ? 'confirmed' : 'pending' });
  });
  t.equal((await api('POST', `/v1/payments/${id}/confirm`)).statusCode, 200);
  const full = await api('POST', `/v1/payments/${id}/reopen`);
  t.match(full.json(), { status: 409, code: 'too_many_steps', payment: id });
  const exported = (await api('GET', '/v1/export')).body;
  t.equal((await api('POST', '/v1/import', exported, NDJSON)).statusCode, 200);
});

t.test('a payment of a long life goes out and in', async (t) => {
  const nia = await addPerson(service, 'Nia');
  const api = service.as(nia.write);
  const paid = { paid_at: '2026-01-10', amount: roubles('300'), channel: 'app' };
  const { id } = (await api('POST', `/v1/lines/${nia.line}/payments`, paid)).json();
  const reason = '字'.repeat(500);
  for (let round = 0; round < 35; round += 1) {
    await api('POST', `/v1/payments/${id}/fail`, { reason });
    await api('POST', `/v1/payments/${id}/reopen`, { reason });
  }
  const exported = (await api('GET', '/v1/export')).body;
  t.ok(exported.split('\n').some((row: string) => Buffer.byteLength(row) > 100_000));
  t.equal((await api('POST', '/v1/import', exported, NDJSON)).statusCode, 200);
});

t.test('no person of an import is larger than can be held', async (t) => {
  const one = `${JSON.stringify(record('x', '2026-01-01'))}\n`;
  const wide = Buffer.from(`${' '.repeat(1_900_000)}${one}`);
  async function* rows() {
    yield Buffer.from(`${JSON.stringify(user('wide'))}\n`);
    for (let count = 0; count < 30; count += 1) yield wide;
    yield Buffer.from(`${JSON.stringify(user('long'))}\n`);
    yield Buffer.from(one.repeat(50_005));
    yield Buffer.from(`${JSON.stringify(user('small'))}\n`);
  }
  const { imported, errors } = await importNdjson(service.app, null, rows());
  t.same(
    errors.map(({ pointer, detail }) => [pointer, detail]),
    [28, 50_032].map((number) => [
      `/${number - 1}`,
      `Line ${number}: A person has more than 50000 rows, or 50000000 bytes.`,
    ]),
  );
  t.equal(imported.users.made, 1);
  for (const name of ['wide', 'long']) t.equal(await service.app.store.users.byExternalId(name), null);
});
