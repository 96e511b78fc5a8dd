/** Finds deadlines: candidates come from the lines' stored edges, and each is confirmed by today's timeline. */
import { foldToday, ledgerOf, todayOf } from '../ledger.ts';
import { withTimeout } from '../lib/timeout.ts';
import { formatDay, formatDayOrNull } from '../retention/day.ts';
import type { LedgerRecord, Stage } from '../retention/record.ts';
import type { Line, LineEdge } from '../store/types.ts';
import { type App, withPinnedRules } from './context.ts';

/** The present stage of a line, and the last day to act in the line's own zone. */
type Deadline = {
  line: string;
  user: string;
  rule: string;
  stage: Stage;
  act_by: string;
  lost_on: string | null;
  provisional: boolean;
};

/** Where a page continues; unique, because a line has at most one edge a day. */
export type DeadlinePosition = Pick<LineEdge, 'act_by' | 'line'>;

/** Candidates read at once. Most are confirmed, except those of lines that were left to pass through several stages. */
const BATCH = 200;

/** A line's deadline by today's timeline; null if it has none, or its rule is gone. */
function deadlineOf(app: App, line: Line, records: LedgerRecord[]): Deadline | null {
  const booked = app.rulebook.rules.get(line.rule);
  if (!booked) return null;
  const timeline = foldToday(booked, line, records, app.clock());
  if (timeline.act_by === null) return null;
  return {
    line: line.id,
    user: line.user,
    rule: line.rule,
    stage: timeline.stage,
    act_by: formatDay(timeline.act_by),
    lost_on: formatDayOrNull(timeline.lost_on),
    provisional: timeline.provisional,
  };
}

const todayAt = (app: App, line: Line): string => {
  const booked = app.rulebook.rules.get(line.rule);
  return booked ? todayOf(line, booked, app.clock()) : '';
};

type ConfirmedEdge = { edge: LineEdge; deadline: Deadline };

/**
 * Selects the edges that are their line's act-by date today. If a node with newer rules has written a line's edges, the
 * first of those that is still ahead is taken instead.
 */
async function confirmEdges(app: App, edges: LineEdge[]): Promise<ConfirmedEdge[]> {
  const ids = [...new Set(edges.map(({ line }) => line))];
  const { lines, newer } = await app.store.snapshot(async (q) => {
    const ledgers = await q.records.ofLines(ids);
    const found = await q.lines.byIds(ids);
    return {
      lines: found.map((line) => ({ line, records: ledgerOf(ledgers.get(line.id) ?? []) })),
      newer: Map.groupBy(await q.edges.newer(app.release, ids), ({ line }) => line),
    };
  });
  const deadlines = new Map(
    lines.map(({ line, records }) => {
      const deadline = deadlineOf(app, line, records);
      const edgeAhead = newer.get(line.id)?.find(({ act_by }) => act_by >= todayAt(app, line));
      if (!deadline || !edgeAhead) return [line.id, deadline];
      const { act_by, lost_on, provisional } = edgeAhead;
      return [line.id, { ...deadline, act_by, lost_on, provisional }];
    }),
  );
  return edges.flatMap((edge) => {
    const deadline = deadlines.get(edge.line);
    return deadline && deadline.act_by === edge.act_by ? [{ edge, deadline }] : [];
  });
}

type Window = { after: string; before: string | null; user: string | null };

type Page = { items: Deadline[]; next: DeadlinePosition | null };

async function findPage(
  app: App,
  window: Window,
  limit: number,
  from: DeadlinePosition | null,
): Promise<Page> {
  const found: ConfirmedEdge[] = [];
  let place = from;
  for (;;) {
    const edges = await app.store.edges.between({ ...window, limit: BATCH, from: place });
    found.push(...(await confirmEdges(app, edges)));
    if (found.length > limit || edges.length < BATCH) break;
    place = edges.at(-1) ?? null;
  }
  const items = found.slice(0, limit);
  const last = items.at(-1)?.edge;
  const more = last && found.length > limit;
  return {
    items: items.map(({ deadline }) => deadline),
    next: more ? { act_by: last.act_by, line: last.line } : null,
  };
}

/** How long a request waits for edges to be recomputed, in milliseconds. */
const TIMEOUT = 20_000;

/** Thrown if recomputing all lines' edges after a change of rules takes longer than `TIMEOUT`. */
export class EdgesBehind extends Error {}

/**
 * Waits until no edges of older rules are left: with them, a line whose date has moved would be missing.
 * @throws EdgesBehind if that takes longer than `TIMEOUT`
 */
const waitForFreshEdges = (app: App, user: string | null): Promise<void> =>
  withTimeout(TIMEOUT, app.edges.waitUntilFresh(user), () => {
    throw new EdgesBehind('edges are still being computed');
  });

/**
 * A page of deadlines from rules and edges of one release; read again if the rules change meanwhile.
 * @throws EdgesBehind
 */
export async function deadlinePage(
  app: App,
  window: Window,
  limit: number,
  from: DeadlinePosition | null,
): Promise<Page> {
  for (;;) {
    const pinned = withPinnedRules(app);
    await waitForFreshEdges(app, window.user);
    const found = await findPage(pinned, window, limit, from);
    if (app.release === pinned.release) return found;
  }
}
