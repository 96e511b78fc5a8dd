/**
 * Whose dates move, over everything that is stored: a page of lines at a time by their ids, and only lines whose rule
 * differs. Nothing is written, and whoever else waits has a turn.
 */
import { ledgerOf } from '../ledger.ts';
import { type Rulebook, ruleChanges } from '../rulebook/index.ts';
import { breath } from '../store/breath.ts';
import type { Store } from '../store/types.ts';
import { gatherMoves, type Tally } from './gather.ts';
import { type Move, moveOf } from './move.ts';

const PAGE = 200;

export type Books = { before: Rulebook; after: Rulebook };
export type StoredMoves = { tally: Tally; gravest: readonly Move[] };
export type Progress = (done: number, total: number) => void;

/** The ids of the rules that differ, and how many stored lines are under each. */
export async function touchedRules(store: Store, { before, after }: Books) {
  const counts = await store.lines.countByRule();
  return ruleChanges(before, after).map((change) => ({ ...change, lines: counts.get(change.rule) ?? 0 }));
}

/** Folds every stored line whose rule differs over both rulebooks, and keeps the `most` gravest moves. */
export async function storedMoves(
  store: Store,
  books: Books,
  { now, most, onProgress = () => {} }: { now: Date; most: number; onProgress?: Progress },
): Promise<StoredMoves> {
  const touched = (await touchedRules(store, books)).filter(({ lines }) => lines > 0);
  const total = touched.reduce((sum, { lines }) => sum + lines, 0);
  const rules = touched.map(({ rule }) => rule);
  const moves = gatherMoves(most);
  const breathe = breath();
  for (let after: string | null = null; ; ) {
    const from: string | null = after;
    const [lines, ledgers] = await store.snapshot(async (q) => {
      const page = await q.lines.ofRules({ rules, after: from, limit: PAGE });
      return [page, await q.records.ofLines(page.map(({ id }) => id))] as const;
    });
    for (const line of lines) {
      await breathe();
      const pair = [books.before.rules.get(line.rule), books.after.rules.get(line.rule)] as const;
      moves.add(moveOf(pair, line, ledgerOf(ledgers.get(line.id) ?? []), now));
    }
    onProgress(moves.tally.lines, total);
    after = lines.at(-1)?.id ?? null;
    if (lines.length < PAGE) return { tally: moves.tally, gravest: moves.gravest() };
  }
}
