/** What the rows of sheets have in common: what each is told by, and money in one or two columns. */
import { readAmount } from '../../service/amounts.ts';
import type { App } from '../../service/context.ts';
import type { Counts } from '../../service/import/tally.ts';
import type { Mend } from '../../service/mend.ts';
import type { FieldError } from '../../service/refusal.ts';
import type { Queries } from '../../store/types.ts';
import { type CellError, isWrong, type Reading } from './cells.ts';

/** What is wrong in a row, numbered as the sheet has it; `column` null for the row as a whole. */
export type RowError = { row: number; column: string | null; detail: string; mend: Mend };
export type Done = { counts: Counts; errors: RowError[] };
/** One sheet's work, within one transaction. */
export type Work = { app: App; q: Queries; user: string; reading: Reading };

export const rowError = (row: number, column: string | null, { detail, mend }: CellError): RowError => ({
  row,
  column,
  detail,
  mend,
});
export const MAX_SHEET_ERRORS = 1_000;
/** Adds what is wrong with a row; one place, by which the row is counted, where so many are told already. */
export const addErrors = (errors: RowError[], wrong: readonly RowError[]): void =>
  void errors.push(...wrong.slice(0, Math.max(1, MAX_SHEET_ERRORS - errors.length)));

/** The column that a field of what the row makes was read from. */
const columnOf = (pointer: string): string | null => {
  const [, first = '', ...rest] = pointer.split('/');
  // What stands behind the dot may have a slash in it, escaped or not.
  if (first === 'facts') return `facts.${rest.join('/').replaceAll('~1', '/').replaceAll('~0', '~')}`;
  if (rest[0] === 'currency') return 'currency';
  return first || null;
};
export const fromFields = (row: number, errors: readonly FieldError[]): RowError[] =>
  errors.map(({ pointer, detail, mend }) => rowError(row, columnOf(pointer), { detail, mend }));

/** An error of many rows' records: its pointer begins with the row's place from 0, its detail may name the line. */
export const fromRow = ({ pointer, detail, mend }: FieldError): RowError =>
  rowError(Number(pointer.split('/')[1]) + 1, columnOf(pointer.replace(/^\/\d+/, '')), {
    detail: detail.replace(/^Line \d+: /, ''),
    mend,
  });

/** Money of two columns, or of one that has both. */
export function readMoney(cells: Map<string, string>, column: string, reading: Reading, usual: string) {
  const text = cells.get(column);
  if (text === undefined) return null;
  const read = readAmount(text, reading);
  if (isWrong(read)) return read;
  const { amount, currency } = read.value;
  return { value: { amount, currency: currency ?? cells.get('currency')?.toUpperCase() ?? usual } };
}

export const TOO_LONG: CellError = {
  detail: 'The row has more cells than the header has names.',
  mend: 'Put a cell in quotes that has a comma, or whatever parts the cells, in it.',
};
