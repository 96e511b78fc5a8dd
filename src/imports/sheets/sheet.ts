/** Parses a sheet's bytes into rows, with cells by column name. */
import { pipeline, Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { eventLoopYielder } from '../../lib/event-loop.ts';
import { closestMatches } from '../../lib/spelling.ts';
import { type FieldError, MAX_ERRORS, Refusal } from '../../service/refusal.ts';

export const MAX_SHEET_BYTES = 10_000_000;
const MAX_ROWS = 50_000;
/** The limit of common spreadsheets. */
const MAX_COLUMNS = 16_384;
const MAX_CELL_LENGTH = 5_000;
/** Characters parsed between two yields to the event loop. */
const PIECE_LENGTH = 4_096;
const MAX_LINE_LENGTH = 1_000_000;

/** A row of the sheet, without its empty cells; `row` is numbered from 1, which is the header's. */
export type SheetRow = {
  row: number;
  cells: Map<string, string>;
  /** Whether a cell to the right of the last named column is not empty. */
  hasExtraCells: boolean;
};

const refuse = (detail: string, mend: string) => new Refusal('invalid', [{ pointer: '', detail, mend }]);

/** Decodes a sheet: UTF-8, or UTF-16 with a byte order mark. @throws Refusal invalid */
function decodeText(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw refuse(`The sheet is not ${encoding.toUpperCase()}.`, 'Save it as “CSV UTF-8”.');
  }
}

const SEPARATOR = /^sep=([,;\t|])(?:\r\n|\n|\r)/i;

/**
 * An unquoted cell ="79161234567", which makes spreadsheets keep a number as text. Its quotes become those of the cell.
 */
const FORMULA = /(?<=^|[,;\t|\r\n])=("(?:[^"\r\n]|"")*")(?=[,;\t|\r\n]|$)/g;
/** The same in a quoted cell. */
const QUOTED_FORMULA = /^="(.*)"$/s;

const columnName = (cell: string) => cell.trim().toLowerCase().replace(/\s+/g, '_');

/** The delimiter: comma, semicolon or tab, whichever gives the most known names in the first line. */
function delimiterOf(text: string, isKnown: (name: string) => boolean): string {
  const header = /^.*\p{L}.*$/mu.exec(text)?.[0].slice(0, PIECE_LENGTH) ?? '';
  const count = (mark: string) =>
    header.split(mark).filter((cell) => isKnown(columnName(cell.replaceAll('"', '')))).length;
  return [',', ';', '\t'].toSorted((a, b) => count(b) - count(a))[0] as string;
}

/** Splits a text into pieces that end at a line end. @throws Refusal invalid */
async function* piecesOf(text: string): AsyncGenerator<Buffer> {
  const lineEnd = /[\r\n]/g;
  const yieldTurn = eventLoopYielder();
  for (let at = 0, next = 0; at < text.length; at = next) {
    await yieldTurn();
    lineEnd.lastIndex = at + PIECE_LENGTH;
    next = (lineEnd.exec(text)?.index ?? text.length) + 1;
    const piece = text.slice(at, next);
    if (piece.length > MAX_LINE_LENGTH)
      throw refuse(`A line is longer than ${MAX_LINE_LENGTH} characters.`, 'Save it as CSV again.');
    yield Buffer.from(piece.replace(FORMULA, '$1'));
  }
}

/** Yields the cells of each line, blank lines too. @throws Refusal invalid */
async function* linesOf(text: string, delimiter: string): AsyncGenerator<string[]> {
  const parser = parse({
    delimiter,
    bom: true,
    relax_column_count: true,
    skip_empty_lines: false,
    record_delimiter: ['\r\n', '\n', '\r'],
  });
  try {
    yield* pipeline(Readable.from(piecesOf(text)), parser, () => {});
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const line = (error as { lines?: number }).lines;
    throw refuse(
      `The sheet cannot be read${line ? ` at line ${line}` : ''}: a quoted cell does not end, or a quote stands in one.`,
      'Save it as CSV again.',
    );
  }
}

type Columns = { known: readonly string[]; needed: readonly string[]; prefix?: string };

/** Errors in the column names; `filled` are the indexes of nameless columns that have values. */
function columnErrors(
  names: readonly string[],
  filled: ReadonlySet<number>,
  columns: Columns,
  isKnown: (name: string) => boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (errors.length === MAX_ERRORS) break;
    if (name === '' && !filled.has(index)) continue;
    const isDuplicate = isKnown(name) && seen.has(name);
    seen.add(name);
    if (isKnown(name) && !isDuplicate) continue;
    const [closest] = name === '' ? [] : closestMatches(name, columns.known);
    const detail = isDuplicate
      ? `Two columns are called ${name.slice(0, 60)}.`
      : `There is no column ${JSON.stringify(name.slice(0, 60))} here.`;
    const mend = isDuplicate
      ? 'Leave one out.'
      : closest
        ? `Is it \`${closest}\`?`
        : `Known are: ${columns.known.join(', ')}.`;
    errors.push({ pointer: `/${index}`, detail, mend });
  }
  for (const name of columns.needed) {
    if (!seen.has(name))
      errors.push({ pointer: '', detail: `The column ${name} is missing.`, mend: 'Add it.' });
  }
  return errors.slice(0, MAX_ERRORS);
}

/**
 * Reads the rows of a sheet. Columns may come in any order; an unknown or missing one refuses the whole sheet.
 * @throws Refusal invalid
 */
export async function readSheet(bytes: Buffer, columns: Columns): Promise<SheetRow[]> {
  const text = decodeText(bytes);
  const isKnown = (name: string) =>
    columns.known.includes(name) || (columns.prefix !== undefined && name.startsWith(columns.prefix));
  // Spreadsheets may write a first line `sep=;` that names the delimiter.
  const separator = SEPARATOR.exec(text)?.[1];
  const sheet = separator ? text.replace(SEPARATOR, '') : text;
  const delimiter = separator ?? delimiterOf(sheet, isKnown);
  let names: string[] | null = null;
  const filled = new Set<number>();
  const rows: SheetRow[] = [];
  // Numbered as in a spreadsheet: from 1, including any lines before the header.
  let row = separator ? 1 : 0;
  let last = row + MAX_ROWS;
  const yieldTurn = eventLoopYielder();
  for await (const cells of linesOf(sheet, delimiter)) {
    await yieldTurn();
    row += 1;
    if (row > last) throw refuse(`The sheet has more than ${MAX_ROWS} rows.`, 'Send it in parts.');
    if (cells.length > MAX_COLUMNS)
      throw refuse(
        `Row ${row} has more than ${MAX_COLUMNS} cells.`,
        'Leave out columns that have no meaning here.',
      );
    if (names === null) {
      if (cells.every((cell) => cell.trim() === '')) continue;
      names = cells.map(columnName);
      last = row + MAX_ROWS;
      continue;
    }
    const found = new Map<string, string>();
    let hasExtraCells = false;
    for (const [column, cell] of cells.entries()) {
      const value = cell.trim().replace(QUOTED_FORMULA, '$1');
      if (value === '') continue;
      const name = names[column];
      if (name === undefined) hasExtraCells = true;
      else if (name === '') filled.add(column);
      else found.set(name, value.slice(0, MAX_CELL_LENGTH));
    }
    if (found.size > 0 || hasExtraCells) rows.push({ row, cells: found, hasExtraCells });
  }
  if (names === null) throw refuse('The sheet is empty.', 'Send a sheet whose first row names the columns.');
  const errors = columnErrors(names, filled, columns, isKnown);
  if (errors.length > 0) throw new Refusal('invalid', errors);
  return rows;
}
