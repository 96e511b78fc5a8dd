/**
 * Laying in a stock: a product that is sold only until a day may add up, so that several of them now spare dearer steps
 * later. The search acts before deadlines only and would not buy ahead by itself; it is started again from each stock.
 */
import { type Day, parseDay } from '../retention/index.ts';
import { candidatesOn } from './candidates.ts';
import type { Folding } from './folding.ts';
import type { Candidate } from './forms.ts';
import { advance, daysBefore, lateOrNot, type SearchContext, type State, versionOn } from './search.ts';

/** Of one product; more than this nobody would be told to buy at once. */
const MAX_AT_ONCE = 4;

function* endsOn(state: State, day: Day, { fold }: SearchContext): Folding<string> {
  const { clocks } = yield* fold(state.steps, day);
  return JSON.stringify(clocks.map(({ ends }) => ends));
}

/** The states in which something has been bought, once and up to four times, as long as that moves anything. */
function* bought(
  start: State,
  context: SearchContext,
  candidate: Candidate,
  day: Day,
  latest: Day,
): Folding<State[]> {
  const states: State[] = [];
  let state = start;
  let ends = yield* endsOn(state, day, context);
  while (states.length < MAX_AT_ONCE && context.left.folds > 0 && context.left.inAll > 0) {
    const next = yield* advance(state, context, [candidate], day, latest);
    const then = yield* endsOn(next, day, context);
    if (then === ends) break;
    states.push(next);
    [state, ends] = [next, then];
  }
  return states;
}

/** The states in which something that will not be sold for long has been bought. */
export function* stocked(start: State, context: SearchContext): Folding<State[]> {
  const { late, deadline } = lateOrNot(start, context);
  if (late || deadline === null) return [];
  const actions = Object.values(versionOn(context.rule, context.today).actions);
  const closing = actions.flatMap(({ available }) =>
    available?.until ? [parseDay(available.until) ?? 0] : [],
  );
  const states: State[] = [];
  for (const last of new Set(closing)) {
    if (last <= context.today || last >= context.until) continue;
    const latest = Math.min(deadline, last);
    const day = daysBefore(latest, start, context)[0] ?? context.today;
    const version = versionOn(context.rule, day);
    for (const candidate of candidatesOn(version, start.timeline, day, context.terms)) {
      const { action, record } = candidate;
      if (action.available?.until === undefined || record.type !== 'purchase') continue;
      states.push(...(yield* bought(start, context, candidate, day, latest)));
    }
  }
  return states;
}
