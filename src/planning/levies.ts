/**
 * What the carrier takes from the account by itself while a plan runs: the part of the cost that belongs to no step.
 */
import type { Folding } from './folding.ts';
import type { SearchContext, State } from './search.ts';

/**
 * What was on the account and was paid in, less what is left at the end. Null if the balance is not known, or if a step
 * renews the plan, because that may or may not be paid from the balance.
 */
export function* takenUntil(state: State, { fold, until, undone }: SearchContext): Folding<number | null> {
  if (undone.balance === null || state.steps.some(({ record }) => record.type === 'plan_renewed'))
    return null;
  const end = (yield* fold(state.steps, until)).balance;
  return end === null ? null : Math.max(0, undone.balance + state.credited - end);
}
