/** `keepline plan`: in words, in three languages, as JSON, and what it refuses. */
import t from 'tap';
import { invoke, scratch } from './invoke.ts';

const LINE = `people:
  - name: Anna
    external_id: anna
    locale: en
    time_zone: Europe/Warsaw
    lines:
      - rule: ru/t2/prepaid
        label: Home
        external_id: home
        records:
          - { type: activity, at: 2026-06-01, kind: sms, direction: outgoing, charged: true }
          - { type: balance, at: 2026-06-01, amount: 300 RUB }
`;

t.test('the steps, what they suppose and what they risk', async (t) => {
  const { file } = await scratch(t);
  const path = await file('line.yaml', LINE);
  const { code, stdout, stderr } = await invoke(['plan', path, '--until', '2026-12-31', '--from-abroad']);
  t.equal(code, 0, stderr);
  t.match(stdout, /Home · ru\/t2\/prepaid/);
  t.match(
    stdout,
    /23 August 2026 \(by 30 August 2026 at the latest\)/,
    '2026-06-01 and 90 days, less a week',
  );
  t.match(stdout, 'Days end by Moscow time, sooner than where you are.', 'as seen from Warsaw');
  const east = await file('east.yaml', LINE.replace('Europe/Warsaw', 'Asia/Shanghai'));
  t.notMatch((await invoke(['plan', east])).stdout, 'Days end by', 'there the same days are whole');
  t.match(stdout, /see that the balance lasts/);
  t.match(stdout, /the carrier may, but need not/);
  for (const [locale, words] of [
    ['ru', /Чтобы сохранить номер/],
    ['zh', /保号/],
  ] as const) {
    const { stdout } = await invoke(['plan', path, '--locale', locale]);
    t.match(stdout, words);
    if (locale === 'zh')
      t.notMatch(stdout, / \(|\p{Script=Han}\(|日 /u, 'brackets and dates as Chinese has them');
  }
});

t.test('of what is overdue the last day is the one before it gets worse, not today', async (t) => {
  const { file } = await scratch(t);
  const path = await file('late.yaml', LINE.replace('ru/t2', 'ru/beeline').replace('300 RUB', '42 RUB'));
  const now = new Date('2026-09-02T10:00:00Z');
  const { stdout } = await invoke(['plan', path, '--until', '2026-12-31'], { now });
  t.match(stdout, /\(by 2 September 2026 at the latest\)/);
  t.match(stdout, 'On the last day itself (7 September 2026)', 'eight days of 5 RUB, and one of 2');
  t.notMatch(stdout, 'On the last day itself (2 September 2026)');
});

t.test('what a step costs stands in brackets as each language writes them', async (t) => {
  const { file } = await scratch(t);
  const [head = ''] = LINE.split('          - {');
  const topup = '          - { type: topup, at: 2026-06-01, amount: 50 THB }\n';
  const path = await file('paid.yaml', `${head.replace('ru/t2', 'th/ais')}${topup}`);
  const told = async (locale: string) => (await invoke(['plan', path, '--locale', locale])).stdout;
  t.match(await told('en'), /latest\): .+ \(1\u00a0THB paid in\)/);
  t.match(await told('zh'), /）：[^\n ]+（充值 1 泰铢）/);
});

t.test('what has no known price is not said to cost nothing', async (t) => {
  const { file } = await scratch(t);
  const path = await file('line.yaml', LINE);
  const told = async (locale: string) =>
    (await invoke(['plan', path, '--until', '2026-12-31', '--locale', locale])).stdout;
  t.match(
    await told('en'),
    /^ {2}What it costs in all is not known: a price is missing for 2 of 2 steps\.$/m,
  );
  t.match(await told('ru'), /^ {2}Сколько это стоит, неизвестно: цена неизвестна для 2 из 2 шагов\.$/m);
  t.match(await told('zh'), /^ {2}总费用未知：2 步中有 2 步的费用未知。$/m);
  for (const locale of ['en', 'ru', 'zh']) t.notMatch(await told(locale), /\b0\s(₽|RUB|руб)/u);
});

t.test('as the API tells it', async (t) => {
  const { file } = await scratch(t);
  const path = await file('line.yaml', LINE);
  const { code, stdout } = await invoke(['plan', path, '--until', '2026-12-31', '--json']);
  t.equal(code, 0);
  t.match(JSON.parse(stdout).items, [
    {
      user: 'anna',
      line: 'home',
      plan: {
        confirmed: true,
        steps: [{ on: '2026-08-23', latest_on: '2026-08-30', action: 'pay_use', spent: null }, {}],
        total: { taken: { amount: '0.00', currency: 'RUB' }, unpriced_steps: 2 },
      },
    },
  ]);
});

t.test('a date that is past, or more than ten years on', async (t) => {
  const { file } = await scratch(t);
  const path = await file('line.yaml', LINE);
  for (const until of ['2026-06-15', '2036-06-16', 'soon']) {
    const { code, stderr } = await invoke(['plan', path, '--until', until]);
    t.equal(code, 2, until);
    t.match(stderr, /--until/);
  }
});

t.test('what was recorded of tomorrow counts from tomorrow', async (t) => {
  const { file } = await scratch(t);
  const tomorrow =
    '          - { type: activity, at: 2026-06-02, kind: sms, direction: outgoing, charged: true }\n';
  const planned = async (text: string, now: string) => {
    const path = await file(`${text.length}.yaml`, text);
    const { stdout } = await invoke(['plan', path, '--json', '--now', now]);
    return JSON.parse(stdout).items[0].plan;
  };
  const [today, later] = ['2026-06-01T12:00:00Z', '2026-06-02T12:00:00Z'];
  t.same(await planned(LINE + tomorrow, today), await planned(LINE, today));
  t.strictNotSame(await planned(LINE + tomorrow, later), await planned(LINE, later));
});
