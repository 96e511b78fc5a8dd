/** What a fetch reads is one row, made anew by each write: it must say what the tables say that it is made of. */
import t from 'tap';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/types.ts';
import { ask } from '../support/ask.ts';
import { anna, boris, newFeed, newLine, onEachEngine } from '../support/stores.ts';

const SERVED = `select digest, feed, "user", user_revision, locale, expires_at, revoked_at, version, revision,
  "release", stale_at, etag, changed_at from serving order by digest`;
const MADE_OF = `select t.digest, t.feed, f."user", u.revision as user_revision,
  coalesce(f.locale, u.locale, t.locale, 'en') as locale, t.expires_at, t.revoked_at, p.version, p.revision,
  p."release", p.stale_at, p.etag, p.changed_at
  from feed_tokens t left join feeds f on f.id = t.feed left join users u on u.id = f."user"
  left join publications p on p.feed = t.feed order by t.digest`;

/** All that can happen to addresses, in turn; what is checked after each step. */
async function live(store: Store, check: (after: string, addresses: number) => Promise<void>) {
  const write = store.write;
  const [one, other] = await write(null, async (q) => [
    (await q.users.create(anna)).id,
    (await q.users.create(boris)).id,
  ]);
  const feed = await write(one as string, (q) => q.feeds.create(newFeed(one as string), 'first'));
  const second = await write(other as string, (q) => q.feeds.create(newFeed(other as string), 'second'));
  await check('feeds are made', 2);
  const publication = {
    feed: feed.id,
    revision: 9,
    release: 3,
    stale_at: '2026-04-01T00:00:00.000Z',
    etag: '"a"',
    changed_at: '2026-03-01T10:00:00.000Z',
    hash: 'h',
    body: 'BEGIN',
    gzip: Buffer.from('gzip'),
    items: [],
  };
  await write(null, (q) => q.publications.publish(publication, 0));
  await check('a first publication', 2);
  await write(null, (q) => q.publications.publish({ ...publication, etag: '"b"' }, 1));
  await check('a second one', 2);
  await write(null, (q) => q.publications.publish({ ...publication, etag: '"lost"' }, 1));
  await check('one that comes too late', 2);
  const line = await write(null, (q) => q.lines.create(newLine(one as string)));
  await check('a line', 2);
  await write(null, (q) => q.users.update(one as string, { locale: 'ru' }));
  await check('another language of the person', 2);
  await write(null, (q) => q.feeds.update(feed.id, { locale: 'en' }));
  await check('another language of the feed', 2);
  await write(null, (q) => q.feeds.rotate(feed.id, 'third', '2026-03-08T10:00:00.000Z'));
  await check('another address', 3);
  await write(null, (q) => q.lines.erase(line.id));
  await check('a line is gone, and what was published of it', 3);
  await t.rejects(
    write(null, async (q) => {
      await q.feeds.rotate(feed.id, 'never', '2026-03-08T10:00:00.000Z');
      throw new Error('on second thoughts');
    }),
  );
  await check('a write that failed', 3);
  await write(null, (q) => q.feeds.erase(feed.id));
  await check('a feed is gone', 3);
  await write(null, (q) => q.users.erase(other as string));
  await check('a person is gone', 3);
  return second.id;
}

t.test('a row for each address, as the tables are after each write', (t) =>
  onEachEngine(t, async (t, engine) => {
    const url = await engine.url();
    const store = await openStore({ url });
    await live(store, async (after, addresses) => {
      const [served, made] = (await ask(url, SERVED, MADE_OF)) as [unknown[], unknown[]];
      t.equal(served.length, addresses, after);
      t.strictSame(served, made, after);
    });
    await store.close();
  }),
);

t.test('a database of before has its rows after the first start', (t) =>
  onEachEngine(t, async (t, engine) => {
    const url = await engine.url();
    const before = await openStore({ url });
    const user = await before.write(null, (q) => q.users.create(anna));
    await before.write(null, (q) => q.feeds.create(newFeed(user.id), 'first'));
    await before.close();
    await ask(
      url,
      'drop table serving',
      'drop table bodies',
      'drop table feed_clients',
      'drop table files_ahead',
      ...['feeds_last_sign', 'feeds_everybodys', 'idempotency_route'].map((name) => `drop index ${name}`),
      "delete from kysely_migration where name >= '0013'",
    );
    const store = await openStore({ url });
    const served = await store.serving.feedByToken('first');
    t.match(served, { user: user.id, user_revision: 2, locale: 'zh', publication: null });
    const [rows, made] = (await ask(url, SERVED, MADE_OF)) as [unknown[], unknown[]];
    t.strictSame(rows, made);
    await store.close();
  }),
);

t.test('what a node of an older version leaves behind is mended, and nothing newer undone', (t) =>
  onEachEngine(t, async (t, engine) => {
    if (engine.name === 'sqlite') {
      t.pass('one process, one version');
      return;
    }
    const url = await engine.url();
    const store = await openStore({ url });
    const user = await store.write(null, (q) => q.users.create(anna));
    await store.write(null, (q) => q.feeds.create(newFeed(user.id), 'first'));
    await ask(
      url,
      'update users set revision = 40',
      "insert into feed_tokens (digest, feed, created_at) select 'second', id, created_at from feeds",
    );
    await store.write(null, (q) => q.sweep());
    const [rows, made] = (await ask(url, SERVED, MADE_OF)) as [unknown[], unknown[]];
    t.equal(rows.length, 2);
    t.strictSame(rows, made);
    const [feed] = await store.feeds.ofUser(user.id);
    const publication = {
      feed: feed!.id,
      revision: 50,
      release: 1,
      stale_at: null,
      etag: '"a"',
      changed_at: '',
    };
    const bytes = { hash: 'h', body: 'BEGIN', gzip: Buffer.from('with a line'), items: [] };
    await store.write(null, (q) => q.publications.publish({ ...publication, ...bytes }, 0));
    const [kept] = (await ask(url, 'select version from bodies')) as [unknown[]];
    t.same(kept, [{ version: 1 }]);
    await ask(url, "update publications set version = 2, revision = 0, body = '', items = '[]'");
    await store.write(null, (q) => q.sweep());
    const [left] = (await ask(url, 'select version from bodies')) as [unknown[]];
    t.same(left, [], 'nothing of what it has erased');
    await ask(url, 'update serving set user_revision = 50');
    await store.write(null, (q) => q.sweep());
    t.match(await store.serving.feedByToken('first'), { user_revision: 50 }, 'as if it had come meanwhile');
    await store.close();
  }),
);

t.test('look-ups of one turn see what was written before each of them', (t) =>
  onEachEngine(t, async (t, engine) => {
    const store = await openStore({ url: await engine.url() });
    const user = await store.write(null, (q) => q.users.create(anna));
    t.equal(await store.serving.feedByToken('first'), null);
    await store.write(null, (q) => q.feeds.create(newFeed(user.id), 'first'));
    const found = await Promise.all(
      ['first', 'none', 'first'].map((digest) => store.serving.feedByToken(digest)),
    );
    t.match(found, [{ user: user.id }, null, { user: user.id }]);
    await store.close();
  }),
);
