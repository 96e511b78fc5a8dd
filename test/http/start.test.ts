/** Starting and ending: what must be there first, what rules that changed do to lines, the process itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { fastify } from 'fastify';
import t from 'tap';
import { readConfig } from '../../src/config.ts';
import { closeGracefully } from '../../src/http/graceful-close.ts';
import { startService } from '../../src/start.ts';
import { eventually } from '../support/eventually.ts';
import { ADMIN, addPerson, call, RULES, serve } from './service.ts';

const folder = mkdtempSync(join(tmpdir(), 'keepline-start-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const main = new URL('../../src/main.ts', import.meta.url).pathname;

t.test('rules that have changed move the deadlines of lines that nobody touches', async (t) => {
  const rules = join(folder, 'rules');
  cpSync(RULES, rules, { recursive: true });
  const environment = { RULES_DIR: rules, DATABASE_URL: `sqlite:${join(folder, 'moved.db')}` };
  const actBy = async (service: Awaited<ReturnType<typeof serve>>) =>
    (await service.as(ADMIN)('GET', '/v1/deadlines'))
      .json()
      .items.map(({ act_by }: { act_by: string }) => act_by);

  const before = await serve(t, { environment });
  const anna = await addPerson(before, 'Anna');
  await before.as(ADMIN)('POST', `/v1/lines/${anna.line}/records`, call('2026-03-01'));
  t.same(await actBy(before), ['2026-05-30']);
  await before.close();

  const file = join(rules, 'ru/t2.yaml');
  const changed = readFileSync(file, 'utf8').replaceAll('runs: 90 days', 'runs: 60 days');
  writeFileSync(file, changed);
  const after = await serve(t, { environment });
  await eventually(
    () => actBy(after),
    ([day]) => day === '2026-04-30',
  );
  t.same(await actBy(after), ['2026-04-30']);
});

t.test(
  'processes on one database have one secret, and each release the number of its first start',
  async (t) => {
    const rules = join(folder, 'newer');
    cpSync(join(RULES, 'ru/t2.yaml'), join(rules, 'ru/t2.yaml'));
    const DATABASE_URL = `sqlite:${join(folder, 'shared.db')}`;
    const one = await serve(t, { environment: { DATABASE_URL } });
    const newer = await serve(t, { environment: { DATABASE_URL, RULES_DIR: rules } });
    const again = await serve(t, { environment: { DATABASE_URL } });
    t.ok(one.app.secret.length >= 32);
    t.same([newer.app.secret, again.app.secret], [one.app.secret, one.app.secret]);
    t.ok(newer.app.release > one.app.release);
    t.equal(again.app.release, one.app.release, 'the older one does not become the newest');
  },
);

t.test('rules with an error keep it from starting, and say where', async (t) => {
  const rules = join(folder, 'broken');
  cpSync(RULES, rules, { recursive: true });
  const file = join(rules, 'gb/giffgaff.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('currency: GBP', 'currency: pounds'));
  await t.rejects(serve(t, { environment: { RULES_DIR: rules } }), {
    message: /gb\/giffgaff\.yaml:\d+:\d+: /,
  });
  await t.rejects(serve(t, { environment: { RULES_DIR: join(folder, 'nowhere') } }), { message: /rules/ });
});

/** What this process has open: what is closed already goes within a turn or two. */
async function resources() {
  await setTimeout(20);
  return process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'Immediate')
    .sort();
}

t.test('what has begun is ended where it cannot listen', async (t) => {
  const taken = createServer();
  await once(taken.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => once(taken.close(), 'close'));
  const rules = join(folder, 'not-listening');
  cpSync(join(RULES, 'ru/t2.yaml'), join(rules, 'ru/t2.yaml'));
  const environment = {
    RULES_DIR: rules,
    DATABASE_URL: `sqlite:${join(folder, 'not-listening.db')}`,
    PORT: String((taken.address() as AddressInfo).port),
  };
  const before = await serve(t, { environment });
  const anna = await addPerson(before, 'Anna');
  const api = before.as(anna.write);
  const feed = await api('POST', `/v1/users/${anna.id}/feeds`, { name: 'Phones' });
  await before.server.inject(new URL(feed.json().urls.https).pathname);
  await before.close();

  const file = join(rules, 'ru/t2.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('runs: 90 days', 'runs: 60 days'));
  const after = await serve(t, { environment, fewCalendars: 0 });
  t.ok(after.app.renewal.isUnderWay(), 'a process makes the calendars anew');
  t.ok((await resources()).includes('ProcessWrap'));
  await t.rejects(after.listen(), { message: /in use/ });
  t.notOk((await resources()).includes('ProcessWrap'), 'it has ended');
  await t.rejects(after.app.store.users.get('user_1'), { code: 'unavailable' });
});

t.test('a start that fails leaves nothing open', async (t) => {
  const before = await resources();
  const clock = () => {
    throw new Error('the clock stands');
  };
  const config = readConfig({
    DATABASE_URL: `sqlite:${join(folder, 'failed.db')}`,
    PROOFS_URL: `file:${join(folder, 'failed')}`,
    RULES_DIR: RULES,
    LOG_LEVEL: 'silent',
  });
  await t.rejects(startService(config, { clock, print: () => {} }), { message: 'the clock stands' });
  t.same(await resources(), before);
});

t.test('a part that cannot be closed keeps no other from it', async (t) => {
  const service = await serve({ teardown() {} }, { environment: { PORT: '0' } });
  t.teardown(() => rmSync(service.folder, { recursive: true }));
  await service.listen();
  Object.assign(service.app.renewal, { stop: () => Promise.reject(new Error('it does not stop')) });
  await t.rejects(service.close(), { message: 'it does not stop' });
  t.notOk(service.server.server.listening);
  await t.rejects(service.app.store.users.get('user_1'), { code: 'unavailable' });
});

t.test('its end waits for what is under way, and for no connection without', async (t) => {
  const service = await serve({ teardown() {} }, { environment: { PORT: '0' } });
  t.teardown(() => rmSync(service.folder, { recursive: true }));
  const { port } = new URL(await service.listen());
  const open = async () => {
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    let said = '';
    socket.on('data', (data) => {
      said += data;
    });
    return { socket, said: () => said };
  };
  const [begun, silent] = [await open(), await open()];
  const body = JSON.stringify({ name: 'Anna', locale: 'en', time_zone: 'Europe/Riga' });
  const head = ['POST /v1/users HTTP/1.1', 'host: x', `authorization: Bearer ${ADMIN}`];
  head.push('content-type: application/json', `content-length: ${body.length}`, 'expect: 100-continue');
  begun.socket.write(`${head.join('\r\n')}\r\n\r\n`);
  await eventually(begun.said, (said) => said.includes('100 Continue'));
  const closed = service.close();
  await once(silent.socket, 'close');
  begun.socket.write(body);
  await eventually(begun.said, (said) => said.includes('201 Created'));
  const since = Date.now();
  await closed;
  t.ok(Date.now() - since < 5_000, 'a connection that stays open for another request is no reason to wait');
});

t.test('its end does not wait for ever for whoever takes too long', async (t) => {
  const lines: string[] = [];
  const server = fastify({
    logger: { level: 'warn', stream: { write: (line: string) => void lines.push(line) } },
  });
  closeGracefully(server, 100);
  const endless = new Readable({ read: () => {} });
  endless.push('the beginning');
  server.get('/', (_, reply) => reply.send(endless));
  const { port } = new URL(await server.listen({ port: 0, host: '127.0.0.1' }));
  const socket = connect(Number(port), '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(socket, 'data');
  const ended = once(socket, 'close');
  await server.close();
  await ended;
  t.match(lines.join(''), /"connections":1.*broken off/);
});

/** Runs the process; its output, and its exit code once it ends. */
function run(environment: Record<string, string>) {
  const child = spawn(process.execPath, [main], { env: { PATH: process.env.PATH, ...environment } });
  const said = { out: '', err: '' };
  child.stdout.on('data', (data) => {
    said.out += data;
  });
  child.stderr.on('data', (data) => {
    said.err += data;
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return { child, said, ended };
}

t.test('a wrong environment ends it, with every error', async (t) => {
  const { said, ended } = run({ PORT: 'http', LOG_LEVEL: 'loud', KEEPLINE_SECRET: 'short' });
  t.equal(await ended, 1);
  t.match(said.err, /PORT cannot be "http"[\s\S]*LOG_LEVEL[\s\S]*KEEPLINE_SECRET/);
  t.notMatch(said.err, /short|\n {4}at /);
});

t.test('it serves, reads the rules anew on SIGHUP, and on SIGTERM ends what is under way', async (t) => {
  const served = join(folder, 'served');
  cpSync(RULES, served, { recursive: true });
  const { child, said, ended } = run({
    PORT: '0',
    DATABASE_URL: `sqlite:${join(folder, 'served.db')}`,
    RULES_DIR: served,
    LOG_LEVEL: 'info',
  });
  const origin = await eventually(() => {
    if (child.exitCode !== null) throw new Error(`it does not listen: ${said.out}${said.err}`);
    return /"address":"(http[^"]+)"/.exec(said.out)?.[1];
  });
  const key = /klk_[\w-]{43}/.exec(said.out)?.[0] as string;
  t.equal((await fetch(`${origin}/readyz`)).status, 200);
  const made = await fetch(`${origin}/v1/users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Anna', locale: 'en', time_zone: 'Europe/Riga' }),
  });
  t.equal(made.status, 201);
  const zipped = await fetch(`${origin}/v1/export`, { headers: { authorization: `Bearer ${key}` } });
  t.match(zipped.headers.get('content-encoding'), /^(br|gzip)$/);
  t.match(await zipped.text(), /"name":"Anna"/);
  const logged = (text: RegExp) =>
    eventually(
      () => said.out,
      (out) => text.test(out),
    );
  rmSync(join(served, 'us'), { recursive: true });
  child.kill('SIGHUP');
  await logged(/"state":"removed".*the rules were reloaded/);
  const rule = `${origin}/v1/rules/us/ultra-mobile/paygo`;
  t.equal((await fetch(rule, { headers: { authorization: `Bearer ${key}` } })).status, 404);
  writeFileSync(join(served, 'gb/ee.yaml'), 'carrier: gb/ee');
  child.kill('SIGHUP');
  await logged(/gb\/ee\.yaml:1:1: .*not reloaded/);
  t.match(await (await fetch(`${origin}/readyz`)).json(), { status: 'ready', rules: { state: 'stale' } });
  child.kill('SIGTERM');
  t.equal(await ended, 0);
  t.notMatch(said.err, /Error/);
});
