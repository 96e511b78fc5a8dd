/**
 * A uniform-cost search: the cheapest unfinished plan is continued first, so that the first to reach the date is the
 * cheapest of those that act shortly before each deadline. A price that no source has counts as nothing for a call or
 * text and as more than any other for the rest; the plan says that it is not known.
 */
import { type Day, formatDay, GRAVITY, type Timeline } from '../retention/index.ts';
import type { RetentionRule, Version } from '../retention/language.ts';
import { candidatesOn, fundsOn } from './candidates.ts';
import type { Folding } from './folding.ts';
import type { Candidate, Terms } from './forms.ts';
import { movesOn } from './moves.ts';
import { deadlineOf, isLate, type Keep } from './target.ts';

export type Step = Candidate & {
  on: Day;
  /** The last day on which the step would still help. */
  latest_on: Day;
};

export type State = {
  steps: Step[];
  timeline: Timeline;
  deadline: Day | null;
  cost: number;
  unknown: number;
  spent: number;
  /** Paid in, less what the plan pays from the balance; negative if that was on the account before. */
  credited: number;
};

/** Why the search ended without a plan. */
type Stuck = 'no_action' | 'too_long';

/** The input of a search: the line, folded with steps as of a day, and what is asked for. */
export type SearchContext = {
  rule: RetentionRule;
  terms: Terms;
  keep: Keep;
  today: Day;
  until: Day;
  undone: Timeline;
  fold: (steps: readonly Candidate[], asOf?: Day) => Folding<Timeline>;
  /** Folds that may still be made: by this search, and by all of them. */
  remaining: { folds: number; inTotal: number };
  /** The limit of one search. */
  maxFolds: number;
};

/** Days between acting and the last safe day, so that a payment that fails can be made again. */
export const MARGIN_DAYS = 7;
const MAX_STEPS = 200;
/** The folds of one search; half as many if each folds `HALVING_REFOLDS` of the line's own records again. */
const MAX_FOLDS = 1_500;
const HALVING_REFOLDS = 200;
const MIN_FOLDS = 100;

/** How many folds a search may make if each folds `refoldedCount` of the line's own records again. */
export const maxFoldsOf = (refoldedCount: number): number =>
  Math.max(MIN_FOLDS, Math.floor(MAX_FOLDS / (1 + refoldedCount / HALVING_REFOLDS)));

export const versionOn = (rule: RetentionRule, day: Day): Version => {
  const date = formatDay(day);
  return (rule.versions.findLast((version) => version.since <= date) ?? rule.versions[0]) as Version;
};

/** More than any known price, so that what has a known price is preferred. */
const UNKNOWN_PRICE = 1e12;

/** What a step costs for good. A call or text of unknown price costs little; a product or a plan may not. */
const costOf = ({ spent, record }: Candidate): number =>
  spent ?? (record.type === 'activity' ? 0 : UNKNOWN_PRICE);

/** What stays on the account of what was paid in. */
export const keptOf = (credited: number): number => Math.max(0, credited);

const unknownCount = ({ spent, supposed, action }: Candidate): number =>
  Number(spent === null || supposed) + Number(action.from_abroad === 'unknown');

const deadlineOrMax = ({ deadline }: State): number => deadline ?? Number.MAX_SAFE_INTEGER;

/** Less money first, then fewer unknown prices, then fewer steps, then the later deadline. */
export const cheaper = (a: State, b: State): number =>
  a.cost - b.cost ||
  a.unknown - b.unknown ||
  a.steps.length - b.steps.length ||
  deadlineOrMax(b) - deadlineOrMax(a);

/** The state after some more steps. */
export function* advance(
  state: State,
  context: SearchContext,
  move: readonly Candidate[],
  on: Day,
  latest_on: Day,
): Folding<State> {
  const steps = [...state.steps, ...move.map((candidate): Step => ({ ...candidate, on, latest_on }))];
  const timeline = yield* context.fold(steps);
  const sum = (of: (candidate: Candidate) => number) =>
    move.reduce((total, candidate) => total + of(candidate), 0);
  const credited = state.credited + sum(({ credited }) => credited);
  return {
    steps,
    timeline,
    deadline: deadlineOf(timeline, context.keep),
    cost: state.cost + sum(costOf) + keptOf(credited) - keptOf(state.credited),
    unknown: state.unknown + sum(unknownCount),
    spent: state.spent + sum(({ spent }) => spent ?? 0),
    credited,
  };
}

/** Whether a deadline was already missed, and the day by which to act. */
export const urgencyOf = (state: State, context: SearchContext): { late: boolean; deadline: Day | null } => {
  const late = isLate(state.timeline);
  // What was missed already has to be made good today.
  return { late, deadline: late ? context.today : state.deadline };
};

/**
 * The days to act on before a deadline: one with a margin and, for when nothing helps before it, the deadline itself.
 */
export function daysBefore(deadline: Day, state: State, { today }: SearchContext): Day[] {
  const last = state.steps.at(-1)?.on ?? today;
  return [...new Set([Math.max(deadline - MARGIN_DAYS, last, Math.min(today + 1, deadline)), deadline])];
}

/**
 * The cheapest state that reaches the date, or the one that came furthest and why it is stuck. Gives up once no state
 * is cheaper than `other`, a plan that was found before.
 */
export function* search(
  start: State,
  context: SearchContext,
  other: State | null = null,
): Folding<{ state: State; stuck: Stuck | null }> {
  const { rule, terms, until, undone, remaining } = context;
  const open: State[] = [start];
  /** The deadlines that were reached, each with the least cost at which it was. */
  const reached: { deadline: number; cost: number; unknown: number }[] = [];
  let furthest = start;
  remaining.folds = context.maxFolds;
  while (open.length > 0) {
    const state = open.shift() as State;
    if (other !== null && cheaper(state, other) >= 0) break;
    const { late, deadline } = urgencyOf(state, context);
    if (deadline === null || deadline >= until) return { state, stuck: null };
    if (deadlineOrMax(state) > deadlineOrMax(furthest) || (isLate(furthest.timeline) && !late))
      furthest = state;
    if (!late) {
      const { cost, unknown } = state;
      if (reached.some((r) => r.deadline >= deadline && r.cost <= cost && r.unknown <= unknown)) continue;
      reached.push({ deadline, cost, unknown });
    }
    if (state.steps.length >= MAX_STEPS || remaining.folds <= 0 || remaining.inTotal <= 0)
      return { state: furthest, stuck: 'too_long' };
    for (const day of daysBefore(deadline, state, context)) {
      let helped = false;
      const version = versionOn(rule, day);
      const candidates = candidatesOn(version, state.timeline, day, terms);
      const funds = fundsOn(version, state.timeline, day, terms);
      for (const move of yield* movesOn(candidates, funds, state.steps, day, context.fold)) {
        const next = yield* advance(state, context, move, day, deadline);
        const better = late ? !isLate(next.timeline) : deadlineOrMax(next) > deadline;
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
