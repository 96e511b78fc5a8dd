/** Many calendars after the rules have changed: all are served meanwhile, and a process of its own brings them up to date. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { invoke } from '../cli/invoke.ts';
import { ADMIN, addPerson, call, type Fixture, RULES, serve } from '../http/service.ts';
import { eventually } from '../support/eventually.ts';
import { onEachEngine, temporaryFolder } from '../support/stores.ts';

const PEOPLE = 6;
const NOW = new Date().toISOString();
const lastUse = new Date(Date.parse(NOW) - 20 * 86_400_000).toISOString().slice(0, 10);

/** A copy of one rule that a test may change, with periods of its own. */
async function rulesOf(t: Test) {
  const rules = join(await temporaryFolder(t), 'rules');
  const file = join(rules, 'ru/t2.yaml');
  await cp(join(RULES, 'ru/t2.yaml'), file);
  const edit = async (change: (text: string) => string) =>
    writeFile(file, change(await readFile(file, 'utf8')));
  const example =
    '\n      - { name: In use, given: [{ type: activity, at: 2026-01-01, kind: sms, direction: outgoing, charged: true }], as_of: 2026-01-02, gives: { stage: active } }';
  await edit((text) => text.replace(/\n {4}examples:[\s\S]*$/, `\n    examples:${example.repeat(3)}\n`));
  return { rules, shorten: () => edit((text) => text.replaceAll('runs: 90 days', 'runs: 89 days')) };
}

/** People with a line in use and a calendar that has been fetched; the calendars' addresses. */
async function fetched(service: Fixture) {
  const paths: string[] = [];
  for (let i = 0; i < PEOPLE; i += 1) {
    const person = await addPerson(service, `Person ${i}`);
    const api = service.as(person.write);
    await api('POST', `/v1/lines/${person.line}/records`, { items: [call(lastUse)] });
    const feed = await api('POST', `/v1/users/${person.id}/feeds`, { name: 'Phones' });
    const path = new URL(feed.json().urls.https).pathname;
    await service.server.inject(path);
    paths.push(path);
  }
  return paths;
}

const bodies = async (service: Fixture, paths: string[]) =>
  Promise.all(paths.map(async (path) => (await service.server.inject(path)).body));

onEachEngine(t, async (t, engine) => {
  const limits = { key: 1_000_000, address: 1_000_000 };

  await t.test('many are served as they are until all are made anew', async (t) => {
    const { rules, shorten } = await rulesOf(t);
    const environment = { DATABASE_URL: await engine.url(), RULES_DIR: rules };
    const service = await serve(t, { environment, limits, now: NOW, fewCalendars: PEOPLE - 1 });
    const { app } = service;
    const paths = await fetched(service);
    const before = await bodies(service, paths);
    t.equal(app.renewal.isUnderWay(), false);

    await shorten();
    t.equal((await service.as(ADMIN)('POST', '/v1/rules/reload')).statusCode, 200);
    await eventually(() => app.renewal.isUnderWay());
    const behind = { now: NOW, after: null, limit: 100 };
    // The process cannot have begun yet: it takes longer to start than this does to fetch.
    t.equal((await app.store.publications.behind(app.release, behind)).length, PEOPLE);
    t.same(await bodies(service, paths), before, 'nobody waits, nobody gets less than they had');
    const anna = await addPerson(service, 'Newcomer');
    t.equal((await service.as(ADMIN)('GET', `/v1/lines/${anna.line}/timeline`)).statusCode, 200);

    await eventually(() => !app.renewal.isUnderWay());
    t.same(await app.store.publications.behind(app.release, behind), [], 'all are those of the new rules');
    t.equal(await app.store.publications.countBehind(app.release, new Date(0).toISOString()), 0);
    t.same(
      await app.store.edges.behind(app.release, 1),
      [],
      'and so are the dates that deadlines are found by',
    );
    const after = await bodies(service, paths);
    for (const [index, body] of after.entries()) t.not(body, before[index]);
    t.match(
      service.lines.map((line) => JSON.parse(line).msg),
      /many calendars are being rebuilt[\s\S]*all calendars and dates follow the present rules/,
    );
  });

  await t.test('few are made anew by their next fetch', async (t) => {
    const { rules, shorten } = await rulesOf(t);
    const environment = { DATABASE_URL: await engine.url(), RULES_DIR: rules };
    const service = await serve(t, { environment, limits, now: NOW, fewCalendars: PEOPLE });
    const paths = await fetched(service);
    const before = await bodies(service, paths);
    await shorten();
    await service.as(ADMIN)('POST', '/v1/rules/reload');
    const after = await bodies(service, paths);
    t.equal(service.app.renewal.isUnderWay(), false);
    for (const [index, body] of after.entries()) t.not(body, before[index]);
  });

  await t.test('where it fails, it is told why', async (t) => {
    const { rules, shorten } = await rulesOf(t);
    const environment = { DATABASE_URL: await engine.url(), RULES_DIR: rules };
    const service = await serve(t, { environment, limits, now: NOW, fewCalendars: 1 });
    await fetched(service);
    await shorten();
    await service.as(ADMIN)('POST', '/v1/rules/reload');
    await rm(rules, { recursive: true });
    await eventually(() => !service.app.renewal.isUnderWay());
    const told = service.lines.map((line) => JSON.parse(line)).find(({ code }) => code !== undefined);
    t.match(told, { msg: /not all calendars/, said: /keepline: / });
  });

  await t.test('a service that ends takes the process with it; the next one begins again', async (t) => {
    const { rules, shorten } = await rulesOf(t);
    const environment = { DATABASE_URL: await engine.url(), RULES_DIR: rules };
    const first = await serve(t, { environment, limits, now: NOW, fewCalendars: 1 });
    const paths = await fetched(first);
    await shorten();
    await first.as(ADMIN)('POST', '/v1/rules/reload');
    await eventually(() => first.app.renewal.isUnderWay());
    await first.app.renewal.stop();
    t.equal(first.app.renewal.isUnderWay(), false);
    const next = await serve(t, { environment, limits, now: NOW, fewCalendars: 1 });
    t.equal(next.app.renewal.isUnderWay(), true, 'from before it listens');
    await eventually(() => !next.app.renewal.isUnderWay());
    t.equal(await next.app.store.publications.countBehind(next.app.release, new Date(0).toISOString()), 0);
    t.equal(paths.length, PEOPLE);
  });

  await t.test('the same by hand', async (t) => {
    const { rules, shorten } = await rulesOf(t);
    const environment = { DATABASE_URL: await engine.url(), RULES_DIR: rules };
    const service = await serve(t, { environment, limits, now: NOW });
    await fetched(service);
    await shorten();
    const refused = await invoke(['publish', '--rules', 'others'], { env: environment, now: new Date(NOW) });
    t.match(refused, { code: 1, stderr: /the rules have another digest/ });
    const alone = { env: environment, now: new Date(NOW), untilAlone: async () => {} };
    t.match(
      await invoke(['publish'], alone),
      { code: 1, stdout: '0 calendars rebuilt.\n' },
      'not for a service that is gone',
    );
    const done = await invoke(['publish'], { env: environment, now: new Date(NOW) });
    t.match(done, { code: 0, stdout: `${PEOPLE} calendars rebuilt.\n` });
    const again = await invoke(['publish'], { env: environment, now: new Date(NOW) });
    t.match(again, { code: 0, stdout: '0 calendars rebuilt.\n' });
  });
});
