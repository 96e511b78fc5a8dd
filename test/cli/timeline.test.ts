/** `keepline timeline`: what becomes of numbers, in words. */
import t from 'tap';
import { invoke } from './invoke.ts';

const EXAMPLE = 'examples/records.yaml';

t.test('timeline: T2 with 300 roubles, in words', async (t) => {
  const stdin = `
rule: ru/t2/prepaid
label: Bank codes
facts: { nationality: russian }
records:
  - { type: activity, at: 2026-01-01, kind: call, direction: outgoing, charged: true }
  - { type: balance, at: 2026-01-01, amount: 300 RUB }
`;
  const now = new Date('2026-01-02T10:00:00Z');
  const { code, stdout } = await invoke(['timeline', '-'], { stdin, now });
  t.equal(code, 0);
  const inOrder = [
    'State of the line by the records: active.',
    'Last day: 1 April 2026.',
    'Balance by the records: 300 ₽.',
    'From 2 April 2026 (the carrier may, but need not): ',
    'From 2 May 2026: 3 RUB a day',
    'Why this date: ',
    'What still saves the number:',
    'From 9 August 2026: ',
    'From 5 February 2027: the contract ends.',
  ];
  let from = 0;
  for (const text of inOrder) {
    const place = stdout.replaceAll('\u00a0', ' ').indexOf(text, from);
    t.ok(place >= from, text);
    from = place;
  }
  const planned = `${stdin}  - { type: activity, at: 2026-03-30, kind: sms, direction: outgoing, charged: true }\n`;
  t.match(
    (await invoke(['timeline', '-'], { stdin: planned, now })).stdout,
    'Last day: 28 June 2026.',
    'a plan',
  );
  t.match(
    (await invoke(['timeline', '-', '--as-of', '2026-06-01'], { stdin, now })).stdout,
    'The last safe day was 1 April 2026.',
  );
  const until = await invoke(['timeline', '-', '--until', '2026-04-30', '--json'], { stdin, now });
  t.equal(JSON.parse(until.stdout).items[0].timeline.until, '2026-04-30');
});

t.test('timeline: what is not certain, what comes after the missed day, and by whose clock', async (t) => {
  const stdin = `
name: Anna
time_zone: Europe/Berlin
locale: en
lines:
  - rule: ru/megafon/prepaid
    label: Bank codes
    records:
      - { type: activity, at: 2026-09-10, kind: call, direction: outgoing, charged: true }
      - { type: balance, at: 2026-09-10, amount: 310 RUB }
`;
  const told = async (date: string) =>
    (await invoke(['timeline', '-'], { stdin, now: new Date(`${date}T10:00:00Z`) })).stdout;
  const late = await told('2026-11-30');
  t.match(late, 'State of the line: perhaps already “incoming only”, that is not certain.');
  t.match(late, 'The last safe day was 24 October 2026.');
  t.match(late, 'Last day before it gets worse: 8 December 2026.');
  const zones =
    "The carrier's deadline is the end of 25 October 2026, Moscow time; your last full day is 24 October 2026.";
  t.match(await told('2026-10-01'), zones);
});

t.test('timeline: the example, each in their own language or in one', async (t) => {
  const own = await invoke(['timeline', EXAMPLE]);
  t.equal(own.code, 0);
  for (const text of ['号码：', 'Номер: ', 'Number: ']) t.match(own.stdout, text);
  const { stdout } = await invoke(['timeline', EXAMPLE, '--locale', 'en']);
  t.equal(stdout.match(/^Number: /gm)?.length, 8);
  t.match(stdout, 'The last safe day was ', 'one is overdue');
  t.match(stdout, 'What is missing:', 'of one, facts are missing');
  t.notMatch(stdout, /\+?79\d{9}/, 'no whole number');
  const { items } = JSON.parse((await invoke(['timeline', EXAMPLE, '--json', '--person', 'Carol'])).stdout);
  t.same(
    items.map(({ line, timeline }: { line: string; timeline: { stage: string } }) => [line, timeline.stage]),
    [
      ['demo-carol-giffgaff', 'active'],
      ['demo-carol-ee', 'active'],
      ['demo-carol-lmt', 'active'],
    ],
  );
});
