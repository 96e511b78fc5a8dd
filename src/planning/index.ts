/**
 * Planning finds the cheapest actions that keep a number until a date. It proposes, and the engine decides: every step
 * is folded with those before it, and a plan is confirmed only if, with it, the engine sees before the date no stage
 * graver than the present one, certain or not, and none in which the number cannot be reached. No I/O, no clock.
 */
import {
  type CompiledRule,
  type Day,
  type Facts,
  formatDay,
  lookAhead,
  parseDay,
  readAt,
  standingRecords,
  type Timeline,
} from '../retention/index.ts';
import type { Action } from '../retention/language.ts';
import type { LedgerRecord, Money } from '../retention/record.ts';
import { type Folding, runToEnd } from './folding.ts';
import type { Candidate } from './forms.ts';
import { takenUntil } from './levies.ts';
import { neededFor } from './needed.ts';
import { cheaper, keptOf, maxFoldsOf, type SearchContext, type State, type Step, search } from './search.ts';
import { stockUp } from './stock.ts';
import { deadlineOf, type Keep } from './target.ts';

export { recordsFor } from './candidates.ts';
export { runInTurns } from './folding.ts';
export { keptOf, MARGIN_DAYS, type Step } from './search.ts';
export type { Keep } from './target.ts';

export type PlanInput = {
  rule: CompiledRule;
  records: readonly LedgerRecord[];
  facts: Facts;
  plan_price: Money | null;
  time_zone: string;
  as_of: string;
  until: string;
  /** Leave out what does not work from abroad. */
  from_abroad: boolean;
  keep: Keep;
};

/**
 * Why there is no plan: nothing is known about the line, it is lost, no action of the rule helps, one does but cannot
 * be planned (see `needed`) because it asks for the owner in person, a stay in the country or support, or the search
 * came to its limits.
 */
type Reason = 'unknown' | 'lost' | 'no_action' | 'in_person' | 'abroad' | 'support' | 'too_long';

export type Plan = {
  as_of: Day;
  until: Day;
  confirmed: boolean;
  reason: Reason | null;
  /** An action that would help but cannot be planned. */
  needed: Action | null;
  steps: Step[];
  /** Ten-thousandths of the rule's currency: gone for good, and paid in and still on the account. */
  spent: number;
  credited: number;
  /** What the carrier takes from the account by itself meanwhile; null if that is not known. */
  taken: number | null;
  /** With the plan, and without it. */
  timeline: Timeline;
  undone: Timeline;
};

const MAX_STOCKS = 12;
/** All searches of a plan together may make as many folds as this many full searches. */
const MAX_SEARCHES = 3;

/** The day of the first activation that is not voided; if that is doubtful, the latest that it may have been. */
function activationOf({ records, time_zone }: PlanInput): Day | null {
  const days = standingRecords(records)
    .filter(({ input }) => input.type === 'activated')
    .map(({ input }) => readAt(input.at, time_zone).latest);
  return days.length === 0 ? null : days.reduce((first, day) => Math.min(first, day));
}

function* contextOf(input: PlanInput): Folding<SearchContext> {
  const { rule, records, facts, plan_price, time_zone, as_of } = input;
  const [today, until] = [parseDay(as_of) as Day, parseDay(input.until) as Day];
  const line = { records, facts, plan_price, time_zone };
  const ahead = lookAhead(rule, { ...line, as_of, until: formatDay(until + 1) });
  const maxFolds = maxFoldsOf(ahead.refoldedCount);
  const remaining = { folds: maxFolds, inTotal: maxFolds * MAX_SEARCHES };
  function* fold(steps: readonly Candidate[], asOf = today): Folding<Timeline> {
    yield;
    remaining.folds--;
    remaining.inTotal--;
    return ahead.timeline(
      steps.map(({ record }, i) => ({ id: `plan/${i}`, input: record })),
      asOf,
    );
  }
  return {
    rule: rule.rule,
    terms: {
      plan_price,
      currency: rule.currency,
      activated: activationOf(input),
      from_abroad: input.from_abroad,
    },
    keep: input.keep,
    today,
    until,
    undone: yield* fold([]),
    fold,
    remaining,
    maxFolds,
  };
}

/** The cheapest plan that the engine confirms, or the furthest part of one and the reason why it ends there. */
export const planLine = (input: PlanInput): Plan => runToEnd(planning(input));

/** As {@link planLine}, fold by fold: see `runInTurns`. */
export function* planning(input: PlanInput): Folding<Plan> {
  const context = yield* contextOf(input);
  const { undone, today, until, keep } = context;
  function* answer(state: State, reason: Reason | null, needed: Action | null = null): Folding<Plan> {
    return {
      as_of: today,
      until,
      confirmed: reason === null,
      reason,
      needed,
      steps: state.steps,
      spent: state.spent,
      credited: keptOf(state.credited),
      taken: yield* takenUntil(state, context),
      timeline: state.timeline,
      undone,
    };
  }
  const start: State = {
    steps: [],
    timeline: undone,
    deadline: deadlineOf(undone, keep),
    cost: 0,
    unknown: 0,
    spent: 0,
    credited: 0,
  };
  if (undone.stage === 'lost' || undone.stage === 'reissuable') return yield* answer(start, 'lost');
  if (undone.stage === 'unknown') return yield* answer(start, 'unknown');

  const plain = yield* search(start, context);
  let best = plain.stuck === null ? plain.state : null;
  for (const stock of (yield* stockUp(start, context)).slice(0, MAX_STOCKS)) {
    const { state, stuck } = yield* search(stock, context, best);
    if (stuck === null && (best === null || cheaper(state, best) < 0)) best = state;
  }
  if (best) return yield* answer(best, null);
  const { reason, needed } = yield* neededFor(plain.state, context);
  return plain.stuck === 'no_action'
    ? yield* answer(plain.state, reason, needed)
    : yield* answer(plain.state, 'too_long');
}
