/** Files made to break a loader, and folders: a clear error each, and no crash. What took too long would end by tap's limit. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { loadRulebook } from '../../src/rulebook/index.ts';
import { broken, folderOf, SOUND, wrongIn, wrongWith } from './fixture.ts';

const FIRST = SOUND.slice(0, SOUND.indexOf('\n') + 1);

t.test('files too large, empty, or not text', async (t) => {
  t.same(await wrongWith(t, ''), ['1:1: It is empty: write a carrier and its rules, or remove it.']);
  t.same(await wrongWith(t, ' \n\n'), ['1:1: It is empty: write a carrier and its rules, or remove it.']);
  t.match((await wrongWith(t, FIRST))[0], /^1:1: This file cannot be nothing\. Allowed: the keys `carrier`/);

  const folder = await folderOf(t, { 'gb/acme.yaml': '' });
  await truncate(join(folder, 'gb/acme.yaml'), 10_000_000);
  t.same(await wrongIn(folder), [
    'rules/gb/acme.yaml:1:1: It has 10000000 bytes, and a rule file at most 250000: is it one?',
  ]);

  const latin1 = Buffer.from(broken('names: { en: Acme', 'names: { en: Zürich'), 'latin1');
  t.same(await wrongWith(t, latin1.subarray(0, 90)), [
    '3:15: There is a byte here that is not UTF-8: save the file as UTF-8.',
  ]);
  t.match(await wrongWith(t, Buffer.from(SOUND, 'utf16le')), [/not UTF-8: save the file as UTF-8/]);
  t.same(await wrongWith(t, SOUND.slice(FIRST.length)), [
    '1:1: The first line must be "# yaml-language-server: $schema=../schema.json": with it, editors complete and check the file.',
  ]);
});

t.test('YAML that is none, or more than is read here', async (t) => {
  const one: [string, string, RegExp | string][] = [
    [
      'tabs',
      broken('  - kind: balance', '\t- kind: balance'),
      '7:1: This line is indented with a tab: use spaces.',
    ],
    [
      'a text that a comment cuts short',
      broken('"*100#"', '100# or #100#'),
      /^\d+:\d+: After a space "#" begins a comment, and cuts this text short: put it in quotes\.$/,
    ],
    [
      'a quote that is left open',
      broken('"*100#"', '"*100#'),
      /^\d+:\d+: (A quote, bracket or colon is missing|This is not YAML)/,
    ],
    [
      'two documents',
      `${SOUND}---\n${SOUND}`,
      '71:1: A second document begins here: a file holds one, without "---" between.',
    ],
    [
      'a directive',
      `${FIRST}%YAML 1.1\n---\n${SOUND.slice(FIRST.length)}`,
      '1:1: Lines that begin with "%" are not used here: remove them.',
    ],
    [
      'a key written twice',
      broken('currency: GBP', 'currency: GBP\ncurrency: GBP'),
      '6:1: "currency" is written twice in the same place: keep one.',
    ],
    [
      'a key written twice, once as a text',
      broken('{ 1 GBP: 30 days,', '{ 1 GBP: 30 days, "1 GBP": 40 days,'),
      '47:58: "1 GBP" is written twice in the same place: keep one.',
    ],
    [
      'a key that is a group',
      broken('currency: GBP', '? { a: b }\n: c\ncurrency: GBP'),
      '5:3: A key must be a plain word or text.',
    ],
    [
      'a tag',
      broken('source: acme', 'source: !!str acme'),
      '24:41: Tags such as "!!str" are not used here: put a text in quotes instead.',
    ],
    [
      'a tag that makes an object',
      broken('source: acme.example/terms', 'source: !!binary aGVsbG8='),
      '24:44: Tags such as "!!str" are not used here: put a text in quotes instead.',
    ],
    [
      'a character that cannot be seen',
      broken('Six months.', '"\\u202eSix months."'),
      '24:113: There is a character here that cannot be seen: remove it.',
    ],
    [
      'a NUL',
      broken('Six months.', '"Six\\0months."'),
      '24:113: There is a character here that cannot be seen: remove it.',
    ],
    [
      'half a surrogate pair',
      broken('Six months.', '"Six\\ud800months."'),
      '24:113: There is a character here that cannot be seen: remove it.',
    ],
    [
      'an alias of nothing',
      broken('[terms]\nsupport', '*terms\nsupport'),
      '10:15: Nothing above is marked "&terms": write the value itself.',
    ],
    [
      'an alias inside itself',
      broken('support: []', 'support: &s [*s]'),
      '11:14: "*s" stands inside what it repeats: write the value itself.',
    ],
  ];
  for (const [what, text, expected] of one) {
    const problems = await wrongWith(t, text);
    if (typeof expected === 'string') t.equal(problems[0], expected, what);
    else t.match(problems[0], expected, what);
  }
});

t.test('an alias may repeat a little', async (t) => {
  const marked = broken('evidence: [terms]\nsupport', 'evidence: &source [terms]\nsupport');
  t.same(
    await wrongWith(t, broken('evidence: [terms]\ncautions', 'evidence: *source\ncautions', marked)),
    [],
  );
});

t.test('bombs', async (t) => {
  const letters = [...'abcdefghij'];
  const laughs = letters.map((letter, i) => {
    const inside = i === 0 ? 'x' : `*${letters[i - 1]}`;
    return `${letter}: &${letter} [${Array(9).fill(inside).join(', ')}]`;
  });
  const bomb = await wrongWith(t, `${FIRST}${laughs.join('\n')}\n`);
  t.ok(
    bomb.some((problem) =>
      problem.includes('Repeated with "*" this grows too large: write the values themselves.'),
    ),
  );

  for (const text of [
    '['.repeat(20_000),
    'a: '.concat('{a: '.repeat(20_000)),
    '- '.repeat(20_000),
    '? '.repeat(20_000),
  ]) {
    const problems = await wrongWith(t, `${FIRST}${text}`);
    t.match(problems, [/nested too deeply|nested deeper than 40 levels/], text.slice(0, 8));
  }
  const deep = broken('support: []', `support: ${'['.repeat(60)}${']'.repeat(60)}`);
  t.ok(
    (await wrongWith(t, deep)).includes(
      '11:50: This is nested deeper than 40 levels; no rule file needs that.',
    ),
  );

  const keys = Array.from({ length: 15_000 }, (_, i) => `key${i}: 1`).join('\n');
  t.equal(
    (await wrongWith(t, `${FIRST}${keys}\n`)).length,
    15_000 + 9,
    'a finding for each key, and the missing ones',
  );
});

t.test('what stands in a folder', async (t) => {
  const folder = await folderOf(t, {
    'gb/acme.yaml': SOUND,
    'gb/other.yml': SOUND,
    'README.md': '',
    'schema.json': '{}',
    '.git/x.yaml': '',
  });
  const outside = await folderOf(t, { 'lost.yaml': SOUND });
  await symlink(outside, join(folder, 'out'));
  await symlink(join(outside, 'lost.yaml'), join(folder, 'gb/lost.yaml'));
  await symlink('..', join(folder, 'gb/again'));
  await symlink('round.yaml', join(folder, 'gb/round.yaml'));
  await symlink('nowhere.yaml', join(folder, 'gb/gone.yaml'));
  await mkdir(join(folder, 'gb/folder.yaml'));
  execFileSync('mkfifo', [join(folder, 'gb/pipe.yaml')]);
  t.same(await wrongIn(folder), [
    'rules/gb/again:1:1: It is a link to a folder that it stands in, so it has no end: remove it.',
    'rules/gb/gone.yaml:1:1: It cannot be read: it does not exist, or is a link to nothing.',
    'rules/gb/lost.yaml:1:1: It is a link that leads out of the rules folder: put the file itself here.',
    'rules/gb/other.yml:1:1: Rule files end in ".yaml": rename it.',
    'rules/gb/pipe.yaml:1:1: It is not a regular file: put a text file here.',
    'rules/gb/round.yaml:1:1: It cannot be read: it is a link that leads round in a circle: remove it.',
    'rules/out:1:1: It is a link that leads out of the rules folder: put the file itself here.',
  ]);
  const { rulebook } = await loadRulebook(folder);
  t.same([...rulebook.rules.keys()], ['gb/acme/prepaid'], 'what is sound is there all the same');
});

t.test('links that stay inside are followed', async (t) => {
  const folder = await folderOf(t, { '.data/acme.yaml': SOUND });
  await symlink('.data', join(folder, 'gb'));
  t.same(await wrongIn(folder), []);
  const link = `${folder}-link`;
  await symlink(folder, link);
  t.teardown(() => rm(link));
  t.same(await wrongIn(link), [], 'the folder itself may be one');
});

t.test('a folder that is empty, missing, or no folder', async (t) => {
  const folder = await folderOf(t, { 'file.txt': '' });
  t.same(await wrongIn(folder), [
    'rules:1:1: There is no rule file in this folder: put one at <country>/<carrier>.yaml.',
  ]);
  t.same(await wrongIn(join(folder, 'nowhere')), [
    'rules:1:1: It cannot be read: it does not exist, or is a link to nothing.',
  ]);
  t.same(await wrongIn(join(folder, 'file.txt')), ['rules:1:1: It cannot be read: it is no folder.']);
});

t.test('a file that may not be read', async (t) => {
  const folder = await folderOf(t, { 'gb/acme.yaml': SOUND });
  await chmod(join(folder, 'gb/acme.yaml'), 0);
  // Root may read everything.
  const expected =
    process.getuid?.() === 0
      ? []
      : ['rules/gb/acme.yaml:1:1: It cannot be read: this account may not read it: give it the right to.'];
  t.same(await wrongIn(folder), expected);
});

t.test('errors of all files come together, by file, line and column', async (t) => {
  const folder = await folderOf(t, {
    'gb/b.yaml': SOUND.replace('gb/acme', 'gb/b').replace('confidence: high', 'confidence: faint'),
    'gb/a.yaml': SOUND.replace('gb/acme', 'gb/a').replace('confidence: high', 'confidence: faint'),
  });
  await writeFile(join(folder, 'top.yaml'), SOUND.replace('gb/acme', 'gb/top'));
  t.same(await wrongIn(folder), [
    'rules/gb/a.yaml:24:101: "confidence" cannot be "faint". Allowed: high, medium or low.',
    'rules/gb/b.yaml:24:101: "confidence" cannot be "faint". Allowed: high, medium or low.',
    'rules/top.yaml:2:10: The carrier is "gb/top" here and "top" by the file\'s name: make them the same.',
  ]);
});
