import { copyFile, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import t from 'tap';
import { EVERYBODY } from '../../src/store/idempotency.ts';
import { openStore } from '../../src/store/store.ts';
import type { Queries, Store } from '../../src/store/types.ts';
import { boris, newFeed, newLine, onEachEngine, temporaryFolder } from '../support/stores.ts';

/** Every value of every row of every table, as one text. */
const everything = async (url: string): Promise<string> => {
  const rows: unknown[] = [];
  if (url.startsWith('sqlite:')) {
    const db = new Sqlite(url.slice('sqlite:'.length), { readonly: true });
    const tables = db
      .prepare<[], { name: string }>("select name from sqlite_master where type = 'table'")
      .all();
    for (const { name } of tables) rows.push(name, db.prepare(`select * from "${name}"`).all());
    db.close();
  } else {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows: tables } = await client.query(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    );
    for (const { name } of tables) rows.push(name, (await client.query(`select * from "${name}"`)).rows);
    await client.end();
  }
  return JSON.stringify(rows);
};

const needle = 'PERSONAL';

/** A person of whom everything is kept that can be, each value marked. */
const settle = async (store: Store, id: string) => {
  const line = `line_${id}`;
  await store.write(null, async (q: Queries) => {
    await q.users.create({ id, name: needle, locale: 'ru', time_zone: 'Europe/Riga', external_id: needle });
    await q.keys.create({ user: id, scope: 'write', name: needle, digest: needle });
    await q.lines.create(newLine(id, { id: line, label: needle, number: needle, facts: { x: needle } }));
    const body = { type: 'status', at: '2026-01-01', stage: 'active', reason: needle } as const;
    await q.records.append(line, [{ body: { ...body, external_id: needle } }]);
    await q.edges.replace(line, 1, [
      { act_by: '2026-04-01', stage: 'lost', lost_on: null, provisional: false },
    ]);
    await q.feeds.create(newFeed(id, { id: `feed_${id}`, name: needle, lines: [line] }), `token ${id}`);
    await q.feeds.noteFetches([{ feed: `feed_${id}`, at: '2026-01-02T00:00:00.000Z', client: needle }]);
    const item = { uid: 'u', line, hash: 'h', sequence: 0, created_at: '', revised_at: '' };
    const made = { revision: 1, release: 1, stale_at: null, etag: 'e', changed_at: 'c', hash: 'h' };
    await q.publications.publish(
      { ...made, feed: `feed_${id}`, body: needle.repeat(2000), gzip: null, items: [item] },
      0,
    );
    const key = (await q.keys.byDigest(needle))!;
    for (const [by, route, about] of [
      ['admin', 'r', { user: id, line }],
      ['admin', 'all', { user: EVERYBODY }],
      [key.id, 'r', { line }],
    ] as const) {
      const claim = await q.idempotency.begin({ key: by, route, idempotency_key: 'i' }, 'digest');
      if (claim.state !== 'begun') throw new Error(claim.state);
      const response = { status: 201, headers: { location: `/${needle}` }, body: needle };
      await q.idempotency.finish(claim.claim, response, about);
    }
  });
  return { line };
};

await onEachEngine(t, async (t, engine) => {
  await t.test('erasing a person leaves a tombstone and nothing of theirs in any table', async (t) => {
    const url = await engine.url();
    const store = await openStore({ url, now: () => Date.parse('2026-03-01T10:00:00Z') });
    const other = await store.write(null, (q) => q.users.create(boris));
    await settle(store, 'user_erased');
    t.ok((await everything(url)).split(needle).length > 2000, 'it was there');
    t.equal(await store.write('user_erased', (q) => q.users.erase('user_erased')), true);
    t.notMatch(await everything(url), needle);
    t.notMatch(await everything(url), '"user_erased"');
    t.match(await store.users.get(other.id), boris, 'others stay');
    t.same(await store.serving.feedByToken('token user_erased'), {
      feed: 'feed_user_erased',
      user: null,
      user_revision: null,
      locale: 'ru',
      expires_at: null,
      revoked_at: '2026-03-01T10:00:00.000Z',
      publication: null,
    });
    const inFiles = async (when: string) => {
      if (engine.name !== 'sqlite') return;
      const folder = path.dirname(url.slice('sqlite:'.length));
      for (const file of await readdir(folder)) {
        t.notOk((await readFile(path.join(folder, file))).includes(needle), `nor in ${file}, ${when}`);
      }
    };
    await inFiles('while it runs');
    await store.close();
    await inFiles('when it has ended');
  });

  await t.test('erasing a line leaves nothing of it; erasing a feed leaves its tombstone', async (t) => {
    const url = await engine.url();
    const store = await openStore({ url });
    t.teardown(() => store.close());
    const { line } = await settle(store, 'user_1');
    t.equal(await store.write('user_1', (q) => q.lines.erase(line)), true);
    const rest = await everything(url);
    t.notMatch(rest, `"${line}"`);
    t.equal(
      rest.split(needle).length - 1,
      7,
      'what is left: name, external id, key twice, feed twice, its clients',
    );
    t.equal(await store.write('user_1', (q) => q.feeds.erase('feed_user_1')), true);
    t.equal(await store.feeds.get('feed_user_1'), null);
    t.equal(await store.publications.get('feed_user_1'), null);
    t.match(await store.feeds.tokens('feed_user_1'), [{ locale: 'ru', revoked_at: String }]);
    t.equal((await everything(url)).split(needle).length - 1, 4);
  });
});

t.test('a proof that is deleted leaves its name in no file', async (t) => {
  const folder = await temporaryFolder(t);
  const store = await openStore({ url: `sqlite:${path.join(folder, 'keepline.db')}` });
  t.teardown(() => store.close());
  const inFiles = async () => {
    const names = await readdir(folder);
    return (await Promise.all(names.map((name) => readFile(path.join(folder, name), 'latin1')))).join();
  };
  await store.write(null, async (q) => {
    const { id: user } = await q.users.create(boris);
    const line = await q.lines.create(newLine(user));
    const body = {
      paid_at: '2026-02-01',
      amount: { amount: '5.00', currency: 'GBP' },
      channel: 'app',
      makes: 'topup',
    } as const;
    const change = { state: 'pending', at: '2026-02-01T00:00:00.000Z', by: 'key_1' } as const;
    const { id: payment } = await q.payments.create({ line: line.id, body }, change);
    await q.proofs.begin({ id: 'proof_1', payment, name: needle, file: 'aa/proof_1', node: 'n' }, 10);
  });
  t.match(await inFiles(), needle);
  t.equal(await store.write(null, (q) => q.proofs.drop('proof_1')), true);
  t.notMatch(await inFiles(), needle);
});

t.test('who was killed between an erasure and its end left a log, which the next start clears', async (t) => {
  const folder = await temporaryFolder(t);
  const file = path.join(folder, 'keepline.db');
  const store = await openStore({ url: `sqlite:${file}` });
  t.teardown(() => store.close());
  await settle(store, 'user_1');
  const filesIn = async (of: string) => {
    const names = await readdir(of);
    return Promise.all(names.map((name) => readFile(path.join(of, name), 'latin1')));
  };
  // While somebody reads what was, the log must keep it.
  const reader = new Sqlite(file, { readonly: true });
  reader.exec('begin');
  reader.prepare('select count(*) from users').get();
  await store.write(null, (q) => q.users.erase('user_1'));
  t.match((await filesIn(folder)).join(), needle);
  const copy = await temporaryFolder(t);
  for (const name of ['keepline.db', 'keepline.db-wal'])
    await copyFile(path.join(folder, name), path.join(copy, name));
  reader.close();
  const next = await openStore({ url: `sqlite:${path.join(copy, 'keepline.db')}` });
  t.teardown(() => next.close());
  t.notMatch((await filesIn(copy)).join(), needle);
});
