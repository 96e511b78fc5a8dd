import type { Database } from './engine.ts';
import type { Scope } from './scope.ts';
import type { Contradiction, ContradictionReads, ContradictionWrites } from './types.ts';

export const contradictionReads = (db: Database): ContradictionReads => ({
  async ofRule({ rule, user, limit, after = null }) {
    const rows = await db
      .selectFrom('contradictions')
      .innerJoin('records', 'records.id', 'contradictions.record')
      .innerJoin('lines', 'lines.id', 'contradictions.line')
      .selectAll('contradictions')
      .where('contradictions.rule', '=', rule)
      // What is taken back contradicts nothing.
      .where('records.voided_by', 'is', null)
      .$if(user !== null, (query) => query.where('lines.user', '=', user as string))
      .$if(after !== null, (query) =>
        query.where((row) =>
          row.or([
            row('contradictions.found_at', '<', after!.found_at),
            row.and([
              row('contradictions.found_at', '=', after!.found_at),
              row('contradictions.record', '<', after!.record),
            ]),
          ]),
        ),
      )
      .orderBy('contradictions.found_at', 'desc')
      .orderBy('contradictions.record', 'desc')
      .limit(limit)
      .execute();
    return rows as Contradiction[];
  },
  async ofLine(line) {
    const rows = await db.selectFrom('contradictions').selectAll().where('line', '=', line).execute();
    return rows as Contradiction[];
  },
});

export const contradictionWrites = ({ db }: Scope): ContradictionWrites => ({
  async keep(found) {
    for (const one of found) {
      await db
        .insertInto('contradictions')
        .values(one)
        .onConflict((on) => on.columns(['record', 'kind']).doUpdateSet(one))
        .execute();
    }
  },
  async forget({ record, kind }) {
    await db.deleteFrom('contradictions').where('record', '=', record).where('kind', '=', kind).execute();
  },
});
