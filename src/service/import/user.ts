/** Imports one user's rows, all or nothing; existing objects, found by external_id or id, are updated. */
import { eventLoopYielder } from '../../lib/event-loop.ts';
import type { Line, Payment, Queries, User } from '../../store/types.ts';
import { type App, withPinnedRules } from '../context.ts';
import { reviewContradictions } from '../contradictions.ts';
import { rewriteEdges } from '../edges.ts';
import { matchesFields } from '../equivalence.ts';
import { checkLine } from '../line-checks.ts';
import { storedFields } from '../line-fields.ts';
import { type FieldError, MAX_ERRORS, Refusal } from '../refusal.ts';
import { importFeed } from './feeds.ts';
import type { Group } from './gather.ts';
import { linkRecords } from './links.ts';
import { importMark, type KnownMarks } from './marks.ts';
import { type ImportedPayment, importPayments } from './payments.ts';
import { importProofs } from './proof.ts';
import { importRecords } from './records.ts';
import { CONFLICTING_IDS, collectErrors, pastMoment, refuseRow } from './refuse.ts';
import type { LineRow, NumberedRow, PaymentRow, RecordRow, Row, UserRow } from './rows.ts';
import type { Import, Tally } from './tally.ts';

/** Creates the user of a row, or updates `known` or the user with its external_id or id. */
async function importUser({ app, q, tally }: Import, row: UserRow, number: number, known: User | null) {
  const { id, name, locale, time_zone } = row;
  const external_id = row.external_id ?? known?.external_id ?? null;
  const byExternalId = external_id === null ? null : await q.users.byExternalId(external_id);
  const byId = known ?? (id === undefined ? null : await q.users.get(id));
  if (byExternalId && byId && byExternalId.id !== byId.id) throw refuseRow(number, CONFLICTING_IDS);
  const present = byId ?? byExternalId;
  const fields = { name, locale, time_zone, external_id };
  if (present) {
    const same = matchesFields(present, fields);
    tally.users[same ? 'unchanged' : 'changed'] += 1;
    return same ? present : ((await q.users.update(present.id, fields)) ?? present);
  }
  if (id === undefined && external_id === null) {
    const mend = 'Give an `external_id`, so that importing twice makes nobody twice.';
    throw refuseRow(number, { pointer: '/external_id', detail: 'The person has no id of any kind.', mend });
  }
  tally.users.made += 1;
  return q.users.create({ ...fields, id, created_at: pastMoment(app, row.created_at, number, 'created_at') });
}

/** The user that the rows belong to, by the first row; a user's own key imports only into that user. */
async function userOf(work: Import, onlyUser: string | null, first: NumberedRow | undefined): Promise<User> {
  if (onlyUser === null) {
    const { row, number } = first as NumberedRow;
    if (row.object === 'user') return importUser(work, row, number, null);
    const mend = 'Begin with a `user` row.';
    throw refuseRow(number, { pointer: '/object', detail: 'It does not say whose this is.', mend });
  }
  const user = (await work.q.users.get(onlyUser)) as User;
  if (first?.row.object !== 'user') return user;
  const { row, number } = first;
  const named = row.id ?? row.external_id ?? onlyUser;
  if (named === onlyUser || (row.id === undefined && named === user.external_id)) {
    return importUser(work, row, number, user);
  }
  const mend = 'Leave other people out, or use an admin key.';
  throw refuseRow(number, { pointer: '', detail: "The key is another person's.", mend });
}

async function importLine(
  { app, q, tally }: Import,
  user: User,
  names: ReadonlySet<string | null | undefined>,
  row: LineRow,
  number: number,
): Promise<Line> {
  const { id, external_id } = row;
  const byExternalId = external_id === undefined ? null : await q.lines.byExternalId(user.id, external_id);
  const byId = id === undefined ? null : await q.lines.get(id);
  const present = byExternalId ?? byId;
  // A row with an id comes from an export, so its facts were accepted before.
  const errors = checkLine(app.rulebook, row, (name, value) =>
    present ? present.facts[name] === value : id !== undefined,
  );
  if (row.user !== undefined && !names.has(row.user)) {
    const mend = 'Put the row after the `user` row it belongs to.';
    errors.push({ pointer: '/user', detail: 'It is not the person whose rows these are.', mend });
  }
  if (byExternalId && byId && byExternalId.id !== byId.id) errors.push(CONFLICTING_IDS);
  if (present && (present.user !== user.id || present.rule !== row.rule)) {
    const mend = 'Give the line another id; a ported number is another line.';
    errors.push({ pointer: '/rule', detail: 'There is another line with this id.', mend });
  }
  if (!present && id === undefined && external_id === undefined) {
    const mend = 'Give an `external_id`, so that importing twice makes no line twice.';
    errors.push({ pointer: '/external_id', detail: 'The line has no id of any kind.', mend });
  }
  if (errors.length > 0) throw refuseRow(number, ...errors);
  const { rule, ...fields } = storedFields(row);
  if (present) {
    const same = matchesFields(present, fields);
    tally.lines[same ? 'unchanged' : 'changed'] += 1;
    return same ? present : ((await q.lines.update(present.id, fields)) ?? present);
  }
  tally.lines.made += 1;
  const created_at = pastMoment(app, row.created_at, number, 'created_at');
  return q.lines.create({ user: user.id, rule, ...fields, id, created_at });
}

/** Indexes a line by every id and external_id by which rows may refer to it. */
function indexLine(lines: Map<string, Line>, line: Line, row?: LineRow) {
  for (const name of [line.id, line.external_id, row?.id, row?.external_id]) if (name) lines.set(name, line);
}

/** The state of a user's import. */
type ImportState = {
  /** The user's lines, by every id and external_id. */
  lines: Map<string, Line>;
  /** Ids and external_ids of lines that were refused. */
  refused: Set<string>;
  changed: Map<string, Line>;
  /** Payments by the ids of their rows. */
  payments: Map<string, ImportedPayment>;
  marks: KnownMarks;
  /** By line: payments are imported after all lines, and records after all payments. */
  waiting: { payments: RowsByLine<PaymentRow>; records: RowsByLine<RecordRow> };
};

/** Rows by the line that they belong to. */
type RowsByLine<R> = Map<string, { line: Line; rows: { row: R; number: number }[] }>;

function enqueue<R>(waiting: RowsByLine<R>, line: Line, row: R, number: number) {
  const ofLine = waiting.get(line.id) ?? { line, rows: [] };
  ofLine.rows.push({ row, number });
  waiting.set(line.id, ofLine);
}

async function importLineRow(
  work: Import,
  user: User,
  names: ReadonlySet<string | null | undefined>,
  { lines, refused, changed }: ImportState,
  row: LineRow,
  number: number,
) {
  const ids = [row.id, row.external_id].filter((name) => name !== undefined);
  for (const name of ids) refused.add(name);
  const line = await importLine(work, user, names, row, number);
  for (const name of ids) refused.delete(name);
  indexLine(lines, line, row);
  changed.set(line.id, line);
}

const MISPLACED: FieldError = {
  pointer: '/object',
  detail: 'It stands alone.',
  mend: 'Put the parts of a proof right after it, and proofs after all else of a person.',
};
const UNKNOWN_LINE: FieldError = {
  pointer: '/line',
  detail: 'The person has no such line.',
  mend: 'Name a line of this person that stands before it, by external_id or id.',
};

/** `isOwners`: the import uses the user's own key. */
type UserImport = Import & { isOwners: boolean };

/** A row that belongs to a line. */
async function importRowOfLine(work: UserImport, state: ImportState, row: Row, number: number) {
  if (row.object !== 'record' && row.object !== 'payment' && row.object !== 'mark')
    throw refuseRow(number, MISPLACED);
  const line = state.lines.get(row.line);
  // The line was refused, so its rows cannot be checked.
  if (!line && state.refused.has(row.line)) return;
  if (!line) throw refuseRow(number, UNKNOWN_LINE);
  if (row.object === 'mark') return importMark(work, state.marks, line, row, number);
  state.changed.set(line.id, line);
  if (row.object === 'payment') enqueue(state.waiting.payments, line, row, number);
  else enqueue(state.waiting.records, line, row, number);
}

/** The initial state of an import, with the user's existing lines. */
async function initialState(q: Queries, user: User): Promise<ImportState> {
  const lines = new Map<string, Line>();
  for (const line of await q.lines.ofUser(user.id)) indexLine(lines, line);
  return {
    lines,
    refused: new Set(),
    changed: new Map(),
    payments: new Map(),
    marks: new Map(),
    waiting: { payments: new Map(), records: new Map() },
  };
}

/** Imports a user's rows except proofs. Refusals are added to `errors`. */
async function importUserRows(
  work: UserImport,
  user: User,
  state: ImportState,
  rows: NumberedRow[],
  errors: FieldError[],
) {
  // The user may have had another id where the rows were exported.
  const named = rows[0]?.row.object === 'user' ? rows[0].row : null;
  const names = new Set([user.id, user.external_id, named?.id, named?.external_id]);
  const yieldTurn = eventLoopYielder();
  for (const { row, number } of rows) {
    if (row.object === 'user') continue;
    await yieldTurn();
    await collectErrors(errors, async () => {
      if (row.object === 'line') await importLineRow(work, user, names, state, row, number);
      else if (row.object === 'feed') await importFeed(work, user, state.lines, row, number);
      else await importRowOfLine(work, state, row, number);
    });
  }
  for (const { line, rows: ofLine } of state.waiting.payments.values()) {
    const imported = await importPayments(work, line, ofLine, work.isOwners, errors);
    for (const one of imported) state.payments.set(one.row.id, one);
  }
  /** Lines whose records were refused: their payments cannot be linked with records. */
  const refusedLines = new Set<string>();
  for (const { line, rows: ofLine } of state.waiting.records.values()) {
    await yieldTurn();
    const isIn = await collectErrors(errors, () => importRecords(work, line, ofLine, state.payments));
    if (!isIn) refusedLines.add(line.id);
    state.changed.set(line.id, line);
  }
  const linkable = [...state.payments.values()].filter(({ line }) => !refusedLines.has(line.id));
  await linkRecords(work, linkable, errors);
}

/** Imports a user's proofs; without rows that name a user (`state` null), an admin's import may touch any payment. */
async function importUserProofs(
  work: UserImport,
  state: ImportState | null,
  { rows, proofs }: Group,
  isDryRun: boolean,
): Promise<void> {
  const payments = state?.payments ?? new Map<string, ImportedPayment>();
  const given = rows.flatMap(({ row }) => (row.object === 'payment' ? [row.id] : []));
  const refused = new Set(given.filter((id) => !payments.has(id)));
  // A line's external_id may equal another line's id.
  const isTheirs = ({ line }: Payment) => state === null || state.lines.get(line)?.id === line;
  await importProofs(work, proofs, { payments, refused, isTheirs }, isDryRun);
}

/**
 * Imports one user's group within a transaction, and counts it. If there are errors, throws a Refusal that names the
 * rows, and nothing is written. In a dry run, the files of proofs do not exist.
 */
export async function importUserGroup(
  running: App,
  q: Queries,
  onlyUser: string | null,
  group: Group,
  tally: Tally,
  isDryRun: boolean,
) {
  const app = withPinnedRules(running);
  const work = { app, q, tally, isOwners: onlyUser !== null };
  const errors: FieldError[] = [];
  let state: ImportState | null = null;
  const [first] = group.rows;
  if (first || onlyUser !== null) {
    const user = await userOf(work, onlyUser, first);
    // Lock the user: from here on, nobody else changes what the rows are compared with.
    await q.users.hold(user.id);
    state = await initialState(q, user);
    await importUserRows(work, user, state, group.rows, errors);
  }
  await collectErrors(errors, () => importUserProofs(work, state, group, isDryRun));
  if (errors.length > 0) throw new Refusal('invalid', errors.slice(0, MAX_ERRORS));
  const yieldTurn = eventLoopYielder();
  for (const line of state?.changed.values() ?? []) {
    await yieldTurn();
    const ledger = await q.records.ofLine(line.id);
    await rewriteEdges(app, q, line, ledger);
    const booked = app.rulebook.rules.get(line.rule);
    if (booked) await reviewContradictions(q, { booked, line, records: ledger, now: app.clock() });
  }
}
