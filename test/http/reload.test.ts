/** Rules read anew while the service runs: everything that shows a date follows, and what is wrong is never loaded. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { type EngineUnderTest, onEachEngine, temporaryFolder } from '../support/stores.ts';
import { ADMIN, addPerson, call, type Fixture, RULES, roubles, serve } from './service.ts';

const EXAMPLE = `
      - name: A line in use
        given: [{ type: activity, at: 2026-01-01, kind: sms, direction: outgoing, charged: true }]
        as_of: 2026-01-02
        gives: { stage: active }`;
/** The text of a file with one rule and other periods; its worked examples go, for their dates are others now. */
const edited = (text: string, from: string, to: string) =>
  `${text.replace(/\n {4}examples:[\s\S]*$/, `\n    examples:${EXAMPLE.repeat(3)}\n`)}`.replaceAll(from, to);
const shorter = (text: string) => edited(text, 'runs: 90 days', 'runs: 89 days');

/** Enough of the shipped rules for what is tested here. */
const NAMES = ['ru/t2.yaml', 'gb/ee.yaml', 'us/ultra-mobile.yaml', 'de/aldi-talk.yaml'];

/** A copy of them that a test may change. */
async function rulesOf(t: Test) {
  const rules = join(await temporaryFolder(t), 'rules');
  for (const name of NAMES) await cp(join(RULES, name), join(rules, name));
  return {
    rules,
    async change(name: string, edit: (text: string) => string) {
      const file = join(rules, name);
      await writeFile(file, edit(await readFile(file, 'utf8')));
    },
    remove: (name: string) => rm(join(rules, name)),
    restore: (name: string) => cp(join(RULES, name), join(rules, name)),
  };
}

/** Anna, who called on 1 January with 300 roubles on her line, and the address of her feed. */
async function withAnna(service: Fixture) {
  const anna = await addPerson(service, 'Anna');
  const api = service.as(anna.write);
  const items = [call('2026-01-01'), { type: 'balance', at: '2026-01-01', amount: roubles('300') }];
  await api('POST', `/v1/lines/${anna.line}/records`, { items });
  const feed = await api('POST', `/v1/users/${anna.id}/feeds`, { name: 'Phones' });
  const path = new URL(feed.json().urls.https).pathname;
  return { ...anna, path };
}
type Anna = Awaited<ReturnType<typeof withAnna>>;

/** The last safe day as every way of asking tells it. */
async function dates(node: Fixture, { line, read, path }: Anna) {
  const api = node.as(read);
  const [timeline, agenda, mine, all] = [
    await api('GET', `/v1/lines/${line}/timeline`),
    await api('GET', `/v1/lines/${line}/agenda`),
    await api('GET', '/v1/deadlines'),
    await node.as(ADMIN)('GET', '/v1/deadlines'),
  ].map((answer) => answer.json());
  const feed = await node.server.inject({ url: path });
  const days = [...feed.body.matchAll(/DTSTART;VALUE=DATE:(\d{8})/g)].map(([, day]) => day);
  type Item = { line: string; act_by: string };
  const listed = ({ items }: { items: Item[] }) =>
    items.filter((item) => item.line === line).map(({ act_by }) => act_by);
  return {
    timeline: timeline.act_by,
    agenda: [...new Set(agenda.items.map(({ act_by }: Item) => act_by))].includes(timeline.act_by),
    mine: listed(mine),
    all: listed(all),
    feed: days.includes(timeline.act_by.replaceAll('-', '')),
  };
}
const everywhere = (day: string) => ({ timeline: day, agenda: true, mine: [day], all: [day], feed: true });

async function etagOf(node: Fixture, { path }: Anna) {
  const { headers, body } = await node.server.inject({ url: path });
  return { etag: String(headers.etag), body };
}
const ask = (node: Fixture, { path }: Anna, etag: string) =>
  node.server.inject({ url: path, headers: { 'if-none-match': etag } });
const reload = (node: Fixture) => node.as(ADMIN)('POST', '/v1/rules/reload');

async function started(t: Test, engine: EngineUnderTest) {
  const folder = await rulesOf(t);
  const environment = { DATABASE_URL: await engine.url(), RULES_DIR: folder.rules };
  const service = await serve(t, { environment, limits: { key: 1_000_000, address: 1_000_000 } });
  return { ...folder, environment, service, anna: await withAnna(service) };
}

onEachEngine(t, async (t, engine) => {
  await t.test('what was seen is compared with the rules as they are now', async (t) => {
    const { change, restore, service, anna } = await started(t, engine);
    const api = service.as(anna.write);
    const made = await api('POST', `/v1/users/${anna.id}/lines`, {
      rule: 'de/aldi-talk/prepaid',
      label: 'Spare',
    });
    const seen = [
      { type: 'topup', at: '2026-01-10', amount: { amount: '30', currency: 'EUR' } },
      { type: 'validity', at: '2026-02-01', of: 'outgoing', until: '2027-01-10' },
    ];
    await api('POST', `/v1/lines/${made.json().id}/records`, { items: seen });
    const told = async () => {
      await service.app.edges.waitUntilFresh(null);
      const answer = await service.as(ADMIN)('GET', '/v1/rules/de/aldi-talk/prepaid/contradictions');
      return answer.json().items.map(({ expected }: { expected: unknown }) => expected);
    };
    t.same(await told(), ['2028-01-10']);
    await change('de/aldi-talk.yaml', (text) => text.replace('30 EUR: 24 months', '30 EUR: 12 months'));
    t.equal((await reload(service)).statusCode, 200);
    t.same(await told(), [], 'a rule that is mended is contradicted no more');
    await restore('de/aldi-talk.yaml');
    t.equal((await reload(service)).statusCode, 200);
    t.same(await told(), ['2028-01-10'], 'and one that is gone back to is again');
  });

  await t.test('every date follows the rules, forth and back', async (t) => {
    const { change, restore, service, anna } = await started(t, engine);
    t.same(await dates(service, anna), everywhere('2026-04-01'));
    const first = await etagOf(service, anna);
    t.equal((await ask(service, anna, first.etag)).statusCode, 304);

    await change('ru/t2.yaml', shorter);
    t.same(await dates(service, anna), everywhere('2026-04-01'), 'nothing is read before it is asked for');
    t.match((await reload(service)).json(), { rules: [{ rule: 'ru/t2/prepaid', state: 'changed' }] });
    const fetched = await ask(service, anna, first.etag);
    t.equal(fetched.statusCode, 200, 'the old ETag is behind');
    t.not(fetched.body, first.body);
    t.same(await dates(service, anna), everywhere('2026-03-31'));
    t.equal((await ask(service, anna, String(fetched.headers.etag))).statusCode, 304);

    t.match((await reload(service)).json(), { rules: [] }, 'the same again changes nothing');
    await restore('ru/t2.yaml');
    t.equal((await reload(service)).statusCode, 200);
    t.same(
      await dates(service, anna),
      everywhere('2026-04-01'),
      'rules that are gone back to are the newest',
    );
    t.equal((await ask(service, anna, String(fetched.headers.etag))).statusCode, 200);
  });

  await t.test('a line under another rule keeps its edges', async (t) => {
    const { change, service, anna } = await started(t, engine);
    await change('gb/ee.yaml', (text) => edited(text, 'runs: 179 days', 'runs: 170 days'));
    t.match((await reload(service)).json().rules, [{ rule: /^gb\/ee\// }]);
    await service.app.edges.waitUntilFresh(null);
    t.same(await service.app.store.edges.behind(service.app.release, 10), []);
    t.same(await dates(service, anna), everywhere('2026-04-01'));
  });

  await t.test('what fails its check is never loaded', async (t) => {
    const { change, restore, service, anna } = await started(t, engine);
    await change('ru/t2.yaml', (text) => shorter(text).replace('currency: RUB', 'currency: roubles'));
    const refused = await reload(service);
    t.equal(refused.statusCode, 422);
    t.match(refused.json(), { code: 'rules_refused', errors: [{ detail: /^ru\/t2\.yaml:\d+:\d+: / }] });
    const ready = await service.as(null)('GET', '/readyz');
    t.equal(ready.statusCode, 200, 'requests can be served');
    t.match(ready.json(), { rules: { state: 'stale', problems: 1, since: '2026-03-15T12:00:00.000Z' } });
    t.match(service.lines.join(''), /ru\/t2\.yaml:\d+:\d+: /, 'the log says where');
    t.same(await dates(service, anna), everywhere('2026-04-01'));

    await restore('ru/t2.yaml');
    await change('ru/t2.yaml', (text) => text.replace(/act_by: \d{4}-/, 'act_by: 1999-'));
    t.match((await reload(service)).json(), { errors: [{ detail: /Expected 1999-/ }] }, 'examples are run');
    await restore('ru/t2.yaml');
    await service.reload();
    t.same((await service.as(null)('GET', '/readyz')).json().rules, { state: 'current' });
  });

  await t.test('a rule that lines are under cannot be taken away', async (t) => {
    const { remove, service, anna } = await started(t, engine);
    await remove('ru/t2.yaml');
    await remove('us/ultra-mobile.yaml');
    t.match((await reload(service)).json(), {
      code: 'rules_refused',
      errors: [{ detail: /^ru\/t2\.yaml:1:1: The rule ru\/t2\/prepaid is gone, and 1 line uses it/ }],
    });
    t.same(await dates(service, anna), everywhere('2026-04-01'));
    t.equal((await service.as(ADMIN)('DELETE', `/v1/lines/${anna.line}`)).statusCode, 204);
    const gone = await reload(service);
    t.match(gone.json().rules.length, 2);
    t.equal((await service.as(ADMIN)('GET', '/v1/rules/ru/t2/prepaid')).statusCode, 404);
  });

  await t.test('reloads that come together, and fetches meanwhile', async (t) => {
    const { change, service, anna } = await started(t, engine);
    await change('ru/t2.yaml', shorter);
    let over = false;
    const reloads = Promise.all([reload(service), reload(service), service.reload(), reload(service)]);
    const seen = new Set<string>();
    const watching = (async () => {
      for (; !over; ) {
        const at = await dates(service, anna).catch((error: Error) => ({ timeline: error.message }));
        seen.add(at.timeline);
        // An injected request, unlike one that comes over a socket, would never let the event loop turn.
        await setTimeout(5);
      }
    })();
    const answers = await reloads;
    over = true;
    await watching;
    t.same(
      answers.map((answer) => answer?.statusCode),
      [200, 200, undefined, 200],
    );
    const changed = service.lines.filter((line) => line.includes('"state":"changed"'));
    t.equal(changed.length, 1, 'one of them found something');
    t.same(
      [...seen].filter((day) => !['2026-04-01', '2026-03-31'].includes(day)),
      [],
    );
    t.same(await dates(service, anna), everywhere('2026-03-31'));
  });

  await t.test('another node that has older rules', async (t) => {
    const { change, environment, service, anna } = await started(t, engine);
    const older = await serve(t, { environment: { ...environment, RULES_DIR: (await rulesOf(t)).rules } });
    await change('ru/t2.yaml', shorter);
    await reload(service);
    const { etag } = await etagOf(service, anna);
    for (let turn = 0; turn < 3; turn += 1) {
      t.equal((await ask(older, anna, etag)).statusCode, 304, 'it serves what the newer one has published');
      t.equal((await ask(service, anna, etag)).statusCode, 304);
    }
    t.match((await reload(older)).json(), { rules: [] });
    t.equal((await ask(service, anna, etag)).statusCode, 304, 'nor does its own reload undo that');
    t.match(await dates(older, anna), { mine: ['2026-03-31'], all: ['2026-03-31'] }, 'its deadlines too');
  });
});
