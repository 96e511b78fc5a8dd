/** `keepline timeline --what-if` and `--leave-out`: before, after and what differs. */
import t from 'tap';
import { invoke, scratch } from './invoke.ts';

const FILE = `people:
  - name: Anna
    external_id: anna
    locale: en
    time_zone: Europe/Warsaw
    lines:
      - rule: ru/t2/prepaid
        label: Home
        external_id: home
        facts: { nationality: russian }
        records:
          - { type: activity, at: 2026-06-01, kind: sms, direction: outgoing, charged: true, external_id: first }
          - { type: activity, at: 2026-07-01, kind: sms, direction: outgoing, charged: true, external_id: second }
      - rule: ru/mts/prepaid
        label: Other
        external_id: other
        facts: { nationality: russian }
        records:
          - { type: activity, at: 2026-06-01, kind: sms, direction: outgoing, charged: true, external_id: third }
`;
const TEXT = '{ type: activity, at: 2026-08-01, kind: sms, direction: outgoing, charged: true }';
const WHEN = ['--as-of', '2026-08-10', '--now', '2026-08-10'];

t.test('a record more, in words and as JSON', async (t) => {
  const path = await (await scratch(t)).file('anna.yaml', FILE);
  const { code, stdout, stderr } = await invoke(['timeline', path, ...WHEN, '--what-if', TEXT]);
  t.equal(code, 0, stderr);
  t.equal(stdout.match(/ru\/t2\/prepaid/g)?.length, 2, 'before and after');
  t.match(stdout, /The last safe day: 30 October 2026 instead of 29 September 2026, 31 days later\./);
  const json = await invoke(['timeline', path, ...WHEN, '--what-if', `[${TEXT}]`, '--json']);
  const [home] = JSON.parse(json.stdout).items;
  t.match(home, {
    user: 'anna',
    line: 'home',
    before: { act_by: '2026-09-29' },
    after: { act_by: '2026-10-30' },
    differences: [{ what: 'act_by', days: 31 }],
  });
});

t.test('a record less, of whichever line has it', async (t) => {
  const path = await (await scratch(t)).file('anna.yaml', FILE);
  const { code, stdout } = await invoke(['timeline', path, ...WHEN, '--leave-out', 'second', '--json']);
  t.equal(code, 0);
  const [home, other] = JSON.parse(stdout).items;
  t.match(home, { before: { act_by: '2026-09-29' }, after: { act_by: '2026-08-30' } });
  t.same(other.differences, []);
  t.match((await invoke(['timeline', path, ...WHEN, '--leave-out', 'second'])).stdout, /Nothing differs\./);
});

t.test('what it refuses', async (t) => {
  const path = await (await scratch(t)).file('anna.yaml', FILE);
  const none = await invoke(['timeline', path, ...WHEN, '--leave-out', 'second,fourth']);
  t.match(none, { code: 2, stderr: /--leave-out: there is no record fourth\./ });
  const torn = await invoke(['timeline', path, ...WHEN, '--what-if', '{ type: ']);
  t.match(torn, { code: 2, stderr: /--what-if cannot be read: write a record as/ });
  const foreign = await invoke([
    'timeline',
    path,
    ...WHEN,
    '--what-if',
    '{ type: topup, at: today, amount: 5 EUR }',
  ]);
  t.equal(foreign.code, 1);
  t.match(foreign.stderr, /EUR is not the currency of this rule/);
});
