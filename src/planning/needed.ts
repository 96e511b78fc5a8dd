/** Where no plan is known: what would help all the same, and why it is no step of a plan. */
import type { Action } from '../retention/language.ts';
import { otherwiseOn } from './candidates.ts';
import { advance, lateOrNot, type Quest, type State, versionOn } from './search.ts';
import { isLate } from './target.ts';

type Needed = { reason: 'in_person' | 'abroad' | 'support' | 'no_action'; needed: Action | null };

const reasonOf = (action: Action): Needed['reason'] =>
  action.in_person || action.how === 'visit' || action.how === 'identify'
    ? 'in_person'
    : action.how === 'contact_support'
      ? 'support'
      : 'abroad';

/** The first of the actions which a plan leaves to the person that carries a state beyond its deadline. */
export function neededFor(state: State, quest: Quest): Needed {
  const { late, deadline } = lateOrNot(state, quest);
  const day = deadline ?? quest.today;
  const others = otherwiseOn(versionOn(quest.rule, day), state.timeline, day, quest.terms);
  const helps = others.find((candidate) => {
    const next = advance(state, quest, [candidate], day, day);
    return late ? !isLate(next.timeline) : next.deadline === null || next.deadline > day;
  });
  return helps
    ? { reason: reasonOf(helps.action), needed: helps.action }
    : { reason: 'no_action', needed: null };
}
