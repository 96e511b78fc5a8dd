/** Rows checked one by one, and gathered: whose lines they are, and which line's records. */
import { rowChecks, rowOf } from '../../imports/rows.ts';
import { fieldErrors } from '../../schemas/field-errors.ts';
import type { LineRow, MarkRow, PaymentRow, RecordRow, UserRow } from '../../service/import/rows.ts';
import type { FieldError } from '../../service/refusal.ts';
import { duplicateExternalId, type ReportedFile, report } from './report.ts';
import type { Row } from './rows.ts';

export type Placed<T> = { row: T; source: Row };
/** null: it is not known under which rule; what hangs on it is not looked at. */
type DraftLine = {
  line: Placed<LineRow> | null;
  records: Placed<RecordRow>[];
  payments: PaymentRow[];
  marks: MarkRow[];
};
export type Draft = {
  user: Placed<UserRow>;
  lines: DraftLine[];
  /** The lines by what records call them. */
  names: Map<string, DraftLine>;
  /** Payments of which there is a proof. */
  proved: Set<string>;
};

// Stands in for a row with errors, which have been told, so that what hangs on it is checked all the same.
const SOMEBODY: UserRow = { object: 'user', name: '', locale: 'en', time_zone: 'UTC' };
const underRule = ({ value }: Row): LineRow | null => {
  const { rule } = value as { rule?: unknown };
  return typeof rule === 'string' ? { object: 'line', rule, label: '' } : null;
};

const KINDLESS: FieldError = {
  pointer: '/object',
  detail: 'It is not said what this is.',
  mend: 'Give `object` as `user`, `line` or `record`.',
};

/** Checks each row by itself, and gathers by person and line what dates and entries hang on. */
export function gather(told: ReportedFile, rows: readonly Row[]): Draft[] {
  const drafts: Draft[] = [];
  for (const source of rows) {
    const kind = (source.value as { object?: keyof typeof rowChecks } | null)?.object;
    const check = kind && Object.hasOwn(rowChecks, kind) ? rowChecks[kind] : null;
    const errors = check ? fieldErrors(check(source.value) ?? []) : [KINDLESS];
    for (const error of errors) report(told, source, error);
    const row = errors.length === 0 ? rowOf(source.value) : null;
    if (kind === 'user') addUser(told, drafts, (row as UserRow | null) ?? SOMEBODY, source);
    else if (kind === 'line') addLine(told, drafts, (row as LineRow | null) ?? underRule(source), source);
    else if (row?.object === 'proof') drafts.at(-1)?.proved.add(row.payment);
    else if (row?.object === 'record' || row?.object === 'payment' || row?.object === 'mark')
      addToLine(told, drafts, row, source);
    // What feeds there are, and the bytes of proofs, change nothing here.
  }
  return drafts;
}

function addUser(told: ReportedFile, drafts: Draft[], row: UserRow, source: Row): void {
  const isTaken = row.external_id && drafts.some(({ user }) => user.row.external_id === row.external_id);
  if (isTaken) report(told, source, duplicateExternalId('person'));
  drafts.push({ user: { row, source }, lines: [], names: new Map(), proved: new Set() });
}

function addLine(told: ReportedFile, drafts: Draft[], row: LineRow | null, source: Row): void {
  const draft = drafts.at(-1);
  if (!draft) {
    const mend = 'Begin with a `user` row.';
    report(told, source, { pointer: '/object', detail: 'It is not said whose line this is.', mend });
    return;
  }
  const line: DraftLine = { line: row && { row, source }, records: [], payments: [], marks: [] };
  draft.lines.push(line);
  if (row?.external_id && draft.names.get(row.external_id))
    report(told, source, duplicateExternalId('line of this person'));
  for (const name of [source.key, row?.external_id, row?.id]) if (name) draft.names.set(name, line);
}

function addToLine(
  told: ReportedFile,
  drafts: Draft[],
  row: RecordRow | PaymentRow | MarkRow,
  source: Row,
): void {
  const line = drafts.at(-1)?.names.get(row.line);
  if (!line) {
    const mend = 'Name a line of this person that stands before it, by external_id or id.';
    report(told, source, { pointer: '/line', detail: 'The person has no such line.', mend });
  } else if (row.object === 'record') line.records.push({ row, source });
  else if (row.object === 'payment') line.payments.push(row);
  else line.marks.push(row);
}
