import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
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
  t.same([report.rules, report.problems], [10, []]);
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
