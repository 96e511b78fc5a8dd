import { sql } from 'kysely';
import t from 'tap';
import { openPostgres } from '../../src/store/postgres.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { Queries } from '../../src/store/types.ts';
import { anna, boris, newFeed, newLine, onEachEngine, openTestStore, topup } from '../support/stores.ts';

await onEachEngine(t, async (t, engine) => {
  await t.test(
    'every write to anything of a user raises their revision by one, and nobody else’s',
    async (t) => {
      const store = await openTestStore(t, engine);
      const user = await store.write(null, (q) => q.users.create(anna));
      const other = await store.write(null, (q) => q.users.create(boris));
      let revision = 1;
      const raises = async (name: string, by: number, fn: (q: Queries) => Promise<unknown>) => {
        await store.write(null, fn);
        revision += by;
        t.equal((await store.users.get(user.id))!.revision, revision, name);
      };
      const at = '2026-03-02T00:00:00.000Z';
      await raises('lines.create', 1, (q) => q.lines.create(newLine(user.id, { id: 'line_1' })));
      await raises('lines.update', 1, (q) => q.lines.update('line_1', { label: 'Other' }));
      await raises('records.append', 1, (q) => q.records.append('line_1', [{ body: topup('1') }]));
      await raises('keys.create', 1, (q) =>
        q.keys.create({ user: user.id, scope: 'read', name: 'x', digest: 'k' }),
      );
      await raises('keys.delete', 1, async (q) => q.keys.delete((await q.keys.byDigest('k'))!.id));
      await raises('feeds.create', 1, (q) => q.feeds.create(newFeed(user.id, { id: 'feed_1' }), 'f1'));
      await raises('feeds.update', 1, (q) => q.feeds.update('feed_1', { detail: 'masked' }));
      await raises('feeds.rotate', 1, (q) => q.feeds.rotate('feed_1', 'f2', at));
      await raises('feeds.noteFetches', 0, (q) =>
        q.feeds.noteFetches([{ feed: 'feed_1', at, client: 'apple' }]),
      );
      await raises('feeds.erase', 1, (q) => q.feeds.erase('feed_1'));
      await raises('lines.erase', 1, (q) => q.lines.erase('line_1'));
      await raises('users.update', 1, (q) => q.users.update(user.id, { name: 'Ann' }));
      await raises('several in one transaction', 1, async (q) => {
        await q.users.update(user.id, { name: 'Anna' });
        await q.lines.create(newLine(user.id));
      });
      await store.write(user.id, async () => undefined);
      t.equal((await store.users.get(user.id))!.revision, revision + 1, 'naming the owner is enough');
      t.equal((await store.users.get(other.id))!.revision, 1);
      await t.rejects(
        store.write('user_none', async () => t.fail('must not run')),
        { code: 'not_found' },
      );
      await t.rejects(
        store.write(null, (q) => q.lines.create(newLine('user_none'))),
        { code: 'not_found' },
      );
    },
  );

  await t.test('what throws leaves nothing behind', async (t) => {
    const store = await openTestStore(t, engine);
    const user = await store.write(null, (q) => q.users.create(anna));
    const attempt = store.write(user.id, async (q) => {
      await q.lines.create(newLine(user.id));
      t.equal((await q.lines.ofUser(user.id)).length, 1, 'its own writes are seen inside');
      t.equal((await store.lines.ofUser(user.id)).length, 0, 'and not outside');
      throw new RangeError('changed my mind');
    });
    await t.rejects(attempt, RangeError);
    t.same(await store.lines.ofUser(user.id), []);
    t.equal((await store.users.get(user.id))!.revision, 1);
    await t.rejects(
      store.write(user.id, async (q) => {
        await q.lines.create(newLine(user.id, { external_id: 'x' }));
        await q.lines.create(newLine(user.id, { external_id: 'x' })).catch(() => undefined);
      }),
      { code: 'conflict' },
      'a failure that was caught is not committed either',
    );
    t.same(await store.lines.ofUser(user.id), []);
  });

  await t.test('a mistake in the caller is told, and cannot hang or escape the transaction', async (t) => {
    const store = await openTestStore(t, engine);
    const user = await store.write(null, (q) => q.users.create(anna));
    await t.rejects(
      store.write(user.id, () => store.write(user.id, async () => undefined)),
      /write inside a write/,
    );
    await t.rejects(
      store.write(
        user.id,
        async (q) => void q.users.update(user.id, { name: 'lost' }).catch(() => undefined),
      ),
      /not awaited/,
    );
    let leaked: Queries | undefined;
    await store.write(null, async (q) => {
      leaked = q;
    });
    await t.rejects(leaked!.users.update(user.id, { name: 'late' }), /has ended/);
    t.match(await store.users.get(user.id), { name: 'Anna', revision: 1 });
    await store.write(user.id, async () => undefined);
    t.match(await store.users.get(user.id), { revision: 2 }, 'and the store still writes');
  });

  await t.test('a NUL is refused, in text and within JSON', async (t) => {
    const store = await openTestStore(t, engine);
    const refused = { code: 'invalid_text' };
    await t.rejects(
      store.write(null, (q) => q.users.create({ ...anna, name: 'a\0b' })),
      refused,
    );
    const user = await store.write(null, (q) => q.users.create(anna));
    await t.rejects(
      store.write(null, (q) => q.lines.create(newLine(user.id, { facts: { x: '\\\0' } }))),
      refused,
    );
    await t.rejects(store.users.byExternalId('a\0b'), refused);
    await store.write(null, (q) => q.lines.create(newLine(user.id, { facts: { x: '\\u0000' } })));
  });

  await t.test('concurrent writers to one line lose nothing and share no number', async (t) => {
    const store = await openTestStore(t, engine);
    const user = await store.write(null, (q) => q.users.create(anna));
    const line = await store.write(user.id, (q) => q.lines.create(newLine(user.id)));
    const writers = Array.from({ length: 40 }, (_, n) =>
      store.write(n % 2 ? user.id : null, (q) => q.records.append(line.id, [{ body: topup(String(n)) }])),
    );
    await Promise.all(writers);
    const ledger = await store.records.ofLine(line.id);
    t.same(
      ledger.map(({ seq }) => seq),
      Array.from({ length: 40 }, (_, n) => n + 1),
    );
    t.equal((await store.users.get(user.id))!.revision, 42);
  });

  await t.test('a check and the change it allows are one: nobody writes in between', async (t) => {
    const store = await openTestStore(t, engine);
    const user = await store.write(null, (q) => q.users.create(anna));
    const line = await store.write(user.id, (q) => q.lines.create(newLine(user.id, { label: '0' })));
    const increment = () =>
      store.write(user.id, async (q) => {
        const { label } = (await q.lines.get(line.id))!;
        await q.lines.update(line.id, { label: String(Number(label) + 1) });
      });
    await Promise.all(Array.from({ length: 20 }, increment));
    t.equal((await store.lines.get(line.id))!.label, '20');
  });

  await t.test('a snapshot sees one moment', async (t) => {
    const store = await openTestStore(t, engine);
    const user = await store.write(null, (q) => q.users.create(anna));
    await store.snapshot(async (q) => {
      t.equal((await q.users.get(user.id))!.name, 'Anna');
      await store.write(user.id, (w) => w.users.update(user.id, { name: 'Ann' }));
      t.equal((await q.users.get(user.id))!.name, 'Anna', 'inside');
      t.equal((await store.users.get(user.id))!.name, 'Ann', 'outside');
    });
    t.equal(await store.snapshot(async (q) => (await q.users.get(user.id))!.name), 'Ann');
  });

  await t.test('committed writes are told, those undone are not', async (t) => {
    const store = await openTestStore(t, engine);
    const told: unknown[] = [];
    const stop = store.onChange((change) => told.push(change));
    const user = await store.write(null, (q) => q.users.create(anna));
    const feed = await store.write(user.id, (q) => q.feeds.create(newFeed(user.id), 'first'));
    await store.write(user.id, (q) => q.feeds.create(newFeed(user.id), 'second'));
    await store.write(user.id, (q) => q.lines.create(newLine(user.id)));
    await store.write(null, (q) => q.feeds.erase(feed.id));
    await store.write(null, (q) => q.settings.set('x', 'y'));
    await store.write(user.id, async () => Promise.reject(new Error('no'))).catch(() => undefined);
    const change = (addresses: string[], hasErased = false) => ({ addresses, hasErased });
    const own = told.map((change) => ({
      ...(change as object),
      addresses: (change as { addresses: string[] }).addresses.toSorted(),
    }));
    const both = ['first', 'second'];
    t.same(own, [change(['first']), change(both), change(both), change(both, true)]);
    stop();
    await store.write(user.id, async () => undefined);
    t.equal(told.length, 4);
  });

  await t.test('only what is written lazily does not wait for the disk', async (t) => {
    const url = await engine.url();
    const open = engine.name === 'sqlite' ? openSqlite(url.slice('sqlite:'.length)) : openPostgres(url);
    const { write, close } = await open;
    t.teardown(close);
    const asked = engine.name === 'sqlite' ? sql`pragma synchronous` : sql`show synchronous_commit`;
    const level = async (lazily: boolean) => {
      const { rows } = await write((db) => asked.execute(db), lazily);
      return Object.values(rows[0] as object)[0];
    };
    const [usual, lazy] = engine.name === 'sqlite' ? [2, 1] : ['on', 'off'];
    t.equal(await level(false), usual);
    t.equal(await level(true), lazy);
    t.equal(await level(false), usual, 'the next one waits again');
    await t.rejects(write(async () => Promise.reject(new Error('no')), true));
    t.equal(await level(false), usual, 'also after one that failed');
  });

  await t.test('readiness, settings and the end', async (t) => {
    const store = await openTestStore(t, engine);
    t.equal(store.engine, engine.name);
    t.equal(await store.ready(), true);
    t.equal(await store.settings.get('secret'), null);
    const kept = await Promise.all(
      ['one', 'two', 'three'].map((value) => store.write(null, (q) => q.settings.keep('secret', value))),
    );
    t.equal(new Set(kept).size, 1, 'all agree');
    await store.write(null, (q) => q.settings.set('secret', 'new'));
    t.equal(await store.settings.get('secret'), 'new');
    await store.close();
    t.equal(await store.ready(), false);
    await t.rejects(store.users.get('x'), { code: 'unavailable' });
    await t.rejects(
      store.write(null, async () => undefined),
      { code: 'unavailable' },
    );
  });
});
