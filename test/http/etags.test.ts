/** The ETags that are kept of all addresses: they answer who has their calendar, and never in place of another. */
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import t, { type Test } from 'tap';
import { createEtags } from '../../src/http/cal/etags.ts';
import { digest } from '../../src/store/digest.ts';
import { eventually } from '../support/eventually.ts';
import { onEachEngine, temporaryFolder } from '../support/stores.ts';
import { countLookUps, fetching } from './fetching.ts';
import { addPerson, call, type Fixture, serve } from './service.ts';

const PUBLIC_URL = 'https://keepline.example';

const status = (etag: string, stale_at: string | null = null) => ({
  version: 1,
  revision: 1,
  release: 7,
  stale_at,
  etag,
  changed_at: '2026-03-01T10:00:00.900Z',
});

t.test('what is kept of an address is found by its ETag alone', async (t) => {
  const etags = createEtags({ first: 1 << 10, most: 1 << 10 });
  etags.put('one', status('"a"', '2026-04-01T00:00:00.000Z'));
  const [changedAt, staleAt] = [Date.parse('2026-03-01T10:00:00Z'), Date.parse('2026-04-01T00:00:00Z')];
  t.same(etags.find('one', '"a"'), { changedAt, staleAt, release: 7 });
  t.equal(etags.find('one', '"b"'), null);
  t.equal(etags.find('other', '"a"'), null);
  etags.put('one', status('"b"'));
  t.equal(etags.find('one', '"a"'), null, 'the one before');
  t.same(etags.find('one', '"b"'), { changedAt, staleAt: null, release: 7 });
  etags.forget('other');
  t.ok(etags.find('one', '"b"'));
  etags.forget('one');
  t.equal(etags.find('one', '"b"'), null);
  etags.put('one', status('"b"'));
  etags.clear();
  t.equal(etags.find('one', '"b"'), null);
});

t.test('nearly as many addresses fit as there is room for, and none is taken for another', async (t) => {
  const etags = createEtags({ first: 1 << 10, most: 1 << 14 });
  etags.put('one', status('"a"'));
  t.ok(etags.grow());
  t.equal(etags.find('one', '"a"'), null, 'it is forgotten when room is made');
  t.ok(etags.grow());
  t.equal(etags.capacity(), 1 << 14);
  t.notOk(etags.grow());
  const addresses = Array.from({ length: 15_600 }, (_, i) => digest(`token ${i}`));
  for (const [i, address] of addresses.entries()) etags.put(address, status(`"${i}"`));
  const found = addresses.filter((address, i) => etags.find(address, `"${i}"`)).length;
  t.ok(found > 15_100, `${found} of ${addresses.length} are found`);
  t.notOk(
    addresses.some((address, i) => etags.find(address, `"${i + 1}"`)),
    'by no other ETag',
  );
  const others = Array.from({ length: 15_600 }, (_, i) => digest(`other ${i}`));
  t.notOk(others.some((address, i) => etags.find(address, `"${i}"`)));
  for (const [i, address] of others.entries()) {
    etags.put(address, status(`"${i}"`));
    if (!etags.find(address, `"${i}"`)) t.fail('what was put last is not there');
  }
  for (const address of others) etags.forget(address);
  t.notOk(others.some((address, i) => etags.find(address, `"${i}"`)));
});

async function withFeed(service: Fixture, name: string) {
  const person = await addPerson(service, name);
  const api = service.as(person.write);
  await api('POST', `/v1/lines/${person.line}/records`, call('2026-01-20'));
  const made = (await api('POST', `/v1/users/${person.id}/feeds`, { name: 'Phones' })).json();
  const url = made.urls.https.slice(PUBLIC_URL.length) as string;
  const { headers } = await fetching(service)(url);
  return { person, api, url, id: made.id as string, etag: headers.etag as string };
}

/** Two services on one database: the first makes feeds, the second is asked, and has read the ETags of all. */
async function nodes(t: Test, url: string) {
  const environment = { DATABASE_URL: url, PUBLIC_URL };
  const one = await serve(t, { environment });
  const alice = await withFeed(one, 'Alice');
  const bob = await withFeed(one, 'Bob');
  const other = await serve(t, { environment });
  const fetch = fetching(other);
  const looked = countLookUps(other);
  /** Whether a fetch of this address, which this node was never asked for, is answered without the database. */
  const isKnown = async (url: string, etag: string) => {
    const before = looked();
    const answer = await fetch(url, { 'if-none-match': etag });
    return answer.statusCode === 304 && looked() === before;
  };
  return { one, other, alice, bob, fetch, looked, isKnown };
}

t.test('who has their calendar is told so without the database', (t) =>
  onEachEngine(t, async (t, engine) => {
    const { other, alice, bob, fetch, isKnown } = await nodes(t, await engine.url());
    // The first fetch begins the reading; Bob's calendar was never fetched here.
    await fetch(alice.url);
    t.ok(await eventually(() => isKnown(bob.url, bob.etag)));
    const known = await fetch(bob.url, { 'if-none-match': `W/${bob.etag}` });
    const whole = await fetch(bob.url);
    t.equal(known.statusCode, 304, 'also if it came compressed');
    for (const name of ['etag', 'last-modified', 'cache-control', 'vary']) {
      t.equal(known.headers[name], whole.headers[name], name);
    }
    t.equal(known.body, '');
    t.equal((await fetch(alice.url, { 'if-none-match': bob.etag })).statusCode, 200, 'another’s ETag');
    const { headers } = await fetch(bob.url, { 'if-none-match': bob.etag, 'user-agent': 'curl/8' });
    t.equal(headers.etag, bob.etag);
    await other.server.close();
    const store = bob.api('GET', `/v1/feeds/${bob.id}/health`);
    t.match((await store).json(), { client: 'other' }, 'and the fetch is noted');
  }),
);

t.test('who has it no longer is told so, whatever has changed', (t) =>
  onEachEngine(t, async (t, engine) => {
    const { one, other, alice, bob, fetch, isKnown } = await nodes(t, await engine.url());
    await fetch(alice.url);
    t.ok(await eventually(() => isKnown(bob.url, bob.etag)));
    // On SQLite another process's write is noticed within a tenth of a second.
    const noticed = async (work: () => Promise<unknown>, wanted: number, what: string) => {
      await work();
      const ask = () => fetch(bob.url, { 'if-none-match': bob.etag });
      const isSo = async () => (await ask()).statusCode === wanted;
      t.ok(engine.name === 'sqlite' ? await eventually(isSo) : await isSo(), what);
    };
    await noticed(() => bob.api('PATCH', `/v1/feeds/${bob.id}`, { name: 'Mine' }), 200, 'another name');
    const { headers } = await fetch(bob.url);
    t.ok(await eventually(() => isKnown(bob.url, headers.etag as string)), 'and the new one is known');
    t.ok(await eventually(() => isKnown(alice.url, alice.etag)), 'nothing of anybody else is forgotten');

    const { release } = other.app;
    const become = (value: number) =>
      Object.defineProperty(other.app, 'release', { value, configurable: true });
    become(release + 1);
    t.notOk(await isKnown(alice.url, alice.etag), 'of an older release');
    become(release);
    const later = new Date(Date.now() + 40 * 86_400_000).toISOString();
    other.setNow(later);
    one.setNow(later);
    t.notOk(await isKnown(alice.url, alice.etag), 'from when the calendar is to move on');

    bob.etag = (await fetch(bob.url)).headers.etag as string;
    await noticed(() => bob.api('DELETE', `/v1/feeds/${bob.id}`), 200, 'the feed is gone: its farewell');
  }),
);

t.test('a change that comes while ETags are read is not overtaken', async (t) => {
  const service = await serve(t, { environment: { PUBLIC_URL } });
  const [alice, bob] = [await withFeed(service, 'Alice'), await withFeed(service, 'Bob')];
  const DATABASE_URL = `sqlite:${join(service.folder, 'keepline.db')}`;
  const other = await serve(t, { environment: { PUBLIC_URL, DATABASE_URL } });
  const { serving } = other.app.store;
  const { page } = serving;
  const { promise: read, resolve: answer } = Promise.withResolvers<void>();
  let isRead = false;
  serving.page = async (after, limit) => {
    const rows = await page(after, limit);
    await read;
    isRead = true;
    return rows;
  };
  const fetch = fetching(other);
  await fetch(alice.url);
  await other.as(bob.person.write)('PATCH', `/v1/feeds/${bob.id}`, { name: 'Mine' });
  answer();
  await eventually(() => isRead);
  const whole = await fetch(bob.url, { 'if-none-match': bob.etag });
  t.equal(whole.statusCode, 200);
  t.match(whole.body, /X-WR-CALNAME:Mine\r/);
});

t.test('what is cached whole is looked up again, so that it is served whole again', async (t) => {
  const file = join(await temporaryFolder(t), 'keepline.db');
  const { other, alice, bob, fetch, looked, isKnown } = await nodes(t, `sqlite:${file}`);
  await fetch(alice.url);
  // Whatever is cached may have changed: very much has.
  let isTold = false;
  other.app.store.onChange(({ addresses }) => {
    isTold ||= addresses === null;
  });
  const database = new Sqlite(file);
  database.exec(`
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 10001)
    insert into serving (digest, feed, locale) select 'many-' || i, 'feed-' || i, 'en' from n;
    update serving set locale = 'ru' where digest like 'many-%'`);
  database.close();
  t.ok(await eventually(() => isTold));
  t.ok(await eventually(() => isKnown(bob.url, bob.etag)), 'ETags are read again');
  t.equal((await fetch(alice.url, { 'if-none-match': alice.etag })).statusCode, 304);
  const before = looked();
  t.equal((await fetch(alice.url)).statusCode, 200);
  t.equal(looked(), before);
});

t.test('room is made for as many addresses as there are', async (t) => {
  const file = join(await temporaryFolder(t), 'keepline.db');
  const { alice, bob, fetch, isKnown } = await nodes(t, `sqlite:${file}`);
  const database = new Sqlite(file);
  const known = digest(bob.url.split('/')[2] as string);
  database
    .prepare(`
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 17000)
    insert into serving
    select '_' || i, feed, user, user_revision, locale, expires_at, revoked_at, version, revision, "release", stale_at,
      etag, changed_at, null
    from n, serving where digest = ?`)
    .run(known);
  database.close();
  await fetch(alice.url);
  t.ok(await eventually(() => isKnown(bob.url, bob.etag)), 'after more than fit at first');
});
