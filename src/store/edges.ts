import { type Selectable, sql } from 'kysely';
import type { Stage } from '../retention/record.ts';
import type { Database } from './engine.ts';
import { toLine } from './lines.ts';
import type { Tables } from './schema.ts';
import type { Scope } from './scope.ts';
import type { EdgeReads, EdgeWrites, LineEdge } from './types.ts';
import { chunks, ifGiven } from './values.ts';

type Row = Selectable<Tables['edges']> & { user: string; rule: string };
const toEdge = (row: Row): LineEdge => ({
  ...row,
  stage: row.stage as Stage,
  provisional: row.provisional === 1,
});

export const edgeReads = (db: Database): EdgeReads => ({
  async between({ after, before, user, limit, from }) {
    const rows = await db
      .selectFrom('edges')
      .innerJoin('lines', 'lines.id', 'edges.line')
      .selectAll('edges')
      .select(['lines.user', 'lines.rule'])
      .where((row) => ifGiven(after, (day) => row('edges.act_by', '>=', day)))
      .where((row) => ifGiven(before, (day) => row('edges.act_by', '<=', day)))
      .where((row) => ifGiven(user, (id) => row('lines.user', '=', id)))
      .where(ifGiven(from, ({ act_by, line }) => sql`(edges.act_by, edges.line) > (${act_by}, ${line})`))
      .orderBy('edges.act_by')
      .orderBy('edges.line')
      .orderBy('edges.position')
      .limit(limit)
      .execute();
    return rows.map(toEdge);
  },
  async newer(release, lines) {
    const edges: LineEdge[] = [];
    for (const chunk of chunks(lines)) {
      const rows = await db
        .selectFrom('edges')
        .innerJoin('lines', 'lines.id', 'edges.line')
        .selectAll('edges')
        .select(['lines.user', 'lines.rule'])
        .where('lines.id', 'in', chunk)
        .where('lines.edges_release', '>', release)
        .orderBy('edges.line')
        .orderBy('edges.position')
        .execute();
      edges.push(...rows.map(toEdge));
    }
    return edges;
  },
  async behind(release, limit, user) {
    const rows = await db
      .selectFrom('lines')
      .selectAll()
      .where('edges_release', '<', release)
      .where((row) => ifGiven(user, (id) => row('user', '=', id)))
      .orderBy('edges_release')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(toLine);
  },
});

export const edgeWrites = ({ db, engine }: Scope): EdgeWrites => ({
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
    for (const chunk of chunks(rows)) await db.insertInto('edges').values(chunk).execute();
  },
  async carry({ from, to, rules, limit }) {
    if (rules.length === 0) return 0;
    const candidates = db
      .selectFrom('lines')
      .select('id')
      .where('edges_release', '=', from)
      .where('rule', 'in', rules)
      .orderBy('id')
      .limit(limit)
      // Skips lines that are being written, without waiting: those writes recompute their edges.
      .$if(engine === 'postgres', (query) => query.forUpdate().skipLocked());
    const { numUpdatedRows } = await db
      .updateTable('lines')
      .set({ edges_release: to })
      .where('id', 'in', candidates)
      .where('edges_release', '=', from)
      .executeTakeFirst();
    return Number(numUpdatedRows);
  },
});
