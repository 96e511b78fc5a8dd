/** Shared by all kinds of sheet: errors of rows, and amounts in one or two columns. */
import { readAmount } from '../../service/amounts.ts';
import type { App } from '../../service/context.ts';
import type { Counts } from '../../service/import/tally.ts';
import type { Mend } from '../../service/mend.ts';
import type { FieldError } from '../../service/refusal.ts';
import type { Queries } from '../../store/types.ts';
import { type CellError, type CellFormat, isCellError } from './cells.ts';

/** An error in a row, by the sheet's row number; `column` is null for the row as a whole. */
export type RowError = { row: number; column: string | null; detail: string; mend: Mend };
export type SheetOutcome = { counts: Counts; errors: RowError[] };
/** The context of one sheet's import, within one transaction. */
export type SheetImport = { app: App; q: Queries; user: string; format: CellFormat };

export const rowError = (row: number, column: string | null, { detail, mend }: CellError): RowError => ({
  row,
  column,
  detail,
  mend,
});
export const MAX_SHEET_ERRORS = 1_000;
/** Adds a row's errors, up to `MAX_SHEET_ERRORS` in all, but at least one, because refused rows are counted by it. */
export const addErrors = (errors: RowError[], added: readonly RowError[]): void =>
  void errors.push(...added.slice(0, Math.max(1, MAX_SHEET_ERRORS - errors.length)));

/** The column that a field of a row's object was read from. */
const columnOf = (pointer: string): string | null => {
  const [, first = '', ...rest] = pointer.split('/');
  // The name of a fact may contain a slash, escaped or not.
  if (first === 'facts') return `facts.${rest.join('/').replaceAll('~1', '/').replaceAll('~0', '~')}`;
  if (rest[0] === 'currency') return 'currency';
  return first || null;
};
export const rowErrorsOf = (row: number, errors: readonly FieldError[]): RowError[] =>
  errors.map(({ pointer, detail, mend }) => rowError(row, columnOf(pointer), { detail, mend }));

/** Converts an error of records that come from many rows: its pointer begins with the row's index, from 0. */
export const rowErrorOfRecord = ({ pointer, detail, mend }: FieldError): RowError =>
  rowError(Number(pointer.split('/')[1]) + 1, columnOf(pointer.replace(/^\/\d+/, '')), {
    detail: detail.replace(/^Line \d+: /, ''),
    mend,
  });

/** An amount with its currency: from the cell itself, else from the column `currency`, else `usual`. */
export function parseMoney(cells: Map<string, string>, column: string, format: CellFormat, usual: string) {
  const text = cells.get(column);
  if (text === undefined) return null;
  const read = readAmount(text, format);
  if (isCellError(read)) return read;
  const { amount, currency } = read.value;
  return { value: { amount, currency: currency ?? cells.get('currency')?.toUpperCase() ?? usual } };
}

export const TOO_LONG: CellError = {
  detail: 'The row has more cells than the header has names.',
  mend: 'Quote cells that contain a comma or whatever separates the cells.',
};
