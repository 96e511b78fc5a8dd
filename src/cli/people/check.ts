/** Turns rows into people as the store would hold them: checks each line against its rule, each record in its line. */
import { END_OF_DAYS } from '../../retention/index.ts';
import type { RecordInput } from '../../retention/record.ts';
import type { BookedRule, Problem, Rulebook } from '../../rulebook/index.ts';
import { sortProblems } from '../../rulebook/problem.ts';
import { type LineRow, type PaymentRow, type RecordRow, recordOf } from '../../service/import/rows.ts';
import { checkLine } from '../../service/line-checks.ts';
import { storedFields } from '../../service/line-fields.ts';
import { bodyOf } from '../../service/payment-body.ts';
import { checkRecords } from '../../service/record-checks.ts';
import type { Line, Mark, Payment, PaymentChange, StoredRecord, User } from '../../store/types.ts';
import { type Draft, gather, type Placed } from './gather.ts';
import { duplicateExternalId, report } from './report.ts';
import type { Row } from './rows.ts';

export type PersonLine = {
  line: Line;
  booked: BookedRule;
  records: StoredRecord[];
  payments: Payment[];
  marks: Mark[];
};
export type Person = { user: User; lines: PersonLine[] };

type CheckContext = {
  file: string;
  rulebook: Rulebook;
  now: Date;
  /** Whether records may lie in the future, as plans. */
  plans: boolean;
  problems: Problem[];
};

function personOf(checking: CheckContext, { user: { row }, lines, proved }: Draft, index: number): Person {
  const moment = row.created_at ?? checking.now.toISOString();
  const id = row.external_id ?? row.id ?? `person ${index + 1}`;
  const user: User = {
    id,
    name: row.name,
    locale: row.locale,
    time_zone: row.time_zone,
    external_id: row.external_id ?? null,
    revision: 1,
    created_at: moment,
    updated_at: moment,
  };
  const found = lines.flatMap((draft, place) => {
    const { line } = draft;
    if (!line) return [];
    const name = line.row.external_id ?? line.row.id ?? `line ${place + 1}`;
    return lineOf(checking, user, name, { ...draft, line, proved }) ?? [];
  });
  return { user, lines: found };
}

function lineOf(
  checking: CheckContext,
  user: User,
  name: string,
  draft: Draft['lines'][number] & { line: Placed<LineRow>; proved: ReadonlySet<string> },
): PersonLine | null {
  const { records } = draft;
  const { row, source } = draft.line;
  const { rulebook, now, plans } = checking;
  for (const error of checkLine(rulebook, row, () => row.id !== undefined)) report(checking, source, error);
  const booked = rulebook.rules.get(row.rule);
  if (!booked) return null;
  const moment = row.created_at ?? now.toISOString();
  const line: Line = {
    id: `${user.id}/${name}`,
    user: user.id,
    ...storedFields(row),
    created_at: moment,
    updated_at: moment,
  };
  const names = namesOf(records);
  const payments = draft.payments.map((payment) => paymentOf(line, payment, names, draft.proved));
  const pending = new Set(payments.filter(({ state }) => state === 'pending').map(({ id }) => id));
  const kept = records.map(({ row: record }, index) => ({
    ...storedRecord(line, resolveVoid(recordOf(record), names), record, index, now),
    payment: record.payment ?? null,
    pending: pending.has(record.payment ?? ''),
  }));
  // Records of an export have ids. They were checked when they were first stored, and voided ones are ignored.
  const isOfExport = (at: number) => records[at]?.row.id !== undefined;
  const voided = new Set(kept.flatMap(({ body }) => (body.type === 'void' ? [body.record] : [])));
  const inputs = kept.map(({ id, body }, at) => (isOfExport(at) && voided.has(id) ? null : body));
  const until = plans ? new Date(`${END_OF_DAYS}T00:00:00Z`) : now;
  const ledger = { booked, line, records: kept, now: until };
  for (const error of checkRecords(ledger, inputs, (at) => `/${at}`, isOfExport)) {
    const [, at = '0', ...rest] = error.pointer.split('/');
    report(checking, (records[Number(at)] as Placed<RecordRow>).source, {
      ...error,
      pointer: rest.map((step) => `/${step}`).join(''),
    });
  }
  const given = new Set<string>();
  for (const { row: record, source: place } of records) {
    if (record.external_id === undefined) continue;
    if (given.has(record.external_id)) report(checking, place, duplicateExternalId('record of this line'));
    given.add(record.external_id);
  }
  const marks = draft.marks.map(({ object: _, on_day = null, ...mark }) => ({
    ...mark,
    line: line.id,
    on_day,
  }));
  return { line, booked, records: kept, payments, marks };
}

const nameOf = ({ id, external_id }: RecordRow, index: number): string =>
  external_id ?? id ?? `record ${index + 1}`;

/** The name used here for each record, by each of its ids that others may refer to. */
function namesOf(records: readonly Placed<RecordRow>[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [index, { row }] of records.entries())
    for (const name of [row.id, row.external_id]) if (name) names.set(name, nameOf(row, index));
  return names;
}

const resolveVoid = (input: RecordInput, names: ReadonlyMap<string, string>): RecordInput =>
  input.type === 'void' ? { ...input, record: names.get(input.record) ?? input.record } : input;

function paymentOf(
  line: Line,
  row: PaymentRow,
  names: ReadonlyMap<string, string>,
  proved: ReadonlySet<string>,
): Payment {
  const { id, external_id = null, no_proof = false, proof_elsewhere = false, record, changes } = row;
  // A payment has at least the change that created it.
  const [first, last] = [changes[0], changes.at(-1)] as [PaymentChange, PaymentChange];
  return {
    id,
    line: line.id,
    state: last.state,
    body: bodyOf(row),
    external_id,
    no_proof,
    proof_elsewhere,
    record: record === undefined ? null : (names.get(record) ?? record),
    changes,
    proofs: proved.has(id) ? 1 : 0,
    created_at: row.created_at ?? first.at,
    updated_at: last.at,
  };
}

const storedRecord = (
  line: Line,
  body: RecordInput,
  row: RecordRow,
  index: number,
  now: Date,
): StoredRecord => ({
  id: nameOf(row, index),
  line: line.id,
  seq: index + 1,
  type: body.type,
  at: body.at,
  body,
  external_id: row.external_id ?? null,
  recorded_at: row.recorded_at ?? now.toISOString(),
  voided_by: null,
  payment: null,
  pending: false,
});

/**
 * The people of a file, and its problems in order of line and column; if there are any, the people must not be used.
 */
export function checkPeople(
  rows: readonly Row[],
  context: Omit<CheckContext, 'problems'>,
): { people: Person[]; problems: Problem[] } {
  const checking: CheckContext = { ...context, problems: [] };
  const drafts = gather(checking, rows);
  const people = drafts.map((draft, index) => personOf(checking, draft, index));
  return { people, problems: sortProblems(checking.problems) };
}
