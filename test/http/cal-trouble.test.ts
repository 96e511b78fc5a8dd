/** What the clients of calendars get while the database fails or does not answer. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { fetching } from './fetching.ts';
import { addPerson, call, type Fixture, serve } from './service.ts';

const PUBLIC_URL = 'https://keepline.example';

async function open(t: Test) {
  const service = await serve(t, { environment: { PUBLIC_URL } });
  return { service, fetch: fetching(service), ...(await withFeed(service, 'Alice')) };
}

async function withFeed(service: Fixture, name: string) {
  const person = await addPerson(service, name);
  const api = service.as(person.write);
  const record = (at: string) => api('POST', `/v1/lines/${person.line}/records`, call(at));
  await record('2026-01-20');
  const { urls } = (await api('POST', `/v1/users/${person.id}/feeds`, { name: 'Phones' })).json();
  return { record, url: urls.https.slice(PUBLIC_URL.length) as string };
}

/** Another process on the same database, with an empty cache. */
const another = (t: Test, { folder }: Fixture) =>
  serve(t, { environment: { PUBLIC_URL, DATABASE_URL: `sqlite:${join(folder, 'keepline.db')}` } });

const never = () => new Promise<never>(() => {});
const fail = () => {
  throw new Error('the disk is gone');
};

/** Replaces queries of a service; answers how to put the real ones back. */
function replace<T extends object>(queries: T, others: Partial<Record<keyof T, unknown>>) {
  const real = { ...queries };
  Object.assign(queries, others);
  return () => void Object.assign(queries, real);
}

t.test('a database that does not answer is not waited for without end', async (t) => {
  const { service, fetch, url, record } = await open(t);
  const stranger = await withFeed(service, 'Bob');
  const good = await fetch(url);
  await record('2026-03-10');
  const { store } = service.app;
  const putBack = replace(store.serving, { feedByToken: never, feedWithBody: never, body: never });
  const [known, unknown] = await Promise.all([fetch(url), fetch(stranger.url)]);
  t.same([known.statusCode, known.body], [200, good.body], 'what this process has');
  t.equal(unknown.statusCode, 503);
  putBack();

  const { write } = store;
  store.write = never;
  const stale = await fetch(url);
  t.same([stale.statusCode, stale.body], [200, good.body], 'nor is a publication');
  store.write = write;
});

t.test('an answer without bytes stands in for none with them', async (t) => {
  const { service, fetch, url } = await open(t);
  const has = { 'if-none-match': (await fetch(url)).headers.etag as string };
  const other = await another(t, service);
  t.equal((await fetching(other)(url, has)).statusCode, 304);
  replace(other.app.store.serving, { feedByToken: fail, feedWithBody: fail, body: fail });
  const whole = await fetching(other)(url);
  t.same([whole.statusCode, whole.headers['retry-after']], [503, '60']);
  t.equal((await fetching(other)(url, has)).statusCode, 304, 'who has it may keep it');
});

t.test('where neither a publication nor the stored bytes come, the cache serves', async (t) => {
  const { service, fetch, url, record } = await open(t);
  const good = await fetch(url);
  await record('2026-03-10');
  const { store } = service.app;
  const { write } = store;
  const putBack = replace(store.serving, { body: fail });
  store.write = async () => fail();
  const stale = await fetch(url);
  t.same([stale.statusCode, stale.body], [200, good.body]);
  putBack();
  store.write = write;

  const other = await another(t, service);
  const real = replace(other.app.store.serving, { body: fail });
  const { write: otherWrite } = other.app.store;
  other.app.store.write = async () => fail();
  t.equal((await fetching(other)(url)).statusCode, 503, 'without a cache there is nothing');
  real();
  t.equal((await fetching(other)(url)).body, good.body, 'but what is stored');
  const { body } = await other.as(null)('GET', '/metrics');
  t.match(body, /^keepline_calendars_served_total\{from="last_good"\} 1$/m);
  other.app.store.write = otherWrite;
  t.not((await fetching(other)(url)).body, good.body, 'and no longer than it must be');
});

t.test('a calendar that is no longer known is not served from the cache later', async (t) => {
  const { service, fetch, url, record } = await open(t);
  t.equal((await fetch(url)).statusCode, 200);
  await record('2026-03-10');
  replace(service.app.store.serving, { feedByToken: () => null, feedWithBody: () => null });
  t.equal((await fetch(url)).statusCode, 404);
  replace(service.app.store.serving, { feedByToken: fail, feedWithBody: fail, body: fail });
  t.equal((await fetch(url)).statusCode, 503);
});
