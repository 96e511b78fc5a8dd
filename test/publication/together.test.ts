/** Many publications in one transaction: all stand, and one that fails takes no other with it. */
import t from 'tap';
import { publishTogether } from '../../src/publication/together.ts';
import { openStore } from '../../src/store/store.ts';
import type { Queries } from '../../src/store/types.ts';
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

await onEachEngine(t, async (t, engine) => {
  const store = await openStore({ url: await engine.url() });
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
  const counted = {
    write: <T>(owner: string | null, fn: (q: Queries) => Promise<T>) => {
      writes += 1;
      return store.write(owner, fn);
    },
  };

  await t.test('in few transactions', async (t) => {
    const publish = publishTogether(counted);
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
    const publish = publishTogether(counted);
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
});
