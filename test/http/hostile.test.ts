/** What people and scanners send who mean no good: each is answered as it should be, and nothing leaks. */
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { ADMIN, call, cast, serve } from './service.ts';

const service = await serve(t, { level: 'trace' });
const { alice, bob } = await cast(service);
const api = service.as(alice.write);
const users = '/v1/users';
const records = `/v1/lines/${alice.line}/records`;
const JSON_TYPE = { 'content-type': 'application/json' };
const deep = (depth: number) => `${'{"at":'.repeat(depth)}1${'}'.repeat(depth)}`;
const named = (name: string) => ({ rule: 'ru/t2/prepaid', label: name });
const lines = `/v1/users/${alice.id}/lines`;

type Input = [what: string, method: string, url: string, body: unknown, status: number, pointer?: string];

const inputs: Input[] = [
  ['a NUL in a text', 'POST', lines, named('a\0b'), 422, '/label'],
  ['a NUL in a name of a field', 'POST', lines, { ...named('x'), 'a\0b': 1 }, 422, ''],
  ['half a surrogate pair', 'POST', lines, '{"rule":"ru/t2/prepaid","label":"\\ud83d"}', 422, '/label'],
  ['bytes that are no UTF-8', 'POST', lines, Buffer.from('7b22ff223a317d', 'hex'), 400, ''],
  ['a depth of 100 000', 'POST', records, deep(100_000), 422],
  ['lists in lists', 'POST', records, `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 422],
  [
    '__proto__',
    'POST',
    lines,
    '{"__proto__":{"admin":true},"rule":"ru/t2/prepaid","label":"x"}',
    422,
    '/__proto__',
  ],
  [
    '__proto__ in escapes',
    'POST',
    lines,
    '{"\\u005f_proto__":{},"rule":"ru/t2/prepaid","label":"x"}',
    422,
    '/__proto__',
  ],
  [
    'constructor',
    'POST',
    lines,
    '{"constructor":{"prototype":{}},"rule":"ru/t2/prepaid","label":"x"}',
    422,
    '/constructor',
  ],
  [
    'a fact called constructor',
    'POST',
    lines,
    { ...named('x'), facts: { constructor: 'x' } },
    422,
    '/facts/constructor',
  ],
  [
    '__proto__ in a patch',
    'PATCH',
    `/v1/lines/${alice.line}`,
    '{"facts":{"__proto__":{"x":1}}}',
    422,
    '/facts/__proto__',
  ],
  [
    'a number beyond all',
    'POST',
    lines,
    '{"rule":"ru/t2/prepaid","label":"x","facts":{"nationality":1e999}}',
    422,
  ],
  [
    'an amount beyond all',
    'POST',
    records,
    { type: 'topup', at: '2026-03-01', amount: { amount: '9'.repeat(400), currency: 'RUB' } },
    422,
    '/amount/amount',
  ],
  [
    'an amount in hexadecimals',
    'POST',
    records,
    { type: 'topup', at: '2026-03-01', amount: { amount: '0x10', currency: 'RUB' } },
    422,
    '/amount/amount',
  ],
  [
    'a negative top-up',
    'POST',
    records,
    { type: 'topup', at: '2026-03-01', amount: { amount: '-5', currency: 'RUB' } },
    422,
    '/amount/amount',
  ],
  ['a megabyte of text', 'POST', lines, named('x'.repeat(1_000_000)), 422, '/label'],
  ['a body over the limit', 'POST', lines, named('x'.repeat(2_000_000)), 413, ''],
  ['a million empty records', 'POST', records, `{"items":[${'{},'.repeat(300_000)}{}]}`, 422, '/items'],
  [
    'a thousand wrong records',
    'POST',
    records,
    { items: Array.from({ length: 1000 }, () => ({ type: 'x' })) },
    422,
    '/items/0/type',
  ],
  ['SQL in an id', 'GET', `/v1/lines/${encodeURIComponent("x' or '1'='1")}`, undefined, 404, '/line'],
  ['a NUL in an id', 'GET', '/v1/lines/x%00', undefined, 404, '/line'],
  ['a way out of the folder', 'GET', '/v1/carriers/..%2f..%2fetc/passwd', undefined, 404],
  ['a way out of the docs', 'GET', '/docs/static/..%2f..%2f..%2fpackage.json', undefined, 404],
  ['a prototype for a rule', 'GET', '/v1/rules/__proto__/constructor/toString', undefined, 404, '/rule'],
  ['a wrong content type', 'POST', lines, '<line/>', 415, ''],
  ['a year of five digits', 'POST', records, call('12026-03-01'), 422, '/at'],
  ['the year 0', 'POST', records, call('0000-01-01'), 422, '/at'],
  ['a leap second', 'POST', records, call('2016-12-31T23:59:60Z'), 422, '/at'],
  ['a moment before 1900 in UTC', 'POST', records, call('1900-01-01T00:00:00+14:00'), 422, '/at'],
  [
    'a moment after 2999 in UTC',
    'POST',
    `/v1/users/${alice.id}/keys`,
    { scope: 'read', name: 'x', expires_at: '2999-12-31T23:59:59.999999999-12:00' },
    422,
    '/expires_at',
  ],
  [
    'a span turned round',
    'POST',
    records,
    { ...call('x'), at: { earliest: '2026-03-02', latest: '2026-03-01' } },
    422,
    '/at',
  ],
  ['an offset for a zone', 'POST', lines, { ...named('x'), time_zone: '+03:00' }, 422, '/time_zone'],
  [
    'a path for a zone',
    'POST',
    lines,
    { ...named('x'), time_zone: '../../etc/localtime' },
    422,
    '/time_zone',
  ],
  [
    'a cursor of SQL',
    'GET',
    `${records}?cursor=${Buffer.from('["2026","\' or 1=1"]').toString('base64url')}`,
    undefined,
    200,
  ],
  ['a parameter twice', 'GET', `${records}?limit=1&limit=2`, undefined, 422, '/limit'],
  ['a limit of words', 'GET', `${records}?limit=all`, undefined, 422, '/limit'],
  [
    'a span of 8000 years',
    'GET',
    `/v1/lines/${alice.line}/timeline?until=9999-12-31`,
    undefined,
    422,
    '/until',
  ],
  ['another method', 'TRACE', users, undefined, 404],
];

for (const [what, method, url, body, status, pointer] of inputs) {
  t.test(what, async (t) => {
    const raw = typeof body === 'string' || Buffer.isBuffer(body);
    const headers: Record<string, string> =
      body === '<line/>' ? { 'content-type': 'text/xml' } : raw ? JSON_TYPE : {};
    const answer = await api(method, url, body, headers);
    t.equal(answer.statusCode, status, answer.body.slice(0, 300));
    if (status < 400) return;
    const { errors } = answer.json();
    t.ok(errors.length >= 1 && errors.length <= 100);
    if (pointer !== undefined) t.equal(errors[0].pointer, pointer);
    t.notMatch(answer.body, /node_modules|\.ts:|at \w+ \(|SQLITE|sqlite|select /, 'nothing of the inside');
    t.ok(answer.body.length < 50_000);
  });
}

t.test('markup, bidi and newlines are kept as they are and harm nothing', async (t) => {
  const label = '<script>alert(1)</script>\u202e\r\nBEGIN:VEVENT "; drop table lines; --';
  const made = await api('POST', lines, named(label));
  t.equal(made.json().label, label);
  t.match(made.headers, {
    'content-type': 'application/json; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  t.equal((await api('GET', `/v1/lines/${made.json().id}`)).json().label, label);
  t.match((await api('GET', lines)).json().items.length, 2);
});

t.test('a fee a day from a billion, for a hundred years', async (t) => {
  const amount = { amount: '999999999.9999', currency: 'RUB' };
  const items = [call('1990-01-01'), { type: 'balance', at: '1990-01-01', amount }];
  const simulation = { rule: 'ru/t2/prepaid', records: items, as_of: '1990-01-02', until: '2089-12-31' };
  const answer = await api('POST', '/v1/simulations', simulation);
  t.equal(answer.statusCode, 200);
  t.same(
    answer.json().stages.map(({ stage, from }: { stage: string; from: string }) => `${stage} ${from}`),
    ['active 1990-01-01', 'lost 1990-04-02', 'fee_running 1990-05-02', 'reissuable 1990-06-01'],
  );
});

t.test('what is no HTTP', async (t) => {
  const address = new URL(await service.server.listen({ host: '127.0.0.1', port: 0 }));
  const ask = (text: string) =>
    new Promise<string>((resolve) => {
      let answer = '';
      const socket = connect(Number(address.port), address.hostname, () => socket.write(text));
      socket.on('data', (data) => {
        answer += data;
      });
      socket.on('close', () => resolve(answer));
    });
  t.match(
    await ask('NONSENSE\r\n\r\n'),
    /^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*"code":"malformed_request"/,
  );
  const header = `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`;
  t.match(await ask(header), /^HTTP\/1\.1 431 [\s\S]*"code":"head_too_large"/);
  const long = `GET /cal/klf_${'y'.repeat(20_000)}/x.ics HTTP/1.1\r\nhost: x\r\n\r\n`;
  const answer = await ask(long);
  t.match(answer, /^HTTP\/1\.1 431 /);
  t.notMatch(answer, 'klf_');
  const expecting = 'GET /nowhere HTTP/1.1\r\nhost: x\r\nexpect: a miracle\r\nconnection: close\r\n\r\n';
  t.match(await ask(expecting), /^HTTP\/1\.1 404 [\s\S]*"code":"route_not_found"/, 'is passed over');
});

t.test('after a body that is refused before its end, the next request is answered', async (t) => {
  const origin = service.server.listeningOrigin;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const ask = (path: string, headers: Record<string, string> = {}, body?: Buffer) =>
    new Promise<number | string>((resolve) => {
      const authorization = `Bearer ${alice.write}`;
      const options = { method: body ? 'POST' : 'GET', agent, timeout: 15_000 };
      const request = httpRequest(`${origin}${path}`, { ...options, headers: { authorization, ...headers } });
      request.on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode ?? 0)));
      request.on('timeout', () => request.destroy(new Error('no answer')));
      request.on('error', ({ message }) => resolve(message));
      request.end(body);
    });
  const spaces = Buffer.alloc(50_300_000, 0x20);
  const packed = gzipSync(Buffer.alloc(100_000_000, 0x20), { level: 1 });
  const rows = { 'content-type': 'application/x-ndjson' };
  const gzip = { ...rows, 'content-encoding': 'gzip' };
  const refused: [path: string, headers: Record<string, string>, body: Buffer, status: number][] = [
    ['/v1/import', rows, spaces, 413],
    ['/v1/import', gzip, packed, 413],
    ['/v1/import?x=1', gzip, packed, 422],
    ['/v1/import', gzip, Buffer.alloc(900_000, 'no gzip'), 400],
    ['/v1/payments/x/proofs', { ...gzip, 'content-type': 'multipart/form-data; boundary=x' }, packed, 404],
    ['/v1/import', { ...gzip, 'content-type': 'text/xml' }, packed, 415],
  ];
  for (const [path, headers, body, status] of refused) {
    t.equal(await ask(path, headers, body), status, `${path}: ${status}`);
    t.equal(await ask(users), 200, `and the next one after ${status}`);
  }
});

t.test('the log has none of the secrets, at its loudest', async (t) => {
  const number = '+79525550134';
  const token = `klf_${'A'.repeat(43)}`;
  await api('POST', lines, { ...named('x'), number });
  await api('POST', lines, { ...named('x'), number: '+7952555' });
  await api('GET', `/v1/lines?number=${encodeURIComponent(number)}`);
  await api('GET', `/cal/${token}/feed.ics`);
  await api('GET', `/v1/${token}`);
  await service.as('klk_wrong-key-of-somebody-0123456789')('GET', users);
  const { store, log } = service.app;
  const { get } = store.lines;
  Object.assign(store.lines, { get: () => Promise.reject(new Error(`${number} ${token} ${ADMIN} kaput`)) });
  t.equal((await api('GET', `/v1/lines/${alice.line}`)).statusCode, 500);
  Object.assign(store.lines, { get });
  log.info({ number, token, headers: { authorization: ADMIN }, nested: { key: alice.write } }, 'careless');
  const all = service.lines.join('');
  t.match(all, 'kaput');
  t.match(all, '"route":"/v1/users/:user/lines"', 'requests are told by their route');
  t.notMatch(all, bob.id, 'and not by their address');
  const secrets = [
    ADMIN,
    alice.write,
    alice.read,
    bob.write,
    number,
    number.slice(1),
    token,
    'klk_wrong',
    service.app.secret,
  ];
  for (const secret of secrets) t.notOk(all.includes(secret), secret.slice(0, 8));
  t.notMatch(all, /klk_[\w-]{20}/);
});

t.test('silent is silent', async (t) => {
  const quiet = await serve(t, { level: 'silent' });
  await quiet.as(ADMIN)('GET', users);
  t.same(quiet.lines, []);
});
