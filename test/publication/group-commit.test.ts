/** Many publications read at once, and in one transaction: all stand, and one that fails takes no other with it. */
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import t from 'tap';
import { groupCommit } from '../../src/publication/group-commit.ts';
import { batchedReader } from '../../src/publication/read.ts';
import { openStore } from '../../src/store/store.ts';
import type { Queries, Store } from '../../src/store/types.ts';
import { anna, newFeed, onEachEngine } from '../support/stores.ts';

const publication = (feed: string, body = 'body') => ({
  feed,
  revision: 1,
  release: 1,
  stale_at: null,
  etag: '"tag"',
  changed_at: '2026-01-01T00:00:00.000Z',
  hash: 'hash',
  body,
  gzip: null,
  items: [],
});

/** Makes of what is published of a feed what cannot be read, as a failing disk may. */
async function damage(url: string, feed: string) {
  const text = `update publications set items = '{' where feed = '${feed}'`;
  if (url.startsWith('sqlite:')) {
    const file = new Sqlite(url.slice('sqlite:'.length));
    file.exec(text);
    file.close();
    return;
  }
  const client = new pg.Client(url);
  await client.connect();
  await client.query(text);
  await client.end();
}

await onEachEngine(t, async (t, engine) => {
  const url = await engine.url();
  const store = await openStore({ url });
  t.teardown(() => store.close());
  const ids: string[] = [];
  for (let count = 0; count < 60; count += 1) {
    const { id } = await store.write(null, async (q) => {
      const user = await q.users.create(anna);
      return q.feeds.create(newFeed(user.id), `digest-${count}`);
    });
    ids.push(id);
  }
  let writes = 0;
  const countedOf = ({ engine, write }: Store) => ({
    engine,
    write: <T>(owner: string | null, fn: (q: Queries) => Promise<T>) => {
      writes += 1;
      return write(owner, fn);
    },
  });
  const counted = countedOf(store);

  await t.test('in few transactions', async (t) => {
    const publish = groupCommit(counted);
    const results = await Promise.all(ids.map((id) => publish(publication(id), 0)));
    t.equal(results.filter(({ published }) => published).length, ids.length);
    t.equal(writes, 2, 'fifty at most in one');
    for (const id of ids) t.equal((await store.publications.get(id))?.version, 1);
    const again = await Promise.all([publish(publication('gone'), 0), publish(publication(ids[0] ?? ''), 0)]);
    t.match(again, [
      { published: false, publication: null },
      { published: false, publication: { version: 1 } },
    ]);
  });

  await t.test('one that fails is told, and the others stand', async (t) => {
    const publish = groupCommit(counted);
    const [one = '', bad = '', other = ''] = ids;
    const results = await Promise.allSettled([
      publish(publication(one, 'new'), 1),
      publish(publication(bad, 'a NUL: \0'), 1),
      publish(publication(other, 'new'), 1),
    ]);
    t.same(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    const bodies = await Promise.all([one, bad, other].map((id) => store.publications.get(id)));
    t.same(
      bodies.map((stands) => stands?.body),
      ['new', 'body', 'new'],
    );
  });

  await t.test('one that cannot be read is told, and the others are read', async (t) => {
    let snapshots = 0;
    const read = batchedReader({
      engine: store.engine,
      snapshot: (fn) => {
        snapshots += 1;
        return store.snapshot(fn);
      },
    });
    const [one = '', damaged = '', other = ''] = ids.slice(10);
    const all = await Promise.all([one, damaged, other, 'feed_gone'].map(read));
    t.same(
      all.map((found) => found?.feed.id),
      [one, damaged, other, undefined],
    );
    t.equal(snapshots, 1);
    await damage(url, damaged);
    const results = await Promise.allSettled([one, damaged, other, 'feed_gone'].map(read));
    t.match(results, [
      { status: 'fulfilled', value: { feed: { id: one } } },
      { status: 'rejected', reason: SyntaxError },
      { status: 'fulfilled', value: { feed: { id: other } } },
      { status: 'fulfilled', value: null },
    ]);
  });

  await t.test('where the database is away, all are told at once', async (t) => {
    const away = await openStore({ url: await engine.url() });
    await away.close();
    const publish = groupCommit(countedOf(away));
    writes = 0;
    const results = await Promise.allSettled(ids.slice(0, 3).map((id) => publish(publication(id), 0)));
    t.match(results, Array(3).fill({ status: 'rejected', reason: { code: 'unavailable' } }));
    t.equal(writes, 1, 'and none waits for it again');
  });

  if (engine.name === 'sqlite') {
    await t.test('where another process holds the file, too', async (t) => {
      const other = new Sqlite(url.slice('sqlite:'.length));
      other.exec('begin immediate');
      const publish = groupCommit(counted);
      writes = 0;
      const results = await Promise.allSettled(ids.slice(0, 3).map((id) => publish(publication(id), 1)));
      other.close();
      t.match(results, Array(3).fill({ status: 'rejected', reason: { code: 'busy' } }));
      t.equal(writes, 1);
    });
    return;
  }
  await t.test('where one person is held, the others stand', async (t) => {
    const [one = '', held = '', other = ''] = ids.slice(3);
    const owner = (await store.feeds.get(held))?.user ?? '';
    const client = new pg.Client(url);
    await client.connect();
    await client.query('begin');
    await client.query('select from users where id = $1 for update', [owner]);
    const publish = groupCommit(store);
    const results = await Promise.allSettled(
      [one, held, other].map((id) => publish(publication(id, 'new'), 1)),
    );
    await client.end();
    t.same(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
  });
});
