/** What is well-formed and leads to nothing. */
import t from 'tap';
import { checkRulebook, printProblem } from '../../src/rulebook/index.ts';
import { broken, folderOf, SOUND, wrongWith } from './fixture.ts';

const cases: Record<string, [from: string, to: string, ...wrong: string[]]> = {
  'a fact without evidence': [
    'does: credit',
    'does: credit\n            price: 5 GBP',
    '53:13: A fact without evidence: add "evidence" to "top_up", with where this comes from.',
  ],
  'low confidence, and no doubt shown': [
    'confidence: high',
    'confidence: low',
    '48:13: It rests on low confidence alone: give `runs` an earliest and a latest, or its stages `certainty: may`.',
  ],
  'a cure that cures nothing': [
    'does: credit\n            how: topup',
    'how: topup',
    '38:13: Nothing that a person can do restarts this clock: add an action that `does` one of its events.',
    '42:61: "top_up" cures nothing: say with "does" which event it brings about.',
    '46:13: Nothing that a person can do restarts this clock: add an action that `does` one of its events.',
  ],
  'a stage after a graver one': [
    '{ stage: suspended, lasts: 30 days, cures: [top_up] }',
    '{ stage: lost, lasts: 30 days, cures: [top_up] }\n              - { stage: restricted, lasts: 2 days }',
    '43:26: This stage cannot be reached: what comes before it is graver than restricted.',
  ],
  'a version that ends before it begins': [
    'since: 2020-01-01',
    'since: 2020-01-01\n        until: 2019-12-31',
    '32:16: It ends on 2019-12-31, before it begins on 2020-01-01.',
  ],
  'days that the owner is not asked for': [
    'runs: { by: amount, tiers: { 1 GBP: 30 days, 5 GBP: 90 days } }',
    'runs: { by: fact, fact: nationality }',
    '47:37: The rule asks no number "nationality": add it under "facts", with `kind: number`.',
  ],
  'a clock that pauses itself': [
    'restarts_on: [credit]',
    'restarts_on: [credit]\n            paused_while: credit_gone',
    '47:27: This is the clock itself: name another.',
  ],
  'an event of own terms that is not there': [
    'restarts_on: [credit]',
    'restarts_on: [{ on: [credti], runs: 1 day }]',
    '46:34: There is no event "credti". Did you mean "credit"? Known here: use, credit.',
  ],
  'a least spend at the end of a clock': [
    'restarts_on: [credit]',
    'restarts_on: [credit]\n            charge: { take: 1 GBP, at_end: true, less: { sum: charges, of: [call] } }',
    '47:56: `less` belongs to a charge taken on_day_of_month or every: month.',
  ],
};

for (const [name, [from, to, ...wrong]] of Object.entries(cases)) {
  t.test(name, async (t) => {
    t.same(await wrongWith(t, broken(from, to)), wrong);
  });
}

t.test('versions leave no gap and do not overlap', async (t) => {
  const after = (until: string, since: string) => {
    const [head, tail] = SOUND.split('      - since: 2020-01-01\n') as [string, string];
    const [version, examples] = tail.split('    examples:') as [string, string];
    return `${head}      - since: 2020-01-01\n        until: ${until}\n${version}      - since: ${since}\n${version}    examples:${examples}`;
  };
  t.same(await wrongWith(t, after('2025-12-31', '2026-01-01')), []);
  t.same(await wrongWith(t, after('2025-12-30', '2026-01-01')), [
    '32:16: A gap: nothing is in force from 2025-12-31 until the next version begins on 2026-01-01.',
  ]);
  t.same(await wrongWith(t, after('2026-01-01', '2026-01-01')), [
    '32:16: An overlap: the next version is in force from 2026-01-01.',
  ]);
});

t.test('an example that touches no edge is a warning', async (t) => {
  const edgeless = `      - name: Somewhere in between
        given: [{ type: topup, at: 2026-01-01, amount: 5 GBP }]
        as_of: 2026-02-01
        gives: { stage: active }
`;
  const warnings = async (file: string) => {
    const folder = await folderOf(t, { 'gb/acme.yaml': file });
    const report = await checkRulebook(folder, { today: new Date('2026-11-20T12:00:00Z') });
    return report.warnings.map((warning) => printProblem(warning).replace(folder, 'rules'));
  };
  t.same(await warnings(SOUND + edgeless), [
    'rules/gb/acme.yaml:73:16: "Somewhere in between" tests no boundary: set `as_of` to the last good day or the first of a stage, or state a date.',
  ]);
  t.same(await warnings(SOUND + edgeless.replace('as_of: 2026-02-01', 'as_of: 2026-04-01')), []);
});
