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
  t.match(
    foreign.stderr,
    /--what-if does not fit; nothing was done\.\n {2}Anna, Home · home · ru\/t2\/prepaid: /,
  );
  t.match(foreign.stderr, /EUR is not the currency of this rule/);
});

t.test('a record that fits some of the lines alone', async (t) => {
  const file = `${FILE}      - rule: lv/lmt/prepaid
        label: Riga
        records: []
`;
  const path = await (await scratch(t)).file('anna.yaml', file);
  const what = ['timeline', path, ...WHEN, '--what-if', '{ type: topup, at: today, amount: 100 RUB }'];
  for (const json of [[], ['--json']]) {
    const { code, stdout, stderr } = await invoke([...what, ...json]);
    t.equal(code, 1);
    t.equal(stdout, '', 'nothing is told before all is checked');
    t.match(stderr, /--what-if fits 2 of 3 lines; nothing was done\. Choose .* --person or --line\./);
    t.match(
      stderr,
      /^ {2}Anna, Riga · lv\/lmt\/prepaid: amount\.currency: RUB is not the currency of this rule/m,
    );
    t.notMatch(stderr, /Home|Other/);
  }
  const list = [...what.slice(0, -1), `[${TEXT}, { type: topup, at: today, amount: 100 RUB }]`];
  t.match(
    (await invoke(list)).stderr,
    /lv\/lmt\/prepaid: record 2: amount\.currency: RUB/,
    'which record of several',
  );
  for (const name of ['home', 'Home']) {
    const chosen = await invoke([...what, '--line', name]);
    t.equal(chosen.code, 0, chosen.stderr);
    t.match(chosen.stdout, /Home/);
    t.notMatch(chosen.stdout, /Other|Riga/);
  }
  const none = await invoke([...what, '--line', 'away']);
  t.match(none, {
    code: 2,
    stderr: /There is no line "away" among these: home \(Home\), other \(Other\), Riga\./,
  });
});

t.test('what is refused of a later line is refused before anything is told', async (t) => {
  const person = (name: string, zone: string) => `  - name: ${name}
    locale: en
    time_zone: Europe/Riga
    lines:
      - { rule: ru/t2/prepaid, label: Line, time_zone: ${zone}, records: [] }
`;
  const path = await (await scratch(t)).file(
    'two.yaml',
    `people:\n${person('West', 'America/New_York')}${person('East', 'Asia/Tokyo')}`,
  );
  // 9 August in New York, 10 August in Tokyo.
  const when = ['--now', '2026-08-09T18:00:00Z'];
  for (const [command, until] of [
    ['timeline', '2026-08-09'],
    ['plan', '2026-08-10'],
  ] as const) {
    const { code, stdout, stderr } = await invoke([command, path, ...when, '--until', until]);
    t.match({ code, stdout }, { code: 2, stdout: '' }, command);
    t.match(stderr, /--until 2026-08-/, command);
  }
});
