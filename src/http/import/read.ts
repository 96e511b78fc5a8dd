/** From bytes to persons: lines of NDJSON, read one by one, checked, and gathered under their `user` row. */
import type { Group } from '../../service/import/group.ts';
import { inRow } from '../../service/import/refuse.ts';
import type { Row } from '../../service/import/rows.ts';
import { MOST_ERRORS } from '../../service/refusal.ts';
import { type FieldError, Problem } from '../errors.ts';
import { parseJson } from '../json.ts';
import { fieldErrors } from '../validation-errors.ts';
import { rowChecks, rowOf } from './rows.ts';

/** The longest line in bytes: the life of a payment may be long. */
const LONGEST_LINE = 2_000_000;
/** The most rows of one person, and bytes; a proof with its parts is as many at most. */
const MOST_ROWS = 50_000;
export const MOST_BYTES = 50_000_000;

async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer | 'too long'> {
  let rest: Buffer = Buffer.alloc(0);
  let skipping = false;
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const piece = Buffer.from(chunk.buffer, chunk.byteOffset + start, end - start);
      const line = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      yield skipping || line.length > LONGEST_LINE ? 'too long' : line;
      [rest, skipping, start] = [Buffer.alloc(0), false, end + 1];
    }
    if (!skipping) rest = Buffer.concat([rest, chunk.subarray(start)]);
    if (rest.length > LONGEST_LINE) [rest, skipping] = [Buffer.alloc(0), true];
  }
  if (skipping) yield 'too long';
  else if (rest.length > 0) yield rest;
}

const KINDS = Object.keys(rowChecks) as Row['object'][];

function readRow(line: Buffer | 'too long'): Row | FieldError[] {
  if (line === 'too long') {
    const mend = `No line is longer than ${LONGEST_LINE} bytes.`;
    return [{ pointer: '', detail: 'The line is too long.', mend }];
  }
  let value: unknown;
  try {
    value = parseJson(line);
  } catch (error) {
    if (error instanceof Problem) return error.errors;
    throw error;
  }
  const object =
    value === null || typeof value !== 'object' ? undefined : (value as { object?: unknown }).object;
  const kind = KINDS.find((known) => known === object);
  if (!kind) {
    const detail = 'It is not said what this row is.';
    return [{ pointer: '/object', detail, mend: `Give \`object\` as one of ${KINDS.join(', ')}.` }];
  }
  const errors = rowChecks[kind](value);
  return errors ? fieldErrors(errors) : rowOf(value);
}

const isUserRow = (row: Row | FieldError[], line: Buffer | 'too long') =>
  Array.isArray(row)
    ? line !== 'too long' && /"object"\s*:\s*"user"/.test(line.toString('latin1'))
    : row.object === 'user';

const isBlank = (line: Buffer | 'too long') => line !== 'too long' && line.toString('latin1').trim() === '';

/** The persons of an NDJSON text, one after another. Rows before the first `user` row are a group of their own. */
export async function* groupsOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Group> {
  let group: Group = { rows: [], errors: [] };
  let number = 0;
  let bytes = 0;
  const isEmpty = () => group.rows.length === 0 && group.errors.length === 0;
  for await (const line of linesOf(source)) {
    number += 1;
    if (isBlank(line)) continue;
    const row = readRow(line);
    // A proof is brought in by itself, so that no more than one is in memory.
    const isProof = !Array.isArray(row) && row.object === 'proof';
    if ((isUserRow(row, line) || isProof) && !isEmpty()) {
      yield group;
      group = { rows: [], errors: [] };
      bytes = 0;
    }
    bytes += line.length;
    if (Array.isArray(row)) {
      if (group.errors.length < MOST_ERRORS) group.errors.push(...row.map((error) => inRow(number, error)));
    } else if (group.rows.length < MOST_ROWS && bytes <= MOST_BYTES) {
      group.rows.push({ row, number });
    } else if (group.errors.length === 0) {
      group.rows = [];
      const detail = `A person has more than ${MOST_ROWS} rows, or ${MOST_BYTES} bytes.`;
      group.errors.push(inRow(number, { pointer: '', detail, mend: 'Import the rest by itself.' }));
    }
  }
  if (!isEmpty()) yield group;
}
