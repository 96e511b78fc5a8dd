/**
 * Reads the text of a rule file and checks what must hold before it is parsed: its size, its encoding, its first line.
 */
import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { type RuleFile, unreadableMessage } from './files.ts';
import type { Problem } from './problem.ts';

const MAX_BYTES = 250_000;

/** What makes an editor complete and check the file. */
const FIRST_LINE = '# yaml-language-server: $schema=../schema.json';

/** The line and column of the first byte that is not UTF-8. */
function firstInvalidByte(bytes: Buffer): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(0x0a, start);
    const text = bytes.subarray(start, end < 0 ? bytes.length : end);
    if (!isUtf8(text) || end < 0) return { line, column: text.toString('utf8').indexOf('\ufffd') + 1 };
    line += 1;
    start = end + 1;
  }
}

export type Source = { text: string } | { problem: Problem };

/** Reads a rule file, or says why it cannot be one. A file that is too large is not even opened. */
export async function readSource({ name, bytes, text: providedText }: RuleFile): Promise<Source> {
  const problemAt = (message: string, line = 1, column = 1) => ({
    problem: { file: name, line, column, message },
  });
  if (bytes > MAX_BYTES) {
    return problemAt(`It has ${bytes} bytes, and a rule file at most ${MAX_BYTES}: is it one?`);
  }
  let content: Buffer;
  try {
    content = providedText === undefined ? await readFile(name) : Buffer.from(providedText);
  } catch (error) {
    return problemAt(unreadableMessage(error));
  }
  if (!isUtf8(content)) {
    const { line, column } = firstInvalidByte(content);
    return problemAt('There is a byte here that is not UTF-8: save the file as UTF-8.', line, column);
  }
  const text = content.toString('utf8').replace(/^\ufeff/, '');
  if (text.trim() === '') return problemAt('It is empty: write a carrier and its rules, or remove it.');
  if (text.split('\n', 1)[0]?.trimEnd() !== FIRST_LINE) {
    return problemAt(`The first line must be "${FIRST_LINE}": with it, editors complete and check the file.`);
  }
  return { text };
}
