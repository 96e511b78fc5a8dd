/**
 * A line's edges: derived dates by which `GET /v1/deadlines` finds it. They are rewritten in the transaction of every
 * write to the line, and anew after the rules have changed.
 */
import { setImmediate } from 'node:timers/promises';
import { edgesOf, foldLine, ledgerOf, todayOf } from '../ledger.ts';
import { isStoreError } from '../store/errors.ts';
import type { Line, Queries, StoredRecord } from '../store/types.ts';
import type { App } from './context.ts';

/** Rewrites the edges of a line from its present ledger, read unless it is given; a line whose rule is gone has none. */
export async function rewriteEdges(app: App, q: Queries, line: Line, ledger?: StoredRecord[]): Promise<void> {
  const booked = app.rulebook.rules.get(line.rule);
  if (!booked) return q.edges.replace(line.id, app.release, []);
  const records = ledgerOf(ledger ?? (await q.records.ofLine(line.id)));
  const timeline = foldLine(booked, line, records, { as_of: todayOf(line, booked, app.clock()) });
  await q.edges.replace(line.id, app.release, edgesOf(timeline));
}

/** Makes a line's edges anew. One that cannot be folded is told in the log and has none: it must not hold up the others. */
async function refresh(app: App, { id, user }: Line): Promise<void> {
  try {
    await app.store.write(user, async (q) => {
      const line = await q.lines.get(id);
      if (line) await rewriteEdges(app, q, line);
    });
  } catch (error) {
    if (isStoreError(error, 'not_found')) return;
    if (isStoreError(error)) throw error;
    app.log.error({ err: error, line: id }, 'the edges of a line could not be made');
    await app.store.write(null, (q) => q.edges.replace(id, app.release, []));
  }
}

/** Makes the edges anew that an older release has made; ends early when the service closes. */
export async function refreshEdges(app: App, signal: AbortSignal): Promise<void> {
  for (;;) {
    const lines = await app.store.edges.behind(app.release, 50);
    if (lines.length === 0) return;
    for (const line of lines) {
      if (signal.aborted) return;
      await refresh(app, line);
      await setImmediate();
    }
  }
}
