/**
 * Writes `rules/schema.json`, with which editors complete and check rule files. With `--check` it writes nothing and
 * exits 1 when the committed file is not what the code would write.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { editorSchema } from '../src/rulebook/editor-schema.ts';

const target = new URL('../rules/schema.json', import.meta.url);
const text = editorSchema();

if (process.argv.includes('--check')) {
  const committed = await readFile(target, 'utf8').catch(() => '');
  if (committed !== text) {
    console.error(
      'rules/schema.json is not current: run node scripts/generate-rules-schema.ts and commit it.',
    );
    process.exitCode = 1;
  }
} else {
  await writeFile(target, text);
}
