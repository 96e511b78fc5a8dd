import { readFile } from 'node:fs/promises';
import ICAL from 'ical.js';
import t from 'tap';
import { settleDate, settleMoney } from '../../src/cli/people/words.ts';
import { addPerson, NOW as SERVED, serve } from '../http/service.ts';
import { lintCalendar } from '../support/ical-lint.ts';
import { invoke, NOW, scratch } from './invoke.ts';

const EXAMPLE = 'examples/records.yaml';

t.test('dates seen from today, and money with its currency', async (t) => {
  const today = '2024-03-31';
  const dates: [string, string][] = [
    ['today', '2024-03-31'],
    ['yesterday', '2024-03-30'],
    ['tomorrow', '2024-04-01'],
    ['1 day ago', '2024-03-30'],
    ['40 days ago', '2024-02-20'],
    ['2 weeks ago', '2024-03-17'],
    ['1 month ago', '2024-02-29'],
    ['1 year ago', '2023-03-31'],
    ['in 10 days', '2024-04-10'],
    ['In 1 Month', '2024-04-30'],
  ];
  for (const [text, date] of dates) {
    t.equal(settleDate(text, today), date, text);
  }
  for (const text of ['2024-01-01', 'some day', 'days ago', '-1 days ago', 7, null]) {
    t.equal(settleDate(text, today), text, 'stays, to be told as wrong');
  }
  t.same(settleMoney('-12.50 RUB'), { amount: '-12.50', currency: 'RUB' });
  for (const text of ['12', '12 rub', 'RUB 12', 12]) t.equal(settleMoney(text), text);
});

t.test('everything wrong in a file is told at once, where it stands', async (t) => {
  const { file } = await scratch(t);
  const path = await file(
    'bad.yaml',
    `people:
  - name: Anna
    external_id: anna
    locale: de
    time_zone: Asia/Shanghai
    lines:
      - rule: ru/t2/prepaidd
        label: x
      - rule: ru/t2/prepaid
        label: y
        external_id: one
        number: +79161234567
        plan_price: 300
        records:
          - { type: topup, at: 2026-02-30, amount: 300 RUB }
          - { type: topup, at: someday, amount: 300 }
          - { type: topup, at: 3 days ago, amount: 300 EUR }
          - { type: topup, at: in 3 days, amount: 300 RUB }
          - { type: topup, at: 3 days ago, amount: 0 RUB }
          - { type: balance, at: 3 days ago, amount: 10 RUB, colour: red }
          - 5
      - { rule: gb/ee/prepaid, label: z, external_id: one, records: 7 }
  - nmae: Boris
`,
  );
  const { code, stdout, stderr } = await invoke(['feed', path]);
  t.equal(code, 1);
  t.equal(stdout, '');
  const told: [string, RegExp][] = [
    ['4:13', /^locale: .*`en`, `ru`, `zh`/],
    ['7:15', /^rule: There is no such rule\. Did you mean `ru\/t2\/prepaid`/],
    ['12:17', /^number: .* Put it in quotes\.$/],
    ['13:21', /^plan_price: Money is written with its currency, as `300 RUB`\.$/],
    ['15:32', /^at: There is no 2026-02-30 in the calendar/],
    ['16:32', /^at: .*`40 days ago`/],
    ['16:49', /^amount: Money is written/],
    ['17:44', /^amount\.currency: EUR is not the currency of this rule/],
    ['18:32', /^at: 2026-06-18 has not come yet\. .*"keepline timeline"/],
    ['19:44', /^amount\.amount: The amount is zero/],
    ['20:70', /^colour: There is no field `colour` here\. .*`type`, `at`, `external_id`, `amount`\.$/],
    ['21:13', /^This must be one of the records/],
    ['22:55', /^external_id: Another line of this person has it/],
    ['22:69', /^This must be a list of records/],
    ['23:5', /^name: `name` is missing/],
    ['23:5', /^locale: /],
    ['23:5', /^time_zone: /],
    ['23:11', /^nmae: .*Did you mean `name`\?.*`lines`\.$/],
  ];
  const lines = stderr.trimEnd().split('\n');
  t.equal(lines.shift(), `keepline: ${told.length} problems; nothing was done.`);
  t.equal(lines.length, told.length);
  const places = lines.map((line) => line.replace(`${path}:`, ''));
  for (const [place, message] of told) {
    const found = places.some(
      (line) => line.startsWith(`${place}: `) && message.test(line.slice(place.length + 2)),
    );
    t.ok(found, `${place} ${message}`);
  }
  const order = places.map((line) => line.split(':').slice(0, 2).map(Number) as [number, number]);
  t.same(
    order,
    order.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]),
    'in order',
  );
});

t.test('a file may be YAML, JSON or NDJSON, a person, or a line alone; or nothing at all', async (t) => {
  const { file } = await scratch(t);
  const record = { type: 'topup', at: '2026-06-01', amount: { amount: '10', currency: 'GBP' } };
  const line = { rule: 'gb/giffgaff/prepaid', label: 'L', external_id: 'l', records: [record] };
  const person = { name: 'P', external_id: 'p', locale: 'en', time_zone: 'Europe/London', lines: [line] };
  const { lines: _, ...user } = person;
  const { records: __, ...bare } = line;
  const rows = [
    { object: 'user', ...user },
    { object: 'line', ...bare },
    { object: 'record', line: 'l', ...record },
  ];
  const forms: Record<string, string> = {
    'list.json': JSON.stringify([person]),
    'people.json': JSON.stringify({ people: [person] }, null, '\t'),
    'person.yaml': `name: P\nexternal_id: p\nlocale: en\ntime_zone: Europe/London\nlines:\n- ${JSON.stringify(line)}\n`,
    'rows.ndjson': `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`,
  };
  const bodies = new Set<string>();
  for (const [name, content] of Object.entries(forms)) {
    const { code, stdout, stderr } = await invoke(['feed', await file(name, content)]);
    t.equal(code, 0, `${name} ${stderr}`);
    bodies.add(stdout);
    t.equal((await invoke(['feed', '-'], { stdin: content })).stdout, stdout, `${name} from standard input`);
  }
  t.equal(bodies.size, 1, 'the same calendar');

  const alone = await invoke(['timeline', '-', '--json'], {
    stdin: JSON.stringify({ ...line, label: undefined }),
  });
  t.match(JSON.parse(alone.stdout).items, [
    { timeline: { rule: 'gb/giffgaff/prepaid', act_by: '2026-11-28' } },
  ]);

  const nobody: [string, RegExp][] = [
    ['', /stdin:1:1: Nobody is in it/],
    ['people: []', /Nobody is in it/],
    ['hello', /Nobody is in it: begin with "people:"/],
    ['persons: []', /Nobody is in it: begin with "people:"/],
    ['{"people": [}', /stdin:1:\d+: /],
    ['people: 5', /stdin:1:9: This must be a list of people/],
    ['people: &a [*a]', /stdin:1:13: /],
    ['people:\n- {name: a}\nplaces: []', /stdin:3:9: There is no "places" here/],
    ['{"object":"user"}\nnonsense', /stdin:2:1: This line is not one JSON object/],
    ['{"object":"line","rule":"x","label":"x"}\n', /stdin:1:1: .*whose line/],
    ['{"object":"house"}\n', /stdin:1:1: .*`user`, `line` or `record`/],
    [`x: ${'y'.repeat(2_000_001)}`, /too long to be read at once/],
  ];
  for (const [stdin, told] of nobody) {
    const { code, stderr } = await invoke(['timeline', '-'], { stdin });
    t.equal(code, 1, stdin.slice(0, 40));
    t.match(stderr, told, stdin.slice(0, 40));
  }
});

t.test('timeline: T2 with 300 roubles, in words', async (t) => {
  const stdin = `
rule: ru/t2/prepaid
label: Bank codes
facts: { nationality: russian }
records:
  - { type: activity, at: 2026-01-01, kind: call, direction: outgoing, charged: true }
  - { type: balance, at: 2026-01-01, amount: 300 RUB }
`;
  const now = new Date('2026-01-02T10:00:00Z');
  const { code, stdout } = await invoke(['timeline', '-'], { stdin, now });
  t.equal(code, 0);
  const inOrder = [
    'State of the line by the records: active.',
    'Last day: 1 April 2026.',
    'Balance by the records: 300 ₽.',
    'From 2 April 2026 (the carrier may, but need not): ',
    'From 2 May 2026: 3 RUB a day',
    'Why this date: ',
    'What still saves the number:',
    'From 9 August 2026: ',
    'From 5 February 2027: the contract ends.',
  ];
  let from = 0;
  for (const text of inOrder) {
    const place = stdout.replaceAll('\u00a0', ' ').indexOf(text, from);
    t.ok(place >= from, text);
    from = place;
  }
  const planned = `${stdin}  - { type: activity, at: 2026-03-30, kind: sms, direction: outgoing, charged: true }\n`;
  t.match(
    (await invoke(['timeline', '-'], { stdin: planned, now })).stdout,
    'Last day: 28 June 2026.',
    'a plan',
  );
  t.match(
    (await invoke(['timeline', '-', '--as-of', '2026-06-01'], { stdin, now })).stdout,
    'The last safe day was 1 April 2026.',
  );
  const until = await invoke(['timeline', '-', '--until', '2026-04-30', '--json'], { stdin, now });
  t.equal(JSON.parse(until.stdout).items[0].timeline.until, '2026-04-30');
});

t.test('timeline: the example, each in their own language or in one', async (t) => {
  const own = await invoke(['timeline', EXAMPLE]);
  t.equal(own.code, 0);
  for (const text of ['号码：', 'Номер: ', 'Number: ']) t.match(own.stdout, text);
  const { stdout } = await invoke(['timeline', EXAMPLE, '--locale', 'en']);
  t.equal(stdout.match(/^Number: /gm)?.length, 8);
  t.match(stdout, 'The last safe day was ', 'one is overdue');
  t.match(stdout, 'What is missing:', 'of one, facts are missing');
  t.notMatch(stdout, /\+?79\d{9}/, 'no whole number');
  const { items } = JSON.parse((await invoke(['timeline', EXAMPLE, '--json', '--person', 'Carol'])).stdout);
  t.same(
    items.map(({ line, timeline }: { line: string; timeline: { stage: string } }) => [line, timeline.stage]),
    [
      ['demo-carol-giffgaff', 'active'],
      ['demo-carol-ee', 'active'],
      ['demo-carol-lmt', 'active'],
    ],
  );
});

t.test('feed: one calendar, linted, read by another parser, the same bytes each time', async (t) => {
  const { folder } = await scratch(t);
  const now = NOW.toISOString();
  const counts: Record<string, number> = {};
  for (const person of ['demo-anna', 'demo-boris', 'demo-carol', null]) {
    const args = ['feed', EXAMPLE, '--now', now, ...(person ? ['--person', person] : [])];
    const { code, stdout } = await invoke(args);
    t.equal(code, 0);
    t.same(lintCalendar(stdout), [], `${person}`);
    t.equal((await invoke(args, { now: new Date() })).stdout, stdout, 'the same bytes');
    t.match(stdout, 'DTSTAMP:20260615T090000Z');
    const events = new ICAL.Component(ICAL.parse(stdout)).getAllSubcomponents('vevent');
    const days = events.map((event) => String(event.getFirstPropertyValue('dtstart')));
    t.same(days, days.toSorted(), 'by day');
    counts[person ?? 'all'] = events.length;
  }
  const { all, ...each } = counts;
  t.equal(
    all,
    Object.values(each).reduce((sum, count) => sum + count, 0),
  );
  t.ok(Object.values(each).every((count) => count > 5));

  const out = `${folder}/carol.ics`;
  const russian = ['feed', EXAMPLE, '--person', 'Carol', '--locale', 'ru', '--name', 'Кэрол', '--out', out];
  t.same(await invoke(russian), { code: 0, stdout: '', stderr: '' });
  const text = await readFile(out, 'utf8');
  t.same(lintCalendar(text), []);
  t.match(text, 'NAME:Кэрол');
  t.match(text, 'SUMMARY:Последний день для');
  const options = ['--alarms', 'events', '--lead-days', '3', '--detail', 'neutral'];
  const neutral = (await invoke(['feed', EXAMPLE, '--person', 'Carol', ...options])).stdout;
  t.same(lintCalendar(neutral), []);
  t.notMatch(neutral, /giffgaff|BEGIN:VALARM/);
  t.match(neutral, 'SUMMARY:⏳ Renewal due in 3 days');
  t.equal((await invoke([...russian.slice(0, -1), `${folder}/none/x.ics`])).code, 1);
});

t.test('what was exported is read as a file of people, whatever else is in it', async (t) => {
  const { file } = await scratch(t);
  const uuid = (n: number) => `019d33ab-f280-7003-8324-ff6c23b04a9${n}`;
  const money = (amount: string) => ({ amount, currency: 'RUB' });
  const at = '2026-06-01T10:00:00.000Z';
  const [line, payment, record] = [`line_${uuid(2)}`, `payment_${uuid(3)}`, `record_${uuid(4)}`];
  const rows: object[] = [
    { object: 'user', id: `user_${uuid(1)}`, name: 'Eva', locale: 'en', time_zone: 'Europe/Berlin' },
    { object: 'line', id: line, rule: 'ru/t2/prepaid', label: 'Bank' },
    {
      object: 'payment',
      id: payment,
      line,
      paid_at: '2026-06-01',
      amount: money('300'),
      channel: 'app',
      makes: 'topup',
      record,
      changes: [{ state: 'pending', at, by: `key_${uuid(5)}` }],
    },
    { object: 'record', id: record, line, type: 'topup', at: '2026-06-01', amount: money('300'), payment },
    {
      object: 'record',
      line,
      type: 'activity',
      at: '2026-06-02',
      kind: 'call',
      direction: 'outgoing',
      charged: true,
    },
    {
      object: 'feed',
      id: `feed_${uuid(6)}`,
      name: 'Mine',
      lines: [line],
      detail: 'full',
      alarms: 'valarm',
      lead_days: [7],
    },
  ];
  const text = `\ufeff${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;
  const path = await file('all.ndjson', text);
  const plain = await file(
    'plain.ndjson',
    rows
      .filter((row) => !/"(payment|feed)"/.test(JSON.stringify(row).slice(0, 20)))
      .map((row) => JSON.stringify(row))
      .join('\n'),
  );
  const { code, stdout, stderr } = await invoke(['timeline', path]);
  t.same([code, stderr], [0, '']);
  t.match(stdout, 'Bank');
  for (const command of ['plan', 'feed']) {
    const told = await invoke([command, path]);
    t.equal(told.code, 0, told.stderr);
    if (command === 'feed') t.not(told.stdout, (await invoke([command, plain])).stdout, 'not yet confirmed');
  }
  const { folder } = await scratch(t);
  const env = { DATABASE_URL: `sqlite:${folder}/keepline.db`, PROOFS_URL: `file:${folder}/proofs` };
  const imported = await invoke(['import', '-'], { env, stdin: text });
  t.equal(imported.code, 0, imported.stderr);
  const out = (await invoke(['export'], { env })).stdout;
  for (const id of [payment, record, `feed_${uuid(6)}`]) t.match(out, id);
});

t.test(
  'an export tells by itself what its service tells: payments, proofs, marks, and what is withdrawn',
  async (t) => {
    const env = { PUBLIC_URL: 'https://keepline.example.org' };
    const service = await serve(t, { environment: env });
    const eva = await addPerson(service, 'Eva');
    const api = service.as(eva.write);
    const made = await api('POST', `/v1/users/${eva.id}/lines`, { rule: 'gb/giffgaff/prepaid', label: 'UK' });
    const line = `/v1/lines/${made.json().id}`;
    const pounds = (amount: string) => ({ amount, currency: 'GBP' });
    const topup = { type: 'topup', amount: pounds('10') };
    await api('POST', `${line}/records`, { ...topup, at: '2025-12-01', external_id: 'first' });
    const wrong = (
      await api('POST', `${line}/records`, { ...topup, at: '2026-02-01', external_id: 'mine' })
    ).json();
    await api('POST', `${line}/records`, { type: 'void', at: '2026-03-01', record: wrong.id });
    const paid = { paid_at: '2026-03-10', amount: pounds('10'), channel: 'app' };
    const pay = async (rest: object) =>
      (await api('POST', `${line}/payments`, { ...paid, ...rest })).json().id as string;
    const [confirmed, , failed] = [
      await pay({ makes: 'plan_renewed', paid_at: '2026-03-01' }),
      await pay({}),
      await pay({}),
    ];
    await api('POST', `/v1/payments/${confirmed}/confirm`, {});
    await api('POST', `/v1/payments/${failed}/fail`, { reason: 'vanished' });
    await api('PATCH', `/v1/payments/${confirmed}`, { no_proof: true });
    const feed = (
      await api('POST', `/v1/users/${eva.id}/feeds`, { name: 'Keepline', action_links: true })
    ).json();
    const entriesOf = (ics: string) =>
      ics
        .replaceAll('\r\n ', '')
        .split('BEGIN:VEVENT')
        .slice(1)
        .map((event) =>
          [/DTSTART[^:]*:(\d+)/, /SUMMARY:(.*)\r/].map((field) => field.exec(event)?.[1]).join(' '),
        );
    const fetched = async () =>
      (await service.as(null)('GET', new URL(feed.urls.https).pathname)).body.replaceAll('\r\n ', '');
    const later = /Remind me in three days: https:\/\/keepline\.example\.org(\/act\/[\w-]+)/.exec(
      await fetched(),
    )?.[1];
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    t.equal((await service.as(null)('POST', later ?? '', '', form)).statusCode, 200);

    const { file } = await scratch(t);
    const path = await file('eva.ndjson', (await api('GET', '/v1/export')).body);
    const now = new Date(SERVED);
    const { items } = JSON.parse((await invoke(['timeline', path, '--json'], { now })).stdout);
    const there = (await api('GET', `${line}/timeline`)).json();
    const here = items.at(-1).timeline;
    t.same([here.provisional, here.confirmed_act_by], [true, there.confirmed_act_by]);
    const plain = ({ clocks: _, stages, ...rest }: { clocks: unknown; stages: { from: string }[] }) => ({
      ...rest,
      stages: stages.map(({ from }) => from),
    });
    t.same(plain(here), plain(there));
    const told = await invoke(['feed', path], { now });
    t.same(entriesOf(told.stdout).sort(), entriesOf(await fetched()).sort(), told.stderr);
  },
);

t.test('an export of a line that has moved west is read as its service reads it', async (t) => {
  const service = await serve(t);
  const flo = await addPerson(service, 'Flo');
  const api = service.as(flo.write);
  const line = `/v1/lines/${flo.line}`;
  await api('PATCH', line, { time_zone: 'Asia/Tokyo' });
  const paid = { paid_at: '2025-10-01', amount: { amount: '5', currency: 'RUB' }, channel: 'app' };
  const { id } = (await api('POST', `${line}/payments`, paid)).json();
  await api('POST', `/v1/payments/${id}/cancel`);
  for (const record of [
    { type: 'activated', at: '2025-11-10' },
    { type: 'activity', at: '2025-11-09T20:00:00Z', kind: 'call', direction: 'outgoing', charged: true },
  ])
    t.equal((await api('POST', `${line}/records`, record)).statusCode, 201);
  await api('PATCH', line, { time_zone: 'America/New_York' });
  await service.app.store.write(null, (q) => q.lines.update(flo.line, { facts: { citizenship: 'other' } }));
  const { file } = await scratch(t);
  const text = (await api('GET', '/v1/export')).body;
  const now = new Date(SERVED);
  const told = await invoke(['timeline', await file('flo.ndjson', text), '--json'], { now });
  t.same([told.code, told.stderr], [0, '']);
  const { act_by } = JSON.parse(told.stdout).items[0].timeline;
  t.equal(act_by, (await api('GET', `${line}/timeline`)).json().act_by);
  const plain = text.replaceAll(/"id":"record_[^"]*",/g, '');
  const refused = await invoke(['timeline', await file('plain.ndjson', plain)], { now });
  t.match(refused.stderr, /activated only on/);
});
