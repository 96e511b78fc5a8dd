/** "What if" of a stored line, and "which rule is mine". */
import t from 'tap';
import { call, cast, roubles, serve } from './service.ts';

const service = await serve(t);
const { alice, bob } = await cast(service);
const api = service.as(alice.write);
const records = `/v1/lines/${alice.line}/records`;
const ask = (body: object, headers = {}) => api('POST', `/v1/lines/${alice.line}/simulations`, body, headers);

await api('POST', records, {
  items: [call('2026-01-01'), { type: 'balance', at: '2026-01-01', amount: roubles('300') }],
});
const [first] = (await api('GET', records)).json().items;
const said = (answer: {
  differences: { what: string; before: string; after: string; days: number; text: string }[];
}) =>
  Object.fromEntries(
    answer.differences.map(({ what, before, after, days }) => [what, [before, after, days]]),
  );

t.test('records added: both timelines, and each difference in words', async (t) => {
  const answer = (await ask({ add: [call('2026-03-20')] })).json();
  t.equal(answer.before.act_by, '2026-04-01');
  t.equal(answer.after.act_by, '2026-06-18');
  t.match(said(answer), { act_by: ['2026-04-01', '2026-06-18', 78] });
  t.match(answer.differences[0].text, /18 June 2026 instead of 1 April 2026, 78 days later/);
  t.ok(
    answer.differences.some(
      ({ what, text }: { what: string; text: string }) =>
        what === 'stage_to_come' && /counted from/.test(text),
    ),
  );
  t.same((await api('GET', records)).json().items.length, 2, 'nothing is stored');
});

t.test('records left out, another date, other facts', async (t) => {
  const without = (await ask({ leave_out: [first.id] })).json();
  t.equal(without.after.act_by === without.before.act_by, false);
  const later = (await ask({ as_of: '2026-05-10' })).json();
  t.match(said(later), { stage: ['active', 'fee_running', null] });
  t.same((await ask({})).json().differences, [], 'nothing differs');
});

t.test('another version of the rule, as if it were the only one', async (t) => {
  const { versions } = (await api('GET', '/v1/rules/ru/t2/prepaid')).json();
  const answer = await ask({ version: versions[0].since });
  t.equal(answer.statusCode, 200);
  t.equal(answer.json().after.version, versions[0].since);
});

t.test('in the language asked for', async (t) => {
  const answer = await ask({ add: [call('2026-03-20')] }, { 'accept-language': 'ru' });
  t.match(answer.json().differences[0].text, /на 78 дней позже/);
  const chinese = (await ask({ add: [call('2026-03-20')] }, { 'accept-language': 'zh' })).json();
  for (const { text } of chinese.differences) t.notMatch(text, /日 |。 | (?=自|从)/, text);
});

t.test('all that is wrong at once', async (t) => {
  const answer = await ask({
    add: [{ type: 'topup', at: '2026-02-30', amount: { amount: '1', currency: 'USD' } }],
    leave_out: ['nothing'],
    version: '1999-01-01',
    until: '2020-01-01',
  });
  t.equal(answer.statusCode, 422);
  const pointers = answer.json().errors.map(({ pointer }: { pointer: string }) => pointer);
  for (const pointer of ['/add/0/at', '/add/0/amount/currency', '/leave_out/0', '/version', '/until']) {
    t.ok(pointers.includes(pointer), pointer);
  }
  t.ok([400, 422].includes((await ask({ adds: [] })).statusCode));
  t.equal((await service.as(bob.write)('POST', `/v1/lines/${alice.line}/simulations`, {})).statusCode, 404);
});

t.test('which rule is mine, by name in any script and by number', async (t) => {
  const found = async (query: string) =>
    (await api('GET', `/v1/carriers?limit=200&${query}`)).json().items.map(({ id }: { id: string }) => id);
  const q = (text: string) => found(`q=${encodeURIComponent(text)}`);
  t.same(await q('МЕГАФОН'), ['ru/megafon']);
  t.same(await q('Билайн'), ['ru/beeline']);
  t.same(await q('数码通'), ['hk/smartone']);
  t.same(await q('giffgaff'), ['gb/giffgaff']);
  t.same(await q('orange pol'), ['pl/orange']);
  t.same(await q('no such carrier'), []);
  t.same([await q('Теле2'), await q('т2')], [['ee/tele2', 'ru/t2'], ['ru/t2']], 'as it sounds in Cyrillic');
  t.same(await q('йота'), ['ru/yota']);
  t.same(await q('тэле3'), []);
  const number = (text: string) => found(`number=${encodeURIComponent(text)}`);
  t.ok((await number('+7')).includes('ru/mts'));
  t.notOk((await number('+79161234567')).some((id: string) => !id.startsWith('ru/')));
  t.ok(
    (await number('+16042345678')).every((id: string) => id.startsWith('ca/')),
    'of the countries of +1 the one it is of',
  );
  t.ok((await number('+1')).includes('us/verizon'));
  t.same(await number('+999'), []);
  t.same(await found(`q=mts&number=${encodeURIComponent('+375')}`), ['by/mts']);
  t.ok([400, 422].includes((await api('GET', '/v1/carriers?number=hello')).statusCode));
});
