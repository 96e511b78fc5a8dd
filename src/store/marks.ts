/** What a person has said about an agenda entry: that it is done, or to be reminded later. */
import type { Database } from './engine.ts';
import { touchLine } from './require.ts';
import type { Scope } from './scope.ts';
import type { Act, ActReads, ActWrites, Mark, MarkReads, MarkWrites } from './types.ts';
import { groupByKey, toJson } from './values.ts';

export const markReads = (db: Database): MarkReads => ({
  ofLines: (lines) =>
    groupByKey(
      lines,
      (chunk) => ofLines(db, chunk),
      ({ line }) => line,
      (row) => row as Mark,
    ),
});

const ofLines = (db: Database, lines: string[]) =>
  db
    .selectFrom('marks')
    .selectAll()
    .where('line', 'in', lines)
    .orderBy('line')
    .orderBy('kind')
    .orderBy('cycle')
    .execute();

export const markWrites = (scope: Scope): MarkWrites => ({
  async put(mark) {
    if (!(await touchLine(scope, mark.line))) return false;
    await scope.db
      .insertInto('marks')
      .values(mark)
      .onConflict((on) => on.columns(['line', 'kind', 'cycle']).doUpdateSet(mark))
      .execute();
    return true;
  },
  async remove({ line, kind, cycle }) {
    if (!(await touchLine(scope, line))) return;
    await scope.db
      .deleteFrom('marks')
      .where('line', '=', line)
      .where('kind', '=', kind)
      .where('cycle', '=', cycle)
      .execute();
  },
});

export const actReads = (db: Database): ActReads => ({
  async get(ticket) {
    const row = await db.selectFrom('acts').selectAll().where('ticket', '=', ticket).executeTakeFirst();
    return row ? { ...row, did: JSON.parse(row.did) } : null;
  },
  async ofLine(line) {
    const rows = await db.selectFrom('acts').selectAll().where('line', '=', line).execute();
    return rows.map((row) => ({ ...row, did: JSON.parse(row.did) }));
  },
});

export const actWrites = ({ db }: Scope): ActWrites => ({
  async put(act: Act) {
    const row = { ...act, did: toJson(act.did) };
    await db
      .insertInto('acts')
      .values(row)
      .onConflict((on) => on.column('ticket').doUpdateSet(row))
      .execute();
  },
  async remove(ticket) {
    const { numDeletedRows } = await db.deleteFrom('acts').where('ticket', '=', ticket).executeTakeFirst();
    return numDeletedRows > 0n;
  },
});

/** An act can be undone for a day; after a month nothing refers to it any more. */
const actMilliseconds = 30 * 24 * 60 * 60_000;

export const sweepActs = async ({ db, now }: Scope): Promise<void> => {
  const old = new Date(now() - actMilliseconds).toISOString();
  await db.deleteFrom('acts').where('at', '<', old).execute();
};
