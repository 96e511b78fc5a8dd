/**
 * Laying in a stock: a product that is sold only until a day may add up, so that several of them now spare dearer steps
 * later. The search acts before deadlines only and would not buy ahead by itself; it is started again from each stock.
 */
import { type Day, parseDay } from '../retention/index.ts';
import { candidatesOn } from './candidates.ts';
import { advance, daysBefore, lateOrNot, type Quest, type State, versionOn } from './search.ts';

/** Of one product; more than this nobody would be told to buy at once. */
const MOST_AT_ONCE = 4;

const endsOn = (state: State, day: Day, { fold }: Quest): string =>
  JSON.stringify(fold(state.steps, day).clocks.map(({ ends }) => ends));

/** The states in which something that will not be sold for long has been bought, once and up to four times. */
export function stocked(start: State, quest: Quest): State[] {
  const { late, deadline } = lateOrNot(start, quest);
  if (late || deadline === null) return [];
  const actions = Object.values(versionOn(quest.rule, quest.today).actions);
  const closing = actions.flatMap(({ available }) =>
    available?.until ? [parseDay(available.until) ?? 0] : [],
  );
  return [...new Set(closing)]
    .filter((day) => day > quest.today && day < quest.until)
    .flatMap((last) => {
      const day = daysBefore(Math.min(deadline, last), start, quest)[0] ?? quest.today;
      const version = versionOn(quest.rule, day);
      return candidatesOn(version, start.timeline, day, quest.terms)
        .filter(({ action, record }) => action.available?.until !== undefined && record.type === 'purchase')
        .flatMap((candidate) => {
          const states: State[] = [];
          let state = start;
          while (states.length < MOST_AT_ONCE && quest.left.folds > 0) {
            const next = advance(state, quest, [candidate], day, Math.min(deadline, last));
            if (endsOn(next, day, quest) === endsOn(state, day, quest)) break;
            states.push(next);
            state = next;
          }
          return states;
        });
    });
}
