/** Checks rows one by one, and groups them into people, their lines and the lines' records. */
import { rowChecks, rowOf } from '../../imports/rows.ts';
import { fieldErrors } from '../../schemas/field-errors.ts';
import type { LineRow, MarkRow, PaymentRow, RecordRow, UserRow } from '../../service/import/rows.ts';
import type { FieldError } from '../../service/refusal.ts';
import { duplicateExternalId, type ReportedFile, report } from './report.ts';
import type { Row } from './rows.ts';

export type Placed<T> = { row: T; source: Row };
/** `line` is null if its rule is not known; its records are then not checked. */
type DraftLine = {
  line: Placed<LineRow> | null;
  records: Placed<RecordRow>[];
  payments: PaymentRow[];
  marks: MarkRow[];
};
export type Draft = {
  user: Placed<UserRow>;
  lines: DraftLine[];
  /** The lines by the names that records use for them. */
  names: Map<string, DraftLine>;
  /** Ids of payments with a proof. */
  proved: Set<string>;
};

// Placeholders for rows whose errors have been reported, so that the rows that depend on them are still checked.
const PLACEHOLDER_USER: UserRow = { object: 'user', name: '', locale: 'en', time_zone: 'UTC' };
const placeholderLine = ({ value }: Row): LineRow | null => {
  const { rule } = value as { rule?: unknown };
  return typeof rule === 'string' ? { object: 'line', rule, label: '' } : null;
};

const MISSING_OBJECT: FieldError = {
  pointer: '/object',
  detail: 'It does not say what this is.',
  mend: 'Give `object` as `user`, `line` or `record`.',
};

/** Checks each row, and groups by person and line those that dates and entries depend on. Errors go to `target`. */
export function gather(target: ReportedFile, rows: readonly Row[]): Draft[] {
  const drafts: Draft[] = [];
  for (const source of rows) {
    const kind = (source.value as { object?: keyof typeof rowChecks } | null)?.object;
    const check = kind && Object.hasOwn(rowChecks, kind) ? rowChecks[kind] : null;
    const errors = check ? fieldErrors(check(source.value) ?? []) : [MISSING_OBJECT];
    for (const error of errors) report(target, source, error);
    const row = errors.length === 0 ? rowOf(source.value) : null;
    if (kind === 'user') addUser(target, drafts, (row as UserRow | null) ?? PLACEHOLDER_USER, source);
    else if (kind === 'line')
      addLine(target, drafts, (row as LineRow | null) ?? placeholderLine(source), source);
    else if (row?.object === 'proof') drafts.at(-1)?.proved.add(row.payment);
    else if (row?.object === 'record' || row?.object === 'payment' || row?.object === 'mark')
      addToLine(target, drafts, row, source);
    // Rows of feeds and the bytes of proofs are not needed here.
  }
  return drafts;
}

function addUser(target: ReportedFile, drafts: Draft[], row: UserRow, source: Row): void {
  const isTaken = row.external_id && drafts.some(({ user }) => user.row.external_id === row.external_id);
  if (isTaken) report(target, source, duplicateExternalId('person'));
  drafts.push({ user: { row, source }, lines: [], names: new Map(), proved: new Set() });
}

function addLine(target: ReportedFile, drafts: Draft[], row: LineRow | null, source: Row): void {
  const draft = drafts.at(-1);
  if (!draft) {
    const mend = 'Begin with a `user` row.';
    report(target, source, { pointer: '/object', detail: 'It does not say whose line this is.', mend });
    return;
  }
  const line: DraftLine = { line: row && { row, source }, records: [], payments: [], marks: [] };
  draft.lines.push(line);
  if (row?.external_id && draft.names.get(row.external_id))
    report(target, source, duplicateExternalId('line of this person'));
  for (const name of [source.key, row?.external_id, row?.id]) if (name) draft.names.set(name, line);
}

function addToLine(
  target: ReportedFile,
  drafts: Draft[],
  row: RecordRow | PaymentRow | MarkRow,
  source: Row,
): void {
  const line = drafts.at(-1)?.names.get(row.line);
  if (!line) {
    const mend = 'Name a line of this person that stands before it, by external_id or id.';
    report(target, source, { pointer: '/line', detail: 'The person has no such line.', mend });
  } else if (row.object === 'record') line.records.push({ row, source });
  else if (row.object === 'payment') line.payments.push(row);
  else line.marks.push(row);
}
