/** What one node remembers may be served unasked only while no other has acknowledged a change, on PostgreSQL. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import t, { type Test } from 'tap';
import { createSnapshotLease } from '../../src/store/snapshot-lease.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/types.ts';
import { startPostgres } from '../support/postgres.ts';
import { anna, boris, newFeed } from '../support/stores.ts';

const postgres = await startPostgres();
t.teardown(() => postgres.stop());

/** Two nodes on a database of their own: one writes, the other is asked. */
async function nodes(t: Test, prepare: (client: pg.Client) => Promise<unknown> = async () => undefined) {
  const url = await postgres.database();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await prepare(client);
  const [writer, reader] = [await openStore({ url }), await openStore({ url })];
  const changes: (readonly string[] | null)[] = [];
  reader.onChange(({ addresses }) => changes.push(addresses));
  t.teardown(async () => {
    await Promise.all([writer.close(), reader.close(), client.end()]);
  });
  const user = (await writer.write(null, (q) => q.users.create(anna))).id;
  const feed = (await writer.write(null, (q) => q.feeds.create(newFeed(user), 'token'))).id;
  return { url, client, writer, reader, user, feed, changes, told: () => changes.length };
}

/** Asks as often as fetches do, until what is known holds; false where it does not within a second. */
async function asked({ serving }: Store): Promise<boolean> {
  const until = performance.now() + 1_000;
  while (performance.now() < until) {
    if (serving.isMemoryCurrent()) return true;
    await sleep(1);
  }
  return false;
}

t.test('what is known holds while nothing is written, and no longer unasked', async (t) => {
  const { reader, told } = await nodes(t);
  t.notOk(reader.serving.isMemoryCurrent(), 'nobody has asked yet');
  t.ok(await asked(reader));
  const before = told();
  await sleep(30);
  t.notOk(reader.serving.isMemoryCurrent(), 'too long ago');
  t.ok(await asked(reader));
  t.equal(told(), before, 'and nothing had been written');
});

t.test(
  'who is asked after a change was acknowledged has been told, or does not trust what it knows',
  async (t) => {
    const { writer, reader, user, told } = await nodes(t);
    let trusted = 0;
    for (let round = 0; round < 60; round += 1) {
      if (await asked(reader)) trusted += 1;
      const before = told();
      await writer.write(user, (q) => q.users.update(user, { name: `Anna ${round}` }));
      if (told() === before)
        t.notOk(reader.serving.isMemoryCurrent(), `round ${round}: it trusts what is no more so`);
      t.ok(await asked(reader));
      t.ok(told() > before, 'it is told before it trusts again');
    }
    t.equal(trusted, 60);
  },
);

t.test('it is told which addresses have changed, whoever has changed them', async (t) => {
  const { client, writer, reader, user, changes } = await nodes(t);
  await writer.write(null, async (q) => q.feeds.create(newFeed((await q.users.create(boris)).id), 'another'));
  t.ok(await asked(reader));
  t.same(changes, [null], 'any, when it is told for the first time');
  await writer.write(user, (q) => q.users.update(user, { name: 'Ann' }));
  t.ok(await asked(reader));
  t.same(changes.splice(0), [null, ['token']]);
  await writer.write(null, (q) => q.settings.set('x', 'y'));
  t.ok(await asked(reader));
  t.same(changes.splice(0), [], 'not of a write that changes none');

  // A transaction that takes long, of a node that knows nothing of all this.
  await client.query('begin');
  await client.query("update serving set locale = 'en' where digest = 'another'");
  t.ok(await asked(reader));
  await writer.write(user, (q) => q.users.update(user, { name: 'Anna' }));
  t.ok(await asked(reader));
  t.same(changes.splice(0), [['token']], 'not before it is committed');
  await client.query('commit');
  await sleep(15);
  t.ok(await asked(reader));
  t.same(changes.splice(0), [['another']], 'though it began before what was told last');

  await client.query(`
    insert into serving (digest, feed, locale) select 'many-' || i, 'feed-' || i, 'en'
    from generate_series(1, 10001) i`);
  await client.query("update serving set locale = 'ru' where digest <= 'many-9' or digest = 'token'");
  await sleep(15);
  t.ok(await asked(reader));
  t.ok((changes.splice(0)[0]?.length ?? 0) > 8_000);
  await client.query("update serving set locale = 'ru' where digest like 'many-%'");
  await sleep(15);
  t.ok(await asked(reader));
  t.same(changes.splice(0), [null], 'any, if very many have changed');
});

t.test('what came with a backup from another server does not seem to change without end', async (t) => {
  const { url, client, writer, changes, reader } = await nodes(t);
  await client.query('alter table serving disable trigger serving_change');
  await client.query('update serving set changed = 1000000000000');
  await client.query('alter table serving enable trigger serving_change');
  const other = await openStore({ url });
  t.teardown(() => other.close());
  t.ok(await asked(reader));
  changes.length = 0;
  for (let round = 0; round < 3; round += 1) {
    await writer.write(null, (q) => q.settings.set('x', `${round}`));
    t.ok(await asked(reader));
  }
  t.same(changes, []);
});

t.test('another server is not compared with', async (t) => {
  let server = 'one';
  const told: unknown[] = [];
  const lease = createSnapshotLease(async (since) => ({ server, text: '1:1:', changes: since ? [] : null }));
  lease.onCommit((changes) => told.push(changes));
  const asked = async () => {
    for (let i = 0; i < 20 && !lease.isValid(); i += 1) await sleep(1);
    return lease.isValid();
  };
  t.ok(await asked());
  await sleep(15);
  t.ok(await asked());
  t.same(told, [null]);
  server = 'two';
  await sleep(15);
  t.ok(await asked());
  t.same(told, [null, null], 'whatever it says');
});

t.test('what was seen by a connection that is gone is not compared with', async (t) => {
  const { client, reader, told } = await nodes(t);
  t.ok(await asked(reader));
  const before = told();
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'keepline' and pid <> pg_backend_pid()",
  );
  await sleep(30);
  t.ok(await asked(reader), 'another connection asks');
  t.ok(told() > before, 'and what was known is looked up anew, though nothing was written');
});

t.test('a database whose snapshots may not tell of all commits is never trusted', async (t) => {
  const citus = (client: pg.Client) =>
    client.query("create function citus_version() returns text language sql as $$ select 'Citus' $$");
  const { reader, writer, user } = await nodes(t, citus);
  t.notOk(await asked(reader));
  t.ok(await writer.write(user, (q) => q.users.update(user, { name: 'Anna' })), 'it is written and read');
  t.match(await reader.serving.feedByToken('token'), { user });
});
