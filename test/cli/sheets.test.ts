/** `keepline import` of a sheet, and of anything else without keeping it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { invoke } from './invoke.ts';

const folder = t.testdir({});
const env = {
  DATABASE_URL: `sqlite:${join(folder, 'keepline.db')}`,
  RULES_DIR: new URL('../../rules', import.meta.url).pathname,
};
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const people = file(
  'people.ndjson',
  `${JSON.stringify({ object: 'user', external_id: 'anna', name: 'Anna', locale: 'en', time_zone: 'Europe/Berlin' })}\n`,
);
const lines = file(
  'lines.csv',
  'rule;label;external_id\nru/t2/prepaid;Bank;t2\nru/nobody/prepaid;\u001b[31mX;no\n',
);
/** A row of an import: a top-up of the line that the sheet brings in. */
const topup = (at: string, currency: string) => ({
  object: 'record',
  line: 't2',
  type: 'topup',
  at,
  amount: { amount: '5', currency },
});
const run = (...args: string[]) => invoke(['import', ...args], { env });

t.test('a dry run of people keeps nobody', async (t) => {
  const dry = await run(people, '--dry-run');
  t.equal(dry.code, 0, dry.stderr);
  t.match(dry.stdout, 'people: 1 new');
  t.equal((await invoke(['export'], { env })).stdout, '');
  t.equal((await run(people)).code, 0);
});

t.test('a sheet: what is wrong stands with its row, the rest goes in', async (t) => {
  const dry = await run(lines, '--user', 'anna', '--sheet', 'lines', '--dry-run');
  t.equal(dry.code, 1);
  t.match(dry.stdout, '2 rows: 1 would be new');
  t.match(dry.stderr, /lines\.csv:3: rule: /);
  t.notMatch(dry.stderr, '\u001b', 'nothing typed reaches the terminal as a command to it');
  const done = await run(lines, '--user', 'anna', '--sheet', 'lines', '--json');
  t.match(JSON.parse(done.stdout), { made: 1, refused: 1 });
  const topups = file('topups.csv', 'line,at,amount\nt2,01.02.2026,300\n');
  const asked = await run(topups, '--user', 'anna', '--sheet', 'topups');
  t.equal(asked.code, 1, 'the order of dates is asked for');
  t.match(asked.stderr, '`--dates dmy` (day first) or `--dates mdy` (month first)');
  t.equal((await run(topups, '--user', 'anna', '--sheet', 'topups', '--dates', 'dmy')).code, 0);
});

t.test('what the API would have mended is told by options and commands', async (t) => {
  const named = file('named.csv', 'rule,label\nМТС,Dacha\n');
  const { stderr } = await run(named, '--user', 'anna', '--sheet', 'lines');
  t.match(stderr, ':2: rule: There is no such rule. "keepline rules check" lists the rules.');
  const signs = file('signs.csv', 'line,at,amount,currency\nt2,2026-02-01,5,₽\n');
  const paid = await run(signs, '--user', 'anna', '--sheet', 'topups');
  t.match(paid.stderr, ':2: currency: It has the wrong form. An ISO 4217 currency code: `RUB`.');
  const amounts = file('amounts.csv', 'line,at,amount\nt2,2026-02-01,"1,300"\n');
  const unclear = await run(amounts, '--user', 'anna', '--sheet', 'topups');
  t.match(unclear.stderr, 'Say which it is: `--decimal point` or `--decimal comma`.');
  const told = await run(amounts, '--user', 'anna', '--sheet', 'topups', '--json');
  t.match(JSON.parse(told.stdout).errors, [{ mend: /`--decimal comma`/ }]);
  const rows = [
    { object: 'user', external_id: 'anna', name: 'Anna', locale: 'en', time_zone: 'Europe/Berlin' },
    { object: 'line', external_id: 'x', rule: 'МТС', label: 'Dacha' },
    topup('2099-01-01', 'RUB'),
  ];
  const ahead = file('ahead.ndjson', rows.map((row) => JSON.stringify(row)).join('\n'));
  const { stderr: inRows } = await run(ahead);
  t.match(inRows, 'There is no such rule. "keepline rules check" lists the rules.');
  t.match(inRows, 'to try out what would happen, use "keepline timeline".');
  const help = await invoke(['keys', 'list', '--help']);
  t.match(help.stdout, 'Default: the admin keys.');
});

t.test('what is wrong and its mend are two sentences, in a sheet and in rows', async (t) => {
  const topups = file('wrong.csv', 'line,at,amount\nt2,2026-02-01,5 EUR\nt2,soon,5\n');
  const { stderr } = await run(topups, '--user', 'anna', '--sheet', 'topups');
  t.match(stderr, /:2: currency: EUR is not the currency of this rule\. Give the amount in RUB/);
  t.match(stderr, /:3: at: soon is no date\. Write it as 2026-02-01\./);
  const rows = [
    { object: 'user', external_id: 'anna', name: 'Anna', locale: 'en', time_zone: 'Europe/Berlin' },
    topup('2026-02-01', 'EUR'),
  ];
  const ndjson = file('wrong.ndjson', rows.map((row) => JSON.stringify(row)).join('\n'));
  t.match((await run(ndjson)).stderr, /EUR is not the currency of this rule\. Give the amount in RUB/);
});

t.test('wrongly called', async (t) => {
  t.equal((await run(lines)).code, 2);
  t.equal((await run(lines, '--user', 'anna', '--sheet', 'people')).code, 2);
  t.equal((await run(lines, '--user', 'anna', '--sheet', 'lines', '--dates', 'ymd')).code, 2);
  const nobody = await run(lines, '--user', 'nobody', '--sheet', 'lines');
  t.match(nobody, { stderr: /no person/ });
  t.not(nobody.code, 0);
  const broken = await run(file('broken.csv', 'label\nx\n'), '--user', 'anna', '--sheet', 'lines');
  t.match(broken, { stderr: /column rule is missing/ });
});
