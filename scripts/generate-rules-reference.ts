/**
 * Writes the reference of the rule language into `docs/rules.md`, between its two marks. With `--check` it writes
 * nothing and exits 1 when the committed page is not what the code would write.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { languageReference } from '../src/rulebook/reference.ts';

const START = '<!-- generated from the schema: npm run generate -->';
const END = '<!-- end of what is generated -->';
const target = new URL('../docs/rules.md', import.meta.url);
const page = await readFile(target, 'utf8');
const [from, to] = [page.indexOf(START), page.indexOf(END)];
if (from < 0 || to < from) throw new Error(`docs/rules.md needs the marks ${START} and ${END}`);
const text = `${page.slice(0, from + START.length)}\n\n${languageReference()}\n${page.slice(to)}`;

if (!process.argv.includes('--check')) {
  await writeFile(target, text);
} else if (text !== page) {
  console.error('docs/rules.md is not current: run node scripts/generate-rules-reference.ts and commit it.');
  process.exitCode = 1;
}
