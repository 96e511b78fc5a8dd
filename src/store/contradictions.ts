import { sql } from 'kysely';
import type { Database } from './engine.ts';
import type { Scope } from './scope.ts';
import type { Contradiction, ContradictionReads, ContradictionWrites } from './types.ts';
import { ifGiven } from './values.ts';

export const contradictionReads = (db: Database): ContradictionReads => ({
  async ofRule({ rule, user, limit, after }) {
    const rows = await db
      .selectFrom('contradictions')
      .innerJoin('records', 'records.id', 'contradictions.record')
      .innerJoin('lines', 'lines.id', 'contradictions.line')
      .selectAll('contradictions')
      .where('contradictions.rule', '=', rule)
      // A voided record contradicts nothing.
      .where('records.voided_by', 'is', null)
      .where((row) => ifGiven(user, (id) => row('lines.user', '=', id)))
      .where(
        ifGiven(
          after,
          ({ found_at, record }) =>
            sql`(contradictions.found_at, contradictions.record) < (${found_at}, ${record})`,
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
    for (const contradiction of found) {
      await db
        .insertInto('contradictions')
        .values(contradiction)
        .onConflict((on) => on.columns(['record', 'kind']).doUpdateSet(contradiction))
        .execute();
    }
  },
  async forget({ record, kind }) {
    await db.deleteFrom('contradictions').where('record', '=', record).where('kind', '=', kind).execute();
  },
});
