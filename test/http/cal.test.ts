/** What calendars meet at `/cal`: their requests, as real clients send them, and what they may and may not be told. */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import t from 'tap';
import { createFetchNotes } from '../../src/http/cal/fetches.ts';
import { createPublisher } from '../../src/publication/index.ts';
import { digest } from '../../src/store/digest.ts';
import type { Store } from '../../src/store/types.ts';
import { eventually } from '../support/eventually.ts';
import { headLine, readFeed } from '../support/feeds.ts';
import { lintCalendar } from '../support/ical-lint.ts';
import { onEachEngine } from '../support/stores.ts';
import { countLookUps, fetching } from './fetching.ts';
import { ADMIN, addPerson, call, type Fixture, serve } from './service.ts';
import { stay } from './silence.ts';

t.setTimeout(230_000);

const PUBLIC_URL = 'https://keepline.example';
const DAY = 86_400_000;
const START = '2026-03-15T12:00:00.000Z';
const after = (days: number) => new Date(Date.parse(START) + days * DAY).toISOString();

async function open(t: { teardown(fn: () => unknown): void }) {
  const service = await serve(t, { level: 'trace', environment: { PUBLIC_URL, PORT: '0' } });
  return { service, ...(await withFeed(service)) };
}

/** A person with a line, a record and a feed. */
async function withFeed(service: Fixture, name = 'Alice', options: object = {}) {
  const person = await addPerson(service, name);
  const api = service.as(person.write);
  const record = (at: string) => api('POST', `/v1/lines/${person.line}/records`, call(at));
  await record('2026-01-20');
  const made = (await api('POST', `/v1/users/${person.id}/feeds`, { name: 'Phones', ...options })).json();
  const path = (url: string) => url.slice(PUBLIC_URL.length);
  return { person, api, record, made, url: path(made.urls.https), page: path(made.urls.page), path };
}

// For the tests that neither move the clock nor write.
const still = await open(t);

t.test('a calendar with its headers', async (t) => {
  const { service, url, made } = still;
  const fetch = fetching(service);
  t.match(url, /^\/cal\/klf_[\w-]{43}\/Phones\.ics$/);
  const got = await fetch(url);
  t.equal(got.statusCode, 200);
  const { date, connection, ...headers } = got.headers;
  t.match(headers.etag, /^"sha256-[\w-]{27}"$/);
  t.same(headers, {
    'content-type': 'text/calendar; charset=utf-8',
    'content-length': `${got.rawPayload.length}`,
    etag: headers.etag,
    'last-modified': 'Sun, 15 Mar 2026 12:00:00 GMT',
    'cache-control': 'private, max-age=300',
    vary: 'Accept-Encoding',
    'content-disposition': 'inline; filename="keepline.ics"',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
    'strict-transport-security': 'max-age=31536000',
  });
  for (const other of ['/act/x', '/docs', '/healthz', '/v1/users']) {
    const { headers: others } = await fetch(other);
    t.equal(others['strict-transport-security'], 'max-age=31536000', `${other}: no other host's affair`);
  }
  t.ok(readFeed(got.rawPayload).size > 5);
  t.equal(headLine(got.rawPayload, 'X-WR-CALNAME'), 'Phones');

  const again = await fetch(url);
  t.same(again.rawPayload, got.rawPayload, 'the same bytes');
  t.equal(again.headers.etag, headers.etag);

  const head = await fetch(url, {}, 'HEAD');
  t.equal(head.statusCode, 200);
  t.equal(head.rawPayload.length, 0);
  t.match(head.headers, headers);

  const token = made.urls.page.split('/').at(-1);
  for (const name of [
    'x.ics',
    '.ics',
    `${'long'.repeat(200)}.ics`,
    'a%2Fb%00.ics',
    '%E4%B8%AD.ics?a=b/c',
    'x.ics?',
  ]) {
    const other = await fetch(`/cal/${token}/${name}`, { accept: 'application/calendar+json' });
    t.same(other.rawPayload, got.rawPayload, name.slice(0, 30));
  }
  const { body } = await fetch(`http://keepline.example${url}`);
  t.equal(body, got.body, 'an absolute address, as proxies send it');
});

t.test('compressed as it was published, to those who take it so', async (t) => {
  const { service, url } = still;
  const fetch = fetching(service);
  const plain = await fetch(url);
  const gzip = { 'accept-encoding': 'br;q=1, gzip, deflate' };
  const stored = await service.app.store.publications.get(still.made.id);
  for (const turn of ['at first', 'out of the memory']) {
    const got = await fetch(url, gzip);
    t.match(got.headers, {
      'content-encoding': 'gzip',
      etag: `W/${plain.headers.etag}`,
      vary: 'Accept-Encoding',
    });
    t.equal(got.headers['content-length'], `${got.rawPayload.length}`);
    t.same(got.rawPayload, stored?.gzip, `the stored bytes ${turn}`);
    t.same(gunzipSync(got.rawPayload), plain.rawPayload);
  }
  const had = await fetch(url, { ...gzip, 'if-none-match': `W/${plain.headers.etag}` });
  t.equal(had.statusCode, 304);
  t.equal((await fetch(url, { ...gzip }, 'HEAD')).headers['content-encoding'], 'gzip');
  for (const headers of [
    { 'accept-encoding': 'br' },
    { 'accept-encoding': 'gzip;q=0, br' },
    { ...gzip, 'user-agent': 'Microsoft.Exchange/15.20 (Calendar Sharing)' },
  ] as Record<string, string>[]) {
    const got = await fetch(url, headers);
    t.equal(got.headers['content-encoding'], undefined, JSON.stringify(headers));
    t.same(got.rawPayload, plain.rawPayload);
  }
  const off = await serve(t, { environment: { PUBLIC_URL, FEED_GZIP: 'off' } });
  const other = await withFeed(off);
  t.equal((await fetching(off)(other.url, gzip)).headers['content-encoding'], undefined);
});

t.test('who comes by http is not sent to https', async (t) => {
  const service = await serve(t, { environment: { PUBLIC_URL: 'http://keepline.example' } });
  const { made } = await withFeed(service);
  for (const address of [made.urls.https, made.urls.page]) {
    const got = await fetching(service)(new URL(address).pathname);
    t.match([got.statusCode, got.headers['strict-transport-security']], [200, undefined]);
  }
});

t.test('crawlers that ask first may read feeds', async (t) => {
  const robots = await fetching(still.service)('/robots.txt');
  t.equal(robots.statusCode, 200);
  t.match(robots.headers['content-type'], 'text/plain');
  t.notMatch(robots.body, /Disallow: \/(cal|\n|$)/);
});

t.test('304 to whoever has it', async (t) => {
  const { service, url } = still;
  const fetch = fetching(service);
  const { headers } = await fetch(url);
  const etag = headers.etag as string;
  const modified = headers['last-modified'] as string;
  const answers: [number, Record<string, string>][] = [
    [304, { 'if-none-match': etag }],
    [304, { 'if-none-match': `W/${etag}` }],
    [304, { 'if-none-match': `"a,b", W/"other",${etag}` }],
    [304, { 'if-none-match': '*' }],
    [304, { 'if-none-match': etag, 'cache-control': 'no-cache' }],
    [304, { 'if-none-match': etag, 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' }],
    [304, { 'if-modified-since': modified }],
    [304, { 'if-modified-since': 'Sun, 15 Mar 2026 12:00:01 GMT' }],
    [200, { 'if-none-match': etag.slice(1, -1) }],
    [200, { 'if-none-match': '"other"', 'if-modified-since': modified }],
    [200, { 'if-none-match': '' }],
    [200, { 'if-modified-since': 'Sun, 15 Mar 2026 11:59:59 GMT' }],
    [200, { 'if-modified-since': 'yesterday' }],
    [200, { 'if-range': etag, range: 'bytes=0-9' }],
  ];
  for (const method of ['GET', 'HEAD']) {
    for (const [status, conditions] of answers) {
      const got = await fetch(url, conditions, method);
      t.equal(got.statusCode, status, `${method} ${JSON.stringify(conditions)}`);
      if (status !== 304) continue;
      t.equal(got.rawPayload.length, 0);
      const { date, connection, ...told } = got.headers;
      t.same(told, {
        etag,
        'last-modified': modified,
        'cache-control': headers['cache-control'],
        vary: headers.vary,
      });
    }
  }
});

t.test('nothing but GET and HEAD, and nothing of an address in any answer', async (t) => {
  const { service, url, page } = still;
  const fetch = fetching(service);
  for (const method of [
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'PROPFIND',
    'REPORT',
    'MKCALENDAR',
    'TRACE',
  ]) {
    for (const address of [url, page, '/cal/unknown/x.ics']) {
      const answer = await service.server.inject({
        method: method as 'GET',
        url: address,
        headers: { 'content-type': 'application/xml' },
        payload: '<x/>',
      });
      t.equal(answer.statusCode, 405, `${method} ${address.slice(0, 9)}`);
      t.equal(answer.headers.allow, 'GET, HEAD');
    }
  }
  const secret = 'a-secret-that-must-not-be-repeated';
  const unknown = [
    `/cal/${secret}`,
    `/cal/${secret}/x.ics`,
    `/cal/${secret}/x.txt`,
    `/cal/${secret}/a/b.ics`,
    `/cal/${secret}/`,
    `/cal/${secret.repeat(10)}/x.ics`,
    `/cal/x/${secret.repeat(10)}`,
    `/cal//${secret}.ics`,
    `/cal/${secret}/..%2f..%2fv1/users`,
  ];
  for (const address of unknown) {
    const answer = await fetch(address);
    t.equal(answer.statusCode, 404, address.slice(0, 60));
    t.match(answer.headers, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
    t.notMatch(answer.body, /secret/);
  }
  const browser = {
    accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
    'accept-language': 'zh-CN,ru;q=0.5',
  };
  const slashed = await fetch(`/cal/${secret}/`, browser);
  t.match(
    slashed.headers,
    { 'content-type': 'text/html; charset=utf-8' },
    'with a slash behind it, it is a page',
  );
  const missed = await fetch(`/cal/${secret}`, browser);
  t.equal(missed.statusCode, 404);
  t.match(missed.headers, {
    'content-type': 'text/html; charset=utf-8',
    'content-language': 'zh',
    'cache-control': 'no-store',
    'content-security-policy': /default-src 'none'/,
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
  });
  t.match(missed.body, '此地址没有日历，请检查是否复制完整。');
  t.notMatch(missed.body, /secret/);
  t.match((await fetch(`/cal/${secret}?lang=ru`, browser)).body, 'По этому адресу календаря нет.');
  const calendar = await fetch(`/cal/${secret}/x.ics`, browser);
  t.match(calendar.headers, { 'content-type': 'text/plain; charset=utf-8' }, 'a calendar is no page');
  for (const more of ['/x', '/x.ics']) t.equal((await fetch(`${url}${more}`)).statusCode, 404);
  t.equal((await fetch(url.replace('.ics', '.ICS'))).statusCode, 404);
  for (const address of [`/cal/%zz/${secret}.ics`, `/cal/${secret}%`]) {
    const broken = await fetch(address);
    t.equal(broken.statusCode, 400);
    t.notMatch(broken.body, /secret/);
  }
  t.same(
    service.lines.filter((line) => /cal\/|klf_|secret-that/.test(line)),
    [],
    'nor in the log',
  );
});

t.test('what is written is in the next fetch', async (t) => {
  const { service, url, made, api, person, record } = await open(t);
  const fetch = fetching(service);
  const first = await fetch(url);
  service.setNow(after(1));
  t.equal((await record('2026-03-16')).statusCode, 201);
  const second = await fetch(url, { 'if-none-match': first.headers.etag as string });
  t.equal(second.statusCode, 200);
  t.equal(second.headers['last-modified'], 'Mon, 16 Mar 2026 12:00:00 GMT');

  const steps: [string, string, object][] = [
    ['the language', `/v1/feeds/${made.id}`, { locale: 'ru' }],
    ['the name', `/v1/feeds/${made.id}`, { name: 'Номера' }],
    ['the detail', `/v1/feeds/${made.id}`, { detail: 'neutral' }],
    ['the zone', `/v1/users/${person.id}`, { time_zone: 'Asia/Shanghai' }],
  ];
  let { etag } = second.headers;
  for (const [what, address, body] of steps) {
    t.equal((await api('PATCH', address, body)).statusCode, 200);
    const next = await fetch(url);
    t.same(lintCalendar(next.rawPayload), []);
    t.not(next.headers.etag, etag, what);
    etag = next.headers.etag;
    t.equal((await fetch(url)).headers.etag, etag);
  }
  t.equal((await api('DELETE', `/v1/lines/${person.line}`)).statusCode, 204);
  const empty = await fetch(url);
  t.equal(readFeed(empty.rawPayload).size, 1, 'nothing in this feed yet');
});

/** Holds writes back until `release`; after `letOthersWrite`, only those that have begun. `begun` resolves at the first. */
function holdWrites(store: Store) {
  const { write } = store;
  const begun = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  store.write = async (...parameters) => {
    begun.resolve();
    await held.promise;
    return write(...parameters);
  };
  return {
    begun: begun.promise,
    letOthersWrite() {
      store.write = write;
    },
    release: () => held.resolve(),
  };
}

t.test('what is written while a calendar is made is in the next fetch all the same', async (t) => {
  const { service, url, made, api, record } = await open(t);
  const fetch = fetching(service);
  const { store } = service.app;
  const first = await fetch(url);

  await record('2026-03-10');
  const held = holdWrites(store);
  const early = fetch(url);
  await held.begun;
  held.letOthersWrite();
  t.equal((await record('2026-03-14')).statusCode, 201);
  const lookedUp = countLookUps(service);
  const late = fetch(url);
  // Twice, and then it waits for the publication that is under way, which lacks what was written.
  await eventually(lookedUp, (times) => times === 2);
  await setImmediate();
  held.release();
  const bodies = [first, await early, await late].map(({ body }) => body);
  t.equal(new Set(bodies).size, 3, 'who asked before it was written need not see it');
  t.equal((await fetch(url)).body, bodies[2]);

  await record('2026-03-15');
  const { snapshot } = store;
  store.snapshot = async (...given) => {
    store.snapshot = snapshot;
    t.equal((await api('DELETE', `/v1/feeds/${made.id}`)).statusCode, 204);
    return snapshot(...given);
  };
  t.equal(readFeed((await fetch(url)).rawPayload).size, 1, 'a feed that goes meanwhile says goodbye');
});

t.test('what was made before a write is not remembered as made after it', async (t) => {
  const { service, url, record } = await open(t);
  const fetch = fetching(service);
  const { store } = service.app;
  await fetch(url);
  await record('2026-03-10');
  const held = holdWrites(store);
  const early = fetch(url);
  await held.begun;
  held.letOthersWrite();
  t.equal((await record('2026-03-14')).statusCode, 201);
  held.release();
  const { body } = await early;
  t.not((await fetch(url)).body, body);
});

t.test('a clock that was ahead and is right again leaves no calendar empty', async (t) => {
  const { service, url } = await open(t);
  const fetch = fetching(service);
  const { size } = readFeed((await fetch(url)).rawPayload);
  service.setNow('2031-03-15T12:00:00.000Z');
  t.not(readFeed((await fetch(url)).rawPayload).size, size);
  service.setNow('2026-03-15T12:01:00.000Z');
  t.equal(readFeed((await fetch(url)).rawPayload).size, size);
});

t.test('changed more than once a second, it tells of no change that lies ahead', async (t) => {
  const { service, url, record } = await open(t);
  const fetch = fetching(service);
  const tags = new Set<unknown>();
  for (let day = 10; day < 15; day += 1) {
    await record(`2026-03-${day}`);
    const { headers } = await fetch(url);
    t.equal(headers['last-modified'], new Date(START).toUTCString());
    const packed = await fetch(url, { 'accept-encoding': 'gzip' });
    t.equal(packed.headers['last-modified'], new Date(START).toUTCString());
    const kept = await fetch(url, { 'if-none-match': headers.etag as string });
    t.match([kept.statusCode, kept.headers['last-modified']], [304, new Date(START).toUTCString()]);
    tags.add(headers.etag);
  }
  t.equal(tags.size, 5, 'each is another');
  const since = { 'if-modified-since': new Date(START).toUTCString() };
  t.equal((await fetch(url, since)).statusCode, 200, 'who has an earlier one of that second gets the last');
});

t.test('two windows: the bytes change by time alone at the start of a month', async (t) => {
  const { service, url } = await open(t);
  const fetch = fetching(service);
  const march = await fetch(url);
  service.setNow('2026-03-31T21:59:59.000Z');
  t.equal((await fetch(url)).headers.etag, march.headers.etag);
  // Midnight in Berlin. The entry of a call in January is in both; what the later window adds comes last.
  service.setNow('2026-03-31T22:00:00.000Z');
  const april = await fetch(url);
  const [early, late] = [march, april].map(({ rawPayload }) => [...readFeed(rawPayload).values()]);
  t.same(late?.slice(0, early?.length), early);
  t.ok(late?.slice(early?.length).every(({ date }) => date >= '2027-06-01'));
  service.setNow('2026-09-01T12:00:00.000Z');
  const autumn = await fetch(url);
  t.not(autumn.headers.etag, march.headers.etag);
  t.equal(autumn.headers['last-modified'], 'Tue, 01 Sep 2026 12:00:00 GMT');
});

t.test('a rotated address serves for its overlap, then says goodbye, then is gone', async (t) => {
  const { service, url, page, made, api, path } = await open(t);
  const fetch = fetching(service);
  const before = await fetch(url);
  const rotated = (await api('POST', `/v1/feeds/${made.id}/rotate`, { overlap_days: 3 })).json();
  const next = path(rotated.urls.https);
  t.not(next, url);
  for (const address of [url, next]) t.equal((await fetch(address)).body, before.body, 'both serve');

  service.setNow(new Date(Date.parse(after(3)) - 1).toISOString());
  t.equal((await fetch(url)).body, before.body);
  service.setNow(after(3));
  const goodbye = await fetch(url);
  t.equal(goodbye.statusCode, 200);
  const events = readFeed(goodbye.rawPayload);
  t.same(
    [...events.values()].map(({ summary, date }) => [summary, date]),
    [['This calendar link has ended', '2026-03-18']],
  );
  t.not(goodbye.headers.etag, before.headers.etag);
  t.equal((await fetch(url, { 'if-none-match': before.headers.etag as string })).statusCode, 200);
  t.equal((await fetch(url, { 'if-none-match': goodbye.headers.etag as string })).statusCode, 304);
  t.equal((await fetch(url)).body, goodbye.body);
  t.equal((await fetch(page)).statusCode, 410);
  t.equal((await fetch(next)).statusCode, 200);
  t.ok(readFeed((await fetch(next)).rawPayload).size > 1);

  service.setNow(new Date(Date.parse(after(33)) - 1).toISOString());
  t.equal((await fetch(url)).body, goodbye.body);
  service.setNow(after(33));
  const gone = await fetch(url);
  t.equal(gone.statusCode, 410);
  t.same((await fetch(url, {}, 'HEAD')).statusCode, 410);
  t.equal((await fetch(next)).statusCode, 200);
});

t.test('a revoked feed, and one whose owner is erased', async (t) => {
  const { service, url, made, api } = await open(t);
  const fetch = fetching(service);
  const other = await withFeed(service, 'Bob', { locale: 'zh', name: 'Secret name' });
  for (const address of [url, other.url]) t.equal((await fetch(address)).statusCode, 200);
  t.equal((await api('DELETE', `/v1/feeds/${made.id}`)).statusCode, 204);
  t.equal((await other.api('DELETE', `/v1/users/${other.person.id}`)).statusCode, 204);

  for (const [address, title] of [
    [url, 'This calendar link has ended'],
    [other.url, '此日历链接已失效'],
  ] as const) {
    const goodbye = await fetch(address);
    t.equal(goodbye.statusCode, 200);
    t.same(
      [...readFeed(goodbye.rawPayload).values()].map(({ summary }) => summary),
      [title],
    );
    t.notMatch(goodbye.body, /Secret name|Bob|Alice/);
  }
  service.setNow(after(30));
  for (const address of [url, other.url]) t.equal((await fetch(address)).statusCode, 410);
});

t.test('the last good bytes while the database fails', async (t) => {
  const { service, url, record, page } = await open(t);
  const fetch = fetching(service);
  const stranger = await withFeed(service, 'Bob');
  const good = await fetch(url);
  const { store } = service.app;
  const { feedByToken, body } = store.serving;
  const { write, snapshot } = store;
  const fail = () => {
    throw new Error(`the disk is gone, says klf_${'x'.repeat(43)}`);
  };

  const rotating = await withFeed(service, 'Cleo');
  await fetch(rotating.url);
  await rotating.api('POST', `/v1/feeds/${rotating.made.id}/rotate`, { overlap_days: 3 });
  t.ok(readFeed((await fetch(rotating.url)).rawPayload).size > 1);
  await record('2026-03-14');
  Object.assign(store, { write: async () => fail() });
  const stale = await fetch(url);
  t.same([stale.statusCode, stale.body], [200, good.body], 'nothing can be published: what was');

  Object.assign(store, { snapshot: async () => fail() });
  Object.assign(store.serving, { feedByToken: fail, body: fail });
  const blind = await fetch(url);
  t.same([blind.statusCode, blind.body], [200, good.body], 'nothing can be read: what this process has');
  t.equal((await fetch(url, { 'if-none-match': good.headers.etag as string })).statusCode, 304);
  const never = await fetch(stranger.url);
  t.same([never.statusCode, never.headers['retry-after']], [503, '60'], 'never fetched here');
  t.equal((await fetch(page)).statusCode, 503);
  service.setNow(after(4));
  const ended = [...readFeed((await fetch(rotating.url)).rawPayload).values()];
  t.match(ended, [{ summary: 'This calendar link has ended' }], 'an address that ends meanwhile has ended');
  service.setNow(START);

  Object.assign(store, { write, snapshot });
  Object.assign(store.serving, { feedByToken, body });
  const better = await fetch(url);
  t.equal(better.statusCode, 200);
  t.not(better.headers.etag, good.headers.etag, 'the record is in it');
  t.ok(
    service.lines.some((line) => line.includes('its last publication is served')),
    'it is told in the log',
  );
  t.same(
    service.lines.filter((line) => line.includes('klf_')),
    [],
    'without any token',
  );
});

t.test('in trouble nobody is given what is older than another node has published', async (t) => {
  const { service, url, record, person } = await open(t);
  const DATABASE_URL = `sqlite:${join(service.folder, 'keepline.db')}`;
  const other = await serve(t, { environment: { PUBLIC_URL, DATABASE_URL, PORT: '0' } });
  const first = await fetching(service)(url);
  t.equal((await fetching(other)(url)).body, first.body);
  await record('2026-03-10');
  const second = await fetching(service)(url);
  t.not(second.body, first.body);

  const api = other.as(person.write);
  t.equal((await api('POST', `/v1/lines/${person.line}/records`, call('2026-03-14'))).statusCode, 201);
  other.app.store.write = () => Promise.reject(new Error('the disk is full'));
  t.equal((await fetching(other)(url)).body, second.body);
});

t.test('in trouble nothing of an erased line is served', async (t) => {
  const { service, url, api, person } = await open(t);
  const fetch = fetching(service);
  const good = await fetch(url);
  t.equal((await api('DELETE', `/v1/lines/${person.line}`)).statusCode, 204);
  const { store } = service.app;
  const { write } = store;
  store.write = () => Promise.reject(new Error('the disk is full'));
  for (const etag of ['"another"', good.headers.etag as string]) {
    const answer = await fetch(url, { 'if-none-match': etag });
    t.same([answer.statusCode, answer.headers['retry-after']], [503, '60']);
  }
  store.write = write;
  t.equal(readFeed((await fetch(url)).rawPayload).size, 1);
});

t.test('its page tells at once what has fetched it', async (t) => {
  const { service, url, page } = await open(t);
  const fetch = fetching(service);
  const told = async () => (await fetch(page, { accept: 'text/html' })).body;
  t.match(await told(), 'No calendar has fetched this yet.');
  await fetch(url, { 'user-agent': 'Google-Calendar-Importer' });
  t.match(await told(), 'A calendar last fetched this: 15 March 2026, 13:00 · Google.');
  service.setNow(after(1 / 24));
  await fetch(url, { 'user-agent': 'macOS/14.5 (23F79) CalendarAgent/1023' });
  t.match(await told(), 'this: 15 March 2026, 14:00 · Apple; 15 March 2026, 13:00 · Google.');
  service.setNow(after(2 / 24));
  await fetch(url, { 'user-agent': 'Google-Calendar-Importer' });
  t.match(await told(), 'this: 15 March 2026, 15:00 · Google; 15 March 2026, 14:00 · Apple.');
  service.setNow(after(3 / 24));
  await fetch(url, { 'user-agent': 'Google-Calendar-Importer' });
  await fetch(url, { 'user-agent': 'macOS/14.5 (23F79) CalendarAgent/1023' });
  await fetch(url, { 'user-agent': 'Evolution/3.46.4' });
  t.match(
    await told(),
    'this: 15 March 2026, 16:00 · Google; 15 March 2026, 16:00 · Apple; 15 March 2026, 16:00 · GNOME.',
  );
});

t.test('its page says that nobody is reminded until somebody fetches it', async (t) => {
  const { service, url, page } = await open(t);
  const fetch = fetching(service);
  await stay(service, 0, 3.5);
  t.match((await fetch(page)).body, 'Nobody is being reminded by it now');
  await fetch(url, { 'user-agent': 'Google-Calendar-Importer' });
  t.notMatch((await fetch(page)).body, 'Nobody is being reminded');
});

t.test('its page tells of a line whose rule is gone, and shows the others', async (t) => {
  const { service, page, person, api } = await open(t);
  await api('POST', `/v1/users/${person.id}/lines`, { rule: 'ru/mts/prepaid', label: 'Other' });
  const { rules } = service.app.rulebook as unknown as { rules: Map<string, never> };
  rules.delete('ru/mts/prepaid');
  const { statusCode, body } = await fetching(service)(page);
  t.equal(statusCode, 200);
  t.equal(body.split('<article').length, 2);
  t.match(body, 'One line has no dates here');
});

t.test('its page tells of each client once, written or not', async (t) => {
  const { service, made, api } = await open(t);
  const noted = [
    { feed: made.id, at: START, client: 'google' },
    { feed: made.id, at: START, client: 'apple' },
  ];
  await service.app.store.write(null, (q) => q.feeds.noteFetches(noted));
  service.setNow(after(1 / 24));
  const { urls } = (await api('POST', `/v1/feeds/${made.id}/rotate`, { overlap_days: 0 })).json();
  const fetch = fetching(service);
  await fetch(new URL(urls.https).pathname, { 'user-agent': 'Google-Calendar-Importer' });
  const { body } = await fetch(new URL(urls.page).pathname);
  t.match(body, 'this: 15 March 2026, 14:00 · Google; 15 March 2026, 13:00 · Apple.');
});

t.test('when and by what it was fetched is noted, and costs no write', async (t) => {
  const folder = join(tmpdir(), `keepline-cal-${process.pid}`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const environment = { DATABASE_URL: `sqlite:${join(folder, 'keepline.db')}`, PUBLIC_URL };
  const first = await serve({ teardown: () => {} }, { environment });
  const agents: [string | undefined, string | null][] = [
    ['Google-Calendar-Importer', 'google'],
    ['macOS/14.5 (23F79) CalendarAgent/1023', 'apple'],
    ['iOS/17.5.1 (21F90) dataaccessd/1.0', 'apple'],
    ['Microsoft.Exchange/15.20 (Windows; Outlook)', 'outlook'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.0', 'thunderbird'],
    ['Evolution/3.46.4', 'evolution'],
    ['ICSx5/2.2 (ical4j)', 'icsx5'],
    ['Nextcloud Webcal Service', 'nextcloud'],
    ['vdirsyncer/0.19.0', 'vdirsyncer'],
    ['HomeAssistant/2024.6.1 aiohttp/3.9.5', 'home_assistant'],
    ['ProtonCalendar/1.0', 'proton'],
    ['Fastmail/1.0', 'fastmail'],
    ['Mozilla/5.0 (X11; Linux x86_64) KHTML/5.107.0 KIO/5.107.0', 'kde'],
    [`Google-Calendar-Importer ${'x'.repeat(400)}`, 'google'],
    [`${'x'.repeat(400)} Google-Calendar-Importer`, 'other'],
    ['Mozilla/5.0 (Macintosh) AppleWebKit Safari', 'browser'],
    ['curl/8.5 alice@example.org', 'other'],
    [undefined, null],
  ];
  const ids: string[] = [];
  for (const [agent] of agents) {
    const { url, made } = await withFeed(first, 'Alice');
    ids.push(made.id);
    first.setNow(after(1));
    t.equal((await fetching(first)(url, agent ? { 'user-agent': agent } : {})).statusCode, 200);
    first.setNow(START);
    const shown = await first.as(ADMIN)('GET', `/v1/feeds/${made.id}`);
    t.equal(shown.json().last_fetched_at, null, 'not yet');
  }
  await first.close();
  const second = await serve(t, { environment });
  for (const [index, id] of ids.entries()) {
    const { last_fetched_at, client } = (await second.as(ADMIN)('GET', `/v1/feeds/${id}`)).json();
    const expected = agents[index]?.[0] === undefined ? 'other' : agents[index]?.[1];
    t.same([last_fetched_at, client], [after(1), expected], `${agents[index]?.[0]}`);
  }
});

t.test('its page', async (t) => {
  const { service, page, made, person } = still;
  const fetch = fetching(service);
  const hostile = `<script>alert(1)</script> "&' </title>`;
  const bad = await withFeed(service, 'Bob', { name: hostile, locale: 'ru' });
  const got = await fetch(page);
  t.equal(got.statusCode, 200);
  t.equal((await fetch(`${page}/`)).body, got.body, 'with a slash behind it, too');
  t.match(got.headers, {
    'content-type': 'text/html; charset=utf-8',
    'content-language': 'en',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex, nofollow',
  });
  const policy = String(got.headers['content-security-policy']);
  t.match(
    policy,
    /^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; script-src 'sha256-[\w+/=]{44}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
  );
  const plain = (text: string | undefined) =>
    text?.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code));
  const hrefs = [...got.body.matchAll(/class="button" id="to-\w+" href="([^"]*)"/g)].map(([, href]) =>
    plain(href),
  );
  const { google, webcal, outlook, https } = made.urls;
  t.same(hrefs, [
    google,
    webcal,
    outlook,
    outlook.replace('outlook.live.com', 'outlook.office.com'),
    https.replace('https:', 'webcals:'),
  ]);
  t.match(got.body, `value="${https}"`);
  t.match(got.body, 'do not import it');
  t.match(got.body, 'Often 4 to 24 hours');
  t.match(got.body, /<time datetime="2026-04-19">19 April 2026<\/time> <span class="left">35 days left/);
  for (const body of [got.body, (await fetch(bad.page)).body]) {
    t.notMatch(body, /<img|<link|<iframe|\son\w+=|@import|\ssrc=/i);
    t.equal(body.split('<script').length, 2);
  }
  const russian = (await fetch(bad.page)).body;
  t.match(russian, '<html lang="ru">');
  t.match(russian, '&#60;script&#62;alert(1)&#60;/script&#62; &#34;&#38;&#39; &#60;/title&#62;');
  t.equal((await fetch(page, {}, 'HEAD')).rawPayload.length, 0);
  const chinese = await fetch(`${page}?lang=zh`);
  t.match(chinese.body, '<html lang="zh-Hans">');
  t.equal(chinese.headers['content-language'], 'zh');
  for (const lang of ['xx', '', '%', '__proto__']) {
    t.match((await fetch(`${page}?lang=${lang}`)).body, '<html lang="en">', lang);
  }
  const onIphone = await fetch(page, {
    'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)',
  });
  t.match(onIphone.body, /class="card first">[^!]*id="to-apple"/);
  await service.as(person.write)('PATCH', `/v1/feeds/${made.id}`, { detail: 'neutral', lines: [] });
  t.match((await fetch(page)).body, 'There is no number in this calendar yet.', 'only the lines of the feed');
  await service.as(person.write)('PATCH', `/v1/feeds/${made.id}`, { lines: null });
  // The address has letters at random, two of which may be those of a carrier.
  const neutral = (await fetch(page)).body.replaceAll(/klf_[\w-]{43}/g, '');
  t.notMatch(neutral, /T2|Tele2/);
  await service.as(person.write)('PATCH', `/v1/feeds/${made.id}`, { detail: null });
});

t.test('a page of very many numbers shows some, and says so', async (t) => {
  const { service, page, person, api } = await open(t);
  for (let index = 0; index < 51; index += 1) {
    await api('POST', `/v1/users/${person.id}/lines`, { rule: 'ru/t2/prepaid', label: `Line ${index}` });
  }
  const { body } = await fetching(service)(page);
  t.match(body, 'Only the first 50 of 52 numbers are here');
  t.equal(body.split('<article').length, 51);
});

t.test('over real connections: HEAD, 304 and 405 leave them usable', async (t) => {
  const { service, url } = still;
  const base = await service.listen();
  const plain = { 'accept-encoding': 'identity' };
  const get = await fetch(base + url, { headers: plain });
  const text = await get.text();
  const head = await fetch(base + url, { method: 'HEAD', headers: plain });
  t.equal(head.headers.get('content-length'), `${Buffer.byteLength(text)}`);
  const kept = await fetch(base + url, { headers: { 'if-none-match': get.headers.get('etag') as string } });
  t.equal(kept.status, 304);
  t.equal(kept.headers.get('content-length'), null);
  const posted = await fetch(base + url, { method: 'POST', body: 'x'.repeat(3_000_000) });
  t.equal(posted.status, 405);
  t.equal(await (await fetch(base + url)).text(), text);
});

t.test('what was fetched lately is answered as the rest of the service would', async (t) => {
  const { service, url, page, made, api, record } = await open(t);
  const base = await service.listen();
  const looked = countLookUps(service);
  const told = ({ date, connection, 'keep-alive': alive, ...headers }: Record<string, unknown>) => headers;
  async function same(what: string, address: string, headers: Record<string, string> = {}, method = 'GET') {
    const quick = await fetch(base + address, {
      method,
      headers: { 'accept-encoding': 'identity', ...headers },
    });
    const usual = await fetching(service)(address, { 'accept-encoding': 'identity', ...headers }, method);
    t.equal(quick.status, usual.statusCode, what);
    t.same(told(Object.fromEntries(quick.headers)), told(usual.headers), what);
    t.equal(await quick.text(), usual.body, what);
    return usual;
  }
  const { headers } = await same('the first time', url);
  const before = looked();
  const etag = headers.etag as string;
  await same('a calendar', url);
  await same('with a query', `${url}?a=b/c`);
  await same('its headers', url, {}, 'HEAD');
  for (const tag of [etag, `W/${etag}`, '*']) await same(tag, url, { 'if-none-match': tag });
  await same('since', url, { 'if-modified-since': headers['last-modified'] as string });
  t.equal(looked(), before, 'nothing is looked up');
  await same('nothing but GET and HEAD', url, {}, 'POST');
  await same('no such name', `${url}/x`);
  await same('its page', page);
  await record('2026-03-14');
  t.not((await same('after a write', url)).headers.etag, etag);
  service.setNow(after(30));
  await same('in the next window', url);
  await api('DELETE', `/v1/feeds/${made.id}`);
  await same('its farewell', url);
  await same('again', url);
  service.setNow(after(60));
  t.equal((await same('gone', url)).statusCode, 410);
});

t.test('each gets the form that it takes, whoever came before', async (t) => {
  const { service, url } = await open(t);
  const first = await fetching(service)(url);
  const database = `sqlite:${join(service.folder, 'keepline.db')}`;
  const environment = { DATABASE_URL: database, PUBLIC_URL, PORT: '0' };
  for (const order of [
    ['identity', 'gzip'],
    ['gzip', 'identity'],
  ]) {
    // It has published nothing itself, and reads what is kept.
    const other = await serve(t, { environment });
    const base = await other.listen();
    async function get(form: string) {
      const response = await fetch(base + url, { headers: { 'accept-encoding': form } });
      return { form: response.headers.get('content-encoding') ?? 'identity', text: await response.text() };
    }
    const looked = countLookUps(other);
    for (const form of order) t.same(await get(form), { form, text: first.body });
    const before = looked();
    for (const form of order) t.same(await get(form), { form, text: first.body });
    t.equal(looked(), before, 'and both are remembered');
  }

  const spoilt = await serve(t, { environment });
  const spoiltUrl = await spoilt.listen();
  const get = (form: string) => fetch(spoiltUrl + url, { headers: { 'accept-encoding': form } });
  const keptBytes = new Sqlite(database.slice('sqlite:'.length));
  t.teardown(() => keptBytes.close());
  const change = (gzip: string) => keptBytes.prepare('update bodies set gzip = ?').run(gzip);
  const { gzip } = keptBytes.prepare('select gzip from bodies').get() as { gzip: string };
  change('AAAA');
  t.equal(
    await (await get('identity')).text(),
    first.body,
    'compressed bytes that are spoilt harm no one else',
  );
  await (await get('gzip')).arrayBuffer().catch(() => undefined);
  t.equal((await get('identity')).status, 503);
  t.equal(await (await get('identity')).text(), first.body, 'and are not remembered');
  change(gzip);

  const last = await serve(t, { environment });
  const read = fetching(last);
  t.equal((await read(url)).body, first.body);
  const fail = () => {
    throw new Error('the disk is gone');
  };
  Object.assign(last.app.store.serving, { feedByToken: fail, body: fail, feedWithBody: fail });
  const { headers, body } = await read(url, { 'accept-encoding': 'gzip' });
  t.same(
    [headers['content-encoding'], body],
    [undefined, first.body],
    'what there is, when it cannot be read',
  );
});

t.test('so many feeds are noted and no more, until they are written', async (t) => {
  const rounds: string[][] = [];
  const noteFetches = async (fetches: { feed: string }[]) => {
    rounds.push(fetches.map(({ feed }) => feed));
  };
  const store = {
    write: async (_: null, fn: (q: object) => unknown) => fn({ feeds: { noteFetches } }),
    feeds: { ofTokens: async (digests: string[]) => new Map(digests.map((digest) => [digest, digest])) },
  } as unknown as Parameters<typeof createFetchNotes>[0];
  const notes = createFetchNotes(store, { warn: () => {} }, 3);
  const note = (feed: number) => notes.note(`${feed}`, new Date(START), 'curl');
  for (const feed of [1, 2, 1, 3, 4, 2]) note(feed);
  await notes.flush();
  note(4);
  await notes.close();
  t.same(rounds, [['1', '2', '3'], ['4']]);
});

await onEachEngine(t, async (t, engine) => {
  const environment = { DATABASE_URL: await engine.url(), PUBLIC_URL };
  const one = await serve(t, { environment });
  const other = await serve(t, { environment });
  const { url, record, made, api, person } = await withFeed(one);

  const first = await fetching(one)(url);
  const { serving } = other.app.store;
  const { body, feedWithBody } = serving;
  let read = 0;
  serving.feedWithBody = async (digest, packed) => {
    const both = await feedWithBody(digest, packed);
    if (both?.bytes) read += 1;
    return both;
  };
  serving.body = (served, packed) => {
    read += 1;
    return body(served, packed);
  };
  const etag = first.headers.etag as string;
  t.equal((await fetching(other)(url, { 'if-none-match': etag })).statusCode, 304);
  const dora = await withFeed(one, 'Dora');
  const since = (await fetching(one)(dora.url)).headers['last-modified'] as string;
  t.equal((await fetching(other)(dora.url, { 'if-modified-since': since })).statusCode, 304);
  t.equal(read, 0, 'no body is read for whoever has it');
  for (const turn of [1, 2]) {
    t.equal((await fetching(other)(url)).body, first.body);
    t.equal(read, 1, `nor twice: turn ${turn}`);
  }
  // Another node has written, and something else: it is looked up whether it is still so.
  const told = new Promise<void>((resolve) => other.app.store.onChange(() => resolve()));
  await addPerson(one, 'Bob');
  if (engine.name === 'sqlite') await told;
  t.equal((await fetching(other)(url)).body, first.body);
  t.equal(read, 1, 'nor once it is known to be the same');
  const packed = await fetching(other)(url, { 'if-none-match': '"another"', 'accept-encoding': 'gzip' });
  t.equal(packed.headers['content-encoding'], 'gzip', 'who takes it compressed, and has another, gets it so');

  const seen = new Set<string>([etag]);
  // On SQLite another process's write is noticed within a tenth of a second, where the machine has one to spare.
  const noticed = (etag: unknown) => {
    const ask = () => fetching(other)(url);
    return engine.name === 'sqlite' ? eventually(ask, ({ headers }) => headers.etag === etag) : ask();
  };
  // The revision of the person's that stood when the other node was last told of a change: it serves nothing older.
  let heard = 0;
  const token = digest(url.split('/')[2] as string);
  other.app.store.onChange(() => {
    const served = serving.feedByToken(token);
    if (served && !(served instanceof Promise)) heard = served.user_revision ?? 0;
  });
  for (let day = 1; day <= 12; day += 1) {
    for (const node of [one, other]) node.setNow(after(day));
    const date = after(day).slice(0, 10);
    t.equal((await record(date)).statusCode, 201);
    const mine = await fetching(one)(url);
    t.notOk(seen.has(String(mine.headers.etag)), `day ${day}: what was acknowledged is in it`);
    seen.add(String(mine.headers.etag));
    t.equal((await noticed(mine.headers.etag)).body, mine.body, 'the other node serves the same bytes');
    const answers = await Promise.all([one, other, one, other].map((node) => fetching(node)(url)));
    t.same(new Set(answers.map(({ headers }) => headers.etag)), new Set([mine.headers.etag]), 'no flapping');
  }
  // The nodes publish at once, with clocks a second apart.
  for (let turn = 0; turn < 6; turn += 1) {
    one.setNow(after(20 + turn));
    other.setNow(new Date(Date.parse(after(20 + turn)) + 1000).toISOString());
    await api('PATCH', `/v1/feeds/${made.id}`, { name: `Phones ${turn}` });
    const user = await one.app.store.users.get(person.id);
    if (engine.name === 'sqlite') await eventually(() => heard === user?.revision);
    const answers = await Promise.all([one, other, one, other].map((node) => fetching(node)(url)));
    for (const { body } of answers) t.equal(headLine(body, 'NAME'), `Phones ${turn}`);
    t.equal(new Set(answers.map(({ body }) => body)).size, 1, 'one of them won, and all serve its bytes');
  }
  // A newer release publishes; these nodes are now behind it, as in a rolling deploy.
  const { app } = one;
  const newer = createPublisher({ ...app, release: app.release + 1, site: `${PUBLIC_URL}/new` });
  for (const node of [one, other]) node.setNow(after(30));
  const published = await newer(made.id, new Date(after(30)));
  t.equal((await noticed(published?.etag)).body, published?.body, 'what a newer release published is served');
  await record('2026-04-14');
  const own = await fetching(one)(url);
  t.not(own.body, published?.body, 'with what was recorded since');
  one.setNow(after(30.01));
  t.equal((await fetching(one)(url)).body, own.body, 'and the same bytes each time');
  t.equal((await noticed(own.headers.etag)).body, own.body, 'on both');

  await api('DELETE', `/v1/feeds/${made.id}`);
  const end = await fetching(one)(url);
  t.same((await noticed(end.headers.etag)).body, end.body, 'revoked on both');
  t.equal(readFeed(end.rawPayload).size, 1);
});

t.test('what is remembered for those who have it serves nobody else', async (t) => {
  const service = await serve(t, { environment: { PUBLIC_URL } });
  const { url } = await withFeed(service);
  const first = await fetching(service)(url);
  const etag = first.headers.etag as string;
  // Another process on the same file, whose memory is empty.
  const folder = join(service.folder, 'keepline.db');
  const other = await serve(t, { environment: { PUBLIC_URL, DATABASE_URL: `sqlite:${folder}` } });
  const looked = countLookUps(other);
  const ask = (headers = {}) => fetching(other)(url, headers);
  for (const turn of [1, 2, 3])
    t.equal((await ask({ 'if-none-match': etag })).statusCode, 304, `turn ${turn}`);
  t.equal(looked(), 1, 'it is looked up once');
  t.equal((await ask()).body, first.body, 'who has nothing gets it whole');
  t.equal((await ask({ 'if-none-match': '"another"' })).body, first.body);
  t.equal((await ask({ 'if-none-match': etag })).statusCode, 304);
  t.equal((await ask()).body, first.body);
  const before = looked();
  await ask();
  t.equal(looked(), before, 'from then on it is remembered whole');
});
