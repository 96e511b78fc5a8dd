/**
 * Finds the stored lines whose dates move between two rulebooks: only lines whose rule differs, a page at a time by id.
 * Writes nothing and yields to the event loop.
 */
import { ledgerOf } from '../ledger.ts';
import { eventLoopYielder } from '../lib/event-loop.ts';
import { type Rulebook, ruleChanges } from '../rulebook/index.ts';
import type { Store } from '../store/types.ts';
import { collectMoves, type Tally } from './gather.ts';
import { type Move, moveOf } from './move.ts';

const PAGE = 200;

export type RulebookPair = { before: Rulebook; after: Rulebook };
type StoredMoves = { tally: Tally; gravest: readonly Move[] };
type Progress = (done: number, total: number) => void;

/** The changes of the rules that differ, each with the number of stored lines under it. */
export async function affectedRules(store: Store, { before, after }: RulebookPair) {
  const counts = await store.lines.countByRule();
  return ruleChanges(before, after).map((change) => ({ ...change, lines: counts.get(change.rule) ?? 0 }));
}

/** The lines under a rule with their records, a page at a time by their ids. */
async function* pagesOf(store: Store, rule: string) {
  for (let after: string | null = null; ; ) {
    const query = { rule, after, limit: PAGE };
    const page = await store.snapshot(async (q) => {
      const lines = await q.lines.ofRule(query);
      const ledgers = await q.records.ofLines(lines.map(({ id }) => id));
      return lines.map((line) => ({ line, records: ledgerOf(ledgers.get(line.id) ?? []) }));
    });
    yield page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.line.id ?? null;
  }
}

/** Folds every stored line whose rule differs over both rulebooks, and keeps the `limit` most serious moves. */
export async function storedMoves(
  store: Store,
  books: RulebookPair,
  { now, limit, onProgress = () => {} }: { now: Date; limit: number; onProgress?: Progress },
): Promise<StoredMoves> {
  const affected = (await affectedRules(store, books)).filter(({ lines }) => lines > 0);
  const total = affected.reduce((sum, { lines }) => sum + lines, 0);
  const moves = collectMoves(limit);
  const yieldTurn = eventLoopYielder();
  for (const { rule } of affected) {
    const pair = [books.before.rules.get(rule), books.after.rules.get(rule)] as const;
    for await (const page of pagesOf(store, rule)) {
      for (const { line, records } of page) {
        await yieldTurn();
        moves.add(moveOf(pair, line, records, now));
      }
      onProgress(moves.tally.lines, total);
    }
  }
  return { tally: moves.tally, gravest: moves.gravest() };
}
