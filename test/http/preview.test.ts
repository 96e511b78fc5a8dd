/** Whose dates rules would move that nobody has loaded yet. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { ADMIN, addPerson, call, RULES, serve } from './service.ts';

const service = await serve(t);
const admin = service.as(ADMIN);
const preview = (body: unknown, headers = {}) => admin('POST', '/v1/rules/preview', body, headers);
const text = await readFile(join(RULES, 'ru/t2.yaml'), 'utf8');
const EXAMPLE = `
      - name: A line in use
        given: [{ type: activity, at: 2026-01-01, kind: sms, direction: outgoing, charged: true }]
        as_of: 2026-01-02
        gives: { stage: active }`;
const withPeriod = (days: number) =>
  `${text.slice(0, text.indexOf('\n    examples:'))}\n    examples:${EXAMPLE.repeat(3)}\n`.replaceAll(
    'runs: 90 days',
    `runs: ${days} days`,
  );
const file = (changed: string | null) => ({ files: [{ path: 'ru/t2.yaml', text: changed }] });

const people = [];
for (const [name, at] of [
  ['Anna', '2026-03-01'],
  ['Boris', '2026-01-01'],
  ['Carol', '2026-02-01'],
] as const) {
  const person = await addPerson(service, name);
  const number = '+79525550134';
  await admin('PATCH', `/v1/lines/${person.line}`, { number });
  await admin('POST', `/v1/lines/${person.line}/records`, call(at));
  people.push(person);
}
const [anna, boris, carol] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]];

t.test('without a file, what a reload would do', async (t) => {
  const answer = await preview({ files: [] });
  t.equal(answer.statusCode, 200);
  t.match(answer.json(), { rules: [], lines: 0, moved: 0, gravest: [] });
});

t.test('the gravest first, counted, and nothing of a number', async (t) => {
  const answer = await preview(file(withPeriod(80)));
  const body = answer.json();
  t.match(body, {
    rules: [{ rule: 'ru/t2/prepaid', state: 'changed', lines: 3 }],
    lines: 3,
    moved: 3,
    act_by: { nearer: 3, further: 0, appears: 0, vanishes: 0 },
    gravest: [
      {
        line: boris.line,
        user: boris.id,
        rule: 'ru/t2/prepaid',
        act_by: { before: '2026-04-01', after: '2026-03-22', days: -10, direction: 'nearer' },
      },
      { line: carol.line },
      { line: anna.line },
    ],
  });
  t.notMatch(answer.body, '5550134');
  const few = (await preview({ ...file(withPeriod(80)), limit: 1 })).json();
  t.same([few.moved, few.gravest.length, few.gravest[0].line], [3, 1, boris.line], 'bounded, with the total');
  const later = (await preview(file(withPeriod(100)))).json();
  t.match(later.act_by, { nearer: 0, further: 3 });
  t.match((await admin('GET', `/v1/lines/${boris.line}/timeline`)).json(), { act_by: '2026-04-01' });
  t.match((await admin('POST', '/v1/rules/reload')).json(), { rules: [] }, 'nothing was stored');
});

t.test('a file that is supposed away', async (t) => {
  const body = (await preview(file(null))).json();
  t.match(body.rules, [{ rule: 'ru/t2/prepaid', state: 'removed', lines: 3 }]);
  t.match(body.act_by, { vanishes: 3 });
});

t.test('what fails its check is refused by file, line and column', async (t) => {
  const broken = await preview(file(text.replace('currency: RUB', 'currency: roubles')));
  t.equal(broken.statusCode, 422);
  t.match(broken.json(), {
    code: 'rules_refused',
    errors: [{ pointer: '/files/0/text', detail: /^ru\/t2\.yaml:\d+:\d+: "currency"/ }],
  });
  t.notMatch(broken.body, RULES, 'no path of this machine');
  const examples = await preview(file(text.replaceAll('runs: 90 days', 'runs: 89 days')));
  t.match(examples.json().errors[0].detail, /^ru\/t2\.yaml:\d+:\d+: .*xpected 2026-/);
  t.match((await preview(file('a: ['))).json().errors, [{ pointer: '/files/0/text' }]);
});

t.test('what is no candidate at all', async (t) => {
  for (const body of [{}, { files: [{ path: '../x.yaml', text: null }] }, { files: [], limit: 0 }]) {
    t.match((await preview(body)).json(), { code: 'invalid' });
  }
  const twice = { files: [...file(null).files, ...file(null).files] };
  t.match((await preview(twice)).json(), { code: 'invalid', errors: [{ pointer: '/files/1/path' }] });
  for (const url of ['/v1/rules/preview', '/v1/rules/reload']) {
    t.equal((await service.as(anna.write)('POST', url, { files: [] })).statusCode, 403);
    t.equal((await service.as(null)('POST', url, { files: [] })).statusCode, 401);
  }
});

t.test('the same request is answered alike', async (t) => {
  const key = { 'idempotency-key': 'preview-1' };
  const first = await preview(file(withPeriod(80)), key);
  const again = await preview(file(withPeriod(80)), key);
  t.equal(again.headers['idempotent-replayed'], 'true');
  t.equal(again.body, first.body);
  const gone = await addPerson(service, 'Gone');
  t.equal((await preview(file(withPeriod(80)), key)).headers['idempotent-replayed'], 'true');
  await admin('DELETE', `/v1/lines/${gone.line}`);
  const after = await preview(file(withPeriod(80)), key);
  t.notOk(after.headers['idempotent-replayed'], 'whoever is erased may have stood in it');
});

t.test('others have their turn meanwhile', async (t) => {
  const origin = await service.server.listen({ port: 0, host: '127.0.0.1' });
  let over = false;
  const asked = preview(file(withPeriod(80))).finally(() => {
    over = true;
  });
  let answered = 0;
  while (!over) {
    await (await fetch(`${origin}/healthz`)).text();
    answered += 1;
  }
  t.equal((await asked).statusCode, 200);
  t.ok(answered > 3, `${answered} others were answered`);
});
