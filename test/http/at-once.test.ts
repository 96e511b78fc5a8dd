/** All errors at once: those of the form do not hide those of the sense. */
import t from 'tap';
import { ADMIN, call, cast, roubles, serve } from './service.ts';

// With any free port, so that links have no address to lead to.
const service = await serve(t, { environment: { PORT: '0' } });
const { alice } = await cast(service);
const api = service.as(alice.write);
const records = `/v1/lines/${alice.line}/records`;
const euros = { amount: '5', currency: 'EUR' };

/** The places that an answer of 422 names. */
async function places(method: string, url: string, body: unknown, headers?: Record<string, string>) {
  const answer = await service.as(headers ? ADMIN : alice.write)(method, url, body, headers);
  t.equal(answer.statusCode, 422, answer.body.slice(0, 300));
  return answer.json().errors.map(({ pointer }: { pointer: string }) => pointer);
}

t.test('a feed', async (t) => {
  const feed = { name: '', lines: ['line_of_nobody'], locale: 'de', action_links: true };
  t.same(await places('POST', `/v1/users/${alice.id}/feeds`, feed), [
    '/name',
    '/locale',
    '/lines/0',
    '/action_links',
  ]);
});

t.test('a line', async (t) => {
  const line = { label: '', number: '12', plan_price: euros, facts: { shoe_size: 43 }, nmuber: 1 };
  t.same(await places('POST', `/v1/users/${alice.id}/lines`, { ...line, rule: 'ru/t2/prepaid' }), [
    '/nmuber',
    '/label',
    '/facts/shoe_size',
    '/plan_price/currency',
    '/number',
  ]);
  t.same(await places('POST', `/v1/users/${alice.id}/lines`, { ...line, rule: 'ru/t2/prepayd' }), [
    '/nmuber',
    '/label',
    '/rule',
    '/number',
  ]);
  t.same(await places('POST', `/v1/users/${alice.id}/lines`, { ...line, rule: 7 }), [
    '/nmuber',
    '/rule',
    '/label',
  ]);
  t.same(
    await places('PATCH', `/v1/lines/${alice.line}`, { ...line, rule: 'ru/mts/prepaid', number: '+7999' }),
    ['/nmuber', '/label', '/rule', '/facts/shoe_size', '/plan_price/currency', '/number'],
  );
  t.same(await places('PATCH', `/v1/lines/${alice.line}`, { label: null, rule: null, number: '12' }), [
    '/rule',
    '/label',
    '/number',
  ]);
});

t.test('records', async (t) => {
  const items = [
    { type: 'topup', at: '2031-03-01', amount: { amount: 5, currency: 'EUR' } },
    { type: 'topup', at: 'someday', amount: euros },
    { type: 'tupop', at: '2031-03-01' },
    { type: 'void', at: '2026-03-01', record: 'nothing', reason: '' },
    { type: 'activated', at: { earliest: '2026-03-01' } },
    { type: 'activated' },
    { ...call('2026-03-01'), kind: 'letter', charge: euros },
    null,
    call('2026-03-01'),
    { type: 'topup', at: '2026-03-01', amount: { ...roubles('-5'), extra: 1 } },
  ];
  t.same((await places('POST', records, { items })).sort(), [
    '/items/0/amount/amount',
    '/items/0/at',
    '/items/1/amount/currency',
    '/items/1/at',
    '/items/2/type',
    '/items/3/reason',
    '/items/3/record',
    '/items/4/at/latest',
    '/items/5/at',
    '/items/6/charge/currency',
    '/items/6/kind',
    '/items/7',
    '/items/9/amount/extra',
  ]);
  t.same(await places('POST', records, { type: 'topup', at: '2031-03-01', amount: 5 }), ['/amount', '/at']);
  t.same(await places('POST', records, { items: 'all' }), ['/items']);
  t.same((await api('GET', records)).json().items, [], 'none was added');
  const many = Array.from({ length: 1000 }, (_, index) => ({
    type: 'topup',
    at: '2031-03-01',
    amount: index % 2 ? 5 : euros,
  }));
  t.ok((await places('POST', records, { items: many })).length <= 100, 'as many as help');
});

t.test('a simulation', async (t) => {
  const simulation = {
    rule: 'ru/t2/prepaid',
    as_of: '2026-03-01',
    until: '2026-02-01',
    time_zone: 'Mars/Olympus',
    facts: { shoe_size: 43 },
    plan_price: 5,
    records: [{ type: 'topup', at: '2026-03-01', amount: euros, methd: 'card' }, { type: 'x' }],
  };
  t.same((await places('POST', '/v1/simulations', simulation)).sort(), [
    '/facts/shoe_size',
    '/plan_price',
    '/records/0/amount/currency',
    '/records/0/methd',
    '/records/1/type',
    '/time_zone',
    '/until',
  ]);
  t.same((await places('POST', '/v1/simulations', { ...simulation, rule: 'ru/t2/x', as_of: 5 })).sort(), [
    '/as_of',
    '/plan_price',
    '/records/0/methd',
    '/records/1/type',
    '/rule',
    '/time_zone',
  ]);
  t.same(
    await places('POST', '/v1/simulations', { rule: 'ru/t2/prepaid', as_of: '2026-03-01', records: 1 }),
    ['/records'],
  );
});

t.test('a key', async (t) => {
  const key = { scope: 'owner', name: 'x', expires_at: '2020-01-01T00:00:00Z' };
  t.same(await places('POST', `/v1/users/${alice.id}/keys`, key), ['/scope', '/expires_at']);
});

t.test('an import, over all lines of a person', async (t) => {
  const rows = [
    { object: 'user', external_id: 'erika', name: 'Erika', locale: 'en', time_zone: 'Europe/Berlin' },
    { object: 'line', external_id: 'one', rule: 'ru/t2/prepayd', label: 'x' },
    { object: 'line', external_id: 'two', rule: 'ru/t2/prepaid', label: 'x', number: '12' },
    { object: 'line', external_id: 'three', rule: 'ru/t2/prepaid', label: 'x' },
    { object: 'line', external_id: 'four', rule: 'ru/t2/prepaid', label: 'x' },
    { object: 'record', line: 'one', ...call('2031-03-01') },
    { object: 'record', line: 'three', ...call('2031-03-01') },
    { object: 'record', line: 'four', type: 'topup', at: '2026-03-01', amount: euros },
    { object: 'record', line: 'five', ...call('2026-03-01') },
  ];
  const text = rows.map((row) => JSON.stringify(row)).join('\n');
  const found = await places('POST', '/v1/import', text, { 'content-type': 'application/x-ndjson' });
  t.same(found.sort(), ['/1/rule', '/2/number', '/6/at', '/7/amount/currency', '/8/line']);
});
