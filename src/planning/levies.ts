/** What the carrier takes from the account by itself while a plan runs: the part of its cost that is nobody's step. */
import type { Folding } from './folding.ts';
import type { SearchContext, State } from './search.ts';

/**
 * What the account lacks at the end of what was there and was paid in; null where the balance is not known, or where
 * a renewal may have been paid from it or not.
 */
export function* takenUntil(state: State, { fold, until, undone }: SearchContext): Folding<number | null> {
  if (undone.balance === null || state.steps.some(({ record }) => record.type === 'plan_renewed'))
    return null;
  const end = (yield* fold(state.steps, until)).balance;
  return end === null ? null : Math.max(0, undone.balance + state.credited - end);
}
