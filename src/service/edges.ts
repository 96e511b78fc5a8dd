/**
 * A line's edges: derived dates by which `GET /v1/deadlines` finds it. They are rewritten in the transaction of every
 * write to the line, and recomputed after the rules have changed.
 */
import { setImmediate } from 'node:timers/promises';
import { edgesOf, foldLine, ledgerOf, recordsUpTo, todayOf, zoneOf } from '../ledger.ts';
import { isStoreError } from '../store/errors.ts';
import type { Line, Queries, StoredRecord } from '../store/types.ts';
import type { App } from './context.ts';
import { reviewContradictions } from './contradictions.ts';

/**
 * Rewrites the edges of a line from its present ledger, which is read unless it is given; a line whose rule is gone has
 * none. A record dated tomorrow, entered where that day has begun, counts only from then on: so the edges with and
 * without such records are stored.
 */
export async function rewriteEdges(app: App, q: Queries, line: Line, ledger?: StoredRecord[]): Promise<void> {
  const { rulebook, release } = app;
  const booked = rulebook.rules.get(line.rule);
  if (!booked) return q.edges.replace(line.id, release, []);
  const records = ledgerOf(ledger ?? (await q.records.ofLine(line.id)));
  const as_of = todayOf(line, booked, app.clock());
  const history = recordsUpTo(records, as_of, zoneOf(line, booked));
  const ledgers = history.length === records.length ? [records] : [history, records];
  const edges = ledgers.flatMap((some) => edgesOf(foldLine(booked, line, some, { as_of })));
  await q.edges.replace(line.id, release, [...new Map(edges.map((edge) => [edge.act_by, edge])).values()]);
}

/**
 * Recomputes a line's edges, and compares what was seen with the present rules. If the line cannot be folded, the error
 * is logged and it gets no edges, so that it does not block the others.
 */
async function refresh(app: App, { id, user }: Line): Promise<void> {
  try {
    // The owner's revision stays: a change of derived data does not require republishing.
    await app.store.write(null, async (q) => {
      if (!(await q.users.hold(user))) return;
      const line = await q.lines.get(id);
      if (!line) return;
      const records = await q.records.ofLine(id);
      await rewriteEdges(app, q, line, records);
      const booked = app.rulebook.rules.get(line.rule);
      if (booked) await reviewContradictions(q, { booked, line, records, now: app.clock() });
    });
  } catch (error) {
    if (isStoreError(error)) throw error;
    app.log.error({ err: error, line: id }, 'the edges of a line could not be made');
    await app.store.write(null, (q) => q.edges.replace(id, app.release, []));
  }
}

/** Recomputes the edges of older releases, for all users or one. */
async function refreshAll(app: App, user: string | null, signal: AbortSignal): Promise<void> {
  for (;;) {
    const lines = await app.store.edges.behind(app.release, 50, user);
    if (lines.length === 0) return;
    for (const line of lines) {
      if (signal.aborted) return;
      await refresh(app, line);
      await setImmediate();
    }
  }
}

/** Lines whose edges one statement carries over to the new release. */
const CARRY_BATCH = 2_000;

export type EdgeKeeper = {
  /** Resolves when no edge of the user, or of all users (null), is of an older release; or when it is stopped. */
  waitUntilFresh(user: string | null): Promise<void>;
  /** After a change of rules: lines under an unchanged rule (`same`) keep their edges. */
  carry(from: number, to: number, same: readonly string[]): Promise<void>;
  stop(): Promise<void>;
};

/** Keeps edges up to date with the running rules. All who wait for all users' edges share one run. */
export function createEdgeKeeper(running: () => App): EdgeKeeper {
  const stopping = new AbortController();
  const { signal } = stopping;
  let underWay: Promise<void> | null = null;
  const track = (work: Promise<void>): Promise<void> => {
    const tracked = work.finally(() => {
      if (underWay === tracked) underWay = null;
    });
    underWay = tracked;
    return tracked;
  };
  const refreshEverybody = () => underWay ?? track(refreshAll(running(), null, signal));

  return {
    async waitUntilFresh(user) {
      const app = running();
      while (!signal.aborted && (await app.store.edges.behind(app.release, 1, user)).length > 0) {
        await (user === null ? refreshEverybody() : refreshAll(app, user, signal));
      }
    },
    carry(from, to, same) {
      const app = running();
      const before = underWay?.catch(() => undefined) ?? Promise.resolve();
      const carry = async () => {
        for (let carried = CARRY_BATCH; carried === CARRY_BATCH && !signal.aborted; ) {
          const query = { from, to, rules: same, limit: CARRY_BATCH };
          carried = await app.store.write(null, (q) => q.edges.carry(query));
          await setImmediate();
        }
      };
      return track(before.then(carry));
    },
    async stop() {
      stopping.abort();
      await underWay?.catch(() => undefined);
    },
  };
}
