/** For a line without a plan: which action would help all the same, and why it cannot be a step. */
import type { Action } from '../retention/language.ts';
import { unplannableOn } from './candidates.ts';
import type { Folding } from './folding.ts';
import { advance, type SearchContext, type State, urgencyOf, versionOn } from './search.ts';
import { isLate } from './target.ts';

type Needed = { reason: 'in_person' | 'abroad' | 'support' | 'no_action'; needed: Action | null };

const reasonOf = (action: Action): Needed['reason'] =>
  action.in_person || action.how === 'visit' || action.how === 'identify'
    ? 'in_person'
    : action.how === 'contact_support'
      ? 'support'
      : 'abroad';

/** The first of the actions that a plan leaves to the person that carries a state beyond its deadline. */
export function* neededFor(state: State, context: SearchContext): Folding<Needed> {
  const { late, deadline } = urgencyOf(state, context);
  const day = deadline ?? context.today;
  const others = unplannableOn(versionOn(context.rule, day), state.timeline, day, context.terms);
  for (const candidate of others) {
    const next = yield* advance(state, context, [candidate], day, day);
    const helps = late ? !isLate(next.timeline) : next.deadline === null || next.deadline > day;
    if (helps) return { reason: reasonOf(candidate.action), needed: candidate.action };
  }
  return { reason: 'no_action', needed: null };
}
