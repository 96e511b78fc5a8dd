/** Updates derived data after a change of a line. */
import type { Line, Queries } from '../store/types.ts';
import type { App } from './context.ts';
import { reviewContradictions } from './contradictions.ts';
import { rewriteEdges } from './edges.ts';
import { isEquivalent } from './equivalence.ts';
import { ledgerFor } from './record-checks.ts';

/** The fields that a line's dates depend on, besides its rule and records. */
const termsOf = ({ facts, plan_price, time_zone }: Line) => ({ facts, plan_price, time_zone });

/** Recomputes a line's derived data, within the transaction that has changed it from `before`. */
export async function afterLineChange(app: App, q: Queries, before: Line, line: Line): Promise<void> {
  await rewriteEdges(app, q, line);
  // Other facts may explain what was seen, or no longer do so. Under another rule there were no expectations.
  const hasChangedTerms = line.rule === before.rule && !isEquivalent(termsOf(line), termsOf(before));
  if (hasChangedTerms && app.rulebook.rules.has(line.rule)) {
    await reviewContradictions(q, await ledgerFor({ app, q, line }));
  }
}
