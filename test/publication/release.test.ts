/** Two processes with the same release publish the same bytes: so all code that has a hand in them counts in its digest. */
import { appendFileSync, copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

t.test('what is laid on the disk while the code runs has no hand in its release', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'keepline-release-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(SRC, join(folder, 'src'), { recursive: true });
  copyFileSync(new URL('../package.json', SRC), join(folder, 'package.json'));
  const running: typeof import('../../src/release.ts') = await import(
    pathToFileURL(join(folder, 'src/release.ts')).href
  );
  const digest = (rules: string) =>
    running.releaseNumber(
      { digest: rules } as never,
      {
        write: (_: null, fn: (q: object) => unknown) => fn({ releases: { number: (one: string) => one } }),
      } as never,
    ) as Promise<unknown>;
  const before = await digest('rules');
  t.not(before, await digest('other rules'), 'rules have');
  appendFileSync(join(folder, 'src/agenda/title.ts'), '// newer');
  t.equal(await digest('rules'), before);
});
