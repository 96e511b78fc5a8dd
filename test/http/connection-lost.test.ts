/** A connection to PostgreSQL that is lost in the middle of a transaction ends neither the service nor what it said. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import t from 'tap';
import { cutting } from '../support/cutting.ts';
import { eventually } from '../support/eventually.ts';
import { startPostgres } from '../support/postgres.ts';
import { sendFile } from './multipart.ts';
import { addPerson, roubles, serve } from './service.ts';

const postgres = await startPostgres();
t.teardown(() => postgres.stop());

await t.test('all connections are ended while a transaction has one', async (t) => {
  const url = await postgres.database();
  const service = await serve(t, { environment: { DATABASE_URL: url } });
  const { store } = service.app;
  const writing = store.write(null, async (q) => {
    await q.users.create({ name: 'Anna', locale: 'en', time_zone: 'UTC' });
    const client = new pg.Client(url);
    await client.connect();
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'keepline'",
    );
    await client.end();
    // The word of it comes between two statements, when nobody waits for one.
    await sleep(200);
    return q.users.list({ limit: 1, after: null });
  });
  await t.rejects(writing);
  const isReady = async () => (await service.as(null)('GET', '/readyz')).statusCode === 200;
  t.ok(await eventually(isReady), 'it comes back by itself');
  t.same((await store.users.list({ limit: 9, after: null })).items, [], 'nothing half-done');
});

await t.test('proofs whose arrival an outage has broken off leave nothing for long', async (t) => {
  const own = await startPostgres();
  t.teardown(() => own.stop());
  const service = await serve(t, { environment: { DATABASE_URL: await own.database() } });
  const anna = await addPerson(service, 'Anna');
  const api = service.as(anna.write);
  const paid = { paid_at: '2026-03-01', amount: roubles('300'), channel: 'app' };
  const { id } = (await api('POST', `/v1/lines/${anna.line}/payments`, paid)).json();
  const { proofs, store } = service.app;
  const put = proofs.put;
  let isOut = false;
  // Between their rows and their files.
  proofs.put = async (...given) => {
    if ((await store.proofs.arriving()).length === 10 && !isOut) {
      isOut = true;
      await own.kill();
    }
    await eventually(() => isOut);
    return put(...given);
  };
  const send = (key: string) => sendFile(api, id, { bytes: 'receipt' }, '', { 'idempotency-key': key });
  const sent = await Promise.all(Array.from({ length: 10 }, (_, index) => send(`key-${index}`)));
  for (const answer of sent) t.equal(answer.statusCode, 503);
  proofs.put = put;
  await own.restart();
  await eventually(async () => (await service.as(null)('GET', '/readyz')).statusCode === 200);
  t.equal((await store.proofs.arriving()).length, 10, 'what cannot be taken back yet');
  t.equal((await send('key-0')).statusCode, 201, 'does not take the place of the next');
  t.equal((await store.proofs.arriving()).length, 0);
  await proofs.sweep();
  const files = readdirSync(join(service.folder, 'proofs'), { recursive: true, withFileTypes: true });
  t.equal(files.filter((file) => file.isFile()).length, 1, 'nor do their files stay');
});

await t.test('a proof that was kept stays, though the word of it was lost', async (t) => {
  const way = await cutting(await postgres.database());
  t.teardown(() => way.close());
  const service = await serve(t, { environment: { DATABASE_URL: way.url } });
  const anna = await addPerson(service, 'Anna');
  const api = service.as(anna.write);
  const paid = { paid_at: '2026-03-01', amount: roubles('300'), channel: 'app' };
  const { id } = (await api('POST', `/v1/lines/${anna.line}/payments`, paid)).json();
  const send = () => sendFile(api, id, { bytes: 'receipt 300' }, '', { 'idempotency-key': 'one' });
  way.arm(/update "proofs"/);
  t.equal((await send()).statusCode, 503, 'what became of it is not known');
  const again = await send();
  t.equal(again.statusCode, 201, again.body);
  const { items } = (await api('GET', `/v1/payments/${id}/proofs`)).json();
  t.match(items, [{ id: again.json().id }]);
  t.equal((await api('GET', `/v1/proofs/${again.json().id}/file`)).body, 'receipt 300');
});
