/** The same API on PostgreSQL, with two nodes on one database. */
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { startPostgres } from '../support/postgres.ts';
import { ADMIN, addPerson, call, roubles, serve } from './service.ts';

const postgres = await startPostgres();
t.teardown(() => postgres.stop());
const DATABASE_URL = await postgres.database();
const environment = { DATABASE_URL };
const [one, other] = [await serve(t, { environment }), await serve(t, { environment })];
const NDJSON = { 'content-type': 'application/x-ndjson' };

t.test('what one node writes, the other reads', async (t) => {
  const anna = await addPerson(one, 'Anna');
  const there = other.as(anna.write);
  const items = [call('2026-01-01'), { type: 'balance', at: '2026-01-01', amount: roubles('300') }];
  const known = { 'idempotency-key': 'a' };
  const first = await one.as(anna.write)('POST', `/v1/lines/${anna.line}/records`, { items }, known);
  t.equal(first.statusCode, 201);
  const again = await there('POST', `/v1/lines/${anna.line}/records`, { items }, known);
  t.equal(again.body, first.body, 'replayed by the other');
  t.match((await there('GET', `/v1/lines/${anna.line}/timeline`)).json(), {
    stage: 'active',
    act_by: '2026-04-01',
  });
  t.match((await there('GET', '/v1/deadlines')).json().items, [{ line: anna.line, act_by: '2026-04-01' }]);
  t.equal((await there('GET', `/v1/lines/${anna.line}/agenda`)).statusCode, 200);
  t.equal(one.app.secret, other.app.secret, 'the nodes share the secret');

  const exported = (await there('GET', '/v1/export')).body;
  const imported = await one.as(ADMIN)('POST', '/v1/import', exported, NDJSON);
  t.match(imported.json(), { users: { unchanged: 1 }, lines: { unchanged: 1 }, records: { unchanged: 2 } });
  t.equal((await there('DELETE', `/v1/users/${anna.id}`)).statusCode, 204);
  t.equal((await one.as(anna.write)('GET', '/v1/users')).statusCode, 401);
});

t.test(
  'a node that answers calendars from its memory sees at once what the other has acknowledged',
  async (t) => {
    const anna = await addPerson(one, 'Anna');
    const api = one.as(anna.write);
    const made = (await api('POST', `/v1/users/${anna.id}/feeds`, { name: 'First' })).json();
    const address = new URL(made.urls.https).pathname;
    const fetched = () => other.as(null)('GET', address);
    await fetched();
    let isOver = false;
    // Others' fetches, so that the node need not ask for each.
    const load = async () => {
      while (!isOver) {
        await Promise.all([fetched(), fetched(), fetched()]);
        await setTimeout(1);
      }
    };
    const loads = load();
    for (let round = 1; round <= 25; round += 1) {
      await setTimeout(20);
      const name = `Round ${round}`;
      t.equal((await api('PATCH', `/v1/feeds/${made.id}`, { name })).statusCode, 200);
      t.match((await fetched()).body, new RegExp(`X-WR-CALNAME:${name}\\r`));
    }
    isOver = true;
    await loads;
    const metrics = (await other.as(null)('GET', '/metrics')).body;
    const served = Number(/^keepline_calendars_served_total\{from="memory"\} (\d+)$/m.exec(metrics)?.[1]);
    t.ok(served > 25, `${served} came from its memory`);
  },
);

t.test('refusals are the same', async (t) => {
  const bob = await addPerson(one, 'Bob');
  const api = other.as(bob.write);
  const lines = `/v1/users/${bob.id}/lines`;
  const line = { rule: 'ru/t2/prepaid', label: 'x', external_id: 'x' };
  t.equal((await api('POST', lines, line)).statusCode, 201);
  t.match((await api('POST', lines, line)).json(), {
    code: 'external_id_taken',
    errors: [{ pointer: '/external_id' }],
  });
  t.match((await api('POST', lines, { ...line, label: 'a\0b' })).json(), {
    code: 'invalid',
    errors: [{ pointer: '/label' }],
  });
  t.equal((await api('GET', '/v1/lines/x%00')).statusCode, 404);
  t.equal(
    (await api('GET', `${lines}?cursor=${Buffer.from('["2026","x\' or 1=1"]').toString('base64url')}`))
      .statusCode,
    200,
  );
});

t.test('many at once, on both nodes', async (t) => {
  const carol = await addPerson(one, 'Carol');
  const url = `/v1/lines/${carol.line}/records`;
  const all = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      (i % 2 ? one : other).as(carol.write)('POST', url, call(`2026-01-${10 + (i % 20)}`)),
    ),
  );
  t.same([...new Set(all.map(({ statusCode }) => statusCode))], [201]);
  t.equal((await one.as(carol.read)('GET', `${url}?limit=200`)).json().items.length, 40);
});

t.test('a feed that is made beside the deletion of its line names no line that is gone', async (t) => {
  const service = await serve(t, { environment: { DATABASE_URL: await postgres.database() } });
  const anna = await addPerson(service, 'Anna');
  const api = service.as(anna.write);
  for (let round = 0; round < 12; round += 1) {
    const line = (
      await api('POST', `/v1/users/${anna.id}/lines`, { rule: 'ru/t2/prepaid', label: 'x' })
    ).json().id;
    const [made, deleted] = await Promise.all([
      api('POST', `/v1/users/${anna.id}/feeds`, { name: 'Chosen', lines: [line] }),
      api('DELETE', `/v1/lines/${line}`),
    ]);
    t.equal(deleted.statusCode, 204);
    if (made.statusCode === 422) continue;
    t.same((await api('GET', `/v1/feeds/${made.json().id}`)).json().lines, []);
  }
});
