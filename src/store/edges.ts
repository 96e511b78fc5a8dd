import { sql } from 'kysely';
import type { Stage } from '../retention/record.ts';
import type { Database } from './engine.ts';
import { toLine } from './lines.ts';
import type { Scope } from './scope.ts';
import type { EdgeReads, EdgeWrites } from './types.ts';
import { chunks } from './values.ts';

export const edgeReads = (db: Database): EdgeReads => ({
  async between({ after, before, user, limit, from }) {
    const rows = await db
      .selectFrom('edges')
      .innerJoin('lines', 'lines.id', 'edges.line')
      .selectAll('edges')
      .select(['lines.user', 'lines.rule'])
      .$if(after != null, (query) => query.where('edges.act_by', '>=', after!))
      .$if(before != null, (query) => query.where('edges.act_by', '<=', before!))
      .$if(user != null, (query) => query.where('lines.user', '=', user!))
      .$if(from != null, (query) =>
        query.where(
          sql<boolean>`(edges.act_by, edges.line, edges.position) > (${from!.act_by}, ${from!.line}, ${from!.position})`,
        ),
      )
      .orderBy('edges.act_by')
      .orderBy('edges.line')
      .orderBy('edges.position')
      .limit(limit)
      .execute();
    return rows.map((row) => ({ ...row, stage: row.stage as Stage, provisional: row.provisional === 1 }));
  },
  async behind(release, limit) {
    const rows = await db
      .selectFrom('lines')
      .selectAll()
      .where('edges_release', '<', release)
      .orderBy('edges_release')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(toLine);
  },
});

export const edgeWrites = ({ db }: Scope): EdgeWrites => ({
  async replace(line, release, edges) {
    const { numUpdatedRows } = await db
      .updateTable('lines')
      .set({ edges_release: release })
      .where('id', '=', line)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    await db.deleteFrom('edges').where('line', '=', line).execute();
    const rows = edges.map((edge, position) => ({
      line,
      position,
      act_by: edge.act_by,
      stage: edge.stage,
      lost_on: edge.lost_on,
      provisional: edge.provisional ? 1 : 0,
    }));
    for (const some of chunks(rows)) await db.insertInto('edges').values(some).execute();
  },
});
