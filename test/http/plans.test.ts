/** The cheapest way to keep a line: what a plan says, to whom, and what it refuses. */
import t from 'tap';
import { ADMIN, call, cast, roubles, serve } from './service.ts';

const service = await serve(t);
const { alice, bob } = await cast(service);
const api = service.as(alice.write);
const plan = `/v1/lines/${alice.line}/plan`;

t.test('of a line of which nothing is known there is none, and it says why', async (t) => {
  const told = (await api('GET', plan)).json();
  t.match(told, { confirmed: false, steps: [], reason: /nothing is known/ });
});

t.test('the steps, when real, keep the line until the date', async (t) => {
  await api('POST', `/v1/lines/${alice.line}/records`, {
    items: [call('2026-03-01'), { type: 'balance', at: '2026-03-01', amount: roubles('300') }],
  });
  const answer = await api('GET', `${plan}?until=2027-03-01&from_abroad=true`);
  t.equal(answer.statusCode, 200);
  const told = answer.json();
  t.match(told, {
    line: alice.line,
    rule: 'ru/t2/prepaid',
    confirmed: true,
    reason: null,
    until: '2027-03-01',
  });
  t.ok(told.steps.length >= 3, 'the law asks for use every ninety days');
  for (const step of told.steps) {
    t.ok(step.on <= step.latest_on, `${step.on} is not after ${step.latest_on}`);
    t.not(step.from_abroad, false, 'works from abroad, or is not known not to');
  }
  t.ok(told.assumed.length > 0 && told.risks.length > 0, 'it says what it rests on and what it risks');
  const simulation = {
    rule: told.rule,
    facts: (await api('GET', `/v1/lines/${alice.line}`)).json().facts,
    as_of: told.until,
    records: [
      call('2026-03-01'),
      { type: 'balance', at: '2026-03-01', amount: roubles('300') },
      ...told.steps.map(({ record }: { record: object }) => record),
    ],
  };
  const seen = (await api('POST', '/v1/simulations', simulation)).json();
  t.match(seen, { stage: 'active', at_risk_since: null });
  t.same((await api('GET', `/v1/lines/${alice.line}/records`)).json().items.length, 2, 'nothing is stored');
});

t.test('in the language asked for, with an ETag', async (t) => {
  const answer = await api('GET', plan, undefined, { 'accept-language': 'ru' });
  t.equal(answer.headers['content-language'], 'ru');
  t.match(answer.json().assumed.at(-1).text, /[а-я]{3}/);
  const again = await api('GET', plan, undefined, {
    'accept-language': 'ru',
    'if-none-match': String(answer.headers.etag),
  });
  t.equal(again.statusCode, 304);
});

t.test('what it refuses', async (t) => {
  for (const query of [
    'until=2026-01-01',
    'until=2200-01-01',
    'until=soon',
    'keep=everything',
    'from_abroad=1',
  ]) {
    const answer = await api('GET', `${plan}?${query}`);
    t.ok([400, 422].includes(answer.statusCode), query);
    t.ok(answer.json().errors[0].mend, query);
  }
  t.equal((await service.as(bob.write)('GET', plan)).statusCode, 404, "another's line");
  t.equal((await service.as(ADMIN)('GET', '/v1/lines/none/plan')).statusCode, 404);
});

t.test('while one is made, all but the next are answered; so many and no more wait', async (t) => {
  const items = Array.from({ length: 500 }, (_, i) =>
    call(new Date(Date.UTC(2024, 9, 1) + i * 86_400_000).toISOString().slice(0, 10)),
  );
  await api('POST', `/v1/lines/${alice.line}/records`, { items });
  const answered: string[] = [];
  const ask = async (name: string, url: string) => {
    const answer = await api('GET', url);
    t.equal(answer.statusCode, 200, answer.body.slice(0, 200));
    answered.push(name);
  };
  const others = async () => {
    for (let i = 0; i < 5; i++) await ask('timeline', `/v1/lines/${alice.line}/timeline`);
  };
  const short = await service.as(ADMIN)('POST', `/v1/users/${alice.id}/lines`, {
    rule: 'ru/t2/prepaid',
    label: 'New',
  });
  const long = ask('long', `${plan}?until=2036-03-01`);
  const next = ask('short', `/v1/lines/${short.json().id}/plan`);
  await Promise.all([long, next, others()]);
  t.same(answered, ['timeline', 'timeline', 'timeline', 'timeline', 'timeline', 'long', 'short']);

  const many = await Promise.all(Array.from({ length: 22 }, () => service.as(ADMIN)('GET', plan)));
  const told = many.map(({ statusCode }) => statusCode);
  t.same(
    [told.filter((status) => status === 200).length, told.filter((status) => status === 503).length],
    [20, 2],
  );
  const refused = many.find(({ statusCode }) => statusCode === 503);
  t.match(refused?.json(), { code: 'unavailable', errors: [{ detail: /20 plans/ }] });
  t.equal(refused?.headers['retry-after'], '10');

  const own = Promise.all(Array.from({ length: 7 }, () => api('GET', plan)));
  const [mine, other] = await Promise.all([own, service.as(ADMIN)('GET', plan)]);
  t.same(
    mine.map(({ statusCode }) => statusCode).sort(),
    [200, 200, 200, 200, 200, 503, 503],
    'one person keeps the others from none',
  );
  t.equal(other.statusCode, 200);
});
