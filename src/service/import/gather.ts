/** Groups the stream of rows by user; only one user's rows are in memory at a time. */
import type { Peekable } from '../../lib/peekable.ts';
import type { App } from '../context.ts';
import type { FilesAhead } from '../proof-keeping.ts';
import { type FieldError, MAX_ERRORS } from '../refusal.ts';
import { type ArrivedProof, receiveProof } from './proof.ts';
import { inRow } from './refuse.ts';
import type { NumberedRow, ProofRow, ReadRow } from './rows.ts';

/** The most rows of one user, not counting proofs, and the most proofs. `MAX_BYTES` limits the rows without proofs. */
const MAX_ROWS = 50_000;
export const MAX_BYTES = 50_000_000;

/** The rows of one user. If there are errors, nothing may be imported. */
export type Group = {
  rows: NumberedRow[];
  /** Proofs whose bytes match their rows. */
  proofs: ArrivedProof[];
  errors: FieldError[];
  /** Whether all rows could be read, so that they can be checked for further errors. */
  isWhole: boolean;
};

const NO_PART: FieldError = {
  pointer: '/object',
  detail: 'It is no part of the proof before it.',
  mend: 'Put the parts of a proof right after it.',
};
const TOO_LARGE: FieldError = {
  pointer: '',
  detail: `A person has more than ${MAX_ROWS} rows, or ${MAX_BYTES} bytes.`,
  mend: 'Import the rest by itself.',
};
const TOO_MANY_PROOFS: FieldError = {
  pointer: '',
  detail: `A person has more than ${MAX_ROWS} proofs.`,
  mend: 'Import the rest by itself.',
};

const beginsUser = (one: ReadRow) => ('errors' in one ? one.isUser : one.row.object === 'user');

/** Yields the bytes of the `proof_part` rows of a proof that come next. */
async function* partsOf(rows: Peekable<ReadRow>, proof: string): AsyncGenerator<Buffer> {
  for (let next = await rows.peek(); next && 'row' in next; next = await rows.peek()) {
    const { row } = next;
    if (row.object !== 'proof_part' || row.proof !== proof) return;
    await rows.take();
    yield Buffer.from(row.data, 'base64');
  }
}

/** Whether the next row may follow the last part of a proof. */
const isAfterProof = (next: ReadRow | undefined) =>
  next === undefined || beginsUser(next) || ('row' in next && next.row.object === 'proof');

/**
 * Reads the next user's rows; null after the last. Rows before the first `user` row form a group of their own. The
 * bytes of proofs are stored in `files`, or only checked if it is null.
 */
export async function nextGroup(
  app: App,
  rows: Peekable<ReadRow>,
  files: FilesAhead | null,
): Promise<Group | null> {
  const group: Group = { rows: [], proofs: [], errors: [], isWhole: true };
  let bytes = 0;
  /** The kind of the previous row; `stray`: one that was refused after a proof. */
  let previous: 'none' | 'row' | 'proof' | 'stray' = 'none';
  const report = (...errors: FieldError[]) =>
    group.errors.push(...errors.slice(0, MAX_ERRORS - group.errors.length));
  /** Reports errors of a row that cannot be imported at all, so that the group is not checked further. */
  const refuse = (...errors: FieldError[]) => {
    group.isWhole = false;
    report(...errors);
  };
  const takeProof = async (one: NumberedRow & { row: ProofRow }) => {
    const to = group.errors.length === 0 ? files : null;
    const received = await receiveProof(app, to, one, () => partsOf(rows, one.row.id));
    // If another row interrupts the parts, only that is reported.
    if (!isAfterProof(await rows.peek())) return;
    if ('detail' in received) report(received);
    else if (group.proofs.length < MAX_ROWS) group.proofs.push(received);
    else if (group.isWhole) refuse(inRow(one.number, TOO_MANY_PROOFS));
  };
  const takeRow = ({ row, number }: NumberedRow, length: number) => {
    bytes += length;
    if (group.rows.length < MAX_ROWS && bytes <= MAX_BYTES) group.rows.push({ row, number });
    else if (group.errors.length === 0) {
      group.rows = [];
      refuse(inRow(number, TOO_LARGE));
    }
  };
  for (let next = await rows.peek(); next; next = await rows.peek()) {
    if (beginsUser(next) && previous !== 'none') return group;
    await rows.take();
    const { number } = next;
    if ('errors' in next) {
      refuse(...next.errors.map((error) => inRow(number, error)));
      previous = previous === 'none' ? 'row' : previous;
    } else if (next.row.object === 'proof') {
      await takeProof({ row: next.row, number });
      previous = 'proof';
    } else if (previous === 'proof' || previous === 'stray') {
      if (previous === 'proof') refuse(inRow(number, NO_PART));
      previous = 'stray';
    } else {
      takeRow({ row: next.row, number }, next.bytes);
      previous = 'row';
    }
  }
  return previous === 'none' ? null : group;
}
