import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import ICAL from 'ical.js';
import t from 'tap';
import { lintCalendar } from '../support/ical-lint.ts';
import { invoke, scratch } from './invoke.ts';

type Running = { child: ChildProcess; text: string; url: string; key: string; links: string[] };

/** Starts the demo as its own process and waits until it has said all. */
async function startDemo(env: Record<string, string> = {}): Promise<Running> {
  const child = spawn(process.execPath, ['src/cli.ts', 'demo'], {
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [text, errors] = ['', ''];
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      if (text.includes('Stop it with Ctrl-C.')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the demo ended with ${code}: ${errors}`)));
  });
  const url = /^Keepline runs at (http:\S+) on/.exec(text)?.[1] ?? '';
  const key = /klk_[\w-]{43}/.exec(text)?.[0] ?? '';
  const links = text
    .match(/^ {2}any other {2}\S+/gm)
    ?.map((line) => line.trim().split(/ +/).at(-1) as string);
  return { child, text, url, key, links: links ?? [] };
}

async function end({ child }: Running, signal: NodeJS.Signals) {
  const exit = once(child, 'exit');
  child.kill(signal);
  return (await exit)[0] as number | null;
}

const fetchCalendar = async (link: string) => {
  const answer = await fetch(link);
  return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() };
};

/** Runs a printed command as it stands. */
async function sh(command: string) {
  const child = spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  await once(child, 'close');
  return text;
}

t.test('the demo: links, a key, requests that work as printed, an end', async (t) => {
  const { folder } = await scratch(t);
  const demo = await startDemo({ LOG_LEVEL: 'silent', TMPDIR: folder });
  t.teardown(() => demo.child.kill('SIGKILL'));
  const { text, url, key, links } = demo;

  t.equal(links.length, 3);
  const languages = {
    'zh-person': /SUMMARY:.*最后一天/,
    'ru-person': /SUMMARY:.*просрочено/,
    'en-person': /SUMMARY:Last safe day/,
  };
  for (const [index, language] of Object.values(languages).entries()) {
    const link = links[index] as string;
    const { status, type, body } = await fetchCalendar(link);
    t.equal(status, 200);
    t.equal(type, 'text/calendar; charset=utf-8');
    t.same(lintCalendar(body), []);
    t.match(body.replaceAll('\r\n ', ''), language);
    t.ok(new ICAL.Component(ICAL.parse(body)).getAllSubcomponents('vevent').length > 5);
    const webcal = link.replace('http:', 'webcal:');
    const encoded = encodeURIComponent(webcal);
    t.ok(text.includes(`  Google     https://calendar.google.com/calendar/u/0/r?cid=${encoded}\n`));
    t.ok(text.includes(`  Apple      ${webcal}\n`));
    t.ok(text.includes(`  Outlook    https://outlook.live.com/calendar/0/addfromweb/?url=${encoded}&name=`));
    const page = await fetch(link.slice(0, link.lastIndexOf('/')));
    t.equal(page.status, 200);
    t.match(page.headers.get('content-type'), 'text/html');
  }

  t.match(text, /MegaFon .*OVERDUE$/m);
  t.match(text, /Beeline .*not known .*facts missing$/m);
  t.match(text, /giffgaff .*active +\d{4}-\d\d-\d\d +in \d+ days$/m);
  t.equal((await fetch(`${url}/v1/users`, { headers: { authorization: `Bearer ${key}` } })).status, 200);

  const [deadlines = '', timeline = '', record = ''] = text.match(/^ {2}curl .*/gm) ?? [];
  t.ok(JSON.parse(await sh(deadlines)).items.length > 5);
  t.match(JSON.parse(await sh(timeline)), { rule: 'ru/megafon/prepaid', stage: 'fee_running' });
  t.match(JSON.parse(await sh(record)), { type: 'activity', voided_by: null });
  t.match(JSON.parse(await sh(timeline)), { stage: 'active', at_risk_since: null });
  const boris = (await fetchCalendar(links[1] as string)).body.replaceAll('\r\n ', '');
  t.match(boris, /SUMMARY:✅/, 'the record is in the next fetch');
  const soon = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
  const events = boris
    .split('BEGIN:VEVENT')
    .filter((event) => event.includes('просрочено') && event.includes('…4568'));
  t.ok(
    events.every((event) => (/DATE:(\d{8})/.exec(event)?.[1] ?? '') > soon),
    'nothing is overdue any more',
  );

  t.not((await readdir(folder)).length, 0);
  t.equal(await end(demo, 'SIGTERM'), 0);
  t.same(await readdir(folder), [], 'the database is gone with it');
});

t.test('the demo on a database of its own is killed and comes back without doubling anybody', async (t) => {
  const { folder } = await scratch(t);
  const env = {
    DATABASE_URL: `sqlite:${folder}/demo.db`,
    KEEPLINE_ADMIN_KEY: 'a key of the environment, long enough',
  };
  const first = await startDemo(env);
  t.teardown(() => first.child.kill('SIGKILL'));
  t.notMatch(first.text, env.KEEPLINE_ADMIN_KEY, 'a key of the environment is not shown');
  await end(first, 'SIGKILL');

  const second = await startDemo(env);
  t.teardown(() => second.child.kill('SIGKILL'));
  t.match(second.text, 'on the database of DATABASE_URL');
  const headers = { authorization: `Bearer ${second.key}` };
  const { items } = (await (await fetch(`${second.url}/v1/users`, { headers })).json()) as {
    items: object[];
  };
  t.equal(items.length, 3);
  const old = (first.links[0] as string).replace(first.url, second.url);
  const [kept, fresh] = [await fetchCalendar(old), await fetchCalendar(second.links[0] as string)];
  t.same([kept.status, fresh.status], [200, 200], 'the old link serves too');
  t.same(lintCalendar(kept.body), []);
  t.equal(await end(second, 'SIGINT'), 0);
});

/** Holds a free port until it is given back. */
async function holdPort() {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  return { port: `${port}`, release: () => new Promise((resolve) => holder.close(resolve)) };
}

t.test('a port in use is told in a sentence', async (t) => {
  const { port, release } = await holdPort();
  t.teardown(release);
  const { folder } = await scratch(t);
  for (const command of ['demo', 'serve']) {
    const env = { PORT: port, LOG_LEVEL: 'silent', DATABASE_URL: `sqlite:${folder}/${command}.db` };
    const { code, stderr } = await invoke([command], { env });
    t.equal(code, 1);
    const mend = 'stop what runs there, or set PORT to another one (0: any free one)';
    t.equal(stderr, `keepline: port ${port} of 127.0.0.1 is in use: ${mend}\n`);
  }
});

t.test('serve listens until it is stopped, and reads the rules anew when asked to', async (t) => {
  const { folder } = await scratch(t);
  const { port, release } = await holdPort();
  await release();
  const { promise, resolve } = Promise.withResolvers<void>();
  const rules = join(folder, 'rules');
  await cp('rules', rules, { recursive: true });
  const env = { PORT: port, LOG_LEVEL: 'silent', DATABASE_URL: `sqlite:${folder}/x.db`, RULES_DIR: rules };
  let hangUp = () => {};
  const onHangUp = (listener: () => void) => {
    hangUp = listener;
    return () => {};
  };
  const running = invoke(['serve'], { env, untilStopped: () => promise, onHangUp });
  const answer = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ status }) => status,
      () => 0,
    );
  while ((await answer()) !== 200) await setTimeout(50);
  const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).text();
  await writeFile(join(rules, 'gb/ee.yaml'), 'carrier: gb/ee');
  hangUp();
  for (let tries = 0; tries < 200 && !(await ready()).includes('stale'); tries += 1) await setTimeout(50);
  t.match(await ready(), /"state":"stale","problems":1/);
  resolve();
  const { code, stdout } = await running;
  t.equal(code, 0);
  t.match(stdout, /^Admin key, shown this once: klk_\S+\n$/);
  t.equal(await answer(), 0);
});
