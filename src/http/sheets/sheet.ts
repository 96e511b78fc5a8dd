/** A sheet as bytes into rows by the names of their columns. */
import { parse } from 'csv-parse/sync';
import { perhapsMeant } from '../../lib/spelling.ts';
import { MOST_ERRORS, Refusal } from '../../service/refusal.ts';

export const MAX_SHEET_BYTES = 10_000_000;
const MOST_ROWS = 50_000;
const LONGEST_CELL = 5_000;

/** A row as it stands in the sheet, numbered from 1 with the header; no cell that is empty. */
export type SheetRow = {
  row: number;
  cells: Map<string, string>;
  /** There is something in it to the right of the last column that has a name. */
  isTooLong: boolean;
};

const refuse = (detail: string, mend: string) => new Refusal('invalid', [{ pointer: '', detail, mend }]);

/** The text of a sheet: UTF-8, or UTF-16 that says so. @throws Refusal invalid */
function textOf(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw refuse(`The sheet is not ${encoding.toUpperCase()}.`, 'Save it as “CSV UTF-8”.');
  }
}

const SEPARATOR = /^sep=([,;\t|])(?:\r\n|\n|\r)/i;

/** A plain cell ="79161234567", by which spreadsheets are told to keep a number as text: its quotes are the cell's. */
const FORMULA = /(?<=^|[,;\t|\r\n])=("(?:[^"\r\n]|"")*")(?=[,;\t|\r\n]|$)/g;
/** The same in a cell that is quoted itself. */
const AS_TEXT = /^="(.*)"$/s;

const nameOf = (cell: string) => cell.trim().toLowerCase().replace(/\s+/g, '_');

/** What parts the cells: that of comma, semicolon and tab by which the first line has the most known names. */
function delimiterOf(text: string, isKnown: (name: string) => boolean): string {
  const header = text.split(/\r?\n|\r/).find((line) => /\p{L}/u.test(line)) ?? '';
  const count = (mark: string) =>
    header.split(mark).filter((cell) => isKnown(nameOf(cell.replaceAll('"', '')))).length;
  return [',', ';', '\t'].toSorted((a, b) => count(b) - count(a))[0] as string;
}

/**
 * The rows of a sheet. Columns may come in any order; one that is not known, or that is missing, is told at once.
 * @throws Refusal invalid
 */
export function readSheet(
  bytes: Buffer,
  columns: { known: readonly string[]; needed: readonly string[]; prefix?: string },
): SheetRow[] {
  const text = textOf(bytes);
  const isKnown = (name: string) =>
    columns.known.includes(name) || (columns.prefix !== undefined && name.startsWith(columns.prefix));
  // Spreadsheets write such a line to tell each other what parts the cells.
  const separator = SEPARATOR.exec(text)?.[1];
  const sheet = separator ? text.replace(SEPARATOR, '') : text;
  const delimiter = separator ?? delimiterOf(sheet, isKnown);
  let lines: string[][];
  try {
    lines = parse(sheet.replace(FORMULA, '$1'), {
      delimiter,
      bom: true,
      relax_column_count: true,
      skip_empty_lines: false,
      record_delimiter: ['\r\n', '\n', '\r'],
    });
  } catch (error) {
    const line = (error as { lines?: number }).lines;
    throw refuse(
      `The sheet cannot be read${line ? ` at line ${line}` : ''}: a quoted cell does not end, or a quote stands in one.`,
      'Save it as CSV anew.',
    );
  }
  const first = lines.findIndex((cells) => cells.some((cell) => nameOf(cell) !== ''));
  const rows = lines.slice(first + 1);
  // Numbered as a spreadsheet shows them: from 1, with whatever stands before the header.
  const above = first + 2 + (separator ? 1 : 0);
  const names = (lines[first] ?? []).map(nameOf);
  if (first < 0) throw refuse('The sheet is empty.', 'Send a sheet whose first row names the columns.');
  const errors = names.flatMap((name, index) => {
    if (name === '' && rows.every((cells) => (cells[index] ?? '').trim() === '')) return [];
    if (isKnown(name) && names.indexOf(name) === index) return [];
    const twice = isKnown(name);
    const [meant] = perhapsMeant(name, columns.known);
    const detail = twice
      ? `Two columns are called ${name}.`
      : `There is no column ${JSON.stringify(name.slice(0, 60))} here.`;
    const mend = twice
      ? 'Leave one out.'
      : meant
        ? `Is it \`${meant}\`?`
        : `Known are: ${columns.known.join(', ')}.`;
    return [{ pointer: `/${index}`, detail, mend }];
  });
  for (const name of columns.needed) {
    if (!names.includes(name))
      errors.push({ pointer: '', detail: `The column ${name} is missing.`, mend: 'Add it.' });
  }
  if (errors.length > 0) throw new Refusal('invalid', errors.slice(0, MOST_ERRORS));
  if (rows.length > MOST_ROWS)
    throw refuse(`The sheet has more than ${MOST_ROWS} rows.`, 'Send it in parts.');
  return rows.flatMap((cells, index) => {
    const found = cells.flatMap((cell, column): [string, string][] => {
      const name = names[column];
      const value = cell.trim().replace(AS_TEXT, '$1');
      return name && value !== '' ? [[name, value.slice(0, LONGEST_CELL)]] : [];
    });
    const isTooLong = cells.slice(names.length).some((cell) => cell.trim() !== '');
    if (found.length === 0 && !isTooLong) return [];
    return [{ row: index + above, cells: new Map(found), isTooLong }];
  });
}
