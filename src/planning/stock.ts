/**
 * Buying ahead: a product that is sold only until a day may add up, so that several of them now save dearer steps
 * later. The search acts only before deadlines and does not buy ahead by itself, so it is started again from each
 * stock.
 */
import { type Day, parseDay } from '../retention/index.ts';
import { candidatesOn } from './candidates.ts';
import type { Folding } from './folding.ts';
import type { Candidate } from './forms.ts';
import { advance, daysBefore, type SearchContext, type State, urgencyOf, versionOn } from './search.ts';

/** The most of one product that a plan buys at once. */
const MAX_AT_ONCE = 4;

function* clockEndsOn(state: State, day: Day, { fold }: SearchContext): Folding<string> {
  const { clocks } = yield* fold(state.steps, day);
  return JSON.stringify(clocks.map(({ ends }) => ends));
}

/** The states after a product was bought once, twice, and up to `MAX_AT_ONCE` times, as long as that moves a clock. */
function* buyRepeatedly(
  start: State,
  context: SearchContext,
  candidate: Candidate,
  day: Day,
  latest: Day,
): Folding<State[]> {
  const states: State[] = [];
  let state = start;
  let ends = yield* clockEndsOn(state, day, context);
  while (states.length < MAX_AT_ONCE && context.remaining.folds > 0 && context.remaining.inTotal > 0) {
    const next = yield* advance(state, context, [candidate], day, latest);
    const nextEnds = yield* clockEndsOn(next, day, context);
    if (nextEnds === ends) break;
    states.push(next);
    [state, ends] = [next, nextEnds];
  }
  return states;
}

/** The states after something that is sold only for a limited time was bought. */
export function* stockUp(start: State, context: SearchContext): Folding<State[]> {
  const { late, deadline } = urgencyOf(start, context);
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
      states.push(...(yield* buyRepeatedly(start, context, candidate, day, latest)));
    }
  }
  return states;
}
