/** Reads NDJSON line by line into checked rows. */

import { fieldErrors } from '../schemas/field-errors.ts';
import { NotJson, parseJson } from '../schemas/json.ts';
import type { ReadRow, Row } from '../service/import/rows.ts';
import { type FieldError, Refusal } from '../service/refusal.ts';
import { rowChecks, rowOf } from './rows.ts';

/** The longest line in bytes; a payment may have many changes. */
const MAX_LINE_LENGTH = 2_000_000;

async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer | 'too long'> {
  let rest: Buffer = Buffer.alloc(0);
  let isSkipping = false;
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const piece = Buffer.from(chunk.buffer, chunk.byteOffset + start, end - start);
      const line = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      yield isSkipping || line.length > MAX_LINE_LENGTH ? 'too long' : line;
      [rest, isSkipping, start] = [Buffer.alloc(0), false, end + 1];
    }
    if (!isSkipping) rest = Buffer.concat([rest, chunk.subarray(start)]);
    if (rest.length > MAX_LINE_LENGTH) [rest, isSkipping] = [Buffer.alloc(0), true];
  }
  if (isSkipping) yield 'too long';
  else if (rest.length > 0) yield rest;
}

const KINDS = Object.keys(rowChecks) as Row['object'][];

function readRow(line: Buffer | 'too long'): Row | FieldError[] {
  if (line === 'too long') {
    const mend = `No line is longer than ${MAX_LINE_LENGTH} bytes.`;
    return [{ pointer: '', detail: 'The line is too long.', mend }];
  }
  let value: unknown;
  try {
    value = parseJson(line);
  } catch (error) {
    if (error instanceof Refusal) return error.errors;
    if (!(error instanceof NotJson)) throw error;
    const detail = `The line is not JSON${error.where}.`;
    return [{ pointer: '', detail, mend: 'Write one JSON object on each line, in UTF-8.' }];
  }
  const object =
    value === null || typeof value !== 'object' ? undefined : (value as { object?: unknown }).object;
  const kind = KINDS.find((known) => known === object);
  if (!kind) {
    const detail = 'The row does not say what it is.';
    return [{ pointer: '/object', detail, mend: `Give \`object\` as one of ${KINDS.join(', ')}.` }];
  }
  const errors = rowChecks[kind](value);
  return errors ? fieldErrors(errors) : rowOf(value);
}

/** Whether a line, even if it cannot be parsed, looks like a `user` row, which begins a new user. */
const isUserLine = (line: Buffer | 'too long') =>
  line !== 'too long' && /"object"\s*:\s*"user"/.test(line.toString('latin1'));

const isBlank = (line: Buffer | 'too long') => line !== 'too long' && line.toString('latin1').trim() === '';

/** Yields the rows of an NDJSON text, or their errors, in order. */
export async function* rowsOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<ReadRow> {
  let number = 0;
  for await (const line of linesOf(source)) {
    number += 1;
    if (isBlank(line)) continue;
    const row = readRow(line);
    const place = { number, bytes: line.length };
    yield Array.isArray(row) ? { ...place, errors: row, isUser: isUserLine(line) } : { ...place, row };
  }
}
