/**
 * The search: from the cheapest unfinished plan to the next, so that the first to reach the date is the cheapest of
 * those that act shortly before each deadline. What no source has a price for counts as the least, and is told.
 */
import { type Day, formatDay, GRAVITY, type Timeline } from '../retention/index.ts';
import type { RetentionRule, Version } from '../retention/language.ts';
import { candidatesOn, fundsOn } from './candidates.ts';
import type { Folding } from './folding.ts';
import type { Candidate, Terms } from './forms.ts';
import { movesOn } from './moves.ts';
import { deadlineOf, isLate, type Keep } from './target.ts';

export type Step = Candidate & { on: Day /** The last day on which it would still do. */; latest_on: Day };

export type State = {
  steps: Step[];
  timeline: Timeline;
  deadline: Day | null;
  cost: number;
  unknown: number;
  spent: number;
  /** Paid in, less what was then paid from the balance: under zero where that was there before. */
  credited: number;
};

/** Why the search ended without a plan. */
type Stuck = 'no_action' | 'too_long';

/** What a search goes by: the line, folded with steps as they would be seen on a day, and what is asked. */
export type SearchContext = {
  rule: RetentionRule;
  terms: Terms;
  keep: Keep;
  today: Day;
  until: Day;
  undone: Timeline;
  fold: (steps: readonly Candidate[], asOf?: Day) => Folding<Timeline>;
  /** Folds that may still be made: by this search, and by all of them. */
  left: { folds: number; inAll: number };
  /** Of one search. */
  mostFolds: number;
};

/** Days between acting and the last safe day, so that a payment that fails can be made again. */
export const MARGIN = 7;
const MAX_STEPS = 200;
/** Folds of one search; where so many records have to be folded anew each time, it makes half as many. */
const MAX_FOLDS = 1_500;
const MANY_ANEW = 200;
const MIN_FOLDS = 100;

/** How many folds a search may make, where each folds so many of the line's own records anew. */
export const mostFoldsOf = (anew: number): number =>
  Math.max(MIN_FOLDS, Math.floor(MAX_FOLDS / (1 + anew / MANY_ANEW)));

export const versionOn = (rule: RetentionRule, day: Day): Version => {
  const date = formatDay(day);
  return (rule.versions.findLast((version) => version.since <= date) ?? rule.versions[0]) as Version;
};

/** More than any known price: what must be bought at a price that no source has comes after what has one. */
const UNKNOWN_PRICE = 1e12;

/** What of a step is gone; a call or a text of unknown price costs little, a product or a plan may not. */
const weightOf = ({ spent, record }: Candidate): number =>
  spent ?? (record.type === 'activity' ? 0 : UNKNOWN_PRICE);

/** What stays on the account of what was paid in. */
export const keptOf = (credited: number): number => Math.max(0, credited);

const unknowns = ({ spent, supposed, action }: Candidate): number =>
  Number(spent === null || supposed) + Number(action.from_abroad === 'unknown');

const reach = ({ deadline }: State): number => deadline ?? Number.MAX_SAFE_INTEGER;

/** Less money first, then fewer unknown prices, then fewer steps. */
export const cheaper = (a: State, b: State): number =>
  a.cost - b.cost || a.unknown - b.unknown || a.steps.length - b.steps.length || reach(b) - reach(a);

/** A state with some steps more. */
export function* advance(
  state: State,
  context: SearchContext,
  move: readonly Candidate[],
  on: Day,
  latest_on: Day,
): Folding<State> {
  const steps = [...state.steps, ...move.map((candidate): Step => ({ ...candidate, on, latest_on }))];
  const timeline = yield* context.fold(steps);
  const sum = (of: (candidate: Candidate) => number) => move.reduce((total, one) => total + of(one), 0);
  const credited = state.credited + sum((one) => one.credited);
  return {
    steps,
    timeline,
    deadline: deadlineOf(timeline, context.keep),
    cost: state.cost + sum(weightOf) + keptOf(credited) - keptOf(state.credited),
    unknown: state.unknown + sum(unknowns),
    spent: state.spent + sum(({ spent }) => spent ?? 0),
    credited,
  };
}

export const lateOrNot = (state: State, context: SearchContext): { late: boolean; deadline: Day | null } => {
  const late = isLate(state.timeline);
  // What was missed already has to be made good today.
  return { late, deadline: late ? context.today : state.deadline };
};

/** The days to act on before a deadline; the last itself is only for where nothing helps before it. */
export function daysBefore(deadline: Day, state: State, { today }: SearchContext): Day[] {
  const last = state.steps.at(-1)?.on ?? today;
  return [...new Set([Math.max(deadline - MARGIN, last, Math.min(today + 1, deadline)), deadline])];
}

/** The cheapest state that reaches the date, or the one that came furthest and why there is no more. Gives up where another plan is as cheap. */
export function* search(
  start: State,
  context: SearchContext,
  other: State | null = null,
): Folding<{ state: State; stuck: Stuck | null }> {
  const { rule, terms, until, undone, left } = context;
  const open: State[] = [start];
  /** For each reach, the least cost at which it was reached. */
  const reached: { reach: number; cost: number; unknown: number }[] = [];
  let furthest = start;
  left.folds = context.mostFolds;
  while (open.length > 0) {
    const state = open.shift() as State;
    if (other !== null && cheaper(state, other) >= 0) break;
    const { late, deadline } = lateOrNot(state, context);
    if (deadline === null || deadline >= until) return { state, stuck: null };
    if (reach(state) > reach(furthest) || (isLate(furthest.timeline) && !late)) furthest = state;
    if (!late) {
      const { cost, unknown } = state;
      if (reached.some((r) => r.reach >= deadline && r.cost <= cost && r.unknown <= unknown)) continue;
      reached.push({ reach: deadline, cost, unknown });
    }
    if (state.steps.length >= MAX_STEPS || left.folds <= 0 || left.inAll <= 0)
      return { state: furthest, stuck: 'too_long' };
    for (const day of daysBefore(deadline, state, context)) {
      let helped = false;
      const version = versionOn(rule, day);
      const candidates = candidatesOn(version, state.timeline, day, terms);
      const funds = fundsOn(version, state.timeline, day, terms);
      for (const move of yield* movesOn(candidates, funds, state.steps, day, context.fold)) {
        const next = yield* advance(state, context, move, day, deadline);
        const better = late ? !isLate(next.timeline) : reach(next) > deadline;
        if (!better || GRAVITY[next.timeline.stage] > GRAVITY[undone.stage]) continue;
        helped = true;
        insert(open, next);
      }
      if (helped) break;
    }
  }
  return { state: furthest, stuck: 'no_action' };
}

function insert(open: State[], state: State): void {
  let [low, high] = [0, open.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cheaper(open[middle] as State, state) <= 0) low = middle + 1;
    else high = middle;
  }
  open.splice(low, 0, state);
}
