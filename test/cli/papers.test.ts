/** What the papers say is done as they say it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { checkRulebook, printProblem } from '../../src/rulebook/index.ts';
import { lintCalendar } from '../support/ical-lint.ts';
import { invoke, scratch } from './invoke.ts';

const README = await readFile('README.md', 'utf8');
const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));

/** The code blocks of a paper in one language. */
const blocks = (paper: string, language: string): string[] =>
  [...paper.matchAll(/^```(\w*)\n(.*?)^```$/gms)].flatMap(([, of, code = '']) =>
    of === language ? [code] : [],
  );

t.test('the README begins with the two commands', async (t) => {
  t.match(README, /^# Keepline\n\n```sh\nnpm ci && npm run demo .*\nnpm ci && npm test .*\n```\n/);
  t.equal(scripts.test, 'tap run');
  t.ok(README.split('\n').length <= 110, 'a screen and a half');
});

t.test('the demo and the request of the README run as written', async (t) => {
  const { folder } = await scratch(t);
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', TMPDIR: folder };
  // A group of its own, so that what npm started ends with it, whatever fails.
  const child = spawn('npm', ['run', 'demo'], { env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  t.teardown(() => child.exitCode === null && process.kill(-(child.pid as number), 'SIGKILL'));
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.includes('Stop it with Ctrl-C.')) break;
  }
  const url = /^Keepline runs at (\S+)/m.exec(text)?.[1] ?? '';
  const request = blocks(README, 'sh').find((code) => code.startsWith('curl')) ?? '';
  t.match(request, ' http://127.0.0.1:3000/');
  const curl = spawn('bash', ['-c', request.replace('http://127.0.0.1:3000', url)], {
    env: { PATH: process.env.PATH, KEY: /klk_[\w-]+/.exec(text)?.[0] },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let answer = '';
  for await (const chunk of curl.stdout) answer += chunk;
  const timeline = JSON.parse(answer);
  const promised = [...(/It answers (.*)/.exec(README)?.[1] ?? '').matchAll(/`"(\w+)": "([^"]+)"`/g)];
  t.equal(promised.length, 2);
  for (const [, field = '', value] of promised) t.equal(timeline[field], value, field);
  t.ok(timeline.stages.length > 3);
  // npm hands the signal on, so that whoever stops it stops the service.
  child.kill('SIGTERM');
  await ended;
  await t.rejects(fetch(`${url}/healthz`), 'it is stopped');
  const left = (await readdir(folder)).filter((name) => name.startsWith('keepline-'));
  t.same(left, [], 'and leaves nothing behind');
});

t.test('the other commands of the README run as written', async (t) => {
  const { folder } = await scratch(t);
  const commands = blocks(README, 'sh')
    .flatMap((code) => code.split('\n'))
    .filter((line) => line.startsWith('npx keepline '));
  t.equal(commands.length, 4);
  for (const command of commands) {
    const words = command.replace('carol.ics', join(folder, 'carol.ics')).match(/'[^']*'|\S+/g) ?? [];
    const args = words.slice(2).map((word) => word.replaceAll("'", ''));
    const { code, stderr } = await invoke(args, { now: new Date() });
    t.same([code, stderr], [0, ''], command);
  }
  t.same(lintCalendar(await readFile(join(folder, 'carol.ics'))), []);
});

t.test('docs/your-numbers.md leads from a file to a calendar', async (t) => {
  const { folder } = await scratch(t);
  const paper = await readFile('docs/your-numbers.md', 'utf8');
  await writeFile(join(folder, 'my-numbers.yaml'), blocks(paper, 'yaml')[0] ?? '');
  const [first = '', last = ''] = blocks(paper.replaceAll(/^ {2}/gm, ''), 'sh');
  const KEY = 'k'.repeat(32);
  const env = {
    PATH: process.env.PATH,
    KEY,
    KEEPLINE_ADMIN_KEY: KEY,
    DATABASE_URL: `sqlite:${join(folder, 'keepline.db')}`,
    PROOFS_URL: `file:${join(folder, 'proofs')}`,
    PORT: '0',
    PUBLIC_URL: 'https://keepline.example',
  };
  const service = spawn(process.execPath, ['src/main.ts'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => service.kill('SIGKILL'));
  let log = '';
  for await (const chunk of service.stdout) {
    log += chunk;
    if (/http:\/\/127\.0\.0\.1:\d+/.test(log)) break;
  }
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(log)?.[0] ?? '';
  const script = `set -eo pipefail\n${first}\necho\n${last}`
    .replace('http://127.0.0.1:3000', url)
    .replace('npx keepline', 'node src/cli.ts')
    .replace('my-numbers.yaml', join(folder, 'my-numbers.yaml'));
  const shell = spawn('bash', ['-c', script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let answers = '';
  for await (const chunk of shell.stdout) answers += chunk;
  t.match(answers, 'records: 2 new');
  t.match(answers, '"page":"https://keepline.example/cal/klf_');
  t.match(answers, '"type":"activity","at":"2026-04-28"');
  t.match(answers, '"state":"pending"');
  t.notMatch(answers, 'urn:keepline:problem');
});

t.test('what the README shows of a feed is in such a feed', async (t) => {
  const stdin = `
rule: ru/t2/prepaid
label: Bank codes
number: "+79511114455"
facts: { nationality: russian }
records:
  - { type: activity, at: 2026-01-01, kind: call, direction: outgoing, charged: true }
  - { type: balance, at: 2026-01-01, amount: 300 RUB }
`;
  const { stdout } = await invoke(['feed', '-', '--now', '2026-01-02'], { stdin });
  const feed = stdout
    .replaceAll('\r\n ', '')
    .replaceAll(/\\([,;])/g, '$1')
    .replaceAll('\\n', '\n');
  const shown = blocks(README, '')[0] ?? '';
  const parts = shown
    .split('\n')
    .flatMap((line) => line.replace('1 April    ', '').split('…'))
    .map((part) => part.trim().replace(/ \(Works from abroad\.\)$| or$/, ''))
    .filter((part) => part.length > 3);
  t.ok(parts.length > 8);
  for (const part of parts) t.ok(feed.includes(part), part);
});

t.test('the file of docs/rules.md is sound', async (t) => {
  const { folder } = await scratch(t);
  await mkdir(join(folder, 'gb'));
  const [file = ''] = blocks(await readFile('docs/rules.md', 'utf8'), 'yaml');
  await writeFile(join(folder, 'gb/acme.yaml'), file);
  const report = await checkRulebook(folder, { today: new Date('2026-11-23') });
  t.same([...report.problems, ...report.warnings].map(printProblem), []);
  t.match(report, { rules: 1, examples: 3, passed: 3 });
});

const PAPERS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'bench/README.md',
  ...readdirSync('docs').map((name) => `docs/${name}`),
];

t.test('links between the papers lead somewhere, and their commands exist', async (t) => {
  for (const paper of PAPERS) {
    const text = await readFile(paper, 'utf8');
    for (const [, link = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      await t.resolves(access(join(paper, '..', link)), `${paper}: ${link}`);
    }
    for (const [, script = ''] of text.matchAll(/npm run ([a-z:-]+)/g))
      t.ok(scripts[script], `${paper}: ${script}`);
  }
});

t.test('the sources that the papers name are there', async (t) => {
  const named = new Set<string>();
  for (const paper of PAPERS) {
    const text = await readFile(paper, 'utf8');
    for (const [, path = ''] of text.matchAll(/`(?:src\/)?([a-z-]+(?:\/[a-z-]+)*(?:\.ts|\/))`/g))
      named.add(path);
  }
  t.ok(named.size > 20, `${named.size} are named`);
  const isThere = (path: string) => existsSync(join('src', path)) || existsSync(path);
  t.same(
    [...named].filter((path) => !isThere(path)),
    [],
  );
});
