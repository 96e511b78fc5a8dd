/** Feeds over REST: made, changed, rotated, revoked; by whom; and that an address is told only once. */
import t, { type Test } from 'tap';
import { headLine, readFeed } from '../support/feeds.ts';
import { ADMIN, call, cast, type Fixture, serve } from './service.ts';

t.setTimeout(120_000);

const PUBLIC_URL = 'https://keepline.example/at/home';

async function open(t: Test) {
  const service = await serve(t, { environment: { PUBLIC_URL } });
  const people = await cast(service);
  return { service, ...people, api: service.as(people.alice.write) };
}
/** The path that a proxy in front of the service passes on. */
const inner = (url: string) => url.slice(PUBLIC_URL.length);
/** A person's feeds, without the one that the cast comes with. */
const others = (list: { json(): { items: { name: string }[] } }) =>
  list.json().items.filter(({ name }) => name !== 'Mine');
const get = (service: Fixture, url: string) => service.server.inject({ method: 'GET', url: inner(url) });

t.test('made with what is said, the rest by default', async (t) => {
  const { service, api, alice } = await open(t);
  const made = await api('POST', `/v1/users/${alice.id}/feeds`, { name: 'Phones, mine' });
  t.equal(made.statusCode, 201);
  const { urls, ...feed } = made.json();
  t.equal(Object.keys(made.json())[0], 'id');
  t.same(feed, {
    id: feed.id,
    user: alice.id,
    name: 'Phones, mine',
    lines: null,
    kinds: null,
    locale: null,
    detail: 'full',
    alarms: 'valarm',
    lead_days: [30, 7, 1],
    action_links: false,
    alarm_hour: 9,
    history_days: 90,
    show_balance: false,
    created_at: '2026-03-15T12:00:00.000Z',
    updated_at: '2026-03-15T12:00:00.000Z',
    last_fetched_at: null,
    client: null,
  });
  t.match(made.headers, { location: `/v1/feeds/${feed.id}`, 'cache-control': 'no-store' });

  const start = /^https:\/\/keepline\.example\/at\/home\/cal\/klf_[\w-]{43}/;
  t.match(urls.https, new RegExp(`${start.source}/Phones-mine\\.ics$`));
  t.match(urls.page, new RegExp(`${start.source}$`));
  const webcal = urls.https.replace('https:', 'webcal:');
  t.same(urls, {
    https: urls.https,
    webcal,
    google: `https://calendar.google.com/calendar/u/0/r?cid=${encodeURIComponent(webcal)}`,
    outlook: `https://outlook.live.com/calendar/0/addfromweb/?url=${encodeURIComponent(webcal)}&name=Phones%2C%20mine`,
    page: urls.https.slice(0, urls.https.lastIndexOf('/')),
  });
  t.equal(headLine((await get(service, urls.https)).body, 'NAME'), 'Phones\\, mine');

  const shown = await api('GET', `/v1/feeds/${feed.id}`);
  t.same(shown.json(), feed, 'shown without its addresses');
  const listed = await api('GET', `/v1/users/${alice.id}/feeds`);
  t.same(others(listed), [feed]);
  t.equal(listed.json().next_cursor, null);
});

t.test('an address in any script, and never too long', async (t) => {
  const { service, api, alice } = await open(t);
  const names = {
    Мои: '%D0%9C%D0%BE%D0%B8.ics',
    '我的 号码': `${encodeURIComponent('我的-号码')}.ics`,
    '../../etc/passwd': 'etc-passwd.ics',
    '☎ ?#%': 'keepline.ics',
    'Мои\u0306': `${encodeURIComponent('Мой')}.ics`,
    'फ़ोन 2': `${encodeURIComponent('फ़ोन-2')}.ics`,
    [`${'a'.repeat(59)} ${'b'.repeat(80)}`]: `${'a'.repeat(59)}.ics`,
    [`${'a'.repeat(59)}${'𠮷'.repeat(2)}`]: `${'a'.repeat(59)}${encodeURIComponent('𠮷')}.ics`,
    ['ж'.repeat(200)]: `${encodeURIComponent('ж'.repeat(60))}.ics`,
  };
  for (const [name, segment] of Object.entries(names)) {
    const { urls } = (await api('POST', `/v1/users/${alice.id}/feeds`, { name })).json();
    t.equal(urls.https.split('/').at(-1), segment);
    const answer = await get(service, urls.https);
    t.equal(answer.statusCode, 200, name.slice(0, 20));
    t.ok(readFeed(answer.rawPayload).size > 0);
  }
});

t.test('what is refused, and where', async (t) => {
  const { api, alice, bob } = await open(t);
  const refusals: [object, string[]][] = [
    [{}, ['/name']],
    [{ name: '' }, ['/name']],
    [{ name: 'x'.repeat(201) }, ['/name']],
    [{ name: 'x\u0000' }, ['/name']],
    [{ name: 'x', colour: 'red' }, ['/colour']],
    [{ name: 'x', lines: [bob.line] }, ['/lines/0']],
    [{ name: 'x', lines: [alice.line, 'line_none'] }, ['/lines/1']],
    [{ name: 'x', lines: [alice.line, alice.line] }, ['/lines']],
    [{ name: 'x', kinds: [] }, ['/kinds']],
    [{ name: 'x', kinds: ['renew', 'party'] }, ['/kinds/1']],
    [{ name: 'x', locale: 'de' }, ['/locale']],
    [{ name: 'x', detail: 'none' }, ['/detail']],
    [{ name: 'x', alarms: true }, ['/alarms']],
    [{ name: 'x', lead_days: [0] }, ['/lead_days/0']],
    [{ name: 'x', lead_days: [1.5, 366] }, ['/lead_days/0', '/lead_days/1']],
    [{ name: 'x', lead_days: Array.from({ length: 11 }, (_, i) => i + 1) }, ['/lead_days']],
    [{ name: 'x', action_links: true, lines: [bob.line] }, ['/lines/0']],
    [{ name: 'x', show_balance: 'yes' }, ['/show_balance']],
  ];
  for (const [body, places] of refusals) {
    const answer = await api('POST', `/v1/users/${alice.id}/feeds`, body);
    t.equal(answer.statusCode, 422, JSON.stringify(body).slice(0, 60));
    const { errors } = answer.json();
    t.same(
      errors.map(({ pointer }: { pointer: string }) => pointer),
      places,
    );
    t.ok(errors.every(({ detail, mend }: { detail: string; mend: string }) => detail && mend));
  }
  t.same(others(await api('GET', `/v1/users/${alice.id}/feeds`)), [], 'nothing was made');
});

t.test('changed, and the address stays', async (t) => {
  const { service, api, alice } = await open(t);
  const made = await api('POST', `/v1/users/${alice.id}/feeds`, {
    name: 'Phones',
    locale: 'ru',
    lead_days: [14],
  });
  const { id, urls } = made.json();
  const url = `/v1/feeds/${id}`;
  const etag = made.headers.etag as string;
  t.equal((await api('GET', url, undefined, { 'if-none-match': etag })).statusCode, 304);
  await get(service, urls.https);

  const changed = await api(
    'PATCH',
    url,
    { locale: null, lines: [alice.line], detail: 'neutral' },
    { 'if-match': etag },
  );
  t.equal(changed.statusCode, 200);
  t.match(changed.json(), {
    name: 'Phones',
    locale: null,
    lines: [alice.line],
    detail: 'neutral',
    lead_days: [14],
  });
  t.notOk(changed.json().urls);
  t.equal((await get(service, urls.https)).statusCode, 200);

  const stale = await api('PATCH', url, { name: 'Other' }, { 'if-match': etag });
  t.same([stale.statusCode, stale.json().code], [412, 'stale']);
  t.equal(stale.headers.etag, changed.headers.etag);
  const nulls = {
    lines: null,
    detail: null,
    lead_days: null,
    alarms: null,
    show_balance: null,
    action_links: null,
  };
  const cleared = await api('PATCH', url, nulls, { 'if-match': `W/${changed.headers.etag}` });
  t.match(cleared.json(), { lines: null, detail: 'full', lead_days: [30, 7, 1], name: 'Phones' });

  for (const [body, pointer] of [
    [{ name: null }, '/name'],
    [{ lines: ['line_none'] }, '/lines/0'],
    [{ id: 'feed_other' }, '/id'],
    [[], ''],
  ] as const) {
    const refused = await api('PATCH', url, body);
    t.same([refused.statusCode, refused.json().errors[0].pointer], [422, pointer]);
  }
});

t.test('a fetch moves the tag of what is shown, not of what is changed', async (t) => {
  const { service, api, alice } = await open(t);
  const made = await api('POST', `/v1/users/${alice.id}/feeds`, { name: 'Phones' });
  const { id } = made.json();
  const etag = made.headers.etag as string;
  const at = '2026-03-15T12:00:00.000Z';
  await service.app.store.write(null, (q) => q.feeds.noteFetches([{ feed: id, at, client: 'apple' }]));
  const shown = await api('GET', `/v1/feeds/${id}`, undefined, { 'if-none-match': etag });
  t.equal(shown.statusCode, 200);
  t.match(shown.json(), { last_fetched_at: at, client: 'apple' });
  t.equal((await api('PATCH', `/v1/feeds/${id}`, { name: 'New' }, { 'if-match': etag })).statusCode, 200);
});

t.test('rotated', async (t) => {
  const { service, api, alice } = await open(t);
  const made = (await api('POST', `/v1/users/${alice.id}/feeds`, { name: 'Phones' })).json();
  const url = `/v1/feeds/${made.id}/rotate`;
  const known = [made.urls.https];
  for (const [body, days] of [
    [undefined, 7],
    [{}, 7],
    [{ overlap_days: 30 }, 30],
    [{ overlap_days: 0 }, 0],
  ] as const) {
    const rotated = await api('POST', url, body);
    t.equal(rotated.statusCode, 200);
    t.equal(rotated.headers['cache-control'], 'no-store');
    const { urls, ...feed } = rotated.json();
    t.match(feed, { id: made.id, name: 'Phones' });
    t.notOk(known.includes(urls.https));
    const tokens = await service.app.store.feeds.tokens(made.id);
    const ends = new Date(Date.parse('2026-03-15T12:00:00.000Z') + days * 86_400_000).toISOString();
    t.ok(
      tokens.some(({ expires_at }) => expires_at === ends),
      `ends ${ends}`,
    );
    t.equal(tokens.filter(({ expires_at }) => expires_at === null).length, 1, 'one goes on');
    known.push(urls.https);
  }
  const last = known.pop() as string;
  t.ok(readFeed((await get(service, last)).rawPayload).size > 0);
  for (const old of known) t.match((await get(service, old)).body, 'This calendar link has ended');
  for (const overlap_days of [-1, 31, 1.5, '7', null]) {
    t.equal((await api('POST', url, { overlap_days })).statusCode, 422);
  }
});

t.test('a rotation that is sent again is not done again', async (t) => {
  const { service, api, alice } = await open(t);
  const headers = { 'idempotency-key': 'once' };
  const path = `/v1/users/${alice.id}/feeds`;
  const [one, two] = [
    await api('POST', path, { name: 'A' }, headers),
    await api('POST', path, { name: 'A' }, headers),
  ];
  t.same(two?.json(), one?.json(), 'the same addresses again');
  t.equal(others(await api('GET', path)).length, 1);
  const rotate = `/v1/feeds/${one?.json().id}/rotate`;
  const [first, again] = [await api('POST', rotate, {}, headers), await api('POST', rotate, {}, headers)];
  t.same(again?.json(), first?.json());
  t.equal((await service.app.store.feeds.tokens(one?.json().id)).length, 2);
});

t.test('whose they are', async (t) => {
  const { service, api, alice, bob } = await open(t);
  const path = `/v1/users/${alice.id}/feeds`;
  const { id, urls } = (await api('POST', path, { name: 'Phones' })).json();
  const asBob = service.as(bob.write);
  const acts: [string, string, object?][] = [
    ['POST', path, { name: 'x' }],
    ['GET', path],
    ['GET', `/v1/feeds/${id}`],
    ['PATCH', `/v1/feeds/${id}`, { name: 'x' }],
    ['POST', `/v1/feeds/${id}/rotate`, {}],
    ['DELETE', `/v1/feeds/${id}`],
  ];
  for (const [method, url, body] of acts) {
    t.equal((await asBob(method, url, body)).statusCode, 404, `${method} ${url}: of another`);
    t.equal((await service.as(null)(method, url, body)).statusCode, 401);
    t.equal((await service.as(alice.read)(method, url, body)).statusCode, method === 'GET' ? 200 : 403);
  }
  const admin = service.as(ADMIN);
  t.match((await admin('GET', `/v1/feeds/${id}`)).json(), { id, name: 'Phones' });
  t.equal((await api('DELETE', `/v1/feeds/${id}`)).statusCode, 204);
  t.equal((await api('GET', `/v1/feeds/${id}`)).statusCode, 404);
  t.equal((await api('DELETE', `/v1/feeds/${id}`)).statusCode, 404);
  t.match((await get(service, urls.https)).body, 'This calendar link has ended');
  t.same(
    service.lines.filter((line) => line.includes('klf_')),
    [],
    'no token in the log',
  );
});

t.test(
  'what a feed leaves out, since another entry of that day says it, the agenda leaves out',
  async (t) => {
    const { service, api, alice } = await open(t);
    // The day on which the line was entered is the last safe one.
    await api('POST', `/v1/lines/${alice.line}/records`, call('2025-12-16'));
    const made = (await api('POST', `/v1/users/${alice.id}/feeds`, { name: 'Phones' })).json();
    const shown = readFeed((await get(service, made.urls.https)).rawPayload);
    for (const part of [`users/${alice.id}`, `lines/${alice.line}`]) {
      const { items } = (await api('GET', `/v1/${part}/agenda`)).json();
      const within = (items as { uid: string; on: string }[]).filter(({ on }) => on < '2027-06-01');
      t.same(new Set(within.map(({ uid }) => uid)), new Set(shown.keys()), part);
    }
  },
);

t.test('a feed shows what the agenda says', async (t) => {
  const { service, api, alice } = await open(t);
  await api('POST', `/v1/lines/${alice.line}/records`, {
    type: 'activity',
    at: '2026-01-20',
    kind: 'call',
    direction: 'outgoing',
    charged: true,
  });
  const { urls } = (await api('POST', `/v1/users/${alice.id}/feeds`, { name: 'Phones' })).json();
  const events = readFeed((await get(service, urls.https)).rawPayload);
  const { items } = (await api('GET', `/v1/users/${alice.id}/agenda`)).json();
  const agenda = (items as { uid: string; on: string; title: string; text: string }[]).filter(
    ({ on }) => on < '2027-06-01',
  );
  t.ok(agenda.length > 5, 'as far ahead as a feed reaches');
  for (const item of agenda) {
    const event = events.get(item.uid);
    t.same([event?.date, event?.summary], [item.on, item.title]);
    t.equal(event?.description, item.text);
  }
  t.equal(events.size, agenda.length);
});

t.test('at which hour alarms ring, and how far back a feed reaches', async (t) => {
  const { service, api, alice } = await open(t);
  await api('POST', `/v1/lines/${alice.line}/records`, { items: [call('2025-12-20'), call('2026-03-05')] });
  const made = (await api('POST', `/v1/users/${alice.id}/feeds`, { name: 'Evening', alarm_hour: 20 })).json();
  t.match(made, { alarm_hour: 20, history_days: 90 });
  const read = async () => (await get(service, made.urls.https)).body.replaceAll('\r\n ', '');
  const evening = await read();
  t.match(evening, /TRIGGER:-PT4H/, 'eight in the evening of the day before');
  t.notMatch(evening, /TRIGGER:-PT15H/);
  const days = (text: string) =>
    [...text.matchAll(/DTSTART;VALUE=DATE:(\d{8})/g)].map(([, day]) => day as string);
  const changed = await api('PATCH', `/v1/feeds/${made.id}`, { history_days: 0, alarm_hour: null });
  t.match(changed.json(), { alarm_hour: 9, history_days: 0 });
  const short = await read();
  t.match(short, /TRIGGER:-PT15H/);
  t.ok(
    days(short).every((day) => day >= '20260301'),
    'nothing of the months before',
  );
  for (const [body, pointer] of [
    [{ name: 'x', alarm_hour: 24 }, '/alarm_hour'],
    [{ name: 'x', history_days: 91 }, '/history_days'],
  ] as const) {
    const refused = await api('POST', `/v1/users/${alice.id}/feeds`, body);
    t.same([refused.statusCode, refused.json().errors[0].pointer], [422, pointer]);
  }
});
