import t from 'tap';
import { commands } from '../../src/cli/commands.ts';
import { displayWidth, table } from '../../src/cli/table.ts';
import { readConfig, toEnvironment } from '../../src/config.ts';
import { invoke, scratch } from './invoke.ts';

t.test('the examples of the help work on the file that comes with it', async (t) => {
  const read = ['timeline', 'plan', 'feed'];
  const shown = commands
    .filter(({ name }) => read.includes(name))
    .flatMap(({ examples }) => examples)
    .filter((example) => example.includes('examples/records.yaml'));
  t.ok(shown.length >= read.length);
  for (const example of shown) {
    const words = example
      .replace(/ (>|--out) \S+$/, '')
      .split(' ')
      .slice(1);
    const { code, stderr } = await invoke(words);
    t.equal(code, 0, `${example}: ${stderr}`);
  }
});

t.test('the help of serve tells every variable of the environment, and what holds without it', async (t) => {
  const { stdout } = await invoke(['serve', '--help']);
  const told = [...stdout.matchAll(/^ {2}([A-Z_]+) {2,}(\S+)/gm)].map(([, name, first = '']) => [
    name,
    first.replace(/[,;]$/, ''),
  ]);
  const settings = toEnvironment(readConfig({}));
  t.same(told.map(([name]) => name).sort(), Object.keys(settings).sort());
  for (const [name = '', first] of told) if (settings[name]) t.equal(first, settings[name], name);
});

t.test('the help lists every command, and each explains itself with examples', async (t) => {
  const { code, stdout, stderr } = await invoke(['--help']);
  t.equal(code, 0);
  t.equal(stderr, '');
  for (const words of [['help'], ['-h']]) t.equal((await invoke(words)).stdout, stdout);
  const names =
    'serve, demo, rules check, rules diff, import, export, timeline, plan, feed, publish, keys list, keys create, keys revoke';
  t.same(commands.map(({ name }) => name).sort(), names.split(', ').sort());
  for (const { name, takes, summary } of commands) {
    t.match(stdout, new RegExp(`^  ${name} .*${summary.slice(0, 20)}`, 'm'), name);
    const own = await invoke([...name.split(' '), '--help']);
    t.equal(own.code, 0, name);
    t.ok(own.stdout.startsWith(`Usage: keepline ${name}${takes ? ` ${takes}` : ''}`), name);
    t.match(own.stdout, /\n\nExamples:\n {2}/, name);
    t.ok(
      own.stdout.split('\n').every((line) => line.length <= 160),
      name,
    );
    t.equal((await invoke(['help', ...name.split(' ')])).stdout, own.stdout, name);
  }
  t.match((await invoke(['serve', '--help'])).stdout, /SIGHUP/);
  t.match((await invoke(['rules', '--help'])).stdout, /rules check \[DIR\] .*rules diff OLD NEW/s);
  t.match(await invoke(['keys']), { code: 0, stdout: /keys list .*keys create NAME/s, stderr: '' });
  t.match((await invoke(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
});

t.test('wrong calls exit 2 and say what to do', async (t) => {
  const { folder, file } = await scratch(t);
  const sound = await file('sound.yaml', 'rule: gb/giffgaff/prepaid\nrecords: []\n');
  const wrong: [string[], RegExp][] = [
    [['timelin', 'x'], /no command "timelin"\. Did you mean "timeline"\?/],
    [['rules'], /"rules" needs one more word: write keepline rules check or keepline rules diff/],
    [['rules', 'chek'], /There is no "rules chek": write keepline rules check or/],
    [['keys', 'lst'], /keepline keys list or keepline keys create or keepline keys revoke/],
    [['timeline'], /FILE is missing: write it as "keepline timeline FILE"/],
    [['rules', 'diff', 'rules'], /NEW is missing/],
    [['timeline', 'a', 'b'], /"b" is one argument too many/],
    [['feed', 'a', '--locle', 'en'], /no option --locle here: did you mean --locale\?/],
    [['feed', 'a', '-x'], /no option -x here/],
    [['feed', 'a', '--now'], /--now needs a value: write it as "--now MOMENT"/],
    [['timeline', 'a', '--json=1'], /--json takes no value/],
    [['timeline', sound, '--now', '2026-02-30'], /--now cannot be "2026-02-30": write 2026-03-01/],
    [['timeline', sound, '--until', '1 May'], /--until cannot be "1 May"/],
    [['timeline', sound, '--until', '2020-01-01'], /--until 2020-01-01 is before/],
    [['timeline', sound, '--locale', 'de'], /--locale cannot be "de": give one of en, ru, zh/],
    [['timeline', sound, '--person', 'Zoe'], /no person "Zoe" in the file: it holds Me/],
    [['feed', sound, '--alarms', 'loud'], /give one of valarm, events, both, none/],
    [['feed', sound, '--lead-days', '0'], /write days from 1 to 365, such as 30,7,1/],
    [['timeline', `${folder}/none.yaml`], /There is no file .*none\.yaml: check its name/],
    [['import', `${folder}/none.ndjson`], /There is no file .*none\.ndjson/],
    [['timeline', folder], /is a folder: name a file in it/],
    [['rules', 'check', `${folder}/none`], /There is no folder of rules/],
    [['rules', 'diff', 'rules', `${folder}/none`], /There is no folder of rules/],
    [['keys', 'create', 'x', '--scope', 'read'], /--scope read needs --user/],
    [['keys', 'create', 'x', '--user', 'a', '--scope', 'admin'], /leave --user out/],
    [['keys', 'create', ' '], /NAME has 1 to 200 characters/],
    [['keys', 'create', 'x', '--expires', '2020-01-01'], /write a future date or moment/],
    [['keys', 'create', 'x', '--expires', '2027-02-30'], /write a future date or moment/],
  ];
  const env = { DATABASE_URL: `sqlite:${folder}/x.db` };
  for (const [args, told] of wrong) {
    const { code, stdout, stderr } = await invoke(args, { env });
    t.equal(code, 2, args.join(' '));
    t.match(stderr, told, args.join(' '));
    t.equal(stdout, '', args.join(' '));
    t.notMatch(stderr, /\n {4}at /, 'no stack trace');
  }
  const bare = await invoke([]);
  t.equal(bare.code, 2);
  t.match(bare.stderr, /Usage: keepline <command>/);
});

t.test('a wrong environment is told whole', async (t) => {
  for (const command of ['serve', 'demo', 'export']) {
    const { code, stderr } = await invoke([command], { env: { PORT: '99999', LOG_LEVEL: 'loud' } });
    t.equal(code, 2, command);
    t.match(stderr, /PORT cannot be "99999".*LOG_LEVEL cannot be "loud"/s, command);
  }
});

t.test('tables line up where letters are two places wide, and obey nothing', async (t) => {
  const lines = table([
    ['妈妈的号码', 'a'],
    ['Дача', 'b'],
    ['\u001b[31mred', 'c'],
  ]);
  t.same(
    lines.map((line) => displayWidth(line)),
    [15, 15, 15],
  );
  t.notMatch(lines.join(''), '\u001b');
});
