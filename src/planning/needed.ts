/** Where no plan is known: what would help all the same, and why it is no step of a plan. */
import type { Action } from '../retention/language.ts';
import { otherwiseOn } from './candidates.ts';
import type { Folding } from './folding.ts';
import { advance, lateOrNot, type SearchContext, type State, versionOn } from './search.ts';
import { isLate } from './target.ts';

type Needed = { reason: 'in_person' | 'abroad' | 'support' | 'no_action'; needed: Action | null };

const reasonOf = (action: Action): Needed['reason'] =>
  action.in_person || action.how === 'visit' || action.how === 'identify'
    ? 'in_person'
    : action.how === 'contact_support'
      ? 'support'
      : 'abroad';

/** The first of the actions which a plan leaves to the person that carries a state beyond its deadline. */
export function* neededFor(state: State, context: SearchContext): Folding<Needed> {
  const { late, deadline } = lateOrNot(state, context);
  const day = deadline ?? context.today;
  const others = otherwiseOn(versionOn(context.rule, day), state.timeline, day, context.terms);
  for (const candidate of others) {
    const next = yield* advance(state, context, [candidate], day, day);
    const helps = late ? !isLate(next.timeline) : next.deadline === null || next.deadline > day;
    if (helps) return { reason: reasonOf(candidate.action), needed: candidate.action };
  }
  return { reason: 'no_action', needed: null };
}
