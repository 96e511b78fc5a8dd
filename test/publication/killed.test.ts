/** Killed in the middle of publishing, on both engines: what stands is whole, and the rest is published afterwards. */
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import t from 'tap';
import { openStore } from '../../src/store/store.ts';
import { lintCalendar } from '../support/ical-lint.ts';
import { anna, newFeed, onEachEngine } from '../support/stores.ts';
import { call, START } from './fixture.ts';

const program = new URL('../support/publish-process.ts', import.meta.url).pathname;
const FEEDS = 120;
const ENOUGH = 30;

/** Publishes until so many are acknowledged, then is killed; answers of those. */
async function publishAll(url: string, most = Number.POSITIVE_INFINITY) {
  const child = spawn(process.execPath, [program, url, START], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const told: string[] = [];
  for await (const id of createInterface({ input: child.stdout })) {
    told.push(id);
    if (told.length === most) child.kill('SIGKILL');
  }
  const [code] = await closed;
  return { told, code };
}

await onEachEngine(t, async (t, engine) => {
  const url = await engine.url();
  const store = await openStore({ url, now: () => Date.parse(START) });
  t.teardown(() => store.close());
  for (let count = 0; count < FEEDS; count += 1) {
    await store.write(null, async (q) => {
      const { id } = await q.users.create(anna);
      const line = await q.lines.create({ user: id, rule: 'ru/t2/prepaid', label: `Line ${count}` });
      await q.records.append(line.id, [{ body: call('2026-01-20') }]);
      await q.feeds.create(newFeed(id), `digest-${count}`);
    });
  }
  const feeds = (await store.feeds.search({ user: null, before: START, silent: null }, { limit: FEEDS }))
    .items;
  const standing = async () => {
    const all = await Promise.all(feeds.map(({ id }) => store.publications.get(id)));
    return all.filter((one) => one !== null);
  };
  const check = (publications: Awaited<ReturnType<typeof standing>>) => {
    for (const { feed, etag, body, items, version } of publications) {
      t.equal(etag, `"sha256-${hash('sha256', body, 'base64url').slice(0, 27)}"`, `${feed} is whole`);
      t.same(lintCalendar(Buffer.from(body)), []);
      t.equal(body.match(/BEGIN:VEVENT/g)?.length, items.filter((item) => item.hash !== '').length);
      t.equal(version, 1, 'and published once');
    }
  };

  const { told, code } = await publishAll(url, ENOUGH);
  t.equal(code, null, 'it was killed');
  const first = await standing();
  t.ok(first.length < FEEDS, 'before it was done');
  const kept = new Set(first.map(({ feed }) => feed));
  t.same(
    told.filter((id) => !kept.has(id)),
    [],
    'what it acknowledged stands',
  );
  check(first);

  t.equal((await publishAll(url)).code, 0);
  const all = await standing();
  t.equal(all.length, FEEDS, 'the rest follows');
  check(all);
  const before = new Map(first.map((one) => [one.feed, one]));
  for (const one of all) if (before.has(one.feed)) t.same(one, before.get(one.feed), 'as it was');
});
