/** Two processes with the same release publish the same bytes: so all code that has a hand in them counts in its digest. */
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { LIBRARIES, PARTS } from '../../src/release.ts';

const SRC = new URL('../../src/', import.meta.url);
/** What makes bytes and dates, and what makes rules out of files. */
const BEGINNINGS = ['publication/index.ts', 'ledger.ts', 'rulebook/load.ts'];
/** Which failure it was. */
const NO_HAND = ['store/errors.ts'];
/** What a rule's file says is in the digest itself; the shape of rules is checked and not changed. */
const NO_HAND_LIBRARIES = ['yaml', 'typebox'];

/** Modules that are there when a file runs: neither imports of types, nor of nothing but types. */
function importsOf(text: string): string[] {
  const found = text.matchAll(/^(?:import|export)\s+(?!type\s)(?:([^'";]*?)\sfrom\s+)?'([^']+)'/gm);
  return Array.from(found)
    .filter(([, names]) => !names || !/^\{(\s*type\s[^,]+,?)+\s*\}$/.test(names.trim()))
    .map(([, , module]) => module as string);
}

function walk(name: string, files: Set<string>, libraries: Set<string>) {
  if (files.has(name)) return;
  files.add(name);
  const url = new URL(name, SRC);
  for (const module of importsOf(readFileSync(url, 'utf8'))) {
    if (module.startsWith('.')) walk(new URL(module, url).href.slice(SRC.href.length), files, libraries);
    else if (!module.startsWith('node:')) libraries.add(module);
  }
}

t.test('every module that bytes depend on counts in the digest of a release', async (t) => {
  const files = new Set<string>();
  const libraries = new Set<string>();
  for (const name of BEGINNINGS) walk(name, files, libraries);
  t.ok(files.has('wording/catalogue/zh.ts') && files.has('lib/durations.ts'), 'the walk gets about');
  const missed = [...files].filter((name) => !PARTS.includes(name.split('/', 1)[0] as string));
  t.same(missed.sort(), NO_HAND.toSorted());
  const counted: readonly string[] = LIBRARIES;
  t.same([...libraries].filter((name) => !counted.includes(name)).sort(), NO_HAND_LIBRARIES.toSorted());
});

t.test('imports are told from imports of types', async (t) => {
  const text = [
    "import { a, type B } from './a.ts';",
    "import type { C } from './c.ts';",
    "import { type D, type E } from './d.ts';",
    "export {\n  f,\n} from './f.ts';",
    "import 'g';",
    "export const h = 'i';",
  ].join('\n');
  t.same(importsOf(text), ['./a.ts', './f.ts', 'g']);
});

/** The code of a release in a folder of its own, and the digests that it makes once it runs. */
function copyCode() {
  const folder = mkdtempSync(join(tmpdir(), 'keepline-release-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(SRC, join(folder, 'src'), { recursive: true });
  copyFileSync(new URL('../package.json', SRC), join(folder, 'package.json'));
  const digest = async (rules: string) => {
    const running: typeof import('../../src/release.ts') = await import(
      pathToFileURL(join(folder, 'src/release.ts')).href
    );
    return running.releaseNumber(
      { digest: rules } as never,
      {
        write: (_: null, fn: (q: object) => unknown) => fn({ releases: { number: (one: string) => one } }),
      } as never,
    ) as Promise<unknown>;
  };
  return { folder, digest };
}

t.test('what is laid on the disk while the code runs has no hand in its release', async (t) => {
  const { folder, digest } = copyCode();
  const before = await digest('rules');
  t.not(before, await digest('other rules'), 'rules have');
  appendFileSync(join(folder, 'src/agenda/title.ts'), '// newer');
  t.equal(await digest('rules'), before);
});

t.test('a release is another with other code, libraries or zones, and with nothing else', async (t) => {
  const present = await copyCode().digest('rules');
  t.equal(await copyCode().digest('rules'), present, 'it is the same wherever it lies');

  async function changed(change: (folder: string) => void) {
    const { folder, digest } = copyCode();
    change(folder);
    return digest('rules');
  }
  const append = (file: string) => (folder: string) => appendFileSync(join(folder, file), '\n// newer');
  for (const file of ['src/agenda/title.ts', 'src/wording/catalogue/zh.ts', 'src/ledger.ts']) {
    t.not(await changed(append(file)), present, file);
  }
  for (const file of ['src/http/errors.ts', 'src/app.ts'])
    t.equal(await changed(append(file)), present, file);
  const rename = (folder: string) =>
    renameSync(join(folder, 'src/agenda/title.ts'), join(folder, 'src/agenda/titles.ts'));
  t.not(await changed(rename), present, 'a file of another name');
  const depend = (library: string) => (folder: string) => {
    const file = join(folder, 'package.json');
    const described = JSON.parse(readFileSync(file, 'utf8'));
    described.dependencies[library] = '999.0.0';
    writeFileSync(file, JSON.stringify(described));
  };
  t.not(await changed(depend('luxon')), present, 'a library that makes dates');
  t.equal(await changed(depend('fastify')), present, 'a library that makes none');

  t.intercept(process, 'versions', { value: { ...process.versions, tz: '1999a' } });
  t.not(await copyCode().digest('rules'), present, 'other time zones');
});
