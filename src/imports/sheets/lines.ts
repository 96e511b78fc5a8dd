/** Imports the rows of a sheet of lines: creates lines, or updates those that exist. */
import { eventLoopYielder } from '../../lib/event-loop.ts';
import { compileBody } from '../../schemas/check.ts';
import { fieldErrors } from '../../schemas/field-errors.ts';
import { NewLine } from '../../schemas/lines.ts';
import { readAmount } from '../../service/amounts.ts';
import { rewriteEdges } from '../../service/edges.ts';
import { matchesFields } from '../../service/equivalence.ts';
import { newTally } from '../../service/import/tally.ts';
import { afterLineChange } from '../../service/line-change.ts';
import { checkLine, isAssigned, normaliseNumber } from '../../service/line-checks.ts';
import { storedFields } from '../../service/line-fields.ts';
import type { Line } from '../../store/types.ts';
import { type CellError, type CellFormat, isCellError, parsePhoneNumber } from './cells.ts';
import {
  addErrors,
  parseMoney,
  type RowError,
  rowError,
  rowErrorsOf,
  type SheetImport,
  type SheetOutcome,
  TOO_LONG,
} from './rows.ts';
import type { SheetRow } from './sheet.ts';

export const LINE_COLUMNS = {
  known: ['rule', 'label', 'number', 'time_zone', 'plan_price', 'currency', 'external_id'],
  needed: ['rule', 'label'],
  prefix: 'facts.',
} as const;

const checkNewLine = compileBody(NewLine);

const BOOLEAN_WORDS: Record<string, boolean> = { true: true, yes: true, false: false, no: false };

/**
 * Parses a fact by the kind that its rule declares; text that does not fit is returned, and the line's check refuses
 * it.
 */
function parseFact(text: string, kind: string | undefined, format: CellFormat): string | boolean | number {
  if (kind === 'boolean') return BOOLEAN_WORDS[text.toLowerCase()] ?? text;
  if (kind !== 'number') return text;
  const read = readAmount(text, format);
  return isCellError(read) || read.value.currency !== null ? text : Number(read.value.amount);
}

/**
 * Interprets the digits of a phone number, whose leading plus the spreadsheet may have dropped. It is an error if they
 * are two different valid numbers in the rule's country, with the plus and without.
 */
function resolvePrefix(digits: string, rule: string): { value: string } | CellError {
  const unchanged = { value: digits };
  if (!/^[1-9]\d+$/.test(digits) || !/^[a-z]{2}\//.test(rule)) return unchanged;
  // Only assigned numbers count: by length alone, nearly every number would be ambiguous.
  const [national, international] = [digits, `+${digits}`].map((text) =>
    normaliseNumber(text, rule, isAssigned),
  );
  const hasCode = national?.endsWith(digits) && digits.startsWith(national.slice(1, -digits.length));
  if (!hasCode || !international || international === national) return unchanged;
  const mend = `Write it as ${international} or ${national}.`;
  return { detail: `It is unclear whether ${digits} begins with the country code.`, mend };
}

function parseLine({ cells, row }: SheetRow, { app, format }: SheetImport): NewLine | RowError[] {
  const rule = cells.get('rule') ?? '';
  const booked = app.rulebook.rules.get(rule);
  const errors: RowError[] = [];
  const line: Record<string, unknown> = {};
  for (const name of ['rule', 'label', 'time_zone', 'external_id'])
    if (cells.has(name)) line[name] = cells.get(name);
  const number = cells.get('number');
  if (number !== undefined) {
    const read = parsePhoneNumber(number);
    const kept = isCellError(read) ? read : resolvePrefix(read.value, rule);
    if (isCellError(kept)) errors.push(rowError(row, 'number', kept));
    else line.number = kept.value;
  }
  const price = parseMoney(cells, 'plan_price', format, booked?.carrier.currency ?? '');
  if (price && isCellError(price)) errors.push(rowError(row, 'plan_price', price));
  else if (price) line.plan_price = price.value;
  const facts = [...cells].flatMap(([name, text]) => {
    if (!name.startsWith(LINE_COLUMNS.prefix)) return [];
    const fact = name.slice(LINE_COLUMNS.prefix.length);
    return [[fact, parseFact(text, booked?.rule.facts?.[fact]?.kind, format)]];
  });
  if (facts.length > 0) line.facts = Object.fromEntries(facts);
  const wrong = checkNewLine(line);
  if (wrong)
    errors.push(
      ...rowErrorsOf(row, fieldErrors(wrong)).filter(
        ({ column }) => !errors.some((one) => one.column === column),
      ),
    );
  else errors.push(...rowErrorsOf(row, checkLine(app.rulebook, line as NewLine)));
  return errors.length > 0 ? errors : (line as NewLine);
}

type LineKeys = Pick<Line, 'external_id' | 'rule' | 'number' | 'label'>;

/**
 * An index of the lines that rows may refer to: by external_id, else by rule and number, else by rule and label. A row
 * with an external_id also matches a line without one, which then gets it.
 */
function lineIndex(lines: readonly Line[]) {
  // The lines of each name, in order of creation.
  const byKey = new Map<string, Set<Line>>();
  const keysOf = ({ external_id, rule, number, label }: LineKeys) => [
    ...(external_id === null ? [] : [`id ${external_id}`]),
    ...(number ? [`number ${rule} ${number}`] : []),
    `label ${rule} ${label}`,
  ];
  const add = (line: Line) => {
    for (const name of keysOf(line)) {
      const indexed = byKey.get(name) ?? new Set();
      byKey.set(name, indexed.add(line));
    }
  };
  const find = (name: string, fits: (line: Line) => boolean = () => true) => {
    let found: Line | undefined;
    for (const line of byKey.get(name) ?? []) {
      if (!fits(line)) continue;
      if (found) return null;
      found = line;
    }
    return found;
  };
  for (const line of lines) add(line);
  return {
    add,
    replace(before: Line, line: Line) {
      for (const name of keysOf(before)) byKey.get(name)?.delete(before);
      add(line);
    },
    /** The line of a row; null if several match, undefined if none does. */
    of({ external_id, rule, number, label }: LineKeys): Line | null | undefined {
      const sharedKey = number ? `number ${rule} ${number}` : `label ${rule} ${label}`;
      if (external_id === null) return find(sharedKey);
      const byExternalId = find(`id ${external_id}`);
      return byExternalId === undefined ? find(sharedKey, (line) => line.external_id === null) : byExternalId;
    },
  };
}

/** Imports the lines of a sheet; rows with errors are reported, the others are stored. */
export async function importLines(work: SheetImport, rows: readonly SheetRow[]): Promise<SheetOutcome> {
  const { app, q, user } = work;
  const counts = newTally().lines;
  const errors: RowError[] = [];
  const lines = lineIndex(await q.lines.ofUser(user));
  const yieldTurn = eventLoopYielder();
  for (const row of rows) {
    await yieldTurn();
    if (row.hasExtraCells) {
      errors.push(rowError(row.row, null, TOO_LONG));
      continue;
    }
    const parsed = parseLine(row, work);
    if (Array.isArray(parsed)) {
      addErrors(errors, parsed);
      continue;
    }
    const fields = storedFields(parsed);
    const existing = lines.of(fields);
    if (existing === null) {
      const column = fields.number ? 'number' : 'label';
      const mend = 'Give the line an external_id, in both places, or a number of its own.';
      errors.push(rowError(row.row, column, { detail: `Several lines have this ${column}.`, mend }));
      continue;
    }
    if (existing && existing.rule !== fields.rule) {
      const mend = 'Give it another external_id: a ported number is another line.';
      errors.push(
        rowError(row.row, 'rule', { detail: 'The line of this external_id is under another rule.', mend }),
      );
      continue;
    }
    if (!existing) {
      const created = await q.lines.create({ user, ...fields });
      lines.add(created);
      counts.made += 1;
      await rewriteEdges(app, q, created);
      continue;
    }
    // Fields without a column or with an empty cell stay as they are.
    const { rule: _, ...rest } = { ...fields, facts: { ...existing.facts, ...fields.facts } };
    const patch = Object.fromEntries(Object.entries(rest).filter(([name]) => name in parsed));
    const isSame = matchesFields(existing, patch);
    counts[isSame ? 'unchanged' : 'changed'] += 1;
    if (isSame) continue;
    const changed = await q.lines.update(existing.id, patch);
    if (changed) {
      lines.replace(existing, changed);
      await afterLineChange(app, q, existing, changed);
    }
  }
  return { counts, errors };
}
