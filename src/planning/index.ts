/**
 * Planning: the actions that keep a number at the least cost until a date. It proposes, and the engine decides: every
 * step is folded with those before it, and a plan counts as confirmed only where the engine, fed with it, sees no stage
 * graver than the present one, certain or not, before the date. No I/O, no clock.
 *
 * The search goes from the cheapest unfinished plan to the next, so the first that reaches the date is the cheapest of
 * those that act shortly before each deadline. What no source has a price for counts as the least, and is told.
 */
import {
  type CompiledRule,
  type Day,
  formatDay,
  GRAVITY,
  parseDay,
  type Timeline,
  timelineOf,
} from '../retention/index.ts';
import type { RetentionRule, Version } from '../retention/language.ts';
import type { LedgerRecord, Money } from '../retention/record.ts';
import { type Candidate, candidatesOn, type Terms } from './candidates.ts';

export type { Candidate } from './candidates.ts';

export type PlanInput = {
  rule: CompiledRule;
  records: readonly LedgerRecord[];
  facts: Readonly<Record<string, string | number | boolean>>;
  plan_price: Money | null;
  time_zone: string;
  as_of: string;
  until: string;
  /** Leave out what does not work from abroad. */
  from_abroad: boolean;
  /** That it can call and be called, or that it can at least be called: enough for codes. */
  keep: Keep;
};

export type Keep = 'calling' | 'receiving';

export type Step = Candidate & { on: Day /** The last day on which it would still do. */; latest_on: Day };

/** Why there is no plan: nothing is known of the line, it is lost, or nothing that a person can do helps. */
export type Reason = 'unknown' | 'lost' | 'no_action' | 'too_long';

export type Plan = {
  as_of: Day;
  until: Day;
  confirmed: boolean;
  reason: Reason | null;
  steps: Step[];
  /** Ten-thousandths of the rule's currency. */
  spent: number;
  credited: number;
  /** With the plan, and without it. */
  timeline: Timeline;
  undone: Timeline;
};

/** Days between acting and the last safe day, so that a payment that fails can be made again. */
export const MARGIN = 7;
const MOST_STEPS = 200;
const MOST_FOLDS = 1_500;

type State = {
  steps: Step[];
  timeline: Timeline;
  deadline: Day | null;
  cost: number;
  unknown: number;
  spent: number;
  credited: number;
};

const versionOn = (rule: RetentionRule, day: Day): Version => {
  const date = formatDay(day);
  return (rule.versions.findLast((version) => version.since <= date) ?? rule.versions[0]) as Version;
};

/** More than any known price: what must be bought at a price that no source has comes after what has one. */
const UNKNOWN_PRICE = 1e12;

/** What a step weighs; a call or a text of unknown price costs little, a product or a plan may not. */
const weightOf = ({ spent, credited, record }: Candidate): number =>
  credited + (spent ?? (record.type === 'activity' ? 0 : UNKNOWN_PRICE));

const unknowns = ({ spent, supposed, action }: Candidate): number =>
  Number(spent === null || supposed) + Number(action.from_abroad === 'unknown');

/** The last day before something that the plan is to keep off: a graver stage or, where it is enough to be reached, one without that. */
function deadlineOf(timeline: Timeline, keep: Keep): Day | null {
  if (keep === 'calling') return timeline.act_by;
  const present = GRAVITY[timeline.stage];
  const days = timeline.stages
    .filter(
      (entry) =>
        entry.stage !== 'reissuable' &&
        GRAVITY[entry.stage] > present &&
        (!entry.can_receive || GRAVITY[entry.stage] >= GRAVITY.suspended),
    )
    .map((entry) => (entry.from ?? entry.latest_from) as Day)
    .filter((from) => from > timeline.as_of);
  return days.length > 0 ? Math.min(...days) - 1 : null;
}

/** Less money first, then fewer unknown prices, then fewer steps. */
const cheaper = (a: State, b: State): number =>
  a.cost - b.cost || a.unknown - b.unknown || a.steps.length - b.steps.length || reach(b) - reach(a);

const reach = ({ deadline }: State): number => deadline ?? Number.MAX_SAFE_INTEGER;

const activationOf = (records: readonly LedgerRecord[]): Day | null => {
  const record = records.find(({ input }) => input.type === 'activated');
  return typeof record?.input.at === 'string' ? parseDay(record.input.at.slice(0, 10)) : null;
};

/** The cheapest plan that the engine confirms, or as much of one as it could find and why there is no more. */
export function planLine(input: PlanInput): Plan {
  const { rule, records, facts, plan_price, time_zone, as_of } = input;
  const [today, until] = [parseDay(as_of) as Day, parseDay(input.until) as Day];
  const terms: Terms = {
    plan_price,
    currency: rule.currency,
    activated: activationOf(records),
    from_abroad: input.from_abroad,
  };
  let folds = 0;
  const fold = (steps: readonly Step[]): Timeline => {
    folds++;
    const planned = steps.map(({ record }, i) => ({ id: `plan/${i}`, input: record }));
    return timelineOf(rule, {
      records: [...records, ...planned],
      facts,
      plan_price,
      time_zone,
      as_of,
      until: formatDay(until + 1),
    });
  };
  const undone = fold([]);
  const answer = (state: State, reason: Reason | null): Plan => ({
    as_of: today,
    until,
    confirmed: reason === null,
    reason,
    steps: state.steps,
    spent: state.spent,
    credited: state.credited,
    timeline: state.timeline,
    undone,
  });
  const start: State = {
    steps: [],
    timeline: undone,
    deadline: deadlineOf(undone, input.keep),
    cost: 0,
    unknown: 0,
    spent: 0,
    credited: 0,
  };
  if (undone.stage === 'lost' || undone.stage === 'reissuable') return answer(start, 'lost');
  if (undone.stage === 'unknown') return answer(start, 'unknown');

  const open: State[] = [start];
  /** For each reach, the least cost at which it was reached. */
  const reached: { reach: number; cost: number; unknown: number }[] = [];
  let furthest = start;
  while (open.length > 0) {
    const state = open.shift() as State;
    if (reach(state) > reach(furthest)) furthest = state;
    // What was missed already has to be made good today.
    const late = state.timeline.at_risk_since !== null;
    const deadline = late ? today : state.deadline;
    if (deadline === null || deadline >= until) return answer(state, null);
    if (
      !late &&
      reached.some((r) => r.reach >= deadline && r.cost <= state.cost && r.unknown <= state.unknown)
    )
      continue;
    if (!late) reached.push({ reach: deadline, cost: state.cost, unknown: state.unknown });
    if (state.steps.length >= MOST_STEPS || folds >= MOST_FOLDS) return answer(furthest, 'too_long');
    const last = state.steps.at(-1)?.on ?? today;
    const days = new Set([Math.max(deadline - MARGIN, last, Math.min(today + 1, deadline)), deadline]);
    for (const day of days) {
      let helped = false;
      for (const candidate of candidatesOn(versionOn(rule.rule, day), state.timeline, day, terms)) {
        const step: Step = { ...candidate, on: day, latest_on: deadline };
        const steps = [...state.steps, step];
        const timeline = fold(steps);
        const next = deadlineOf(timeline, input.keep);
        const better = late ? timeline.at_risk_since === null : (next ?? Number.POSITIVE_INFINITY) > deadline;
        if (!better || GRAVITY[timeline.stage] > GRAVITY[undone.stage]) continue;
        helped = true;
        insert(open, {
          steps,
          timeline,
          deadline: next,
          cost: state.cost + weightOf(step),
          unknown: state.unknown + unknowns(step),
          spent: state.spent + (step.spent ?? 0),
          credited: state.credited + step.credited,
        });
      }
      // The last day itself is only tried where nothing helps before it.
      if (helped) break;
    }
  }
  return answer(furthest, 'no_action');
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
