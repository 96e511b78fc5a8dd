import pg from 'pg';
import t from 'tap';
import { openStore } from '../../src/store/store.ts';
import type { Publication, PublicationItem, Store } from '../../src/store/types.ts';
import { ask } from '../support/ask.ts';
import { eventually } from '../support/eventually.ts';
import { anna, newFeed, newLine, onEachEngine, openTestStore } from '../support/stores.ts';

/** Whether anybody in a PostgreSQL database waits for what another holds. */
const waitsForLock = async (url: string): Promise<boolean> => {
  const client = new pg.Client(url);
  await client.connect();
  const { rowCount } = await client.query(
    "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  await client.end();
  return rowCount !== 0;
};

const item = (uid: string, rest: Partial<PublicationItem> = {}): PublicationItem => ({
  uid,
  line: null,
  hash: `hash of ${uid}`,
  sequence: 0,
  created_at: '2026-03-01T10:00:00.000Z',
  revised_at: '2026-03-01T10:00:00.000Z',
  ...rest,
});

const publication = (feed: string, rest: Partial<Publication> = {}): Omit<Publication, 'version'> => ({
  feed,
  revision: 2,
  release: 1,
  stale_at: '2026-04-01T00:00:00.000Z',
  etag: '"sha256-one"',
  changed_at: '2026-03-01T10:00:00.000Z',
  hash: 'h1',
  body: 'BEGIN:VCALENDAR\r\nSUMMARY:Продлить 续费 📱\r\nEND:VCALENDAR\r\n',
  gzip: Buffer.from([31, 139, 0, 255]),
  items: [item('one')],
  ...rest,
});

const withFeed = async (store: Store) => {
  const user = await store.write(null, (q) => q.users.create(anna));
  const feed = await store.write(user.id, (q) => q.feeds.create(newFeed(user.id), 'token-1'));
  return { user, feed };
};

await onEachEngine(t, async (t, engine) => {
  await t.test(
    'entries kept by a version before come without their texts, and to it each is without',
    async (t) => {
      const url = await engine.url();
      const store = await openStore({ url });
      t.teardown(() => store.close());
      const { user, feed } = await withFeed(store);
      await store.write(user.id, (q) => q.publications.publish(publication(feed.id), 0));
      const kept = async () => {
        const [[row]] = (await ask(url, 'select items from publications')) as [[{ items: string }]];
        return JSON.parse(row.items);
      };
      t.same(await kept(), [{ ...item('one'), text: null }], 'null: to be made anew');

      const before = JSON.stringify([{ ...item('one'), text: 'BEGIN:VEVENT' }]);
      await ask(url, `update publications set items = '${before}'`);
      t.same((await store.publications.get(feed.id))?.items, [item('one')]);
    },
  );

  await t.test('a feed comes back as it was given and changes as asked', async (t) => {
    const store = await openTestStore(t, engine);
    const { user } = await withFeed(store);
    const given = newFeed(user.id, {
      lines: ['line_1'],
      kinds: ['renew'],
      locale: 'ru',
      detail: 'neutral',
      alarms: 'both',
      lead_days: [3],
      action_links: true,
      show_balance: true,
    });
    const feed = await store.write(user.id, (q) => q.feeds.create(given, 'token-2'));
    t.match(feed, given);
    t.same(await store.feeds.get(feed.id), feed);
    t.equal((await store.feeds.ofUser(user.id)).length, 2);
    const patch = { lines: null, kinds: [], show_balance: false, lead_days: [] };
    t.match(await store.write(user.id, (q) => q.feeds.update(feed.id, patch)), { ...given, ...patch });
    const at = '2026-03-05T00:00:00.000Z';
    const note = (moment: string, client: string) =>
      store.write(null, (q) => q.feeds.noteFetches([{ feed: feed.id, at: moment, client }]));
    await note(at, 'apple');
    await note('2026-03-04T00:00:00.000Z', 'google');
    t.match(await store.feeds.get(feed.id), { last_fetched_at: at, client: 'apple' }, 'the latest stays');
    await t.rejects(
      store.write(user.id, (q) => q.feeds.create(given, 'token-2')),
      { code: 'conflict', field: 'digest' },
    );
  });

  await t.test('feeds that nobody fetches are found', async (t) => {
    const clock = { now: Date.parse('2026-03-01T00:00:00Z') };
    const store = await openTestStore(t, engine, clock);
    const [one, two] = await store.write(null, async (q) => [
      await q.users.create(anna),
      await q.users.create(anna),
    ]);
    let count = 0;
    const add = (user: string, id: string) =>
      store.write(user, (q) => q.feeds.create(newFeed(user, { id }), `digest-${++count}`));
    for (const id of ['feed_a', 'feed_b', 'feed_c']) await add(one!.id, id);
    await add(two!.id, 'feed_d');
    clock.now = Date.parse('2026-03-05T00:00:00Z');
    await add(one!.id, 'feed_e');
    const fetched = (feed: string, at: string) => ({ feed, at, client: 'apple' });
    await store.write(null, (q) =>
      q.feeds.noteFetches([
        fetched('feed_a', '2026-03-02T23:59:59.999Z'),
        fetched('feed_b', '2026-03-03T00:00:00.000Z'),
      ]),
    );
    const since = '2026-03-03T00:00:00.000Z';
    const ids = async ({ user = null }: { user?: string | null }) => {
      const query = { user, before: since, silent: true };
      return (await store.feeds.search(query, { limit: 10 })).items.map(({ id }) => id);
    };
    t.same(await ids({}), ['feed_a', 'feed_c', 'feed_d'], 'neither one fetched since nor one made since');
    t.same(await ids({ user: one!.id }), ['feed_a', 'feed_c']);
    await store.write(null, (q) =>
      q.feeds.noteFetches([
        fetched('feed_none', since),
        { feed: 'feed_d', at: '2026-03-04T00:00:00.000Z', client: null },
        fetched('feed_d', since),
        { feed: 'feed_c', at: since, client: null },
      ]),
    );
    await store.write(null, (q) => q.feeds.noteFetches([]));
    t.same(await ids({}), ['feed_a']);
    t.match(await store.feeds.get('feed_d'), { last_fetched_at: '2026-03-04T00:00:00.000Z', client: null });
  });

  await t.test('one look-up tells all that decides on a fetch', async (t) => {
    const store = await openTestStore(t, engine);
    const { user, feed } = await withFeed(store);
    t.equal(await store.serving.feedByToken('none'), null);
    const nothing = await store.serving.feedByToken('token-1');
    t.equal(await store.serving.body(nothing!, true), null);
    t.same(nothing, {
      feed: feed.id,
      user: user.id,
      user_revision: 2,
      locale: 'zh',
      expires_at: null,
      revoked_at: null,
      publication: null,
    });
    const first = publication(feed.id);
    await store.write(null, (q) => q.publications.publish(first, 0));
    const { revision, release, stale_at, etag, changed_at } = first;
    t.match(await store.serving.feedByToken('token-1'), {
      publication: { version: 1, revision, release, stale_at, etag, changed_at },
    });
    const served = await store.serving.feedByToken('token-1');
    const gzip = first.gzip?.toString('base64');
    const bytes = { version: 1, etag, changed_at, gzip, body: null };
    t.same(await store.serving.body(served!, true), bytes);
    const text = { ...bytes, gzip: null, body: Buffer.from(first.body).toString('latin1') };
    t.same(await store.serving.body(served!, false), text);
    for (const packed of [true, false]) {
      const both = await store.serving.feedWithBody('token-1', packed);
      t.same(both?.feed, served);
      if (engine.name === 'postgres') t.same(both?.bytes, packed ? bytes : text);
    }
    const later = { ...served!, publication: { ...served!.publication!, version: 2 } };
    t.same(
      await store.serving.body(later, true),
      text,
      'older compressed bytes are not what is published now',
    );
    t.same(await store.publications.get(feed.id), { ...first, version: 1 });
  });

  await t.test(
    'a publication lands only over the one it was made from, and over nothing later',
    async (t) => {
      const store = await openTestStore(t, engine);
      const { feed } = await withFeed(store);
      const publish = (rest: Partial<Publication>, base: number) =>
        store.write(null, (q) => q.publications.publish(publication(feed.id, rest), base));

      const race = await Promise.all(
        Array.from({ length: 8 }, (_, n) => publish({ etag: `"${n}"`, gzip: null }, 0)),
      );
      const winners = race.filter(({ published }) => published);
      t.equal(winners.length, 1, 'one of many first publications wins');
      for (const { publication: told } of race)
        t.same(told, winners[0]!.publication, 'all are told its bytes');

      t.match(await publish({ revision: 3, release: 2, etag: '"two"' }, 1), { published: true });
      t.match(
        await publish({ revision: 4, release: 2, etag: '"late"' }, 1),
        { published: false, publication: { version: 2, etag: '"two"' } },
        'made from an older one',
      );
      t.match(await publish({ revision: 2, release: 2 }, 2), { published: false }, 'an older revision');
      t.match(
        await publish({ revision: 3, release: 1, etag: '"rolled"' }, 2),
        { published: true },
        'a node of an older release, where what it has found is behind',
      );

      const again = await Promise.all(
        Array.from({ length: 8 }, (_, n) => publish({ revision: 5, release: 2, etag: `"r${n}"` }, 3)),
      );
      t.equal(again.filter(({ published }) => published).length, 1, 'one of many later ones wins');
      t.match(await store.publications.get(feed.id), { version: 4, revision: 5 });
      t.same(
        await store.write(null, (q) => q.publications.publish(publication('feed_none'), 0)),
        { published: false, publication: null },
        'a feed that is gone',
      );
    },
  );

  await t.test('what is published and what is noted of fetches do not wait for each other', async (t) => {
    const url = await engine.url();
    const store = await openTestStore(t, { ...engine, url: async () => url });
    const user = await store.write(null, (q) => q.users.create(anna));
    const ids = ['feed_a', 'feed_b'];
    for (const id of ids) {
      await store.write(user.id, (q) => q.feeds.create(newFeed(user.id, { id }), `digest of ${id}`));
      await store.write(null, (q) => q.publications.publish(publication(id, { revision: 9, gzip: null }), 0));
    }
    const at = '2026-03-05T00:00:00.000Z';
    const gate = Promise.withResolvers<void>();
    const fetches = ids.map((feed) => ({ feed, at, client: 'apple' }));
    let isNoted = false;
    const noted = gate.promise
      .then(() => store.write(null, (q) => q.feeds.noteFetches(fetches)))
      .finally(() => {
        isNoted = true;
      });
    await store.write(null, async (q) => {
      await q.publications.publish(publication('feed_b', { revision: 9 }), 1);
      gate.resolve();
      if (engine.name === 'postgres') await eventually(async () => isNoted || (await waitsForLock(url)));
      await q.publications.publish(publication('feed_a', { revision: 9 }), 1);
    });
    await noted;
    for (const id of ids) {
      t.match(await store.feeds.get(id), { last_fetched_at: at });
      t.match(await store.publications.get(id), { version: 2, gzip: publication(id).gzip });
    }
  });

  await t.test('releases are numbered in the order first seen, by everyone alike', async (t) => {
    const store = await openTestStore(t, engine);
    const number = (digest: string) => store.write(null, (q) => q.releases.number(digest));
    const together = await Promise.all(['a', 'b', 'c', 'a', 'b', 'c', 'a'].map(number));
    t.same(new Set(together), new Set([1, 2, 3]));
    t.same(together.slice(3, 6), together.slice(0, 3));
    t.equal(await number('d'), 4);
    t.equal(await number('a'), together[0]);
  });

  await t.test('rotation: both addresses serve, then the old one has ended', async (t) => {
    const clock = { now: Date.parse('2026-03-01T10:00:00Z') };
    const store = await openTestStore(t, engine, clock);
    const { user, feed } = await withFeed(store);
    const rotate = (digest: string, until: string) =>
      store.write(user.id, (q) => q.feeds.rotate(feed.id, digest, until));
    const ends = async (digest: string) => (await store.serving.feedByToken(digest))?.expires_at;
    clock.now += 1000;
    t.equal(await rotate('token-2', '2026-03-08T10:00:00.000Z'), true);
    t.equal(await ends('token-1'), '2026-03-08T10:00:00.000Z');
    t.equal(await ends('token-2'), null);
    clock.now += 1000;
    await rotate('token-3', '2026-03-31T10:00:00.000Z');
    t.equal(await ends('token-1'), '2026-03-08T10:00:00.000Z', 'an overlap is never made longer');
    t.equal(await ends('token-2'), '2026-03-31T10:00:00.000Z');
    clock.now += 1000;
    await rotate('token-4', '2026-03-01T10:00:03.000Z');
    for (const digest of ['token-1', 'token-2', 'token-3']) {
      t.equal(await ends(digest), '2026-03-01T10:00:03.000Z', 'no overlap ends all at once');
    }
    t.same(
      (await store.feeds.tokens(feed.id)).map(({ digest }) => digest),
      ['token-1', 'token-2', 'token-3', 'token-4'],
    );
  });

  await t.test('one feed is rotated or erased, and all others serve on', async (t) => {
    const store = await openTestStore(t, engine);
    const { user, feed } = await withFeed(store);
    const boris = await store.write(null, (q) => q.users.create({ ...anna, name: 'Boris' }));
    const add = (owner: string, digest: string) =>
      store.write(owner, (q) => q.feeds.create(newFeed(owner), digest));
    const feeds = [await add(user.id, 'token-2'), await add(user.id, 'token-3'), await add(boris.id, 'his')];
    const { revision } = (await store.users.get(user.id))!;
    for (const { id } of feeds) {
      await store.write(null, (q) => q.publications.publish(publication(id, { revision }), 0));
    }
    const served = async () => {
      const found = await Promise.all(
        ['token-2', 'token-3', 'his'].map((it) => store.serving.feedByToken(it)),
      );
      return found.map((it) => [it?.expires_at, it?.revoked_at, it?.publication?.etag]);
    };
    const before = await served();
    t.same(before, Array(3).fill([null, null, '"sha256-one"']));
    await store.write(user.id, (q) => q.feeds.rotate(feed.id, 'token-4', '2026-03-08T10:00:00.000Z'));
    t.same(await served(), before, 'one is rotated');
    // Of one that is silent the name may stand in its owner's others; of this one it does not.
    await store.write(null, (q) => q.silences.note([feeds[1]!.id], '2027-03-01T10:00:00.000Z'));
    await store.write(user.id, (q) => q.feeds.erase(feed.id));
    t.same(await served(), before, 'one is erased');
    t.equal((await store.publications.get(feeds[0]!.id))?.body, publication('').body);
    t.same(
      (await store.feeds.ofUser(user.id)).map(({ id }) => id),
      feeds.slice(0, 2).map(({ id }) => id),
    );
    t.ok(await store.feeds.get(feeds[2]!.id));
  });

  await t.test('a line that goes takes its entries along; the others keep their SEQUENCE', async (t) => {
    const store = await openTestStore(t, engine);
    const { user, feed } = await withFeed(store);
    const [kept, gone] = await store.write(user.id, async (q) => [
      await q.lines.create(newLine(user.id)),
      await q.lines.create(newLine(user.id)),
    ]);
    const chosen = newFeed(user.id, { lines: [kept!.id, gone!.id] });
    const second = await store.write(user.id, (q) => q.feeds.create(chosen, 'token-2'));
    const revision = (await store.users.get(user.id))!.revision;
    const items = [item('a', { line: kept!.id, sequence: 7 }), item('b', { line: gone!.id })];
    const made = publication(feed.id, { revision, items });
    await store.write(null, (q) => q.publications.publish(made, 0));
    await store.write(user.id, (q) => q.lines.erase(gone!.id));
    t.match(await store.publications.get(feed.id), {
      version: 2,
      revision: 0,
      body: '',
      gzip: null,
      items: [items[0]],
    });
    t.equal((await store.publications.get(feed.id))!.items.length, 1);
    t.same((await store.feeds.get(second.id))!.lines, [kept!.id]);
    const late = (id: string, base: number) =>
      store.write(null, (q) => q.publications.publish({ ...made, feed: id }, base));
    t.match(await late(second.id, 0), { published: false, publication: null }, 'begun before the erasure');
    t.match(await late(feed.id, 2), { published: false });
    const fresh = publication(second.id, { revision: revision + 1 });
    t.match(await store.write(null, (q) => q.publications.publish(fresh, 0)), { published: true });
  });
});
