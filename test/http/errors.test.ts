/** Every refusal that people meet, with its exact code, place and mend. */
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { LightMyRequestResponse } from 'fastify';
import t, { type Test } from 'tap';
import { catalogue } from '../../src/http/errors.ts';
import { sendFile } from './multipart.ts';
import { ADMIN, addPerson, call, cast, roubles, serve } from './service.ts';

const service = await serve(t);
const { alice, bob } = await cast(service);
const api = service.as(alice.write);
const records = `/v1/lines/${alice.line}/records`;

type Place = { pointer: string; detail?: string | RegExp; mend?: string | RegExp; in?: string };

/** The answer is this problem, in the catalogue's words, and names these places in this order. */
function refused(t: Test, answer: LightMyRequestResponse, code: string, places: Place[]) {
  const body = answer.json() as { errors: Place[]; [key: string]: unknown };
  const { status, title, mend } = catalogue[code as keyof typeof catalogue];
  t.match(answer.headers, { 'content-type': 'application/problem+json' });
  t.match({ status: answer.statusCode, ...body }, { status, title, code, mend });
  t.same(
    body.errors.map(({ pointer }) => pointer),
    places.map(({ pointer }) => pointer),
    'the places',
  );
  t.match(body.errors, places);
  t.ok(
    body.errors.every(({ detail, mend }) => detail && mend),
    'each says why and what to do',
  );
}

t.test('malformed JSON', async (t) => {
  const headers = { 'content-type': 'application/json' };
  for (const text of ['{"type":', '{} {}', '{"a": 01}', "{'a': 1}", '\u00ff']) {
    refused(t, await api('POST', records, Buffer.from(text, 'latin1'), headers), 'malformed_json', [
      { pointer: '' },
    ]);
  }
  for (const [text, place] of [
    ['{"type":', 'it ends too early'],
    ['{"a":x}', 'it breaks at position 5'],
    ["{'a': 1}", 'it breaks at position 1'],
    ['{"a": [true, nul]}', 'it breaks at position 16'],
    [`{"a": "${'b'.repeat(5_000)}", "c": ?}`, 'it breaks at position 5015'],
  ] as const) {
    t.match((await api('POST', records, text, headers)).json().detail, place, text.slice(0, 20));
  }
  for (const [method, url] of [
    ['POST', records],
    ['POST', '/v1/users'],
    ['PATCH', `/v1/lines/${alice.line}`],
  ] as const) {
    refused(t, await service.as(ADMIN)(method, url, '', headers), 'malformed_json', [{ pointer: '' }]);
  }
  refused(t, await api('POST', records, 'null', headers), 'invalid', [
    { pointer: '', detail: 'It is `null`, not an object.' },
  ]);
  t.match((await api('POST', records, '', headers)).json().detail, 'it is empty');
  t.equal(
    (await api('POST', `/v1/feeds/${alice.feed}/rotate`, '', headers)).statusCode,
    200,
    'nothing to say',
  );
});

t.test('a wrong type is not coerced', async (t) => {
  const answer = await api('POST', records, {
    type: 'topup',
    at: '2026-03-01',
    amount: { amount: 300, currency: 'RUB' },
  });
  refused(t, answer, 'invalid', [
    { pointer: '/amount/amount', detail: 'It is a number, not a string.', mend: /decimal string/ },
  ]);
  refused(t, await api('POST', records, { ...call('2026-03-01'), charged: 'true' }), 'invalid', [
    {
      pointer: '/charged',
      detail: 'It is a string, not `true` or `false`.',
      mend: /^Give `true` or `false`\./,
    },
  ]);
  refused(t, await api('GET', `/v1/users/${alice.id}/export?proofs=1`), 'invalid', [
    { in: 'query', pointer: '/proofs', mend: /^Give `true` or `false`\./ },
  ]);
  const nameless = { rule: 'ru/t2/prepaid', label: '' };
  refused(t, await api('POST', `/v1/users/${alice.id}/lines`, nameless), 'invalid', [
    { pointer: '/label', detail: 'It is empty.', mend: 'Give at least 1 character.' },
  ]);
  refused(t, await api('POST', records, [call('2026-03-01')]), 'invalid', [
    { pointer: '', detail: 'It is an array, not an object.' },
  ]);
});

t.test('an unknown field, and everything else that is wrong, at once', async (t) => {
  const answer = await service.as(ADMIN)('POST', '/v1/users', {
    nmae: 'Dora',
    locale: 'de',
    time_zone: 'Berlin',
  });
  refused(t, answer, 'invalid', [
    { pointer: '/name', detail: '`name` is missing.', mend: /^Give a string\./ },
    {
      pointer: '/nmae',
      detail: 'There is no field `nmae` here.',
      mend: /^Did you mean `name`\? The fields here are/,
    },
    {
      pointer: '/locale',
      detail: 'It is none of the values known here.',
      mend: 'Give one of `en`, `ru`, `zh`.',
    },
    { pointer: '/time_zone', detail: 'There is no such time zone.', mend: /Europe\/Moscow/ },
  ]);
});

t.test('several records, each by its own type', async (t) => {
  const items = [
    { type: 'topup', at: '2026-03-01' },
    { type: 'topop', at: '2026-03-01' },
    { at: '2026-03-01' },
    { type: 'balance', at: { earliest: '2026-02-30', latest: '2026-03-01' }, amount: roubles('1') },
  ];
  refused(t, await api('POST', records, { items }), 'invalid', [
    { pointer: '/items/0/amount', detail: '`amount` is missing.' },
    { pointer: '/items/1/type', detail: 'There is no such type.', mend: /^Give one of `activated`, `topup`/ },
    { pointer: '/items/2/type', detail: '`type` is missing or is not a string.' },
    { pointer: '/items/3/at/earliest', detail: 'There is no 2026-02-30 in the calendar.' },
  ]);
  t.same((await api('GET', records)).json().items, [], 'none was added');
});

t.test('an unknown rule lists those that may be meant', async (t) => {
  const lines = `/v1/users/${alice.id}/lines`;
  refused(t, await api('POST', lines, { rule: 'ru/t2/prepayd', label: 'x' }), 'invalid', [
    { pointer: '/rule', detail: 'There is no such rule.', mend: /^Did you mean `ru\/t2\/prepaid`/ },
  ]);
  refused(t, await api('POST', lines, { rule: 'xx/nobody/none', label: 'x' }), 'invalid', [
    { pointer: '/rule', mend: 'GET /v1/rules lists the rules.' },
  ]);
  const simulation = { rule: 'ru/mts/prepaif', records: [], as_of: '2026-01-01' };
  refused(t, await api('POST', '/v1/simulations', simulation), 'invalid', [
    { pointer: '/rule', mend: /`ru\/mts\/prepaid`/ },
  ]);
});

t.test('the terms of a line', async (t) => {
  const answer = await api('POST', `/v1/users/${alice.id}/lines`, {
    rule: 'ru/t2/prepaid',
    label: 'x',
    number: '555 0134',
    plan_price: { amount: '10', currency: 'EUR' },
    facts: { nationality: 'martian', shoe_size: 43 },
  });
  refused(t, answer, 'invalid', [
    { pointer: '/facts/nationality', detail: 'The rule knows no such value.', mend: /^Give one of / },
    { pointer: '/facts/shoe_size', detail: 'The rule does not ask for this fact.', mend: /`nationality`/ },
    {
      pointer: '/plan_price/currency',
      detail: 'The rule reckons in RUB, not in EUR.',
      mend: 'Give the amount in RUB.',
    },
    { pointer: '/number', detail: 'It is no phone number that can exist.', mend: /\+79161234567/ },
  ]);
  t.notMatch(answer.body, '555 0134', 'the number is not repeated');
});

t.test('a number that is possible is taken, whether or not it is given out', async (t) => {
  for (const [rule, number] of [
    ['us/t-mobile', '+15551234567'],
    ['gb/giffgaff', '+447700900123'],
  ]) {
    const [{ id: found }] = (await api('GET', '/v1/rules?limit=200'))
      .json()
      .items.filter(({ id }: { id: string }) => id.startsWith(`${rule}/`));
    const made = await api('POST', `/v1/users/${alice.id}/lines`, { rule: found, label: 'x', number });
    t.match(made.json(), { number }, made.body.slice(0, 300));
  }
});

t.test('dates that do not exist, or have not come', async (t) => {
  refused(t, await api('POST', records, call('2026-02-30')), 'invalid', [
    {
      pointer: '/at',
      detail: 'There is no 2026-02-30 in the calendar.',
      mend: 'Give a date that exists, such as `2026-03-01`.',
    },
  ]);
  refused(t, await api('POST', records, call('2026-02-30T10:00:00Z')), 'invalid', [
    { pointer: '/at', detail: 'There is no 2026-02-30 in the calendar.' },
  ]);
  for (const at of ['yesterday', '01.03.2026', '2026-3-1', '2026-03-01T25:00:00Z', '2026-03-01T10:00:00']) {
    refused(t, await api('POST', records, call(at)), 'invalid', [
      {
        pointer: '/at',
        detail: 'It has none of the forms known here.',
        mend: /A date \(`2026-03-01`\), a moment, or/,
      },
    ]);
  }
  refused(t, await api('POST', records, call('2031-03-01')), 'invalid', [
    { pointer: '/at', detail: /has not come yet/, mend: /simulations/ },
  ]);
  refused(t, await api('POST', records, call('2026-03-17')), 'invalid', [{ pointer: '/at' }]);
  t.equal(
    (await api('POST', records, call('2026-03-16'))).statusCode,
    201,
    'a day ahead is somebody else’s today',
  );
  const paid = { amount: roubles('300'), channel: 'app' };
  for (const moment of ['2026-03-16T00:00:00+03:00', '2026-03-15T21:00:00Z']) {
    const error = { detail: '2026-03-16 has not come yet.', mend: /simulations/ };
    const ahead = await api('POST', records, call(moment));
    refused(t, ahead, 'invalid', [{ pointer: '/at', ...error }]);
    const paidAhead = await api('POST', `/v1/lines/${alice.line}/payments`, { ...paid, paid_at: moment });
    refused(t, paidAhead, 'invalid', [{ pointer: '/paid_at', ...error }]);
  }
  t.equal(
    (await api('POST', records, call('2026-03-15T23:59:59+03:00'))).statusCode,
    201,
    'a moment is nobody else’s: it may be as late as today ends',
  );
});

t.test('a moment may be written in small letters, and is kept in capitals', async (t) => {
  const dora = await addPerson(service, 'Dora');
  const hers = service.as(dora.write);
  const own = `/v1/lines/${dora.line}/records`;
  const given = [call('2026-03-01t10:00:00z'), call('2026-03-01t10:00:00.5+03:00')];
  const made = await hers('POST', own, { items: given });
  t.same(
    made.json().items?.map(({ at }: { at: string }) => at),
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.5+03:00'],
    made.body.slice(0, 300),
  );
  const paid = { paid_at: '2026-03-10t00:00:00z', amount: roubles('300'), channel: 'app' };
  const payment = await hers('POST', `/v1/lines/${dora.line}/payments`, paid);
  t.equal(payment.json().paid_at, '2026-03-10T00:00:00Z');
  const expiring = { scope: 'read', name: 'x', expires_at: '2027-01-01t00:00:00z' };
  const key = await service.as(ADMIN)('POST', `/v1/users/${dora.id}/keys`, expiring);
  t.match(key.json().expires_at, /^2027-01-01T00:00:00(\.000)?Z$/);
  refused(t, await hers('POST', own, call('2026-02-30t10:00:00z')), 'invalid', [{ pointer: '/at' }]);
});

t.test('a currency that the rule does not use', async (t) => {
  const topup = { type: 'topup', at: '2026-03-01', amount: { amount: '5', currency: 'EUR' } };
  const answer = await api('POST', records, topup);
  refused(t, answer, 'invalid', [{ pointer: '/amount/currency', mend: /RUB/ }]);
  t.match(answer.json().detail, /EUR is not the currency of this rule\.$/);
});

t.test('a record before the activation, whichever comes first', async (t) => {
  const lines = `/v1/users/${alice.id}/lines`;
  const make = async () => (await api('POST', lines, { rule: 'ru/t2/prepaid', label: 'new' })).json().id;
  const activated = { type: 'activated', at: '2026-02-01' };
  const one = `/v1/lines/${await make()}/records`;
  await api('POST', one, activated);
  refused(t, await api('POST', one, call('2026-01-31')), 'invalid', [
    { pointer: '/at', detail: /activated/ },
  ]);
  t.equal((await api('POST', one, call('2026-02-01'))).statusCode, 201, 'on the day itself');
  const other = `/v1/lines/${await make()}/records`;
  await api('POST', other, call('2026-01-31'));
  refused(t, await api('POST', other, activated), 'invalid', [
    { pointer: '/at', mend: /void the records before/ },
  ]);
  const third = `/v1/lines/${await make()}/records`;
  refused(t, await api('POST', third, { items: [activated, call('2026-01-31')] }), 'invalid', [
    { pointer: '/items/1/at' },
  ]);
});

t.test('a field to be cleared that there is not', async (t) => {
  const line = `/v1/lines/${alice.line}`;
  const admin = service.as(ADMIN);
  for (const [answer, pointer, meant] of [
    [await api('PATCH', line, { numbr: null }), '/numbr', /`number`/],
    [await api('PATCH', line, { created_at: null }), '/created_at', /fields here/],
    [
      await api('PATCH', line, { plan_price: { amonut: null, amount: '5', currency: 'RUB' } }),
      '/plan_price/amonut',
      /`amount`/,
    ],
    [await admin('PATCH', `/v1/users/${alice.id}`, { nickname: null }), '/nickname', /./],
    [await api('PATCH', `/v1/feeds/${alice.feed}`, { colour: null }), '/colour', /./],
  ] as const) {
    refused(t, answer, 'invalid', [{ pointer, detail: /There is no field/, mend: meant }]);
  }
  t.equal((await api('PATCH', line, { number: null, facts: { nationality: null } })).statusCode, 200);
});

t.test('voids', async (t) => {
  const unknown = { items: [call('2026-03-02'), { type: 'void', at: '2026-03-02', record: 'new 0' }] };
  refused(t, await api('POST', records, unknown), 'invalid', [
    { pointer: '/items/1/record', detail: /no such record/ },
  ]);
  const made = (await api('POST', records, call('2026-03-02'))).json();
  const undo = { type: 'void', at: '2026-03-03', record: made.id };
  const other = await service.as(bob.write)('POST', `/v1/lines/${bob.line}/records`, call('2026-03-02'));
  refused(t, await api('POST', records, { ...undo, record: other.json().id }), 'invalid', [
    { pointer: '/record', detail: /no such record/ },
  ]);
  const voided = (await api('POST', records, undo)).json();
  refused(t, await api('POST', records, undo), 'already_voided', [{ pointer: '/record' }]);
  refused(t, await api('POST', records, { ...undo, record: voided.id }), 'invalid', [
    { pointer: '/record', detail: 'A void cannot be voided.' },
  ]);
  const twice = { items: [undo, undo].map((one) => ({ ...one, record: other.json().id })) };
  refused(t, await service.as(bob.write)('POST', `/v1/lines/${bob.line}/records`, twice), 'already_voided', [
    { pointer: '/items/1/record' },
  ]);
});

t.test('an external_id that is taken', async (t) => {
  const admin = service.as(ADMIN);
  const user = { name: 'Dora', locale: 'en', time_zone: 'Europe/Riga', external_id: 'dora' };
  t.equal((await admin('POST', '/v1/users', user)).statusCode, 201);
  refused(t, await admin('POST', '/v1/users', user), 'external_id_taken', [{ pointer: '/external_id' }]);
  const line = { rule: 'lv/lmt/prepaid', label: 'x', external_id: 'one' };
  t.equal((await api('POST', `/v1/users/${alice.id}/lines`, line)).statusCode, 201);
  refused(t, await api('POST', `/v1/users/${alice.id}/lines`, line), 'external_id_taken', [
    { pointer: '/external_id' },
  ]);
  const bobs = await service.as(bob.write)('POST', `/v1/users/${bob.id}/lines`, line);
  t.equal(bobs.statusCode, 201, 'it is unique under its owner only');
  const items = ['a', 'b', 'a'].map((external_id) => ({ ...call('2026-03-01'), external_id }));
  refused(t, await api('POST', records, { items }), 'external_id_taken', [
    { pointer: '/items/2/external_id' },
  ]);
  await api('POST', records, { items: items.slice(0, 1) });
  refused(t, await api('POST', records, items[0]), 'external_id_taken', [{ pointer: '/external_id' }]);
});

t.test('a body too large', async (t) => {
  const answer = await api('POST', records, { ...call('2026-03-01'), external_id: 'x'.repeat(1_100_000) });
  refused(t, answer, 'body_too_large', [{ pointer: '', mend: /import/ }]);
});

t.test('a body that is compressed, or says so', async (t) => {
  const text = JSON.stringify(call('2026-03-02'));
  const send = (encoding: string, payload: Buffer | string) =>
    api('POST', records, payload, { 'content-type': 'application/json', 'content-encoding': encoding });
  for (const [encoding, bytes] of [
    ['gzip', gzipSync(text)],
    ['GZip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['br', brotliCompressSync(text)],
    ['deflate', deflateSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['Identity', text],
  ] as const) {
    t.equal((await send(encoding, bytes)).statusCode, 201, encoding);
  }
  for (const encoding of ['compress', 'gzip, gzip', 'aes128gcm']) {
    const answer = await send(encoding, gzipSync(text));
    refused(t, answer, 'media_type', [{ in: 'header', pointer: '/content-encoding', detail: /gzip, br/ }]);
    t.match(answer.headers['accept-encoding'], /gzip/);
  }
  for (const [what, bytes] of [
    ['plain', text],
    ['cut', gzipSync(text).subarray(0, 30)],
    ['empty', Buffer.alloc(0)],
  ] as const) {
    const answer = await send('gzip', bytes);
    refused(t, answer, 'malformed_request', [{ in: 'header', pointer: '/content-encoding' }]);
    t.equal(answer.headers['accept-encoding'], undefined, what);
  }
});

t.test('a wrong or missing key', async (t) => {
  for (const headers of [{}, { authorization: 'Basic YTpi' }, { authorization: 'Bearer' }] as Record<
    string,
    string
  >[]) {
    const answer = await service.as(null)('GET', '/v1/users', undefined, headers);
    refused(t, answer, 'key_missing', [{ pointer: '/authorization', in: 'header', mend: /Bearer/ }]);
    t.match(answer.headers['www-authenticate'], /^Bearer/);
  }
  const answer = await service.as('klk_nothing-of-the-kind')('GET', '/v1/users');
  refused(t, answer, 'key_wrong', [{ pointer: '/authorization', in: 'header' }]);
  t.match(answer.headers['www-authenticate'], /invalid_token/);
  const soon = { scope: 'read', name: 'short', expires_at: '2026-03-15T13:00:00+01:00' };
  refused(t, await api('POST', `/v1/users/${alice.id}/keys`, soon), 'invalid', [
    { pointer: '/expires_at', detail: 'It has passed.' },
  ]);
});

t.test("another person's line does not exist", async (t) => {
  const missing = await api('GET', '/v1/lines/line_01a20656-3993-7000-bceb-8ec375e4abc4');
  const others = await api('GET', `/v1/lines/${bob.line}`);
  refused(t, missing, 'not_found', [{ pointer: '/line', in: 'path' }]);
  t.same(others.json(), missing.json(), 'the two cannot be told apart');
});

t.test('a stale If-Match', async (t) => {
  const url = `/v1/lines/${alice.line}`;
  const before = (await api('GET', url)).headers.etag as string;
  const changed = await api('PATCH', url, { label: 'Bank' }, { 'if-match': before });
  t.equal(changed.statusCode, 200);
  t.equal(changed.headers.etag, (await api('GET', url)).headers.etag);
  const answer = await api('PATCH', url, { label: 'Old' }, { 'if-match': before });
  refused(t, answer, 'stale', [{ pointer: '/if-match', in: 'header', mend: /Read it again/ }]);
  t.equal(answer.headers.etag, changed.headers.etag, 'the present ETag comes with it');
  t.equal((await api('GET', url)).json().label, 'Bank');
  for (const fresh of ['*', `"other", W/${changed.headers.etag}`]) {
    t.equal((await api('PATCH', url, { label: 'Bank' }, { 'if-match': fresh })).statusCode, 200, fresh);
  }
});

t.test('what has changed is not erased either by whoever has not read it', async (t) => {
  const dora = await addPerson(service, 'Dora');
  const hers = service.as(dora.write);
  const paid = { paid_at: '2026-03-10', amount: roubles('300'), channel: 'app' };
  const payment = (await hers('POST', `/v1/lines/${dora.line}/payments`, paid)).json().id;
  const proof = (await sendFile(hers, payment, { bytes: 'a receipt' })).json().id;
  for (const url of [
    `/v1/proofs/${proof}`,
    `/v1/feeds/${dora.feed}`,
    `/v1/lines/${dora.line}`,
    `/v1/users/${dora.id}`,
  ]) {
    const answer = await hers('DELETE', url, undefined, { 'if-match': '"other"' });
    refused(t, answer, 'stale', [{ pointer: '/if-match', in: 'header' }]);
    const { etag } = (await hers('GET', url)).headers;
    t.equal(answer.headers.etag, etag, url);
    const gone = await hers('DELETE', url, undefined, { 'if-match': String(etag) });
    t.equal(gone.statusCode, 204, `${url}: ${gone.body}`);
  }
});

t.test('an Idempotency-Key with another body', async (t) => {
  const headers = { 'idempotency-key': 'one' };
  await api('POST', records, call('2026-03-03'), headers);
  refused(t, await api('POST', records, call('2026-03-04'), headers), 'idempotency_key_reused', [
    { pointer: '/idempotency-key', in: 'header', mend: /new Idempotency-Key/ },
  ]);
  refused(t, await api('POST', records, call('2026-03-04'), { 'idempotency-key': 'x y' }), 'invalid', [
    { pointer: '/idempotency-key', in: 'header', mend: /255 visible ASCII/ },
  ]);
});

t.test("a rule stays a line's rule", async (t) => {
  refused(t, await api('PATCH', `/v1/lines/${alice.line}`, { rule: 'ru/mts/prepaid' }), 'invalid', [
    { pointer: '/rule', mend: /add another/ },
  ]);
});

t.test('addresses and methods that are not there, and none is repeated', async (t) => {
  const secret = 'klf_0123456789abcdefghijklmnopqrstuvwxyz';
  const long = `/v1/lines/${secret.repeat(3)}`;
  refused(t, await api('GET', long), 'address_too_long', [{ pointer: '' }]);
  refused(t, await api('GET', `/v1/${secret}`), 'route_not_found', [{ pointer: '' }]);
  refused(t, await service.as(null)('GET', `/${secret}`), 'route_not_found', [{ pointer: '' }]);
  refused(t, await service.as(alice.read)('POST', `/v1/${secret}`), 'route_not_found', [{ pointer: '' }]);
  for (const [key, code] of [
    [null, 'key_missing'],
    ['wrong', 'key_wrong'],
  ] as const) {
    const unknown = await service.as(key)('GET', `/v1/${secret}`);
    refused(t, unknown, code, [{ pointer: '/authorization', in: 'header' }]);
    t.match(
      unknown.headers,
      { 'www-authenticate': /^Bearer/, 'x-ratelimit-limit': /\d/ },
      'guessing is limited',
    );
  }
  refused(t, await api('GET', `/v1/lines/${secret}%zz`), 'malformed_request', [{ pointer: '' }]);
  const answer = await api('PUT', '/v1/users');
  refused(t, answer, 'method_not_allowed', [{ pointer: '' }]);
  t.equal(answer.headers.allow, 'GET, HEAD, POST');
  refused(t, await api('OPTIONS', '/v1/users'), 'method_not_allowed', [{ pointer: '' }]);
  for (const url of [long, `/v1/${secret}`, `/v1/lines/${secret}%zz`]) {
    const said = await api('GET', url);
    t.notMatch(said.body + JSON.stringify(said.headers), secret);
  }
  refused(t, await api('POST', records, '<xml/>', { 'content-type': 'application/xml' }), 'media_type', [
    { pointer: '' },
  ]);
});

t.test('queries', async (t) => {
  refused(t, await api('GET', `${records}?limit=201&cursor=&page=2`), 'invalid', [
    { pointer: '/page', in: 'query', mend: 'The fields here are `limit`, `cursor`.' },
    { pointer: '/limit', in: 'query', mend: 'Give 200 or less.' },
    { pointer: '/cursor', in: 'query' },
  ]);
  const cursors = [
    'x',
    'bnVsbA',
    Buffer.from('["a"]').toString('base64url'),
    Buffer.from('[1,2]').toString('base64url'),
  ];
  for (const cursor of cursors) {
    refused(t, await api('GET', `${records}?cursor=${cursor}`), 'invalid', [
      { pointer: '/cursor', in: 'query' },
    ]);
  }
  for (const limit of ['1e1', '%201', '0x5', '1.0', '+1', '', '2&limit=3']) {
    refused(t, await api('GET', `${records}?limit=${limit}`), 'invalid', [
      { pointer: '/limit', in: 'query' },
    ]);
  }
  t.equal((await api('GET', `${records}?limit=7`)).statusCode, 200);
  const agenda = `/v1/lines/${alice.line}/agenda`;
  for (const [url, pointer] of [
    [`${agenda}?as_of=2026-01-01`, '/as_of'],
    [`/v1/users/${alice.id}?expand=lines`, '/expand'],
    ['/v1/export?x', '/x'],
  ] as const) {
    refused(t, await api('GET', url), 'invalid', [{ pointer, in: 'query' }]);
  }
  const timeline = `/v1/lines/${alice.line}/timeline`;
  refused(t, await api('GET', `${timeline}?until=soon`), 'invalid', [
    { pointer: '/until', in: 'query', detail: 'It is no date.', mend: /2026-03-01/ },
  ]);
  refused(t, await api('GET', `${timeline}?as_of=2026-02-29`), 'invalid', [
    { pointer: '/as_of', in: 'query' },
  ]);
  for (const until of ['2026-01-01', '2999-01-01']) {
    refused(t, await api('GET', `${timeline}?until=${until}`), 'invalid', [
      { pointer: '/until', in: 'query' },
    ]);
  }
  const place = Buffer.from('["2026-01-01","line_x",9007199254740991]').toString('base64url');
  refused(t, await api('GET', `/v1/deadlines?cursor=${place}`), 'invalid', [
    { pointer: '/cursor', in: 'query' },
  ]);
  refused(t, await api('GET', '/v1/deadlines?after=2026-03-02&before=2026-03-01'), 'invalid', [
    { pointer: '/before', in: 'query' },
  ]);
});

t.test('what nobody foresaw is told with an id that is in the log, and no more', async (t) => {
  const { store } = service.app;
  const { get } = store.users;
  t.teardown(() => Object.assign(store.users, { get }));
  Object.assign(store.users, {
    get: () => Promise.reject(new Error('kaput at /srv/keepline/users.ts:12 +79525550134')),
  });
  const answer = await api('GET', `/v1/users/${alice.id}`);
  refused(t, answer, 'internal', [{ pointer: '' }]);
  const { error_id } = answer.json();
  const logged = service.lines.find((line) => line.includes(error_id)) ?? '';
  t.match(logged, 'kaput', 'the log has the reason');
  t.match(logged, '"stack":"Error: kaput', 'and the stack');
  t.notMatch(logged, '79525550134', 'without the number');
  t.notMatch(answer.body, /kaput|users\.ts|stack|node_modules/, 'the answer has neither');
});

t.test('a line whose rule is no longer in the rulebook', async (t) => {
  const { rules } = service.app.rulebook as unknown as { rules: Map<string, never> };
  const booked = rules.get('ru/t2/prepaid') as never;
  t.teardown(() => rules.set('ru/t2/prepaid', booked));
  rules.delete('ru/t2/prepaid');
  for (const part of ['timeline', 'agenda']) {
    refused(t, await api('GET', `/v1/lines/${alice.line}/${part}`), 'rule_gone', [{ pointer: '' }]);
  }
  t.equal(
    (await api('GET', `/v1/users/${alice.id}/agenda`)).statusCode,
    200,
    'the others are told all the same',
  );
  t.equal((await api('PATCH', `/v1/lines/${alice.line}`, { label: 'Kept' })).statusCode, 200);
});

t.test('of a thousand things that are wrong a hundred places are told', async (t) => {
  const wrong = {
    type: 'topup',
    at: 'x',
    amount: { amount: 'x', currency: 'x', a: 1 },
    product: 1,
    method: 1,
  };
  const { errors } = (await api('POST', records, { items: Array(1_000).fill(wrong) })).json();
  t.equal(errors.length, 100);
  const ofOne = (await api('POST', records, { items: [wrong] })).json().errors as Place[];
  t.same(errors.slice(0, ofOne.length), ofOne, 'the first as if it had come alone');
});

t.test('a body that is needed and missing', async (t) => {
  const paid = { paid_at: '2026-03-01', amount: roubles('300'), channel: 'app' };
  const { id } = (await api('POST', `/v1/lines/${alice.line}/payments`, paid)).json();
  const missing = { pointer: '', detail: 'The JSON body is missing.' };
  refused(t, await api('POST', `/v1/payments/${id}/fail`), 'invalid', [
    { ...missing, mend: 'Send a JSON object with `reason`, and `Content-Type: application/json`.' },
  ]);
  for (const [method, url] of [
    ['POST', records],
    ['PATCH', `/v1/lines/${alice.line}`],
  ] as const) {
    const mend = 'Send a JSON object, and `Content-Type: application/json`.';
    refused(t, await api(method, url), 'invalid', [{ ...missing, mend }]);
  }
  for (const step of ['confirm', 'reopen', 'refund', 'reopen', 'cancel'])
    t.equal((await api('POST', `/v1/payments/${id}/${step}`)).statusCode, 200, `${step} needs none`);
});
