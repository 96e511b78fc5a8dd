/** From rows to people, as if they stood in the store: each line under its rule, each record in its line's light. */
import type { LineRow, RecordRow, UserRow } from '../../http/import/rows.ts';
import { recordOf } from '../../http/import/rows.ts';
import { checkLine } from '../../http/line-checks.ts';
import { storedFields } from '../../http/line-schemas.ts';
import { checkRecords, END_OF_DAYS } from '../../http/record-checks.ts';
import type { RecordInput } from '../../retention/record.ts';
import type { BookedRule, Problem, Rulebook } from '../../rulebook/index.ts';
import { inOrder } from '../../rulebook/problem.ts';
import type { Line, StoredRecord, User } from '../../store/types.ts';
import { type Draft, gather, type Placed } from './gather.ts';
import type { Row } from './rows.ts';
import { taken, tell } from './tell.ts';

export type PersonLine = { line: Line; booked: BookedRule; records: StoredRecord[] };
export type Person = { user: User; lines: PersonLine[] };

type Checking = {
  file: string;
  rulebook: Rulebook;
  now: Date;
  /** Records that have not happened yet are plans, and welcome. */
  plans: boolean;
  problems: Problem[];
};

function personOf(
  checking: Checking,
  { row }: Placed<UserRow>,
  lines: Draft['lines'],
  index: number,
): Person {
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
  const found = lines.flatMap(({ line, records }, place) => {
    if (!line) return [];
    const name = line.row.external_id ?? line.row.id ?? `line ${place + 1}`;
    return lineOf(checking, user, name, line, records) ?? [];
  });
  return { user, lines: found };
}

function lineOf(
  checking: Checking,
  user: User,
  name: string,
  { row, source }: Placed<LineRow>,
  records: Placed<RecordRow>[],
): PersonLine | null {
  const { rulebook, now, plans } = checking;
  for (const error of checkLine(rulebook, row)) tell(checking, source, error);
  const booked = rulebook.rules.get(row.rule);
  if (!booked) return null;
  const moment = row.created_at ?? now.toISOString();
  const line: Line = {
    id: `${user.id}/${name}`,
    user: user.id,
    ...storedFields(row),
    revision: 1,
    created_at: moment,
    updated_at: moment,
  };
  const kept = records.map(({ row: record }, index) => stored(line, recordOf(record), record, index, now));
  const inputs = kept.map(({ body }) => body);
  const until = plans ? new Date(`${END_OF_DAYS}T00:00:00Z`) : now;
  for (const error of checkRecords({ booked, line, records: kept, now: until }, inputs, (at) => `/${at}`)) {
    const [, at = '0', ...rest] = error.pointer.split('/');
    tell(checking, (records[Number(at)] as Placed<RecordRow>).source, {
      ...error,
      pointer: rest.map((step) => `/${step}`).join(''),
    });
  }
  const names = new Set<string>();
  for (const { row: record, source: place } of records) {
    if (record.external_id === undefined) continue;
    if (names.has(record.external_id)) tell(checking, place, taken('record of this line'));
    names.add(record.external_id);
  }
  return { line, booked, records: kept };
}

const stored = (line: Line, body: RecordInput, row: RecordRow, index: number, now: Date): StoredRecord => ({
  id: row.external_id ?? row.id ?? `record ${index + 1}`,
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

/** The people of a file; with problems, in order of line and column, nothing may be done with them. */
export function checkPeople(
  rows: readonly Row[],
  context: Omit<Checking, 'problems'>,
): { people: Person[]; problems: Problem[] } {
  const checking: Checking = { ...context, problems: [] };
  const drafts = gather(checking, rows);
  const people = drafts.map(({ user, lines }, index) => personOf(checking, user, lines, index));
  return { people, problems: inOrder(checking.problems) };
}
