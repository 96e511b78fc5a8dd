/** Files of people: what may stand in them, and what is told of what may not. */
import t from 'tap';
import { expandDate, expandMoney } from '../../src/cli/people/shorthand.ts';
import { invoke, scratch } from './invoke.ts';

t.test('dates seen from today, and money with its currency', async (t) => {
  const today = '2024-03-31';
  const dates: [string, string][] = [
    ['today', '2024-03-31'],
    ['yesterday', '2024-03-30'],
    ['tomorrow', '2024-04-01'],
    ['1 day ago', '2024-03-30'],
    ['40 days ago', '2024-02-20'],
    ['2 weeks ago', '2024-03-17'],
    ['1 month ago', '2024-02-29'],
    ['1 year ago', '2023-03-31'],
    ['in 10 days', '2024-04-10'],
    ['In 1 Month', '2024-04-30'],
  ];
  for (const [text, date] of dates) {
    t.equal(expandDate(text, today), date, text);
  }
  for (const text of ['2024-01-01', 'some day', 'days ago', '-1 days ago', 7, null]) {
    t.equal(expandDate(text, today), text, 'stays, to be told as wrong');
  }
  t.same(expandMoney('-12.50 RUB'), { amount: '-12.50', currency: 'RUB' });
  for (const text of ['12', '12 rub', 'RUB 12', 12]) t.equal(expandMoney(text), text);
});

t.test('everything wrong in a file is told at once, where it stands', async (t) => {
  const { file } = await scratch(t);
  const path = await file(
    'bad.yaml',
    `people:
  - name: Anna
    external_id: anna
    locale: de
    time_zone: Asia/Shanghai
    lines:
      - rule: ru/t2/prepaidd
        label: x
      - rule: ru/t2/prepaid
        label: y
        external_id: one
        number: +79161234567
        plan_price: 300
        records:
          - { type: topup, at: 2026-02-30, amount: 300 RUB }
          - { type: topup, at: someday, amount: 300 }
          - { type: topup, at: 3 days ago, amount: 300 EUR }
          - { type: topup, at: in 3 days, amount: 300 RUB }
          - { type: topup, at: 3 days ago, amount: 0 RUB }
          - { type: balance, at: 3 days ago, amount: 10 RUB, colour: red }
          - 5
      - { rule: gb/ee/prepaid, label: z, external_id: one, records: 7 }
  - nmae: Boris
`,
  );
  const { code, stdout, stderr } = await invoke(['feed', path]);
  t.equal(code, 1);
  t.equal(stdout, '');
  const told: [string, RegExp][] = [
    ['4:13', /^locale: .*`en`, `ru`, `zh`/],
    ['7:15', /^rule: There is no such rule\. Did you mean `ru\/t2\/prepaid`/],
    ['12:17', /^number: .* Put it in quotes\.$/],
    ['13:21', /^plan_price: Money is written with its currency, as `300 RUB`\.$/],
    ['15:32', /^at: There is no 2026-02-30 in the calendar/],
    ['16:32', /^at: .*`40 days ago`/],
    ['16:49', /^amount: Money is written/],
    ['17:44', /^amount\.currency: EUR is not the currency of this rule/],
    ['18:32', /^at: 2026-06-18 has not come yet\. .*"keepline timeline"/],
    ['19:44', /^amount\.amount: The amount is zero/],
    ['20:70', /^colour: There is no field `colour` here\. .*`type`, `at`, `external_id`, `amount`\.$/],
    ['21:13', /^This must be one of the records/],
    ['22:55', /^external_id: Another line of this person has it/],
    ['22:69', /^This must be a list of records/],
    ['23:5', /^name: `name` is missing/],
    ['23:5', /^locale: /],
    ['23:5', /^time_zone: /],
    ['23:11', /^nmae: .*Did you mean `name`\?.*`lines`\.$/],
  ];
  const lines = stderr.trimEnd().split('\n');
  t.equal(lines.shift(), `keepline: ${told.length} problems; nothing was done.`);
  t.equal(lines.length, told.length);
  const places = lines.map((line) => line.replace(`${path}:`, ''));
  for (const [place, message] of told) {
    const found = places.some(
      (line) => line.startsWith(`${place}: `) && message.test(line.slice(place.length + 2)),
    );
    t.ok(found, `${place} ${message}`);
  }
  const order = places.map((line) => line.split(':').slice(0, 2).map(Number) as [number, number]);
  t.same(
    order,
    order.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]),
    'in order',
  );
});

t.test('a file may be YAML, JSON or NDJSON, a person, or a line alone; or nothing at all', async (t) => {
  const { file } = await scratch(t);
  const record = { type: 'topup', at: '2026-06-01', amount: { amount: '10', currency: 'GBP' } };
  const line = { rule: 'gb/giffgaff/prepaid', label: 'L', external_id: 'l', records: [record] };
  const person = { name: 'P', external_id: 'p', locale: 'en', time_zone: 'Europe/London', lines: [line] };
  const { lines: _, ...user } = person;
  const { records: __, ...bare } = line;
  const rows = [
    { object: 'user', ...user },
    { object: 'line', ...bare },
    { object: 'record', line: 'l', ...record },
  ];
  const forms: Record<string, string> = {
    'list.json': JSON.stringify([person]),
    'people.json': JSON.stringify({ people: [person] }, null, '\t'),
    'person.yaml': `name: P\nexternal_id: p\nlocale: en\ntime_zone: Europe/London\nlines:\n- ${JSON.stringify(line)}\n`,
    'rows.ndjson': `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`,
  };
  const bodies = new Set<string>();
  for (const [name, content] of Object.entries(forms)) {
    const { code, stdout, stderr } = await invoke(['feed', await file(name, content)]);
    t.equal(code, 0, `${name} ${stderr}`);
    bodies.add(stdout);
    t.equal((await invoke(['feed', '-'], { stdin: content })).stdout, stdout, `${name} from standard input`);
  }
  t.equal(bodies.size, 1, 'the same calendar');

  const alone = await invoke(['timeline', '-', '--json'], {
    stdin: JSON.stringify({ ...line, label: undefined }),
  });
  t.match(JSON.parse(alone.stdout).items, [
    { timeline: { rule: 'gb/giffgaff/prepaid', act_by: '2026-11-28' } },
  ]);

  const nobody: [string, RegExp][] = [
    ['', /stdin:1:1: Nobody is in it/],
    ['people: []', /Nobody is in it/],
    ['hello', /Nobody is in it: begin with "people:"/],
    ['persons: []', /Nobody is in it: begin with "people:"/],
    ['{"people": [}', /stdin:1:\d+: /],
    ['people: 5', /stdin:1:9: This must be a list of people/],
    ['people: &a [*a]', /stdin:1:13: /],
    ['people:\n- {name: a}\nplaces: []', /stdin:3:9: There is no "places" here/],
    ['{"object":"user"}\nnonsense', /stdin:2:1: This line is not one JSON object/],
    ['{"object":"line","rule":"x","label":"x"}\n', /stdin:1:1: .*whose line/],
    ['{"object":"house"}\n', /stdin:1:1: .*`user`, `line` or `record`/],
    [`x: ${'y'.repeat(2_000_001)}`, /too long to be read at once/],
  ];
  for (const [stdin, told] of nobody) {
    const { code, stderr } = await invoke(['timeline', '-'], { stdin });
    t.equal(code, 1, stdin.slice(0, 40));
    t.match(stderr, told, stdin.slice(0, 40));
  }
});
