/** Imports the rows of a sheet of top-ups: each becomes a record of the line that it names. */
import { eventLoopYielder } from '../../lib/event-loop.ts';
import type { RecordInput } from '../../retention/record.ts';
import { fieldErrors } from '../../schemas/field-errors.ts';
import { reviewContradictions } from '../../service/contradictions.ts';
import { rewriteEdges } from '../../service/edges.ts';
import { canonicalForm } from '../../service/equivalence.ts';
import { importRecords } from '../../service/import/records.ts';
import { type RecordRow, recordOf } from '../../service/import/rows.ts';
import { type Counts, newTally } from '../../service/import/tally.ts';
import { normaliseNumber } from '../../service/line-checks.ts';
import { checkRecords, ledgerFor } from '../../service/record-checks.ts';
import { type FieldError, MENDS, Refusal } from '../../service/refusal.ts';
import type { Line } from '../../store/types.ts';
import { rowChecks } from '../rows.ts';
import { isCellError, parseDate, parsePhoneNumber } from './cells.ts';
import {
  addErrors,
  parseMoney,
  type RowError,
  rowError,
  rowErrorOfRecord,
  rowErrorsOf,
  type SheetImport,
  type SheetOutcome,
  TOO_LONG,
} from './rows.ts';
import type { SheetRow } from './sheet.ts';

export const TOPUP_COLUMNS = {
  known: ['line', 'at', 'amount', 'currency', 'method', 'product', 'external_id'],
  needed: ['line', 'at', 'amount'],
} as const;

/**
 * Returns a function that finds the line a cell names: by the exact id, external_id, number or label; else by its
 * number as spreadsheets write it or people dial it. Null if several match, undefined if none does.
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
    const digits = parsePhoneNumber(cell);
    if (isCellError(digits)) return undefined;
    // A spreadsheet drops the plus of a numeric cell.
    const dialled = [
      `+${digits.value}`,
      ...countries.map((country) => normaliseNumber(digits.value, country)),
    ];
    const found = new Set(dialled.flatMap((number) => (number ? (numbers.get(number) ?? []) : [])));
    return found.size > 1 ? null : [...found][0];
  };
}

function parseTopup(
  { cells, row }: SheetRow,
  line: Line,
  { app, format }: SheetImport,
): RecordRow | RowError[] {
  const booked = app.rulebook.rules.get(line.rule);
  if (!booked) {
    return [rowError(row, 'line', { detail: "The line's rule is no longer there.", mend: MENDS.rule_gone })];
  }
  const { currency } = booked.carrier;
  const errors: RowError[] = [];
  const at = parseDate(cells.get('at') ?? '', format);
  if (isCellError(at)) errors.push(rowError(row, 'at', at));
  const amount = parseMoney(cells, 'amount', format, currency);
  if (!amount)
    errors.push(
      rowError(row, 'amount', { detail: 'The amount is missing.', mend: 'Say how much was credited.' }),
    );
  else if (isCellError(amount)) errors.push(rowError(row, 'amount', amount));
  if (errors.length > 0 || isCellError(at) || !amount || isCellError(amount)) return errors;
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
  return wrong ? rowErrorsOf(row, fieldErrors(wrong)) : (record as RecordRow);
}

type Topups = { row: RecordRow; number: number }[];

/**
 * Reports rows that repeat an earlier row's external_id with other content, and returns the rest. All are found in one
 * pass; otherwise a sheet of such rows would be processed again for each of them. `known` are external_ids of the
 * ledger, with which each row is compared later.
 */
function reportRepeated(rows: Topups, known: ReadonlySet<string | null>, errors: RowError[]): Topups {
  const first = new Map<string, { form: string; number: number }>();
  return rows.filter(({ row, number }) => {
    const { external_id } = row;
    if (external_id === undefined || known.has(external_id)) return true;
    const says = canonicalForm(recordOf(row));
    const before = first.get(external_id);
    if (!before) first.set(external_id, { form: says, number });
    if (!before || before.form === says) return true;
    const detail = `Row ${before.number} has this external_id with other contents.`;
    errors.push(rowError(number, 'external_id', { detail, mend: MENDS.external_id_taken }));
    return false;
  });
}

/** Imports a line's top-ups into its ledger; those that conflict with existing records are reported and left out. */
async function importForLine(
  work: SheetImport,
  line: Line,
  rows: Topups,
  counts: Counts,
  errors: RowError[],
) {
  const { app, q } = work;
  const ledger = await ledgerFor({ app, q, line });
  const inputs = rows.map(({ row: { object: _, line: __, ...input } }) => input as RecordInput);
  const at = (index: number) => `/${(rows[index] as Topups[number]).number - 1}`;
  /** Reports errors, whose pointers begin with a row's index from 0; returns the rows without any. */
  const reportAndDrop = (wrong: readonly FieldError[], from: Topups): Topups => {
    const rowErrors = wrong.map(rowErrorOfRecord);
    errors.push(...rowErrors);
    const refused = new Set(rowErrors.map(({ row }) => row));
    return from.filter(({ number }) => !refused.has(number));
  };
  const known = new Set(ledger.records.map(({ external_id }) => external_id));
  let accepted = reportRepeated(reportAndDrop(checkRecords(ledger, inputs, at), rows), known, errors);
  for (let hasRefusals = true; hasRefusals && accepted.length > 0; ) {
    const tally = newTally();
    hasRefusals = false;
    try {
      await importRecords({ app, q, tally }, line, accepted, new Map());
      for (const count of ['made', 'changed', 'unchanged'] as const) counts[count] += tally.records[count];
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const remaining = reportAndDrop(error.errors, accepted);
      if (remaining.length === accepted.length) throw error;
      accepted = remaining;
      hasRefusals = true;
    }
  }
  if (accepted.length === 0) return;
  const entered = await ledgerFor({ app, q, line });
  await rewriteEdges(app, q, line, entered.records);
  await reviewContradictions(q, entered);
}

/** Imports the top-ups of a sheet; rows with errors are reported, the others are stored. */
export async function importTopups(work: SheetImport, rows: readonly SheetRow[]): Promise<SheetOutcome> {
  const counts = newTally().records;
  const errors: RowError[] = [];
  const lineOf = lineFinder(await work.q.lines.ofUser(work.user));
  const byLine = new Map<Line, Topups>();
  const yieldTurn = eventLoopYielder();
  for (const row of rows) {
    await yieldTurn();
    if (row.hasExtraCells) {
      errors.push(rowError(row.row, null, TOO_LONG));
      continue;
    }
    const line = lineOf(row.cells.get('line') ?? '');
    if (!line) {
      const detail = line === null ? 'Several lines have this name.' : 'There is no such line.';
      errors.push(
        rowError(row.row, 'line', {
          detail,
          mend: 'Name a line of this person by external_id, id, number, or a label that is its own.',
        }),
      );
      continue;
    }
    const parsed = parseTopup(row, line, work);
    if (Array.isArray(parsed)) addErrors(errors, parsed);
    else {
      const topups = byLine.get(line) ?? [];
      topups.push({ row: parsed, number: row.row });
      byLine.set(line, topups);
    }
  }
  for (const [line, topups] of byLine) {
    await yieldTurn();
    await importForLine(work, line, topups, counts, errors);
  }
  return { counts, errors: errors.toSorted((a, b) => a.row - b.row) };
}
