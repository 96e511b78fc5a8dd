/** What must hold of any file: no crash, and one judgement with the schema that editors use. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import Ajv from 'ajv/dist/2020.js';
import fc from 'fast-check';
import t from 'tap';
import { isScalar, parseDocument, visit } from 'yaml';
import { editorSchema } from '../../src/rulebook/editor-schema.ts';
import { checkRulebook } from '../../src/rulebook/index.ts';
import { inspect } from '../../src/rulebook/inspect.ts';
import { parseSource } from '../../src/rulebook/parse.ts';
import type { Finding } from '../../src/rulebook/problem.ts';
import { CarrierFile } from '../../src/rulebook/schema.ts';
import type { Shape } from '../../src/rulebook/shape.ts';
import { folderOf, SOUND } from './fixture.ts';

const rules = new URL('../../rules/', import.meta.url);

/** Values that a hand may well leave where another belongs, and some that no hand would. */
const oddities = fc.oneof(
  fc.constantFrom(
    '',
    '~',
    'null',
    'true',
    'no',
    '0',
    '-1',
    '1.5',
    '.nan',
    '1e400',
    '0x10',
    '2026-02-30',
    '2026-01-01',
    '9999-12-31',
    '0000-01-01',
    '[]',
    '{}',
    '[1]',
    '{ a: b }',
    '*x',
    '&x y',
    '!!set x',
    '"',
    "'",
    '- x',
    'a: b',
    '|',
    '>',
    '%',
    '@',
    '`',
    '<<',
    '__proto__',
    'constructor',
    'toString',
    '"\\0"',
    '90 days',
    '99999 years',
    '1 GBP',
    '999999999.9999 GBP',
    '0 GBP',
    'plan_price',
    'unknown',
    'idle',
    'use',
    '"\\ud800"',
    '\u202e',
    '\t',
    '\n',
    '#',
  ),
  fc.string({ maxLength: 12 }),
  fc.integer().map(String),
);

/** Where the scalars of the sound file stand. */
const places: [number, number][] = [];
visit(parseDocument(SOUND), {
  Scalar: (_, node) => {
    if (isScalar(node) && node.range) places.push([node.range[0], node.range[1]]);
  },
});

t.test('no scalar, whatever takes its place, crashes the check', async (t) => {
  const folder = await folderOf(t, {});
  await mkdir(`${folder}/gb`);
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), oddities, async ([from, to], odd) => {
      const text = `${SOUND.slice(0, from)}${odd}${SOUND.slice(to)}`;
      await writeFile(`${folder}/gb/acme.yaml`, text);
      const { problems } = await checkRulebook(folder, { today: new Date('2026-11-20') });
      if (problems.length > 0) refused += 1;
      const lines = text.split('\n').length;
      for (const { line, column, message } of problems) {
        if (line < 1 || line > lines || column < 1 || !/^\S[^\n]*[.?]$/.test(message)) {
          throw new Error(`${line}:${column}: ${message}`);
        }
      }
    }),
    { numRuns: 250 },
  );
  t.ok(refused > 100, `${refused} of 250 were refused`);
});

const exists = (date: string) => {
  const moment = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().slice(0, 10) === date;
};
const ajv = new Ajv.default({ strict: false, allErrors: false });
ajv.addFormat('date', exists);
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
const valid = ajv.compile(JSON.parse(editorSchema()));

const judgedSound = (value: unknown): boolean => {
  const found: Finding[] = [];
  inspect(CarrierFile as Shape, value, [], found);
  return found.length === 0;
};

type Container = Record<string | number, unknown>;

/** Every place in a value where something may be changed. */
function slots(value: unknown, list: [Container, string | number][] = []): [Container, string | number][] {
  if (typeof value !== 'object' || value === null) return list;
  for (const key of Object.keys(value)) {
    list.push([value as Container, Array.isArray(value) ? Number(key) : key]);
    slots((value as Container)[key], list);
  }
  return list;
}

const change = fc.record({
  slot: fc.nat(),
  how: fc.constantFrom('replace', 'remove', 'add', 'swap'),
  key: fc.constantFrom(
    'type',
    'by',
    'kind',
    'earliest',
    'latest',
    'evidence',
    'stage',
    'extra',
    'product',
    'Bad Key',
    'constructor',
  ),
  value: fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    1,
    60,
    61,
    -1,
    1.5,
    '',
    'x',
    'idle',
    'app',
    'may',
    '90 days',
    '0 days',
    '1 GBP',
    '5',
    'plan_price',
    '2026-02-28',
    '2026-02-30',
    '2026-01-01T10:00:00Z',
    '2026-13',
    [],
    ['terms'],
    ['terms', 'terms'],
    {},
    { type: 'topup' },
    { earliest: '90 days', latest: '6 months' },
    { doubtful: 'use' },
    { sum: 'charges', of: ['call'], over: '9 days' },
    { any: ['use'] },
    { en: 'a', ru: 'b', zh: 'c' },
  ),
  other: fc.nat(),
});

t.test('the loader and the schema that editors use agree on what is well-formed', async (t) => {
  const packs = [parseSource(SOUND).value];
  for (const country of await readdir(rules)) {
    if (country.length !== 2) continue;
    for (const file of await readdir(new URL(`${country}/`, rules))) {
      packs.push(parseSource(await readFile(new URL(`${country}/${file}`, rules), 'utf8')).value);
    }
  }
  t.ok(packs.every((pack) => judgedSound(pack) && valid(pack)));
  let [sound, unsound] = [0, 0];
  fc.assert(
    fc.property(
      fc.constantFrom(...packs),
      fc.array(change, { minLength: 1, maxLength: 2 }),
      (pack, changes) => {
        const copy = structuredClone(pack);
        for (const { slot, how, key, value, other } of changes) {
          const all = slots(copy);
          const [container, at] = all[slot % all.length]!;
          const [from, there] = all[other % all.length]!;
          if (how === 'replace') container[at] = structuredClone(value);
          else if (how === 'swap') container[at] = structuredClone(from[there]);
          else if (how === 'add' && !Array.isArray(container)) {
            container[key as string] = structuredClone(value);
          } else if (Array.isArray(container)) container.splice(Number(at), 1);
          else delete container[at];
        }
        const judged = judgedSound(copy);
        if (judged) sound += 1;
        else unsound += 1;
        if (judged !== valid(copy))
          throw new Error(`here ${judged}: ${JSON.stringify(valid.errors?.at(-1))}`);
      },
    ),
    { numRuns: 1500 },
  );
  t.ok(sound > 50 && unsound > 500, `of ${sound} sound and ${unsound} unsound files`);
});

t.test('the committed schema is what the code makes', async (t) => {
  t.equal(await readFile(new URL('schema.json', rules), 'utf8'), editorSchema());
});
