/** What a service has exported, read as a file of people. */
import t from 'tap';
import { addPerson, NOW as SERVED, serve } from '../http/service.ts';
import { invoke, scratch } from './invoke.ts';

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
