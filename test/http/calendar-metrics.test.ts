/** What an operator may alert on: how fetches of calendars are answered, and out of what. */
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import t from 'tap';
import { addPerson, call, serve } from './service.ts';

const PUBLIC_URL = 'https://keepline.example';

t.test('answers of calendars are counted by status and by where they came from', async (t) => {
  const service = await serve(t, { environment: { PUBLIC_URL } });
  const metrics = async () => {
    const { body } = await service.as(null)('GET', '/metrics');
    const numbers = body.matchAll(/^(keepline_calendar\w+)\{([^}]*)\} (\d+)$/gm);
    return Object.fromEntries(
      Array.from(numbers, ([, name, labels, number]) => [`${name} ${labels}`, Number(number)]),
    );
  };
  const before = await metrics();
  t.equal(
    before['keepline_calendar_answers_total to="calendar",status="503"'],
    0,
    'told before there is one',
  );
  t.equal(before['keepline_calendars_served_total from="last_good"'], 0);
  const gained = async () => {
    const now = await metrics();
    const changed = Object.entries(now).filter(([name, number]) => number !== (before[name] ?? 0));
    const short = changed.map(([name, number]) => [
      name.replace(/keepline_calendars?_|_total|"/g, ''),
      number - (before[name] ?? 0),
    ]);
    Object.assign(before, now);
    return Object.fromEntries(short);
  };

  const alice = await addPerson(service, 'Alice');
  const api = service.as(alice.write);
  const record = (at: string) => api('POST', `/v1/lines/${alice.line}/records`, call(at));
  await record('2026-01-20');
  const { urls } = (await api('POST', `/v1/users/${alice.id}/feeds`, { name: 'Phones' })).json();
  const url = urls.https.slice(PUBLIC_URL.length);
  const fetch = (headers: Record<string, string> = {}, at = url) =>
    service.server.inject({ method: 'GET', url: at, headers });

  const first = await fetch();
  t.same(await gained(), {
    'answers to=calendar,status=200': 1,
    'served from=published': 1,
    'publications outcome=made': 1,
  });
  await fetch();
  await fetch({ 'if-none-match': first.headers.etag as string });
  t.same(await gained(), {
    'answers to=calendar,status=200': 1,
    'answers to=calendar,status=304': 1,
    'served from=memory': 2,
  });
  const DATABASE_URL = `sqlite:${join(service.folder, 'keepline.db')}`;
  const other = await serve(t, { environment: { PUBLIC_URL, DATABASE_URL } });
  t.equal((await other.as(null)('GET', url)).body, first.body);
  t.match(
    (await other.as(null)('GET', '/metrics')).body,
    /^keepline_calendars_served_total\{from="database"\} 1$/m,
    'another process reads what was published',
  );
  await fetch({}, url.replace('klf_', 'klf_0').replace(/.\/Phones/, '/Phones'));
  await fetch({}, url.replace('/Phones.ics', ''));
  await service.server.inject({ method: 'POST', url });
  t.same(await gained(), {
    'answers to=calendar,status=404': 1,
    'answers to=other,status=200': 1,
    'answers to=other,status=405': 1,
  });

  // The feed is to be made anew, and what it is made of cannot be read.
  await record('2026-02-20');
  const database = new Sqlite(join(service.folder, 'keepline.db'));
  database.exec('alter table marks rename to elsewhere');
  t.equal((await fetch()).body, first.body);
  t.same(await gained(), {
    'answers to=calendar,status=200': 1,
    'served from=last_good': 1,
    'publications outcome=failed': 1,
  });
  database.exec('alter table elsewhere rename to marks');
  database.close();
  t.not((await fetch()).body, first.body);
  t.match(await gained(), { 'served from=published': 1, 'publications outcome=made': 1 });

  for (const { id } of (await api('GET', `/v1/users/${alice.id}/feeds`)).json().items) {
    await api('DELETE', `/v1/feeds/${id}`);
  }
  await fetch();
  await fetch();
  t.match(await gained(), { 'answers to=calendar,status=200': 2, 'served from=farewell': 2 });
  service.setNow('2026-05-01T12:00:00.000Z');
  await fetch();
  t.same(await gained(), { 'answers to=calendar,status=410': 1 }, 'nothing is served once it is gone');
});
