/** `Idempotency-Key` on every POST. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyRequest } from 'fastify';
import t from 'tap';
import { digestOf } from '../../src/http/idempotency.ts';
import { thisNode } from '../../src/lib/node.ts';
import { markOf, NOBODY } from '../support/marks.ts';
import { ADMIN, addPerson, call, cast, serve } from './service.ts';

const service = await serve(t);
const { alice, bob } = await cast(service);
const api = service.as(alice.write);
const records = `/v1/lines/${alice.line}/records`;
const known = (key: string) => ({ 'idempotency-key': key });
const count = async () => (await api('GET', `${records}?limit=200`)).json().items.length;

t.test('the same request is done once and answered alike', async (t) => {
  const before = await count();
  const first = await api('POST', records, call('2026-03-01'), known('a'));
  const again = await api(
    'POST',
    records,
    Object.fromEntries(Object.entries(call('2026-03-01')).reverse()),
    known('a'),
  );
  t.equal(again.statusCode, 201);
  t.equal(again.body, first.body, 'the same bytes, whatever the order of its fields');
  t.equal(again.headers['idempotent-replayed'], 'true');
  t.equal(again.headers['content-type'], first.headers['content-type']);
  t.equal(await count(), before + 1);
  await api('POST', records, call('2026-03-01'));
  t.equal(await count(), before + 2, 'without a key it is another');
});

t.test('it holds for a key, a route and 24 hours', async (t) => {
  const before = await count();
  await api('POST', records, call('2026-03-02'), known('b'));
  await service.as(ADMIN)('POST', records, call('2026-03-02'), known('b'));
  t.equal(await count(), before + 2, 'another caller has keys of their own');
  const elsewhere = await service.as(bob.write)(
    'POST',
    `/v1/lines/${bob.line}/records`,
    call('2026-03-02'),
    known('b'),
  );
  t.notOk(elsewhere.headers['idempotent-replayed']);
  service.setNow('2026-03-16T11:59:00.000Z');
  await service.app.store.write(null, (q) => q.sweep());
  await api('POST', records, call('2026-03-02'), known('b'));
  t.equal(await count(), before + 2, 'and no sweep takes it before');
  service.setNow('2026-03-16T12:01:00.000Z');
  await api('POST', records, call('2026-03-02'), known('b'));
  t.equal(await count(), before + 3);
});

t.test('a clock that was ahead and is right again leaves no key shut', async (t) => {
  const before = await count();
  service.setNow('2031-03-16T12:00:00.000Z');
  await api('POST', records, call('2026-03-03'), known('ahead'));
  service.setNow('2026-03-16T12:01:00.000Z');
  t.equal((await api('POST', records, call('2026-03-04'), known('ahead'))).statusCode, 201);
  t.equal(await count(), before + 2);
});

t.test('many at once: one is done, the others hear so', async (t) => {
  const before = await count();
  const all = await Promise.all(
    Array.from({ length: 8 }, () => api('POST', records, call('2026-03-03'), known('c'))),
  );
  t.ok(
    all.every(({ statusCode }) => statusCode === 201 || statusCode === 409),
    `${all.map((a) => a.statusCode)}`,
  );
  t.equal(new Set(all.filter((a) => a.statusCode === 201).map((a) => a.body)).size, 1);
  const refused = all.find(({ statusCode }) => statusCode === 409);
  if (refused)
    t.match(refused.json(), { code: 'request_in_flight', errors: [{ pointer: '/idempotency-key' }] });
  t.equal(await count(), before + 1);
});

t.test('what was refused may be mended and sent again under its key', async (t) => {
  t.equal((await api('POST', records, call('2030-01-01'), known('d'))).statusCode, 422);
  t.equal((await api('POST', records, call('2026-03-04'), known('d'))).statusCode, 201);
});

t.test('in flight: 409; a process that died does not block it for ever', async (t) => {
  const body = call('2026-03-05');
  const keys = (await api('GET', `/v1/users/${alice.id}/keys`)).json().items as {
    id: string;
    scope: string;
  }[];
  const key = keys.find(({ scope }) => scope === 'write')?.id as string;
  const digest = digestOf({ body, query: {} } as FastifyRequest);
  const begin = (idempotency_key: string, node?: string) =>
    service.app.store.write(null, (q) =>
      q.idempotency.begin({ key, route: `POST ${records}`, idempotency_key }, digest, node),
    );
  await begin('e');
  for (const [node, status] of [
    [markOf(NOBODY), 201],
    [markOf(process.ppid), 409],
    [`elsewhere/${NOBODY}/unknown`, 409],
    [thisNode(), 409],
  ] as const) {
    await begin(node, node);
    t.equal((await api('POST', records, body, known(node))).statusCode, status, node);
  }
  const blocked = await api('POST', records, body, known('e'));
  t.match(blocked.json(), { status: 409, code: 'request_in_flight' });
  t.match(blocked.headers['retry-after'], /^\d+$/);
  service.setNow('2026-03-16T12:03:00.000Z');
  t.equal((await api('POST', records, body, known('e'))).statusCode, 201, 'a minute later it is taken over');
});

t.test('a key’s secret is replayed to its maker and stands nowhere in the database', async (t) => {
  const keys = `/v1/users/${alice.id}/keys`;
  const first = await api('POST', keys, { scope: 'read', name: 'screen' }, known('f'));
  const again = await api('POST', keys, { scope: 'read', name: 'screen' }, known('f'));
  t.equal(again.json().secret, first.json().secret);
  await service.app.store.write(null, (q) => q.sweep());
  for (const file of ['keepline.db', 'keepline.db-wal']) {
    const bytes = readFileSync(join(service.folder, file)).toString('latin1');
    t.notMatch(bytes, first.json().secret.slice(4), file);
    t.notOk(bytes.includes(alice.write.slice(4)), file);
  }
});

t.test('what is erased comes back through no key', async (t) => {
  for (const key of [alice.write, ADMIN]) {
    const as = service.as(key);
    const fresh = { rule: 'ru/t2/prepaid', label: 'Erased' };
    const { id } = (await as('POST', `/v1/users/${alice.id}/lines`, fresh)).json();
    const ask = () => as('POST', `/v1/lines/${id}/simulations`, { add: [call('2026-01-01')] }, known(id));
    t.equal((await ask()).statusCode, 200);
    t.equal((await ask()).headers['idempotent-replayed'], 'true');
    await as('DELETE', `/v1/lines/${id}`);
    t.equal((await ask()).statusCode, 404);
  }
});

t.test('what a sheet was told of an erased line comes back through no key', async (t) => {
  const person = await addPerson(service, 'Sheets');
  const own = service.as(person.write);
  const url = `/v1/users/${person.id}/lines`;
  const { id } = (
    await own('POST', url, { rule: 'ru/t2/prepaid', label: 'Mine', number: '+79991234567' })
  ).json();
  const send = () =>
    own(
      'POST',
      `/v1/users/${person.id}/import?sheet=topups`,
      'line,at,amount\n+79991234567,2026-03-01,QUOTED\n',
      {
        'content-type': 'text/csv',
        ...known('sheet'),
      },
    );
  t.match((await send()).json().errors, [{ detail: /QUOTED/ }]);
  t.equal((await send()).headers['idempotent-replayed'], 'true');
  await own('DELETE', `/v1/lines/${id}`);
  const again = await send();
  t.equal(again.headers['idempotent-replayed'], undefined);
  t.notMatch(again.body, 'QUOTED');
});

t.test('a feed that was revoked comes back through no key', async (t) => {
  const feeds = `/v1/users/${alice.id}/feeds`;
  const first = (await api('POST', feeds, { name: 'Mine' }, known('feed'))).json();
  t.equal((await api('DELETE', `/v1/feeds/${first.id}`)).statusCode, 204);
  const again = await api('POST', feeds, { name: 'Mine' }, known('feed'));
  t.equal(again.headers['idempotent-replayed'], undefined);
  t.not(again.json().id, first.id);
});

t.test('a number that is kept is not read anew', async (t) => {
  const given = { rule: 'by/mts/prepaid', label: 'Minsk', number: '08123456466' };
  const made = await api('POST', `/v1/users/${alice.id}/lines`, given);
  if (made.statusCode === 201) {
    const { id, number } = made.json();
    t.equal((await api('PATCH', `/v1/lines/${id}`, { label: 'y' })).json().number, number);
    t.equal((await api('PATCH', `/v1/lines/${id}`, { number })).json().number, number, 'nor given again');
  } else t.equal(made.statusCode, 422);
});

t.test('simulations and imports take it too', async (t) => {
  const simulation = { rule: 'ru/t2/prepaid', records: [call('2026-01-01')], as_of: '2026-01-02' };
  const one = await api('POST', '/v1/simulations', simulation, known('g'));
  const two = await api('POST', '/v1/simulations', simulation, known('g'));
  t.equal(two.body, one.body);
  t.equal(two.headers['idempotent-replayed'], 'true');
  t.match((await api('POST', '/v1/simulations', { ...simulation, as_of: '2026-01-03' }, known('g'))).json(), {
    code: 'idempotency_key_reused',
  });
  const ndjson = { 'content-type': 'application/x-ndjson', ...known('h') };
  const row = (at: string) => JSON.stringify({ object: 'record', line: alice.line, ...call(at) });
  const imported = await api('POST', '/v1/import', row('2026-03-06'), ndjson);
  t.match(imported.json(), { records: { made: 1 } });
  const repeated = await api('POST', '/v1/import', row('2026-03-06'), ndjson);
  t.equal(repeated.body, imported.body, 'replayed, not counted anew');
  t.match((await api('POST', '/v1/import', row('2026-03-07'), ndjson)).json(), {
    code: 'idempotency_key_reused',
  });
});
