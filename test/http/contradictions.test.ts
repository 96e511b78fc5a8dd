/** What was seen against what the rule gives, whichever way the ledger came to be as it is. */
import t from 'tap';
import { ADMIN, addPerson, call, roubles, serve } from './service.ts';

const service = await serve(t, {});
async function setup(name: string) {
  const person = await addPerson(service, name);
  const api = service.as(person.write);
  const line = `/v1/lines/${person.line}`;
  await api('POST', `${line}/records`, {
    items: [call('2026-03-01'), { type: 'balance', at: '2026-03-01', amount: roubles('300') }],
  });
  const paid = { paid_at: '2026-03-10', amount: roubles('100'), channel: 'app' };
  const { id } = (await api('POST', `${line}/payments`, paid)).json();
  const step = (what: string, body: object = {}) => api('POST', `/v1/payments/${id}/${what}`, body);
  const see = (amount: string) =>
    api('POST', `${line}/records`, { type: 'balance', at: '2026-03-12', amount: roubles(amount) });
  const told = async () =>
    (await service.as(ADMIN)('GET', '/v1/rules/ru/t2/prepaid/contradictions'))
      .json()
      .items.filter((one: { line: string }) => one.line === person.line)
      .map(({ expected, seen }: Record<string, { amount: string }>) => [expected?.amount, seen?.amount]);
  return { person, api, line, step, see, told };
}

await t.test('what a credited sum explains contradicts nothing any more', async (t) => {
  const { step, see, told } = await setup('A');
  await see('390');
  t.equal((await told()).length, 1);
  await step('confirm', { credited: roubles('90') });
  t.same(await told(), []);
});

await t.test('confirmed, said to have failed by mistake, confirmed: told as before', async (t) => {
  const { step, see, told } = await setup('B');
  await step('confirm');
  await see('300');
  t.same(await told(), [['400.00', '300.00']]);
  await step('fail', { reason: 'x' });
  t.same(await told(), []);
  await step('confirm');
  t.same(await told(), [['400.00', '300.00']]);
});

await t.test('seen while it was awaited: told when it is confirmed', async (t) => {
  const { step, see, told } = await setup('C');
  await see('300');
  t.same(await told(), []);
  await step('confirm');
  t.same(await told(), [['400.00', '300.00']]);
});

await t.test(
  'what is told late explains what was seen, and what may have come after it does not',
  async (t) => {
    const { person, api, line, see, told } = await setup('late');
    const record = (body: object) => api('POST', `${line}/records`, body);
    await see('480');
    t.same(await told(), [['300.00', '480.00']]);
    await record({ type: 'topup', at: '2026-03-05', amount: roubles('100') });
    t.same(await told(), [['400.00', '480.00']]);
    const paid = { paid_at: '2026-03-06', amount: roubles('30'), channel: 'app' };
    const { id } = (await api('POST', `${line}/payments`, paid)).json();
    t.same(await told(), [['400.00', '480.00']], 'with it too there would be another');
    await api('POST', `/v1/payments/${id}/confirm`);
    t.same(await told(), [['430.00', '480.00']]);
    const { label } = (await api('GET', line)).json();
    const sheet = `line,at,amount\n${label},2026-03-07,50\n`;
    await api('POST', `/v1/users/${person.id}/import?sheet=topups`, sheet, { 'content-type': 'text/csv' });
    t.same(await told(), []);
    await record({ type: 'topup', at: '2026-03-12', amount: roubles('20') });
    t.same(await told(), [], 'it may have been seen before that was paid');
    await record({ type: 'balance', at: '2026-03-11', amount: roubles('479') });
    t.same((await told()).sort(), [
      ['479.00', '480.00'],
      ['480.00', '479.00'],
    ]);
  },
);

await t.test('what was expected is what the ledger gives now', async (t) => {
  const { step, see, told } = await setup('D');
  await see('350');
  t.same(await told(), [['300.00', '350.00']]);
  await step('confirm');
  t.same(await told(), [['400.00', '350.00']]);
});

await t.test(
  'what a line’s dates depend on is changed: it is looked at again, also by a sheet',
  async (t) => {
    const { person, api, line, see, told } = await setup('E');
    await see('350');
    t.equal((await told()).length, 1);
    await service.app.store.write(person.id, async (q) => {
      for (const one of await q.contradictions.ofLine(person.line)) await q.contradictions.forget(one);
    });
    t.equal((await api('PATCH', line, { label: 'Mine' })).statusCode, 200);
    t.equal((await told()).length, 0, 'a name explains nothing');
    t.equal((await api('PATCH', line, { time_zone: 'Asia/Omsk' })).statusCode, 200);
    t.equal((await told()).length, 1, 'what its dates depend on does');
    const forget = () =>
      service.app.store.write(person.id, async (q) => {
        for (const one of await q.contradictions.ofLine(person.line)) await q.contradictions.forget(one);
      });
    await forget();
    const { label } = (await api('GET', line)).json();
    const sheet = `rule,label,time_zone\nru/t2/prepaid,${label},Asia/Tomsk\n`;
    const sent = await api('POST', `/v1/users/${person.id}/import?sheet=lines`, sheet, {
      'content-type': 'text/csv',
    });
    t.match(sent.json(), { changed: 1 });
    t.equal((await told()).length, 1);
  },
);

await t.test('what was seen in a long ledger is compared while others are served', async (t) => {
  const { api, line } = await setup('long');
  const dayOf = (day: number) => new Date(Date.UTC(2015, 0, 1 + day)).toISOString().slice(0, 10);
  const balanceOn = (day: number) => ({ type: 'balance', at: dayOf(day), amount: roubles('30') });
  const items = Array.from({ length: 1000 }, (_, day) =>
    day < 960 ? { type: 'topup', at: dayOf(day), amount: roubles('30') } : balanceOn(day),
  );
  for (let times = 0; times < 2; times += 1) await api('POST', `${line}/records`, { items });
  const begun = process.threadCpuUsage().user;
  let [longest, before] = [0, begun];
  const look = () => {
    const now = process.threadCpuUsage().user;
    [longest, before] = [Math.max(longest, now - before), now];
  };
  const timer = setInterval(look);
  const answer = await api('POST', `${line}/records`, balanceOn(-1));
  look();
  clearInterval(timer);
  t.equal(answer.statusCode, 201);
  t.ok(longest < (before - begun) / 2, `${longest} of ${before - begun} µs at once`);
});
