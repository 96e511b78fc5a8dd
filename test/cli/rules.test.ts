import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { packs } from '../support/packs.ts';
import { invoke, scratch } from './invoke.ts';

/** The shipped rules in a folder of their own, changed. */
async function changedRules(folder: string, changes: Record<string, (text: string) => string | null>) {
  const target = join(folder, 'rules');
  await cp('rules', target, { recursive: true });
  for (const [name, change] of Object.entries(changes)) {
    const file = join(target, name);
    const text = change(await readFile(file, 'utf8'));
    if (text === null) await rm(file);
    else await writeFile(file, text);
  }
  return target;
}

t.test('rules check: the shipped rules pass', async (t) => {
  const { code, stdout, stderr } = await invoke(['rules', 'check']);
  t.equal(code, 0);
  t.equal(stderr, '', 'no bar without a terminal');
  const [, passed, all] = /; (\d+) of (\d+) examples pass; 0 problems/.exec(stdout) ?? [];
  t.ok(Number(all) > 100);
  t.equal(passed, all);
  t.match(stdout, /^ru\/t2\/prepaid /m);

  const json = await invoke(['rules', 'check', 'rules', '--json'], { isTTY: true });
  const report = JSON.parse(json.stdout);
  t.same([report.rules, report.problems], [packs.length, []]);
  t.match(json.stderr, /█.* 100 % of the examples/, 'a bar where there is a terminal');
});

t.test('rules check: what is broken is told with its place, and exits 1', async (t) => {
  const { folder } = await scratch(t);
  const rules = await changedRules(folder, {
    'gb/giffgaff.yaml': (text) => text.replace('currency: GBP', 'currency: GBP\ncolour: red'),
    'lv/lmt.yaml': (text) => text.replace(/act_by: \d{4}-/, 'act_by: 1999-'),
  });
  const { code, stdout } = await invoke(['rules', 'check', rules]);
  t.equal(code, 1);
  t.match(stdout, /gb\/giffgaff\.yaml:\d+:\d+: .*colour/);
  t.match(stdout, /lv\/lmt\.yaml:\d+:\d+: .*Expected 1999-/);
  t.match(stdout, /2 problems/);
});

t.test('rules diff: what differs, and whose dates it moves', async (t) => {
  const same = await invoke(['rules', 'diff', 'rules', 'rules']);
  t.same(same, { code: 0, stdout: 'The two say the same.\n', stderr: '' });

  const { folder } = await scratch(t);
  const rules = await changedRules(folder, {
    'ru/t2.yaml': (text) => `${text.replace('runs: 90 days', 'runs: 80 days')}\n# only a comment\n`,
    'gb/ee.yaml': (text) => `${text}\n# only a comment\n`,
    'gb/giffgaff.yaml': (text) => text.replace('en: giffgaff', 'en: Giffgaff'),
    'us/ultra-mobile.yaml': () => null,
  });
  const { code, stdout } = await invoke(['rules', 'diff', 'rules', rules]);
  t.equal(code, 1);
  t.match(stdout, /^ru\/t2\/prepaid$/m);
  t.match(stdout, /clocks\.law\.runs: 90 days → 80 days/);
  t.match(stdout, /moves act_by: 2026-04-01 → 2026-03-22 \(10 days earlier\) in "/);
  t.match(stdout, /^us\/ultra-mobile\/paygo is removed$/m);
  t.match(stdout, /^gb\/giffgaff \(its file\)$/m);
  t.notMatch(stdout, /gb\/ee/);

  const json = JSON.parse((await invoke(['rules', 'diff', rules, 'rules', '--json'])).stdout);
  const t2 = json.rules.find(({ rule }: { rule: string }) => rule === 'ru/t2/prepaid');
  t.match(t2.changes, [
    { path: 'versions[2024-09-01].clocks.law.runs', before: '80 days', after: '90 days' },
  ]);
  const acts = t2.moves.flatMap(({ dates }: { dates: object[] }) => dates);
  t.match(
    acts.find(({ date }: { date: string }) => date === 'act_by'),
    { days: 10 },
  );
  t.equal(json.rules.find(({ rule }: { rule: string }) => rule === 'us/ultra-mobile/paygo').state, 'added');

  const broken = await invoke(['rules', 'diff', 'rules', 'test/cli']);
  t.equal(broken.code, 1);
});

t.test('rules diff: whose lines move, of a file or of the database', async (t) => {
  const { folder, file } = await scratch(t);
  const rules = await changedRules(folder, {
    'ru/t2.yaml': (text) => text.replaceAll('runs: 90 days', 'runs: 80 days'),
    'us/ultra-mobile.yaml': (text) => text.replaceAll('runs: 60 days', 'runs: 70 days'),
  });
  const line = (name: string, at: string, rule = 'ru/t2/prepaid') => ({
    rule,
    external_id: name,
    label: name,
    number: rule.startsWith('ru') ? '+79525550134' : undefined,
    records: [{ type: 'activity', at, kind: 'call', direction: 'outgoing', charged: true }],
  });
  const lines = [
    line('late', '2026-06-01'),
    line('soon', '2026-05-01'),
    line('other', '2026-05-01', 'gb/ee/prepaid'),
    ...Array.from({ length: 3 }, (_, n) => line(`more-${n}`, '2026-05-20')),
  ];
  const people = JSON.stringify({
    people: [{ name: 'Anna', external_id: 'anna', locale: 'en', time_zone: 'Europe/Berlin', lines }],
  });
  const records = await file('people.yaml', people);
  const env = { DATABASE_URL: `sqlite:${join(folder, 'keepline.db')}` };
  t.equal((await invoke(['import', records], { env })).code, 0);

  const diff = ['rules', 'diff', 'rules', rules];
  const inFile = await invoke([...diff, '--people', records]);
  t.equal(inFile.code, 1);
  t.match(inFile.stdout, /^5 of 5 lines under rules that differ move; all others stay\.$/m);
  t.match(inFile.stdout, /act_by: 5 nearer, 0 further, 0 appears, 0 vanishes/);
  t.match(
    inFile.stdout,
    /soon +anna +ru\/t2\/prepaid +act_by 2026-07-30 → 2026-07-20 \(10 days earlier\)[\s\S]*more-0[\s\S]*late/,
  );
  t.match(inFile.stderr, /^5 lines folded twice in .* lines\/s\)$/m);

  const stored = await invoke([...diff, '--store', '--limit', '2'], { env, isTTY: true });
  t.match(stored.stdout, /The gravest first, 1 to 2 of 5; --page 2 shows the next:/);
  t.match(stored.stderr, /█.* 100 % of the lines/, 'a bar where there is a terminal');
  t.notMatch(stored.stdout, /5550134/);
  const last = await invoke([...diff, '--store', '--limit', '2', '--page', '3', '--json'], { env });
  t.match(JSON.parse(last.stdout).lines, {
    lines: 5,
    moved: 5,
    act_by: { nearer: 5 },
    gravest: [{ line: /^line_/, act_by: { before: '2026-08-30', after: '2026-08-20', days: -10 } }],
  });
  const back = JSON.parse(
    (await invoke(['rules', 'diff', rules, 'rules', '--store', '--json'], { env })).stdout,
  );
  t.match(back.lines.act_by, { nearer: 0, further: 5 });

  const removed = join(folder, 'rules', 'ru', 't2.yaml');
  await rm(removed);
  const gone = JSON.parse((await invoke([...diff, '--people', records, '--json'])).stdout);
  t.match(gone.lines.act_by, { vanishes: 5 });

  for (const wrong of [
    ['--limit', '0'],
    ['--page', 'x'],
    ['--store', '--people', records],
  ]) {
    t.equal((await invoke([...diff, ...wrong], { env })).code, 2);
  }
});
