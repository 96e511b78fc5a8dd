/** What the rows of a sheet make: lines, or top-ups of lines. A row that is wrong is told; the others go in. */
import type { RecordInput } from '../../retention/record.ts';
import type { Line, Queries } from '../../store/types.ts';
import type { App } from '../context.ts';
import { rewriteEdges } from '../derive.ts';
import { type FieldError, Problem } from '../errors.ts';
import { importRecords } from '../import/records.ts';
import { type RecordRow, rowChecks } from '../import/rows.ts';
import { type Counts, newTally } from '../import/tally.ts';
import { checkLine, normaliseNumber } from '../line-checks.ts';
import { NewLine, storedFields } from '../line-schemas.ts';
import { checkRecords } from '../record-checks.ts';
import { ruleOf } from '../records.ts';
import { compileBody } from '../validation.ts';
import { fieldErrors } from '../validation-errors.ts';
import { type CellError, isWrong, type Reading, readAmount, readDate, readNumber } from './cells.ts';
import type { SheetRow } from './sheet.ts';

export type RowError = { row: number; column: string | null; detail: string; mend: string };
export type Done = { counts: Counts; errors: RowError[] };
type Work = { app: App; q: Queries; user: string; reading: Reading };

export const COLUMNS = {
  lines: {
    known: ['rule', 'label', 'number', 'time_zone', 'plan_price', 'currency', 'external_id'],
    needed: ['rule', 'label'],
    prefix: 'facts.',
  },
  topups: {
    known: ['line', 'at', 'amount', 'currency', 'method', 'product', 'external_id'],
    needed: ['line', 'at', 'amount'],
  },
} as const;
export type Kind = keyof typeof COLUMNS;

const checkNewLine = compileBody(NewLine);

const told = (row: number, column: string | null, { detail, mend }: CellError): RowError => ({
  row,
  column,
  detail,
  mend,
});
/** The column that a field of what the row makes was read from. */
const columnOf = (pointer: string): string | null => {
  const [, first = '', second = ''] = pointer.split('/');
  if (first === 'facts') return second ? `facts.${second}` : 'facts.';
  if (second === 'currency') return 'currency';
  return first || null;
};
const fromFields = (row: number, errors: readonly FieldError[]): RowError[] =>
  errors.map(({ pointer, detail, mend }) => told(row, columnOf(pointer), { detail, mend }));

/** An error of many rows' records: its pointer begins with the row's place from 0, its detail may name the line. */
const fromRow = ({ pointer, detail, mend }: FieldError): RowError =>
  told(Number(pointer.split('/')[1]) + 1, columnOf(pointer.replace(/^\/\d+/, '')), {
    detail: detail.replace(/^Line \d+: /, ''),
    mend,
  });

/** Money of two columns, or of one that has both. */
function readMoney(cells: Map<string, string>, column: string, reading: Reading, usual: string) {
  const text = cells.get(column);
  if (text === undefined) return null;
  const read = readAmount(text, reading);
  if (isWrong(read)) return read;
  const { amount, currency } = read.value;
  return { value: { amount, currency: currency ?? cells.get('currency')?.toUpperCase() ?? usual } };
}

const FACT: Record<string, boolean> = { true: true, yes: true, false: false, no: false };

function lineIn({ cells, row }: SheetRow, { app, reading }: Work): NewLine | RowError[] {
  const rule = cells.get('rule') ?? '';
  const booked = app.rulebook.rules.get(rule);
  const errors: RowError[] = [];
  const line: Record<string, unknown> = {};
  for (const name of ['rule', 'label', 'time_zone', 'external_id'])
    if (cells.has(name)) line[name] = cells.get(name);
  const number = cells.get('number');
  if (number !== undefined) {
    const read = readNumber(number);
    if (isWrong(read)) errors.push(told(row, 'number', read));
    else line.number = read.value;
  }
  const price = readMoney(cells, 'plan_price', reading, booked?.carrier.currency ?? '');
  if (price && isWrong(price)) errors.push(told(row, 'plan_price', price));
  else if (price) line.plan_price = price.value;
  const facts: Record<string, unknown> = {};
  for (const [name, text] of cells) {
    if (!name.startsWith('facts.')) continue;
    const asked = booked?.rule.facts?.[name.slice(6)];
    const isBoolean = asked?.kind === 'boolean';
    facts[name.slice(6)] = isBoolean
      ? (FACT[text.toLowerCase()] ?? text)
      : asked?.kind === 'number'
        ? Number(text)
        : text;
  }
  if (Object.keys(facts).length > 0) line.facts = facts;
  const wrong = checkNewLine(line);
  if (wrong)
    errors.push(
      ...fromFields(row, fieldErrors(wrong)).filter(
        ({ column }) => !errors.some((one) => one.column === column),
      ),
    );
  else errors.push(...fromFields(row, checkLine(app.rulebook, line as NewLine)));
  return errors.length > 0 ? errors : (line as NewLine);
}

/**
 * The line that a row of lines means: by its external_id, else by its rule and number, else by its rule and label. One
 * that has no external_id yet is given that of the row.
 */
function known(
  lines: readonly Line[],
  { external_id, rule, number, label }: ReturnType<typeof storedFields>,
) {
  const isAlike = (line: Line) =>
    line.rule === rule && (number ? line.number === number : line.label === label);
  if (external_id === null) return lines.find(isAlike);
  return (
    lines.find((line) => line.external_id === external_id) ??
    lines.find((line) => line.external_id === null && isAlike(line))
  );
}

const TOO_LONG: CellError = {
  detail: 'the row has more cells than the header has names',
  mend: 'Put a cell in quotes that has a comma, or whatever parts the cells, in it.',
};

async function importLines(work: Work, rows: readonly SheetRow[]): Promise<Done> {
  const { app, q, user } = work;
  const counts = newTally().lines;
  const errors: RowError[] = [];
  const lines = await q.lines.ofUser(user);
  for (const one of rows) {
    if (one.isTooLong) {
      errors.push(told(one.row, null, TOO_LONG));
      continue;
    }
    const read = lineIn(one, work);
    if (Array.isArray(read)) {
      errors.push(...read);
      continue;
    }
    const fields = storedFields(read);
    const present = known(lines, fields);
    if (present && present.rule !== fields.rule) {
      const mend = 'Give it another external_id: a ported number is another line.';
      errors.push(
        told(one.row, 'rule', { detail: 'The line of this external_id is under another rule', mend }),
      );
      continue;
    }
    if (!present) {
      const made = await q.lines.create({ user, ...fields });
      lines.push(made);
      counts.made += 1;
      await rewriteEdges(app, q, made);
      continue;
    }
    // What the sheet has no column for, or no word of, stays.
    const { rule: _, ...rest } = fields;
    const patch = Object.fromEntries(Object.entries(rest).filter(([name]) => name in read));
    const same = Object.entries(patch).every(
      ([name, value]) => JSON.stringify(value) === JSON.stringify(present[name as keyof Line]),
    );
    counts[same ? 'unchanged' : 'changed'] += 1;
    if (same) continue;
    const changed = await q.lines.update(present.id, patch);
    if (changed) {
      lines.splice(lines.indexOf(present), 1, changed);
      await rewriteEdges(app, q, changed);
    }
  }
  return { counts, errors };
}

/**
 * Finds the line that a cell names: as it stands, by id, external_id, number or label; else by its number, as sheets
 * keep them or people dial them. Null for several.
 */
function lineFinder(lines: readonly Line[]): (cell: string) => Line | null | undefined {
  const [names, numbers] = [new Map<string, Line | null>(), new Map<string, Line | null>()];
  const add = (to: Map<string, Line | null>, name: string | null, line: Line) => {
    if (name) to.set(name, to.has(name) && to.get(name) !== line ? null : line);
  };
  for (const line of lines) {
    for (const name of [line.id, line.external_id, line.number, line.label]) add(names, name, line);
    add(numbers, line.number, line);
  }
  const countries = [...new Set(lines.map(({ rule }) => rule.slice(0, 2)))];
  return (cell) => {
    const known = names.get(cell);
    if (known !== undefined) return known;
    const read = readNumber(cell);
    if (isWrong(read)) return undefined;
    // A spreadsheet drops the plus of what it takes for a number.
    const dialled = [`+${read.value}`, ...countries.map((country) => normaliseNumber(read.value, country))];
    const found = new Set(dialled.flatMap((number) => (number ? (numbers.get(number) ?? []) : [])));
    return found.size > 1 ? null : [...found][0];
  };
}

function topupIn({ cells, row }: SheetRow, line: Line, { app, reading }: Work): RecordRow | RowError[] {
  const errors: RowError[] = [];
  const { currency } = ruleOf(app, line).carrier;
  const at = readDate(cells.get('at') ?? '', reading);
  if (isWrong(at)) errors.push(told(row, 'at', at));
  const amount = readMoney(cells, 'amount', reading, currency);
  if (!amount)
    errors.push(told(row, 'amount', { detail: 'the amount is missing', mend: 'Say how much was credited.' }));
  else if (isWrong(amount)) errors.push(told(row, 'amount', amount));
  if (errors.length > 0 || isWrong(at) || !amount || isWrong(amount)) return errors;
  const record = {
    object: 'record',
    line: line.id,
    type: 'topup',
    at: at.value,
    amount: amount.value,
    ...Object.fromEntries(
      ['method', 'product', 'external_id'].flatMap((name) =>
        cells.has(name) ? [[name, cells.get(name)]] : [],
      ),
    ),
  };
  const wrong = rowChecks.record(record);
  return wrong ? fromFields(row, fieldErrors(wrong)) : (record as RecordRow);
}

type Topups = { row: RecordRow; number: number }[];

/** A line's top-ups into its ledger; those that contradict what is there are told and left out. */
async function importOf(work: Work, line: Line, rows: Topups, counts: Counts, errors: RowError[]) {
  const { app, q } = work;
  const ledger = {
    booked: ruleOf(app, line),
    line,
    records: await q.records.ofLine(line.id),
    now: app.clock(),
  };
  const inputs = rows.map(({ row: { object: _, line: __, ...input } }) => input as RecordInput);
  const at = (index: number) => `/${(rows[index] as Topups[number]).number - 1}`;
  /** Tells errors of rows, whose pointers begin with a row's place from 0; the rows without any are left. */
  const leaveOut = (wrong: readonly FieldError[], from: Topups): Topups => {
    const told = wrong.map(fromRow);
    errors.push(...told);
    const refused = new Set(told.map(({ row }) => row));
    return from.filter(({ number }) => !refused.has(number));
  };
  let good = leaveOut(checkRecords(ledger, inputs, at), rows);
  for (let again = true; again && good.length > 0; ) {
    const tally = newTally();
    again = false;
    try {
      await importRecords({ app, q, tally }, line, good, new Map());
      for (const count of ['made', 'changed', 'unchanged'] as const) counts[count] += tally.records[count];
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const left = leaveOut(error.errors, good);
      if (left.length === good.length) throw error;
      good = left;
      again = true;
    }
  }
  if (good.length > 0) await rewriteEdges(app, q, line);
}

async function importTopups(work: Work, rows: readonly SheetRow[]): Promise<Done> {
  const counts = newTally().records;
  const errors: RowError[] = [];
  const lineOf = lineFinder(await work.q.lines.ofUser(work.user));
  const byLine = new Map<Line, Topups>();
  for (const one of rows) {
    if (one.isTooLong) {
      errors.push(told(one.row, null, TOO_LONG));
      continue;
    }
    const line = lineOf(one.cells.get('line') ?? '');
    if (!line) {
      const detail = line === null ? 'several lines are called so' : 'there is no such line';
      errors.push(
        told(one.row, 'line', {
          detail,
          mend: 'Name a line of this person by external_id, id, number, or a label that is its own.',
        }),
      );
      continue;
    }
    const read = topupIn(one, line, work);
    if (Array.isArray(read)) errors.push(...read);
    else {
      const topups = byLine.get(line) ?? [];
      topups.push({ row: read, number: one.row });
      byLine.set(line, topups);
    }
  }
  for (const [line, topups] of byLine) await importOf(work, line, topups, counts, errors);
  return { counts, errors: errors.toSorted((a, b) => a.row - b.row) };
}

export const importRows = (work: Work, kind: Kind, rows: readonly SheetRow[]): Promise<Done> =>
  kind === 'lines' ? importLines(work, rows) : importTopups(work, rows);
