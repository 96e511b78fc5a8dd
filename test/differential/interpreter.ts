/**
 * A second engine, to find the first one's errors: the same rules, read off the YAML words and stepped through day by
 * day. It jumps nowhere, keeps no agenda of what comes next, and takes each fee on its day. Slow on purpose.
 */

import { civil, type Span } from '../../src/retention/day.ts';
import { addMonths, addSpan, parsePrice, parseSpan } from '../../src/retention/index.ts';
import type { Charge, Clock, RetentionRule, Runs, StageRule, Version } from '../../src/retention/language.ts';
import type { LedgerRecord, Stage } from '../../src/retention/record.ts';
import { inOrder, type Reading, type Seen, sumsOf, type Way, wayOf } from './matching.ts';

const NEVER = 2 ** 29;
const ORDER: Stage[] = [
  'active',
  'restricted',
  'fee_running',
  'receive_only',
  'suspended',
  'lost',
  'reissuable',
];
const grave = (stage: Stage): number => ORDER.indexOf(stage);

export type Given = {
  rule: RetentionRule;
  records: readonly LedgerRecord[];
  facts: Readonly<Record<string, string | number | boolean>>;
  planPrice: number | null;
  zone: string;
  asOf: number;
  until: number;
};

type State = {
  name: string;
  /** The words by which it runs: those of the version in which something last set it. */
  clock: Clock | null;
  started: boolean;
  end: number;
  start: number;
  anchor: number;
  months: number;
  stage: number;
  lastGood: number;
  feeFrom: number;
  empty: boolean;
  charged: boolean;
  risk: number;
  times: number;
  chargedOn: number;
  refusedAt: number;
  activatedOn: number;
  setBy: Seen | null;
  monthlyOn: number;
  levyFrom: number;
  levies: number;
  spent: number;
  spentFor: number;
  pausedFrom: number;
  pausedUntil: number;
  pausedEnd: number;
  heldFrom: number;
  waiting: Seen | null;
  charges: Seen[];
};

const fresh = (name: string): State => ({
  name,
  clock: null,
  started: false,
  end: NEVER,
  start: 0,
  anchor: 0,
  months: 0,
  stage: -1,
  lastGood: 0,
  feeFrom: NEVER,
  empty: false,
  charged: false,
  risk: NEVER,
  times: 0,
  chargedOn: -NEVER,
  refusedAt: -NEVER,
  activatedOn: -NEVER,
  setBy: null,
  monthlyOn: NEVER,
  levyFrom: NEVER,
  levies: 0,
  spent: 0,
  spentFor: NEVER,
  pausedFrom: NEVER,
  pausedUntil: NEVER,
  pausedEnd: NEVER,
  heldFrom: NEVER,
  waiting: null,
  charges: [],
});

export type Told = {
  /** Each certain stage that was entered, with its day. */
  certain: { stage: Stage; day: number }[];
  may: { stage: Stage; day: number; clock: string }[];
  /** The stage on the evening of as_of, and the last good day of each clock then; null: not known, or never. */
  stage: Stage;
  ends: Record<string, number | null>;
};

/** One reading of a ledger. */
export function interpret(given: Given, reading: Reading): Told {
  const { rule, facts, asOf, until } = given;
  const latest = reading === 'latest';
  const settle = <T>(value: T | { earliest: T; latest: T }): T =>
    typeof value === 'object' && value !== null && 'earliest' in value ? value[reading] : (value as T);
  const records = inOrder(given.records, given.zone, reading);
  // Clocks that end with others come after them.
  const names = [
    ...new Set(
      rule.versions.flatMap((version) =>
        Object.entries(version.clocks)
          .sort(([, a], [, b]) => Number(!!a.ends_with) - Number(!!b.ends_with))
          .map(([name]) => name),
      ),
    ),
  ];
  const states = new Map(names.map((name) => [name, fresh(name)]));
  const all = [...states.values()];
  const activated = Math.min(
    NEVER,
    ...records.filter(({ input }) => input.type === 'activated').map(({ day }) => day),
  );
  let index = 0;
  let known = false;
  let balance = 0;
  let planPrice = given.planPrice;
  let said: { stage: Stage; over: number } | null = null;
  let present: Stage = 'unknown';
  let today = 0;
  const certain: Told['certain'] = [];
  let may: (Told['may'][number] & { state: State })[] = [];
  const applied: Seen[] = [];

  const version = (): Version => rule.versions[index] as Version;
  const applies = (clock: Clock): boolean => {
    const when = clock.applies_if;
    if (!when) return true;
    if (Object.entries(when.facts ?? {}).some(([name, value]) => facts[name] !== value)) return false;
    if (when.activated_before && activated >= dayOf(when.activated_before)) return false;
    return !when.activated_from || (activated !== NEVER && activated >= dayOf(when.activated_from));
  };
  const watched = (name: string, clocks: Record<string, Clock>): boolean =>
    Object.values(clocks).some(
      (other) =>
        applies(other) &&
        (other.paused_while === name ||
          [
            ...(other.ends_with && 'all' in other.ends_with ? other.ends_with.all : []),
            ...(other.ends_with && 'any' in other.ends_with ? other.ends_with.any : []),
          ].includes(name) ||
          other.ended?.some((stage) => stage.unless_ended === name)),
    );
  /** The words in force for a clock of this line, or null. */
  const wordsOf = (name: string): Clock | null => {
    const { clocks } = version();
    const clock = clocks[name];
    if (!clock || !applies(clock)) return null;
    const conditional = Object.values(clocks).some((one) => one.applies_if);
    if (
      conditional &&
      rule.versions.length === 1 &&
      !clock.ended?.length &&
      !clock.charge &&
      !watched(name, clocks)
    )
      return null;
    return clock;
  };
  const dayOf = (date: string): number => Math.floor(Date.parse(`${date}T00:00:00Z`) / 86_400_000);
  const inclusive = (clock: Clock): number => (settle(clock.counting ?? 'exclusive') === 'inclusive' ? 1 : 0);
  const kindOf = (clock: Clock) =>
    clock.runs_while
      ? 'balance'
      : clock.ends_on
        ? 'date'
        : clock.ends_with
          ? 'clocks'
          : !clock.restarts_on && clock.shows
            ? 'shown'
            : 'records';
  const taken = (charge: Charge): number | null => {
    const take = settle(charge.take);
    return take === 'plan_price' ? planPrice : parsePrice(take).amount;
  };
  const monthsOf = (span: Span) => (span.unit === 'month' ? span.count : 0);
  const isPast = (state: State | undefined, day: number) => (state?.started ? state.end < day : !latest);

  const withdraw = (state: State) => {
    may = may.filter((entry) => entry.state !== state);
  };
  const run = (state: State, clock: Clock, end: number, setBy: Seen | null): void => {
    if (state.stage >= 0) withdraw(state);
    Object.assign(state, {
      clock,
      started: true,
      end,
      setBy,
      stage: -1,
      feeFrom: NEVER,
      empty: false,
      charged: false,
      risk: NEVER,
      times: clock.charge?.times ?? (clock.charge ? NEVER : 0),
      chargedOn: -NEVER,
      refusedAt: -NEVER,
      pausedFrom: NEVER,
      heldFrom: NEVER,
      waiting: null,
    });
  };
  const runFrom = (state: State, clock: Clock, end: number, setBy: Seen | null, from: number, months = 0) => {
    run(state, clock, end, setBy);
    Object.assign(state, { start: from, anchor: from, months });
  };
  const stop = (state: State, clock: Clock) => {
    run(state, clock, NEVER, null);
    state.started = false;
  };
  const spanOf = (runs: Runs | undefined, record: Seen): Span | null => {
    if (runs === undefined) return null;
    if (typeof runs === 'string' || 'earliest' in runs) return parseSpan(settle(runs));
    if (runs.by === 'fact') {
      const days = facts[runs.fact];
      return typeof days === 'number' && Number.isInteger(days) && days > 0 && days < 100_000
        ? { count: days, unit: 'day' }
        : null;
    }
    if (runs.by === 'product') {
      const product = 'product' in record.input ? record.input.product : undefined;
      const span = product === undefined ? undefined : runs.tiers[product];
      return span === undefined ? null : parseSpan(span);
    }
    let amount = runs.by === 'amount' || !known ? record.amount : balance;
    if (runs.by === 'balance' && !known && latest) amount = Number.POSITIVE_INFINITY;
    if (amount === null) return null;
    const reached = Object.entries(runs.tiers)
      .map(([least, span]) => ({ least: parsePrice(least).amount, span }))
      .filter(({ least }) => least <= (amount as number))
      .sort((a, b) => b.least - a.least)[0];
    return reached ? parseSpan(reached.span) : null;
  };
  const lengthen = (state: State, clock: Clock, span: Span) => {
    if (span.unit === 'day') {
      state.end += span.count;
      state.months = 0;
      return;
    }
    if (state.months === 0) state.anchor = state.end + inclusive(clock);
    state.months += span.count;
    state.end = addMonths(state.anchor, state.months, clock.month_end) - inclusive(clock);
  };
  const dated = (clock: Clock) =>
    JSON.stringify(clock.restarts_on ?? []).includes('"from":') ||
    (clock.restarts_on ?? []).some((reference) => {
      const list = typeof reference === 'object' && 'on' in reference ? [reference.on].flat() : [reference];
      return list.some((one) => typeof one === 'string' && JSON.stringify(expand(one)).includes('"from":'));
    });
  const expand = (name: string): unknown => {
    const event = version().events[name];
    return event && 'any' in event
      ? event.any.map((one) => (typeof one === 'string' ? expand(one) : one))
      : event;
  };
  /** Sentence 7. True where a renewal only confirmed an assumed one. */
  const restart = (state: State, clock: Clock, way: Way, record: Seen, day: number): boolean => {
    const held = state.stage >= 0 ? state.clock?.ended?.[state.stage] : undefined;
    const span = spanOf(held?.runs ?? way.own?.runs ?? clock.runs, record);
    if (span === null) return false;
    const isFresh = !state.started || state.activatedOn === day;
    if (!isFresh && record.input.type === 'plan_renewed' && Math.abs(day - state.chargedOn) <= 3) {
      state.setBy = record;
      state.chargedOn = -NEVER;
      return true;
    }
    const extend = way.own?.extend ?? clock.extend;
    const words = extend === undefined ? (dated(clock) ? 'later' : 'from_event') : settle(extend);
    const mode = words === 'raise_to' ? 'later' : words;
    const refuse = (way.own?.if_expired ?? clock.if_expired) === 'refuse';
    const base = way.pattern.from ? (record.date ?? day) : day;
    const cap = way.own?.cap ?? clock.cap;
    const ceiling = cap ? addSpan(day, parseSpan(cap)) : NEVER;
    if (mode === 'from_end' && !isFresh && state.end >= day) {
      const before = state.end;
      lengthen(state, clock, span);
      if (state.end > ceiling) {
        state.end = Math.max(before, ceiling);
        state.months = 0;
      }
      run(state, clock, state.end, record);
      state.start = base;
      return false;
    }
    if (mode === 'from_end' && !isFresh && refuse) return false;
    const end = Math.min(addSpan(base, span, clock.month_end) - inclusive(clock), ceiling);
    if (mode === 'later' && !isFresh && state.end >= end) return false;
    runFrom(state, clock, end, record, base, monthsOf(span));
    return false;
  };
  const activate = (state: State, clock: Clock, record: Seen, day: number) => {
    if (kindOf(clock) !== 'records' || clock.first_period === false || !clock.restarts_on) return;
    const plain = clock.runs !== undefined && (typeof clock.runs === 'string' || 'earliest' in clock.runs);
    const byFact = typeof clock.runs === 'object' && 'by' in clock.runs && clock.runs.by === 'fact';
    const span = clock.first_period
      ? parseSpan(clock.first_period)
      : plain || byFact
        ? spanOf(clock.runs, record)
        : null;
    if (span === null) return;
    if (state.started && state.setBy && state.setBy.day === day) return;
    runFrom(
      state,
      clock,
      addSpan(day, span, clock.month_end) - inclusive(clock),
      record,
      day,
      monthsOf(span),
    );
    state.activatedOn = day;
  };
  const watchBalance = (day: number, record: Seen | null, alive: boolean) => {
    for (const state of all) {
      const clock = wordsOf(state.name);
      if (!clock?.runs_while) continue;
      const below = clock.runs_while === 'balance < 0';
      const holds = known ? (below ? balance < 0 : balance <= 0) : !latest && !below;
      if (!holds) {
        if (state.started) stop(state, clock);
      } else if (!state.started || (alive && !known)) {
        const span = parseSpan(settle(clock.runs as string));
        runFrom(state, clock, addSpan(day, span, clock.month_end) - inclusive(clock), record, day);
      }
    }
  };
  const nextDate = (after: number, date: number): number => {
    for (let day = after + 1; ; day++) {
      const { date: own } = civil(day);
      const last = civil(day + 1).date === 1;
      if (own === date || (last && own < date)) return day;
    }
  };
  const feeOf = (state: State): Charge | null =>
    state.feeFrom === NEVER ? null : (state.clock?.ended?.[state.stage]?.charge ?? null);
  const reviewCharges = (day: number) => {
    for (const state of all) {
      const charge = state.stage < 0 ? null : state.clock?.ended?.[state.stage]?.charge;
      if (!charge || !known || state.empty !== balance > 0) continue;
      state.empty = !state.empty;
      state.feeFrom = state.empty ? NEVER : day + 1;
    }
  };
  const markCharged = (state: State, day: number) => {
    if (state.charged) return;
    state.charged = true;
    state.risk = Math.min(state.risk, day);
  };
  const enterable = (state: State, day: number): boolean => {
    const stages = state.clock?.ended ?? [];
    const next = stages[state.stage + 1];
    if (!state.started && state.stage < 0) return false;
    if (!next) return false;
    if (state.stage < 0) return state.end < NEVER && state.end < day;
    if (next.on_day !== undefined) return day >= Math.max(state.start + next.on_day, state.lastGood + 1);
    const lasts = stages[state.stage]?.lasts;
    return lasts !== undefined && day > addSpan(state.lastGood, parseSpan(settle(lasts)));
  };
  const enter = (state: State, day: number) => {
    const stages = state.clock?.ended as StageRule[];
    if (state.stage < 0) state.risk = Math.min(state.risk, day);
    let next = state.stage + 1;
    while (next < stages.length - 1) {
      const unless = stages[next]?.unless_ended;
      if (unless === undefined || !isPast(states.get(unless), day)) break;
      next++;
    }
    state.lastGood = state.stage < 0 && next === 0 ? state.end : day - 1;
    state.stage = next;
    const entered = stages[next] as StageRule;
    state.empty = entered.charge !== undefined && known && balance <= 0;
    state.feeFrom = entered.charge && !state.empty ? day : NEVER;
    if (isMay(stages, next)) may.push({ stage: entered.stage, day, clock: state.name, state });
  };
  /** What may come is followed by what may come, unless the rule says otherwise. */
  const isMay = (stages: readonly StageRule[], i: number): boolean =>
    (stages[i]?.certainty ?? (i > 0 && isMay(stages, i - 1) ? 'may' : 'certain')) === 'may';
  const stageOf = (state: State): Stage => {
    if (state.stage < 0) return state.charged && state.risk <= today ? 'fee_running' : 'active';
    const stages = state.clock?.ended ?? [];
    if (state.empty) return stages[state.stage]?.when_empty ?? 'receive_only';
    for (let i = state.stage; i >= 0; i--) if (!isMay(stages, i)) return stages[i]?.stage as Stage;
    return 'active';
  };
  const counts = (state: State): boolean =>
    state.started
      ? !!state.clock && (!!state.clock.ended?.length || !!state.clock.charge)
      : known && state.monthlyOn !== NEVER;
  const ofClocks = (): Stage => {
    const own = all.filter(counts).map(stageOf);
    return own.length === 0 ? 'unknown' : own.reduce((a, b) => (grave(b) > grave(a) ? b : a));
  };
  /** Clocks that follow others, clocks that stand still, and the stage that then holds. */
  const observe = () => {
    for (const state of all) {
      const clock = wordsOf(state.name);
      if (!clock?.ends_with) continue;
      const every = 'all' in clock.ends_with;
      const members = ('all' in clock.ends_with ? clock.ends_with.all : clock.ends_with.any).map(
        (name) => states.get(name) as State,
      );
      const running = members.filter((member) => member.started);
      if (every ? running.length < members.length : running.length === 0) {
        if (state.started) stop(state, clock);
        continue;
      }
      const governing = running.reduce((a, b) => ((every ? b.end > a.end : b.end < a.end) ? b : a));
      if (state.started && state.end === governing.end) continue;
      run(state, clock, governing.end, governing.setBy);
      state.start = governing.start;
      state.anchor = governing.anchor;
    }
    for (const state of all) {
      const clock = wordsOf(state.name);
      const other = clock?.paused_while === undefined ? undefined : states.get(clock.paused_while);
      if (!other || !state.started || state.stage >= 0) continue;
      if (other.started && other.stage < 0 && other.end >= today) {
        state.pausedUntil = other.end;
        if (state.pausedFrom !== NEVER || state.end >= NEVER || state.end < today) continue;
        Object.assign(state, { pausedFrom: today, pausedEnd: state.end, end: NEVER });
      } else if (state.pausedFrom !== NEVER) {
        const last = Math.min(state.pausedUntil, Math.max(today, state.pausedFrom));
        state.end = state.pausedEnd + Math.max(0, last - state.pausedFrom);
        Object.assign(state, { pausedFrom: NEVER, months: 0 });
      }
    }
    let stage = ofClocks();
    if (said) {
      if (grave(stage) > Math.max(said.over, grave(said.stage))) said = null;
      else stage = said.stage;
    }
    if (stage === present) return;
    present = stage;
    certain.push({ stage, day: today });
  };
  const startByDate = (since: number) => {
    for (const state of all) {
      const clock = wordsOf(state.name);
      if (clock?.ends_on && !state.started) run(state, clock, dayOf(clock.ends_on), null);
      if (clock?.charge?.on_day_of_month && state.monthlyOn === NEVER)
        state.monthlyOn = nextDate(since - 1, clock.charge.on_day_of_month);
    }
  };
  const switchVersion = (since: number) => {
    index++;
    const { applies_to: to = 'new' } = version();
    for (const state of all) {
      const clock = wordsOf(state.name);
      if (to === 'new' || state.stage >= 0 || (state.started && state.end < since)) continue;
      const doubtful = to === 'unknown';
      if (!clock) {
        if (state.started && state.clock && !(doubtful && !latest)) stop(state, state.clock);
        continue;
      }
      if (kindOf(clock) !== 'records') continue;
      const untouched = state.times === (state.clock?.charge ? (state.clock.charge.times ?? NEVER) : 0);
      const extend =
        clock.extend === undefined ? (dated(clock) ? 'later' : 'from_event') : settle(clock.extend);
      if (state.started && (extend !== 'from_event' || !untouched || state.setBy?.input.type === 'validity'))
        continue;
      const way = (record: Seen) =>
        wayOf(clock.restarts_on ?? [], record, { version: version(), reading, stage: present, planPrice });
      const anchor = state.started ? state.setBy : applied.findLast((record) => way(record));
      if (!anchor) continue;
      const former = { ...state };
      state.started = false;
      const found = way(anchor);
      if (found) restart(state, clock, found, anchor, anchor.day);
      else activate(state, clock, anchor, anchor.day);
      state.end = Math.max(state.end, since - 1);
      if (!state.started || (doubtful && (latest ? former.end >= state.end : former.end <= state.end)))
        Object.assign(state, former);
    }
    for (const state of all) {
      const clock = wordsOf(state.name);
      if (clock?.charge?.applies_to !== 'running' || state.clock === clock) continue;
      if (!state.started || state.stage >= 0 || state.end < since) continue;
      state.clock = clock;
      state.times = clock.charge.times ?? NEVER;
    }
    startByDate(since);
    if (applied.length > 0) watchBalance(since, null, false);
  };

  /** What time does on a day, as often as something is due. */
  const catchUp = (day: number) => {
    for (const state of all) {
      // Clocks are looked at in their order: one that lives on charges from today on says so before the next.
      if (state.charged && state.risk === day && applied.length > 0) observe();
      for (let again = true; again; ) {
        again = false;
        const fee = feeOf(state);
        const clock = wordsOf(state.name);
        if (state.monthlyOn <= day && known && clock?.charge) {
          again = true;
          takeMonthly(state, clock.charge, day);
          watchBalance(day, null, false);
          reviewCharges(day);
        } else if (fee && state.feeFrom <= day && known) {
          again = takeFees(day);
        } else if (fee && !known && !latest && state.feeFrom <= day) {
          again = true;
          state.empty = true;
          state.feeFrom = NEVER;
          watchBalance(day, null, false);
        } else if (enterable(state, day)) {
          again = true;
          enter(state, day);
        }
        if (fee && !known && latest && state.feeFrom <= day) state.feeFrom = day + 1;
        if (again) observe();
      }
    }
  };
  const morning = (day: number) => {
    today = day;
    const next = rule.versions[index + 1];
    if (next && dayOf(next.since) === day) {
      switchVersion(day);
      observe();
    }
    catchUp(day);
    // Nothing is told of a line before the first record that begins it.
    if (applied.length > 0 || records[0]?.day !== day) observe();
  };
  /** Today's fee of every clock that takes one. True where it has emptied the balance. */
  const takeFees = (day: number): boolean => {
    const due = all.filter((state) => feeOf(state) && state.feeFrom <= day);
    let gone = false;
    for (const state of due) {
      const charge = feeOf(state) as Charge;
      const take = taken(charge);
      state.feeFrom = day + 1;
      if (take === null || balance <= 0) continue;
      if (balance < take && charge.partial !== 'taken') {
        if (charge.partial === 'swallowed') balance = 0;
        continue;
      }
      balance = Math.max(0, balance - take);
      if (balance > 0) continue;
      gone = true;
    }
    if (!gone) return false;
    for (const state of due) {
      state.empty = true;
      state.feeFrom = NEVER;
    }
    watchBalance(day, null, false);
    return true;
  };
  const takeMonthly = (state: State, charge: Charge, day: number) => {
    state.levies++;
    state.monthlyOn = charge.on_day_of_month
      ? nextDate(day, charge.on_day_of_month)
      : addMonths(state.levyFrom, state.levies);
    let take = taken(charge);
    if (take !== null && charge.less && state.spentFor === day) take = Math.max(0, take - state.spent);
    if (take === null || take === 0 || balance <= 0) return;
    if (balance < take && (charge.partial ?? 'refused') === 'refused') return;
    balance = Math.max(0, balance - take);
    if (charge.as !== 'ordinary') markCharged(state, day);
  };
  const evening = (day: number) => {
    for (const state of all) {
      const charge = state.clock?.charge;
      while (
        state.started &&
        state.stage < 0 &&
        state.end === day &&
        charge?.at_end &&
        state.times > 0 &&
        state.refusedAt !== day
      ) {
        const take = taken(charge);
        const refuse = () => {
          state.refusedAt = day;
        };
        if (take === null || (!known && !latest)) refuse();
        else if (known && balance < take && ((charge.partial ?? 'refused') === 'refused' || balance <= 0))
          refuse();
        else {
          const short = known && balance < take;
          if (known) balance = Math.max(0, balance - take);
          if (short && charge.partial === 'swallowed') refuse();
          else {
            const last = state.end;
            if (charge.adds && state.clock) lengthen(state, state.clock, parseSpan(charge.adds));
            else refuse();
            state.chargedOn = last;
            state.times--;
            if (charge.as !== 'ordinary') markCharged(state, last + 1);
          }
        }
        watchBalance(day, null, false);
        reviewCharges(day);
        observe();
      }
    }
  };

  const record = (one: Seen, day: number) => {
    const { input, amount } = one;
    today = day;
    said = null;
    for (const state of all) {
      const charge = wordsOf(state.name)?.charge;
      if (!charge?.less || amount === null) continue;
      const of = charge.less.of;
      const spends =
        input.type === 'activity'
          ? of.includes(input.kind) && one.allowance !== true
          : input.type === 'purchase' && input.from_balance === true && of.includes('purchase');
      if (!spends) continue;
      const due = charge.on_day_of_month ? nextDate(day, charge.on_day_of_month) : state.monthlyOn;
      if (state.spentFor !== due) state.spent = 0;
      state.spentFor = due;
      state.spent += amount;
    }
    let moved = false;
    if (input.type === 'balance' && amount !== null) {
      known = true;
      balance = amount;
      moved = true;
      for (const state of all) {
        const charge = wordsOf(state.name)?.charge;
        if (charge?.on_day_of_month) state.monthlyOn = nextDate(day, charge.on_day_of_month);
        if (charge?.every === 'month') {
          state.levyFrom = latest ? day : day + 1;
          state.levies = latest ? 1 : 0;
          state.monthlyOn = addMonths(state.levyFrom, state.levies);
          state.spent = 0;
        }
      }
    } else if (known && amount !== null) {
      if (input.type === 'topup') balance += amount;
      else if (input.type === 'activity' && one.allowance !== true) balance -= amount;
      else if (input.type === 'purchase' && input.from_balance) balance -= amount;
      moved =
        input.type === 'topup' ||
        (input.type === 'activity' && one.allowance !== true) ||
        (input.type === 'purchase' && input.from_balance === true);
    }
    if (input.type === 'plan') planPrice = amount;
    if (input.type === 'validity' && one.date !== null) {
      const shown = all.filter((state) => wordsOf(state.name)?.shows);
      const state =
        shown.length === 1 ? shown[0] : shown.find((other) => wordsOf(other.name)?.shows === input.of);
      if (state) runFrom(state, wordsOf(state.name) as Clock, one.date, one, day);
    }
    if (input.type === 'activated') {
      for (const state of all) {
        const clock = wordsOf(state.name);
        if (clock) activate(state, clock, one, day);
      }
    }
    const standing = (state: State) => state.started && state.stage < 0 && state.end >= day;
    if (input.type === 'hold') {
      for (const state of all) {
        const by = wordsOf(state.name)?.paused_by;
        if (!by || (by.hold !== 'any' && by.hold !== input.by) || !standing(state) || state.end >= NEVER)
          continue;
        if (one.date === null) Object.assign(state, { heldFrom: day, pausedEnd: state.end, end: NEVER });
        else
          state.end =
            by.as === 'freeze' ? state.end + Math.max(0, one.date - day) : Math.max(state.end, one.date);
        state.months = 0;
      }
    }
    if (input.type === 'opt_out') {
      for (const state of all) {
        const word = wordsOf(state.name)?.charge?.opt_out_until;
        if (word && standing(state) && addSpan(day, parseSpan(settle(word))) <= state.end) state.times = 0;
      }
    }
    if (input.type === 'status') {
      for (const state of all) {
        if (state.heldFrom === NEVER) continue;
        const as = state.clock?.paused_by?.as;
        state.end =
          as === 'freeze' ? state.pausedEnd + (day - state.heldFrom) : Math.max(state.pausedEnd, day);
        state.heldFrom = NEVER;
      }
    }
    let confirmed = false;
    let restarted = false;
    const asked = { version: version(), reading, stage: present, planPrice };
    for (const state of all) {
      const clock = wordsOf(state.name);
      if (!clock) continue;
      const held = state.stage >= 0 ? state.clock?.ended?.[state.stage] : undefined;
      const cures = held?.cures ? curesOf(held.cures, clock) : null;
      const way = wayOf(cures ?? clock.restarts_on ?? clock.cured_by ?? [], one, asked);
      const kind = kindOf(clock);
      if (way && held?.and && !(known ? balance > 0 : latest)) state.waiting = one;
      else if (way) {
        restarted = true;
        if (kind === 'records') confirmed = restart(state, clock, way, one, day) || confirmed;
        else if (kind === 'date' || (kind === 'shown' && state.started)) {
          run(state, clock, way.pattern.from && one.date !== null ? one.date : NEVER, one);
        }
      }
      if (cures || input.type !== 'activity' || one.allowance === true) continue;
      for (const sum of sumsOf(clock, reading)) {
        if (!sum.of.includes(input.kind) || amount === null || amount <= 0) continue;
        if (state.charges.at(-1) !== one) state.charges.push(one);
        let total = 0;
        for (const charge of state.charges.toReversed()) {
          const over = addSpan(charge.day, parseSpan(sum.over));
          if (over < day) break;
          total += charge.amount as number;
          const met = sum.more_than
            ? total > parsePrice(sum.more_than).amount
            : total >= parsePrice(sum.at_least as string).amount;
          if (!met) continue;
          const end = over - inclusive(clock);
          if (!state.started || state.end < end) runFrom(state, clock, end, one, charge.day);
          break;
        }
      }
    }
    if (restarted && index > 0) {
      for (const state of all)
        if (state.started && state.clock && !wordsOf(state.name)) stop(state, state.clock);
    }
    if (moved) {
      for (const state of all) {
        const { waiting } = state;
        const clock = wordsOf(state.name);
        const held = state.stage >= 0 ? state.clock?.ended?.[state.stage] : undefined;
        if (!waiting || !clock || !held?.and || !known || balance <= 0) continue;
        const way = wayOf(
          held.cures ? curesOf(held.cures, clock) : (clock.restarts_on ?? []),
          waiting,
          asked,
        );
        if (way) restart(state, clock, way, waiting, waiting.day);
        state.waiting = null;
      }
    }
    if (input.type === 'plan_renewed' && !confirmed && known) {
      let price = amount;
      for (const name of names) {
        const charge = wordsOf(name)?.charge;
        if (price === null && charge?.at_end) price = taken(charge);
      }
      if (price !== null && balance >= price) {
        balance -= price;
        moved = true;
      }
    }
    const alive =
      ['activated', 'topup', 'purchase', 'plan_renewed'].includes(input.type) ||
      (input.type === 'activity' && one.charged !== false);
    if (moved || !known) watchBalance(day, one, alive);
    if (moved) reviewCharges(day);
    if (input.type === 'status' && input.stage !== 'unknown')
      said = { stage: input.stage, over: grave(ofClocks()) };
    applied.push(one);
    observe();
  };
  /** What an action does, on the terms that the clock has for it. */
  const curesOf = (cures: readonly string[], clock: Clock) =>
    cures
      .flatMap((name) => [version().actions[name]?.does ?? []].flat())
      .map((event) => {
        const own = (clock.restarts_on ?? []).find(
          (reference) =>
            typeof reference === 'object' && 'on' in reference && [reference.on].flat().includes(event),
        );
        return own && typeof own === 'object' && 'on' in own ? { ...own, on: event } : event;
      });

  let stage: Stage = 'unknown';
  let ends: Told['ends'] = {};
  const begin = Math.min(records[0]?.day ?? asOf, asOf);
  today = begin;
  while (rule.versions[index + 1] && dayOf((rule.versions[index + 1] as Version).since) < begin) {
    const since = dayOf((rule.versions[index + 1] as Version).since);
    switchVersion(since);
  }
  startByDate(begin);
  let next = 0;
  for (let day = begin; day <= until; day++) {
    morning(day);
    for (; next < records.length && (records[next] as Seen).day <= day; next++) {
      catchUp(day);
      record(records[next] as Seen, day);
    }
    catchUp(day);
    evening(day);
    if (day !== asOf) continue;
    stage = present;
    ends = Object.fromEntries(
      all.map((state) => {
        if (!state.started || !state.clock) return [state.name, null];
        const end =
          state.pausedFrom === NEVER || state.pausedUntil >= NEVER
            ? state.end
            : state.pausedEnd + Math.max(0, state.pausedUntil - state.pausedFrom);
        return [state.name, end >= NEVER ? null : end];
      }),
    );
  }
  return { certain, may: may.map(({ stage, day, clock }) => ({ stage, day, clock })), stage, ends };
}
