/** Who may do what: every route with every kind of key, and what belongs to others. */
import t from 'tap';
import { multipart, sendFile } from './multipart.ts';
import { ADMIN, addPerson, cast, serve } from './service.ts';

const service = await serve(t);
const { alice, bob, charlie } = await cast(service);
const admin = service.as(ADMIN);

const payments = new Map<string, string>();
const proofs = new Map<string, string>();
for (const { line, write } of [alice, bob, charlie]) {
  const paid = { paid_at: '2026-03-01', amount: { amount: '100', currency: 'RUB' }, channel: 'app' };
  const made = await service.as(write)('POST', `/v1/lines/${line}/payments`, paid);
  payments.set(line, made.json().id);
  const sent = await sendFile(service.as(write), made.json().id, { bytes: 'a receipt' });
  proofs.set(line, sent.json().id);
}

type Route = {
  method: string;
  url: string;
  scope: 'read' | 'write' | 'admin';
  ndjson?: true;
  file?: true;
  csv?: true;
  own?: true;
};

/** Every route with the things of a person in it; `own`: it stands for whoever asks. */
function routesOf(person: { id: string; line: string; feed: string }): Route[] {
  const user = `/v1/users/${person.id}`;
  const feed = `/v1/feeds/${person.feed}`;
  const line = `/v1/lines/${person.line}`;
  const payment = `/v1/payments/${payments.get(person.line) ?? '{payment}'}`;
  const proof = `/v1/proofs/${proofs.get(person.line) ?? '{proof}'}`;
  const read = (url: string, own?: true): Route => ({ method: 'GET', url, scope: 'read', own });
  return [
    read('/v1/carriers', true),
    read('/v1/carriers/ru/t2', true),
    read('/v1/rules', true),
    read('/v1/rules/ru/t2/prepaid', true),
    read('/v1/rules/ru/t2/prepaid/contradictions', true),
    read('/v1/users', true),
    read(user),
    read(`${user}/keys`),
    read(`${user}/lines`),
    read(`${user}/agenda`),
    read(`${user}/export`),
    read(line),
    read(`${line}/records`),
    read(`${line}/timeline`),
    read(`${line}/payments`),
    read(payment),
    read(`${payment}/proofs`),
    read(proof),
    read(`${proof}/file`),
    read(`${line}/plan`),
    read(`${line}/dossier`),
    read(`${line}/agenda`),
    read(`${user}/feeds`),
    read(feed),
    read(`${feed}/health`),
    read('/v1/feeds', true),
    read('/v1/deadlines', true),
    read('/v1/export', true),
    { method: 'POST', url: '/v1/simulations', scope: 'read', own: true },
    { method: 'POST', url: `${line}/simulations`, scope: 'read' },
    { method: 'POST', url: '/v1/users', scope: 'admin', own: true },
    { method: 'POST', url: '/v1/rules/preview', scope: 'admin', own: true },
    { method: 'POST', url: '/v1/rules/reload', scope: 'admin', own: true },
    { method: 'POST', url: '/v1/import', scope: 'write', ndjson: true, own: true },
    { method: 'PATCH', url: user, scope: 'write' },
    { method: 'POST', url: `${user}/import?sheet=lines`, scope: 'write', csv: true },
    { method: 'POST', url: `${user}/keys`, scope: 'write' },
    { method: 'POST', url: `${user}/lines`, scope: 'write' },
    { method: 'PATCH', url: line, scope: 'write' },
    { method: 'POST', url: `${line}/records`, scope: 'write' },
    { method: 'POST', url: `${line}/payments`, scope: 'write' },
    { method: 'PATCH', url: payment, scope: 'write' },
    { method: 'POST', url: `${payment}/proofs`, scope: 'write', file: true },
    { method: 'DELETE', url: proof, scope: 'write' },
    { method: 'POST', url: `${payment}/confirm`, scope: 'write' },
    { method: 'POST', url: `${payment}/fail`, scope: 'write' },
    { method: 'POST', url: `${payment}/reopen`, scope: 'write' },
    { method: 'POST', url: `${payment}/refund`, scope: 'write' },
    { method: 'POST', url: `${payment}/cancel`, scope: 'write' },
    { method: 'POST', url: `${user}/feeds`, scope: 'write' },
    { method: 'PATCH', url: feed, scope: 'write' },
    { method: 'POST', url: `${feed}/rotate`, scope: 'write' },
    { method: 'DELETE', url: feed, scope: 'write' },
    { method: 'DELETE', url: line, scope: 'write' },
    { method: 'DELETE', url: user, scope: 'write' },
  ];
}

const send = (key: string | null, { method, url, ndjson, file, csv }: Route) => {
  if (csv) return service.as(key)(method, url, 'rule,label\n', { 'content-type': 'text/csv' });
  if (file) {
    const { body, headers } = multipart({ bytes: 'a receipt' });
    return service.as(key)(method, url, body, headers);
  }
  const body = ndjson ? '' : method === 'POST' || method === 'PATCH' ? {} : undefined;
  return service.as(key)(method, url, body, ndjson ? { 'content-type': 'application/x-ndjson' } : {});
};

const described = Object.entries(service.server.swagger().paths ?? {}).flatMap(([path, methods]) =>
  Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
);

t.test('the matrix leaves no route out', async (t) => {
  const covered = routesOf({ id: '{user}', line: '{line}', feed: '{feed}' }).map(({ method, url }) => {
    const path = url
      .replace(/ru\/t2\/prepaid/, '{country}/{carrier}/{rule}')
      .replace('?sheet=lines', '')
      .replace(/ru\/t2$/, '{country}/{carrier}');
    return `${method} ${path}`;
  });
  const elsewhere = described.filter((route) => route !== 'DELETE /v1/keys/{key}');
  t.same(covered.sort(), elsewhere.sort());
});

t.test('without a key', async (t) => {
  for (const route of routesOf(alice))
    t.equal((await send(null, route)).statusCode, 401, `${route.method} ${route.url}`);
});

t.test('a read key reads, and does nothing else', async (t) => {
  for (const route of routesOf(alice)) {
    const { statusCode } = await send(alice.read, route);
    const expected = route.scope !== 'read' ? 403 : route.method === 'POST' && route.own ? 422 : 200;
    t.equal(statusCode, expected, `${route.method} ${route.url}`);
  }
});

t.test('a write key does all but what takes an admin', async (t) => {
  for (const route of routesOf(alice)) {
    if (route.method === 'DELETE') continue;
    const { statusCode } = await send(alice.write, route);
    t.equal(statusCode === 403, route.scope === 'admin', `${route.method} ${route.url}: ${statusCode}`);
    t.not(statusCode, 404);
  }
});

t.test("another's things do not exist, whatever one tries", async (t) => {
  for (const key of [charlie.write, charlie.read]) {
    for (const route of routesOf(alice)) {
      if (route.own) continue;
      const { statusCode, body } = await send(key, route);
      const refused = key === charlie.read && route.scope === 'write' ? 403 : 404;
      const formFirst = statusCode === 422 && ['POST'].includes(route.method);
      t.ok(statusCode === refused || formFirst, `${route.method} ${route.url}: ${statusCode}`);
      t.notMatch(body, /Alice/);
    }
  }
  const good = { rule: 'ru/t2/prepaid', label: 'mine now' };
  const call = { type: 'activity', at: '2026-03-01', kind: 'call', direction: 'outgoing' };
  t.equal((await service.as(charlie.write)('POST', `/v1/users/${alice.id}/lines`, good)).statusCode, 404);
  t.equal((await service.as(charlie.write)('POST', `/v1/lines/${alice.line}/records`, call)).statusCode, 404);
  t.equal(
    (await service.as(charlie.write)('POST', `/v1/users/${alice.id}/keys`, { scope: 'read', name: 'x' }))
      .statusCode,
    404,
  );
  t.equal((await admin('GET', `/v1/users/${alice.id}`)).json().name, 'Alice', 'and all is as it was');
});

t.test('lists and exports hold what the key may see', async (t) => {
  const users = (await service.as(bob.read)('GET', '/v1/users')).json();
  t.same(
    users.items.map(({ id }: { id: string }) => id),
    [bob.id],
  );
  const exported = (await service.as(bob.read)('GET', '/v1/export')).body;
  t.match(exported, bob.line);
  t.notMatch(exported, alice.id);
  const all = (await admin('GET', '/v1/export')).body;
  t.ok([alice.id, bob.id, charlie.id].every((id) => all.includes(id)));
});

t.test('keys', async (t) => {
  const made = await service.as(bob.write)('POST', `/v1/users/${bob.id}/keys`, {
    scope: 'read',
    name: 'screen',
  });
  const { id, secret, ...rest } = made.json();
  t.match(secret, /^klk_[\w-]{43}$/);
  t.equal(made.headers['cache-control'], 'no-store');
  t.match(rest, { user: bob.id, scope: 'read', name: 'screen', expires_at: null, last_used_at: null });
  const listed = await service.as(bob.read)('GET', `/v1/users/${bob.id}/keys`);
  t.notMatch(listed.body, secret, 'it is shown once');
  t.equal((await service.as(charlie.write)('DELETE', `/v1/keys/${id}`)).statusCode, 404);
  t.equal((await service.as(secret)('DELETE', `/v1/keys/${id}`)).statusCode, 403);
  t.equal((await service.as(bob.write)('DELETE', `/v1/keys/${id}`)).statusCode, 204);
  t.equal((await service.as(secret)('GET', '/v1/users')).statusCode, 401, 'it has stopped at once');
  t.equal((await service.as(bob.write)('DELETE', `/v1/keys/${id}`)).statusCode, 404);
});

t.test('a key that ends, and makes none that outlives it', async (t) => {
  const keys = `/v1/users/${bob.id}/keys`;
  const ends = '2026-03-15T13:00:00.000Z';
  const short = (
    await service.as(bob.write)('POST', keys, { scope: 'write', name: 'short', expires_at: ends })
  ).json();
  const longer = await service.as(short.secret)('POST', keys, {
    scope: 'read',
    name: 'x',
    expires_at: '2027-01-01T00:00:00Z',
  });
  t.match(longer.json().errors, [{ pointer: '/expires_at', detail: /later than the end of the key/ }]);
  const same = await service.as(short.secret)('POST', keys, { scope: 'read', name: 'x' });
  t.equal(same.json().expires_at, ends);
  service.setNow('2026-03-15T12:59:59.999Z');
  t.equal((await service.as(short.secret)('GET', '/v1/users')).statusCode, 200);
  service.setNow(ends);
  t.match((await service.as(short.secret)('GET', '/v1/users')).json(), { code: 'key_wrong' });
});

t.test('the admin key is not limited, all others are', async (t) => {
  const limited = await serve(t, { limits: { key: 20, address: 10 } });
  const dora = await addPerson(limited, 'Dora');
  const statuses = async (key: string | null) => {
    const all: number[] = [];
    for (let i = 0; i < 25; i++) all.push((await limited.as(key)('GET', '/v1/rules?limit=1')).statusCode);
    return all.map((status, i) => (status === all[i - 1] ? '' : `${i}: ${status}`)).filter(Boolean);
  };
  t.same(await statuses(ADMIN), ['0: 200']);
  t.same(await statuses(dora.read), ['0: 200', '20: 429']);
  t.same(await statuses(dora.write), ['0: 200', '20: 429'], 'each key for itself');
  t.same(await statuses('klk_wrong'), ['0: 401', '10: 429'], 'whoever guesses, by address');
  const answer = await limited.as(dora.read)('GET', '/v1/rules');
  t.match(answer.json(), { code: 'too_many_requests', status: 429 });
  t.match(answer.headers['retry-after'], /^\d+$/);
});

t.test('the first start makes an admin key and shows it once', async (t) => {
  const first = await serve(t, { environment: { KEEPLINE_ADMIN_KEY: '' } });
  t.equal(first.printed.length, 1);
  const key = /klk_[\w-]{43}/.exec(first.printed[0] as string)?.[0] as string;
  t.equal((await first.as(key)('GET', '/v1/users')).statusCode, 200);
  t.equal((await first.as(ADMIN)('GET', '/v1/users')).statusCode, 401);
  t.notMatch(first.lines.join(''), key, 'it is not in the log');
  const database = first.app.config.databaseUrl;
  const second = await serve(t, { environment: { KEEPLINE_ADMIN_KEY: '', DATABASE_URL: database } });
  t.same(second.printed, []);
  t.equal((await second.as(key)('GET', '/v1/users')).statusCode, 200);
  t.equal(second.app.secret, first.app.secret, 'the secret is kept in the database');
});
