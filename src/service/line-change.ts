/** What follows when a line has changed, whichever way the change came. */
import type { Line, Queries } from '../store/types.ts';
import type { App } from './context.ts';
import { reviewContradictions } from './contradictions.ts';
import { rewriteEdges } from './edges.ts';
import { isEquivalent } from './equivalence.ts';
import { ledgerFor } from './record-checks.ts';

/** What of a line its dates depend on, beside its rule and its records. */
const termsOf = ({ facts, plan_price, time_zone }: Line) => ({ facts, plan_price, time_zone });

/** Derives anew what is derived from a line, within the transaction that has changed it from `before`. */
export async function afterLineChange(app: App, q: Queries, before: Line, line: Line): Promise<void> {
  await rewriteEdges(app, q, line);
  // Other facts may explain what was seen, or no longer do so; of another rule nothing was expected.
  const isOtherwise = line.rule === before.rule && !isEquivalent(termsOf(line), termsOf(before));
  if (isOtherwise && app.rulebook.rules.has(line.rule)) {
    await reviewContradictions(q, await ledgerFor({ app, q, line }));
  }
}
