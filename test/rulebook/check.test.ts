/** The check of a rulebook: its examples, its warnings, its figures; and of the rulebook that ships. */
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { checkRulebook, loadRulebook, type Problem, printProblem } from '../../src/rulebook/index.ts';
import { broken, folderOf, SOUND } from './fixture.ts';

const today = new Date('2026-11-20T12:00:00Z');
const shipped = fileURLToPath(new URL('../../rules', import.meta.url));

async function check(t: Test, file: string, others: Record<string, string> = {}) {
  const folder = await folderOf(t, { 'gb/acme.yaml': file, ...others });
  const report = await checkRulebook(folder, { today });
  const told = (problems: Problem[]) =>
    problems.map((problem) => printProblem(problem).replace(folder, 'rules'));
  return { ...report, problems: told(report.problems), warnings: told(report.warnings) };
}

t.test('a sound rulebook and its figures', async (t) => {
  const { digest, ...report } = await check(t, SOUND, { 'README.md': 'About the rules.' });
  t.same(report, {
    files: 1,
    carriers: 1,
    rules: 1,
    facts: 5,
    sources: 1,
    examples: 3,
    passed: 3,
    problems: [],
    warnings: [],
    perRule: [
      {
        id: 'gb/acme/prepaid',
        versions: 1,
        facts: 2,
        sources: 1,
        examples: 3,
        passed: 3,
        oldest_source: '2026-01-02',
        newest_source: '2026-01-02',
      },
    ],
  });
  t.match(digest, /^[0-9a-f]{64}$/);
});

t.test('an example that does not hold is told at the field, with what was expected and got', async (t) => {
  const cases: [string, string, ...string[]][] = [
    [
      'act_by: 2026-06-30',
      'act_by: 2026-06-29',
      '61:26: "Half a year after a call": Expected 2026-06-29, got 2026-06-30.',
    ],
    [
      'act_by: 2026-06-30',
      'act_by: null',
      '61:26: "Half a year after a call": Expected null, got 2026-06-30.',
    ],
    [
      '{ idle: 2026-06-30 }',
      '{ idle: 2026-06-29, credit_gone: 2026-06-30 }',
      '61:54: "Half a year after a call": Expected 2026-06-29, got 2026-06-30.',
      '61:79: "Half a year after a call": Expected 2026-06-30, got null.',
    ],
    [
      'stage: restricted, lost',
      'stage: active, lost',
      '65:25: "Suspended, then lost": Expected active, got restricted.',
    ],
    [
      'from: 2026-07-01 }',
      'from: 2026-07-02 }',
      '65:93: "Suspended, then lost": Expected 2026-07-02, got 2026-07-01.',
    ],
    ['from: 2026-07-01 }', 'certainty: may }', '65:98: "Suspended, then lost": Expected may, got certain.'],
    [
      '[{ stage: suspended, from: 2026-07-01 }, { stage: lost }]',
      '[{ stage: lost }, { stage: suspended }]',
      '65:93: "Suspended, then lost": Expected the stage suspended, and it does not follow here. The stages are: active from 2026-01-01; restricted from 2026-04-02; suspended from 2026-07-01, latest 2026-07-02; lost from 2026-07-31, latest 2026-08-01.',
    ],
    [
      'gives: { stage: unknown',
      'gives: { missing: [idle], stage: unknown',
      '70:27: "Nothing is known": Expected [idle], got [credit_gone, idle].',
    ],
    ['gives: { stage: unknown', 'gives: { missing: [idle, credit_gone], stage: unknown'],
  ];
  for (const [from, to, ...expected] of cases) {
    const { problems, examples, passed } = await check(t, broken(from, to));
    t.same(
      problems,
      expected.map((problem) => `rules/gb/acme.yaml:${problem}`),
      to,
    );
    t.equal(passed, examples - (expected.length > 0 ? 1 : 0), to);
  }
});

t.test('a record of which its rule makes nothing is refused in an example', async (t) => {
  const given = 'given: [{ type: validity, at: 2026-01-01, until: 2026-02-01 }]';
  const { problems } = await check(t, broken('given: []', given));
  t.same(problems, [
    'rules/gb/acme.yaml:67:25: In this record: This carrier shows no date of validity that its rule knows. Say which clock `shows` it, or leave the record out.',
  ]);
});

t.test('records are voided by their place or their id', async (t) => {
  const topup = '{ type: topup, at: 2026-01-01, amount: 5 GBP, external_id: a }';
  for (const [record, id] of [
    [topup, 'a'],
    [topup.replace(', external_id: a', ''), '"1"'],
  ]) {
    const given = `given: [${record}, { type: void, at: 2026-01-01, record: ${id} }]`;
    t.same((await check(t, broken('given: []', given))).problems, [], given);
  }
});

t.test('a file with problems is not run, the others are', async (t) => {
  const other = broken('act_by: 2026-06-30', 'act_by: 2026-06-29').replace('gb/acme', 'gb/other');
  const report = await check(t, broken('confidence: high', 'confidence: faint'), { 'gb/other.yaml': other });
  t.same(report.problems, [
    'rules/gb/acme.yaml:24:101: "confidence" cannot be "faint". Allowed: high, medium or low.',
    'rules/gb/other.yaml:61:26: "Half a year after a call": Expected 2026-06-29, got 2026-06-30.',
  ]);
  t.match(report, { files: 2, carriers: 1, rules: 1, examples: 3, passed: 2 });
});

t.test('warnings: old, unused and future evidence, files that are not read', async (t) => {
  const more = (name: string, dates: string) =>
    `\n  ${name}: { kind: news, source: paper, ${dates}, confidence: high, says: So it is. }`;
  const said = 'says: Six months. }';
  const file = broken(
    said,
    said +
      more('fresh', 'dated: 2024-11-21, seen: 2026-11') +
      more('old', 'dated: 2024-11-20, seen: 2026-11') +
      more('older', 'seen: "2019"') +
      more('ahead', 'seen: 2027-01'),
  );
  const used = broken('evidence: [terms]\nsupport', 'evidence: [terms, fresh, old, ahead]\nsupport', file);
  const { problems, warnings } = await check(t, used, { 'notes.txt': '' });
  t.same(problems, []);
  t.same(warnings, [
    'rules/gb/acme.yaml:26:44: The evidence "old" is 2 years old: check whether it still holds.',
    'rules/gb/acme.yaml:27:3: No fact names the evidence "older": name it where it belongs, or remove it.',
    'rules/gb/acme.yaml:27:45: The evidence "older" is 7 years and 10 months old: check whether it still holds.',
    'rules/gb/acme.yaml:28:45: The evidence "ahead" is of 2027-01, which has not come yet.',
    'rules/notes.txt:1:1: It is not read: rule files end in ".yaml".',
  ]);
});

t.test('progress counts each example', async (t) => {
  const steps: [number, number][] = [];
  const folder = await folderOf(t, { 'gb/acme.yaml': SOUND });
  await checkRulebook(folder, { today, onProgress: (done, total) => steps.push([done, total]) });
  t.same(steps, [
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
});

t.test('the digest is of what files say', async (t) => {
  const digest = async (text: string) => {
    const { rulebook, problems } = await loadRulebook(await folderOf(t, { 'gb/acme.yaml': text }));
    t.same(problems, []);
    return rulebook.digest;
  };
  const sound = await digest(SOUND);
  t.equal(await digest(`${SOUND}# a comment\n`), sound, 'a comment');
  t.equal(
    await digest(broken('en: Acme, ru: Акме, zh: 阿克梅', 'zh: 阿克梅, ru: "Акме", en: Acme')),
    sound,
    'the order of keys',
  );
  t.not(await digest(broken('says: Six months.', 'says: Half a year.')), sound, 'a text');
  t.not(await digest(broken('[local, foreign]', '[foreign, local]')), sound, 'the order of a list');
});

t.test('the rulebook that ships', async (t) => {
  const { rulebook, problems } = await loadRulebook(shipped);
  t.same(problems.map(printProblem), []);
  for (const [id, { carrier, rule, compiled }] of rulebook.rules) {
    t.equal(`${carrier.carrier}/${rule.id}`, id);
    t.equal(compiled.id, id);
    t.equal(rulebook.carriers.get(carrier.carrier), carrier);
  }
  const report = await checkRulebook(shipped, { today });
  t.same(report.problems.map(printProblem), [], 'every example holds');
  t.ok(report.examples >= 3 * report.rules);
  t.equal(report.passed, report.examples);
});
