/** Records in, timelines, agendas and deadlines out. */
import t from 'tap';
import { ADMIN, addPerson, call, cast, roubles, serve } from './service.ts';

const service = await serve(t);
const admin = service.as(ADMIN);
const { alice, bob } = await cast(service);
const api = service.as(alice.write);
const records = `/v1/lines/${alice.line}/records`;
const timeline = `/v1/lines/${alice.line}/timeline`;

t.test('T2 with 300 roubles, as the contract says it', async (t) => {
  const balance = { type: 'balance', at: '2026-01-01', amount: roubles('300') };
  const simulation = { rule: 'ru/t2/prepaid', records: [call('2026-01-01'), balance], as_of: '2026-01-02' };
  const { stages, ...told } = (await api('POST', '/v1/simulations', simulation)).json();
  t.match(told, {
    rule: 'ru/t2/prepaid',
    stage: 'active',
    as_of: '2026-01-02',
    until: '2036-01-02',
    act_by: '2026-04-01',
  });
  t.match(told.act_by_because, { clock: /./, record: /./, text: /90 days/, sources: [{ source: /./ }] });
  t.match(told.lost_on_because, { clock: told.act_by_because.clock });
  const from = (stage: string) =>
    stages
      .filter((entry: { stage: string }) => entry.stage === stage)
      .map((entry: { from: string }) => entry.from);
  t.same(from('fee_running'), ['2026-05-02']);
  t.same(from('receive_only'), ['2026-08-09']);
  t.same(from('lost'), ['2026-04-02', '2027-02-05']);
  t.ok(
    stages.every((entry: { because: { text: string } }) => entry.because.text.length > 10),
    'each says why',
  );
  t.same((await api('GET', records)).json().items, [], 'nothing is stored');
});

t.test('plans are folded in a simulation, and left out of a timeline', async (t) => {
  const plan = {
    rule: 'ru/t2/prepaid',
    records: [call('2026-01-01'), call('2026-02-01')],
    as_of: '2026-01-02',
  };
  t.match((await api('POST', '/v1/simulations', plan)).json(), { act_by: '2026-05-02' });
  await api('POST', records, { items: plan.records });
  t.equal((await api('GET', `${timeline}?as_of=2026-01-02`)).json().act_by, '2026-04-01');
  t.equal((await api('GET', timeline)).json().act_by, '2026-05-02');
});

t.test('a void holds whenever it was written', async (t) => {
  const [, second] = (await api('GET', records)).json().items;
  const undo = (
    await api('POST', records, { type: 'void', at: '2026-03-10', record: second.id, reason: 'a slip' })
  ).json();
  t.equal((await api('GET', `${timeline}?as_of=2026-02-05`)).json().act_by, '2026-04-01');
  const after = (await api('GET', records)).json().items;
  t.equal(after[1].voided_by, undo.id);
  const names = ['id', 'line', 'type', 'at', 'record', 'reason', 'recorded_at', 'voided_by', 'payment'];
  t.same(Object.keys(undo), names);
});

t.test('in the language asked for, else in the person’s', async (t) => {
  const said = async (headers: Record<string, string>) => {
    const answer = await api('GET', timeline, undefined, headers);
    return [answer.headers['content-language'], answer.json().stages.at(-1).because.text] as const;
  };
  const english = await said({});
  t.equal(english[0], 'en');
  const russian = await said({ 'accept-language': 'fr, ru-RU;q=0.9, en;q=0.1' });
  t.equal(russian[0], 'ru');
  t.match(russian[1], /[а-я]{3}/);
  t.equal((await said({ 'accept-language': 'zh-CN' }))[0], 'zh');
  t.same(await said({ 'accept-language': 'fr, *' }), english);
  await admin('PATCH', `/v1/users/${alice.id}`, { locale: 'ru' });
  t.same(await said({}), russian);
  await admin('PATCH', `/v1/users/${alice.id}`, { locale: 'en' });
});

t.test('ETags and 304', async (t) => {
  for (const url of [
    timeline,
    `/v1/lines/${alice.line}/agenda`,
    '/v1/deadlines',
    `/v1/lines/${alice.line}`,
    '/v1/rules/ru/t2/prepaid',
  ]) {
    const { etag } = (await api('GET', url)).headers as { etag: string };
    for (const have of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const answer = await api('GET', url, undefined, { 'if-none-match': have });
      t.equal(answer.statusCode, 304, `${url} ${have}`);
      t.equal(answer.body, '');
      t.equal(answer.headers.etag, etag);
    }
    t.equal((await api('GET', url, undefined, { 'if-none-match': '"x"' })).statusCode, 200);
    const head = await api('HEAD', url);
    t.match([head.statusCode, head.body, head.headers.etag], [200, '', etag]);
  }
  const { etag } = (await api('GET', timeline)).headers;
  await api('POST', records, call('2026-03-01'));
  t.not((await api('GET', timeline)).headers.etag, etag, 'a record changes it');
});

t.test('an agenda says what is due, overdue and done', async (t) => {
  const { items } = (await api('GET', `/v1/lines/${alice.line}/agenda`)).json();
  t.ok(items.some(({ state }: { state: string }) => state === 'due'));
  t.same(
    items.map(({ on }: { on: string }) => on),
    items.map(({ on }: { on: string }) => on).sort(),
  );
  t.equal(
    new Set(items.map(({ uid }: { uid: string }) => uid)).size,
    items.length,
    'each has a UID of its own',
  );
  service.setNow('2026-09-01T12:00:00.000Z');
  const later = (await api('GET', `/v1/lines/${alice.line}/agenda`)).json().items;
  t.same(
    later.map(({ uid }: { uid: string }) => uid),
    items.map(({ uid }: { uid: string }) => uid),
    'the day changes no entry',
  );
  t.ok(
    later.some(({ state }: { state: string }) => state === 'overdue'),
    'but its state',
  );
  service.setNow('2026-03-15T12:00:00.000Z');
  const all = (await api('GET', `/v1/users/${alice.id}/agenda`)).json().items;
  t.same(all, items, 'a person with one line');
  const nobody = (
    await admin('POST', '/v1/users', { name: 'New', locale: 'zh', time_zone: 'Asia/Shanghai' })
  ).json();
  const empty = (await admin('GET', `/v1/users/${nobody.id}/agenda`)).json().items;
  t.match(empty, [{ kind: 'nothing', on: '2026-03-15', title: /\p{Script=Han}/u }]);
  const elsewhere = (await service.as(bob.read)('GET', `/v1/users/${bob.id}/agenda`)).json().items;
  t.notOk(
    elsewhere.some(({ uid }: { uid: string }) => items.some((item: { uid: string }) => item.uid === uid)),
  );
});

type Deadline = { line: string; act_by: string; stage: string };
const deadlines = async (query = '', key = ADMIN) =>
  (await service.as(key)('GET', `/v1/deadlines${query}`)).json() as {
    items: Deadline[];
    next_cursor: string | null;
  };

t.test('deadlines: of whom the key may see, both ends included', async (t) => {
  const own = await deadlines('', alice.read);
  t.same(own.items, [
    {
      line: alice.line,
      user: alice.id,
      rule: 'ru/t2/prepaid',
      stage: 'active',
      act_by: '2026-05-30',
      lost_on: '2026-05-31',
      provisional: false,
    },
  ]);
  t.same(await deadlines('?after=2026-05-30&before=2026-05-30', alice.read), own);
  t.same((await deadlines('?after=2026-05-31', alice.read)).items, []);
  t.same((await deadlines('?before=2026-05-29', alice.read)).items, []);
  t.same((await deadlines('', bob.read)).items, [], 'a line of which nothing is known has none');
});

t.test('deadlines: as of today, without a write', async (t) => {
  const seen: string[] = [];
  for (let month = 4; month <= 12; month++) {
    service.setNow(`2026-${String(month).padStart(2, '0')}-15T12:00:00.000Z`);
    const told = (await api('GET', timeline)).json();
    const { items } = await deadlines('', alice.read);
    t.same(
      items.map(({ act_by }) => act_by),
      told.act_by === null ? [] : [told.act_by],
      `month ${month}`,
    );
    t.same(
      items.map(({ stage }) => stage),
      told.act_by === null ? [] : [told.stage],
    );
    seen.push(told.act_by);
  }
  t.ok(new Set(seen).size > 2, `the line has passed several of them: ${seen}`);
  service.setNow('2026-03-15T12:00:00.000Z');
});

t.test('what is recorded of tomorrow counts from tomorrow, whoever is asked', async (t) => {
  const person = await addPerson(service, 'Shanghai');
  const own = service.as(person.write);
  const url = `/v1/lines/${person.line}`;
  await own('POST', `${url}/records`, call('2026-01-01'));
  service.setNow('2026-03-15T19:30:00.000Z');
  const record = call('2026-03-16');
  t.equal((await own('POST', `${url}/records`, record)).statusCode, 201, 'it has come there');
  for (const [now, act_by] of [
    ['2026-03-15T20:59:00.000Z', '2026-04-01'],
    ['2026-03-15T21:01:00.000Z', '2026-06-14'],
  ] as const) {
    service.setNow(now);
    t.equal((await own('GET', `${url}/timeline`)).json().act_by, act_by);
    const { items } = (await own('GET', '/v1/deadlines?after=2026-03-01&before=2026-12-31')).json();
    t.match(items, [{ line: person.line, act_by }]);
    t.equal(items.length, 1);
    const what = (await own('POST', `${url}/simulations`, {})).json();
    t.match([what.before.act_by, what.after.act_by, what.differences], [act_by, act_by, []]);
  }
  const past = (await own('POST', `${url}/simulations`, { as_of: '2026-01-10' })).json();
  const told = (await own('GET', `${url}/timeline?as_of=2026-01-10`)).json();
  t.equal(past.after.act_by, told.act_by, 'and as of a day gone by');
  service.setNow('2026-03-15T12:00:00.000Z');
});

t.test('deadlines: page by page, in order, each line once', async (t) => {
  const person = await addPerson(service, 'Many');
  for (let i = 0; i < 25; i++) {
    const line = { rule: ['ru/t2/prepaid', 'gb/giffgaff/prepaid'][i % 2], label: `${i}` };
    const { id } = (await admin('POST', `/v1/users/${person.id}/lines`, line)).json();
    const record = { ...call(`2026-0${1 + (i % 3)}-0${1 + (i % 9)}`) };
    t.equal((await admin('POST', `/v1/lines/${id}/records`, record)).statusCode, 201);
  }
  const whole = (await deadlines('?limit=200', person.read)).items;
  t.equal(whole.length, 25);
  t.same(
    whole.map(({ act_by }) => act_by),
    whole.map(({ act_by }) => act_by).sort(),
  );
  const paged: Deadline[] = [];
  let cursor: string | null = null;
  do {
    const page = await deadlines(`?limit=4${cursor ? `&cursor=${cursor}` : ''}`, person.read);
    t.ok(page.items.length <= 4);
    paged.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  t.same(paged, whole);
});

t.test('lists page by page', async (t) => {
  const url = `/v1/lines/${bob.line}/records`;
  const items = Array.from({ length: 23 }, (_, i) => ({ ...call('2026-02-01'), external_id: `${i}` }));
  await admin('POST', url, { items });
  const seen: string[] = [];
  let next: string | null = `${url}?limit=5`;
  while (next) {
    const page: { items: { external_id: string }[]; next_cursor: string | null } = (
      await admin('GET', next)
    ).json();
    seen.push(...page.items.map(({ external_id }) => external_id));
    next = page.next_cursor && `${url}?limit=5&cursor=${page.next_cursor}`;
  }
  t.same(
    seen,
    items.map(({ external_id }) => external_id),
    'in the order entered, each once',
  );
  t.equal((await admin('GET', `${url}?limit=23`)).json().next_cursor, null);
  const rules: string[] = [];
  for (let at: string | null = ''; at !== null; ) {
    const page: { items: { id: string }[]; next_cursor: string | null } = (
      await admin('GET', `/v1/rules?limit=3${at && `&cursor=${at}`}`)
    ).json();
    rules.push(...page.items.map(({ id }: { id: string }) => id));
    at = page.next_cursor;
  }
  t.same(rules, [...service.app.rulebook.rules.keys()].sort());
});

t.test('a change of the line moves its dates', async (t) => {
  const line = await admin('POST', `/v1/users/${bob.id}/lines`, {
    rule: 'us/ultra-mobile/paygo',
    label: 'US',
  });
  const { id } = line.json();
  const patched = await admin('PATCH', `/v1/lines/${id}`, {
    time_zone: 'Asia/Shanghai',
    plan_price: { amount: '3', currency: 'USD' },
  });
  t.match(patched.json(), { time_zone: 'Asia/Shanghai', plan_price: { amount: '3', currency: 'USD' } });
  const merged = await admin(
    'PATCH',
    `/v1/lines/${id}`,
    { plan_price: { amount: '5.00' } },
    { 'content-type': 'application/merge-patch+json' },
  );
  t.same(merged.json().plan_price, { amount: '5.00', currency: 'USD' }, 'objects are merged');
  t.equal((await admin('GET', `/v1/lines/${id}/timeline`)).json().time_zone, 'Asia/Shanghai');
  const cleared = await admin('PATCH', `/v1/lines/${id}`, { time_zone: null, plan_price: null });
  t.match(cleared.json(), { time_zone: null, plan_price: null, label: 'US' });
  t.match((await admin('PATCH', `/v1/lines/${id}`, { label: null })).json().errors, [
    { pointer: '/label', detail: '`label` is missing.' },
  ]);
  t.match((await admin('PATCH', `/v1/lines/${id}`, [])).json().errors, [
    { pointer: '', detail: 'A merge patch is an object.' },
  ]);
});
