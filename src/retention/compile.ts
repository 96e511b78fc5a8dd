/**
 * A rule, compiled once when it is loaded: names become slots, periods become numbers, and every doubt is settled
 * twice, once to the earliest and once to the latest reading. What the schema cannot see is refused here.
 */
import { type Day, type MonthEnd, NEVER, parseDay, parseSpan, type Span } from './day.ts';
import { bit, KINDS, TYPES } from './entry.ts';
import type { Charge, Clock, Event, Reference, RetentionRule, Runs, StageRule, Version } from './language.ts';
import { compilePattern, type PatternProgram, patternsOf } from './match.ts';
import { type Amount, parsePrice } from './money.ts';
import type { Stage } from './record.ts';

export type Reading = 'earliest' | 'latest';

/** From best to worst; `act_by` looks for a graver one. */
export const GRAVITY: Readonly<Record<Stage, number>> = {
  unknown: -1,
  active: 0,
  restricted: 1,
  fee_running: 2,
  receive_only: 3,
  suspended: 4,
  lost: 5,
  reissuable: 6,
};

export type ChargeProgram = {
  take: Amount | 'plan_price';
  adds: Span | null;
  times: number;
  partial: 'taken' | 'refused' | 'swallowed';
  ordinary: boolean;
  atEnd: boolean;
  onDayOfMonth: number;
  evidence: readonly string[];
};

export const stageOf = (gravity: number): Stage => STAGES[gravity + 1] as Stage;

const STAGES = Object.keys(GRAVITY) as Stage[];

/** What restarts, by the type of record, so that most records ask nothing. */
export type Triggers = readonly (readonly PatternProgram[] | null)[];

export type StageProgram = {
  stage: Stage;
  /** The stage's gravity, and that of what it becomes when its charge has emptied the balance. */
  gravity: number;
  gravityEmpty: number;
  may: boolean;
  lasts: Span | null;
  onDay: number;
  unlessEnded: number;
  charge: ChargeProgram | null;
  cures: Triggers | null;
  cureNames: readonly string[];
  canCall: boolean;
  canReceive: boolean;
  creditKept: boolean;
  fact: string;
  evidence: readonly string[];
};

export type SumProgram = { kinds: number; over: Span; limit: Amount; strict: boolean };

export type Length =
  | { kind: 'span'; span: Span }
  | { kind: 'amount' | 'balance'; least: readonly Amount[]; spans: readonly Span[] }
  | { kind: 'product'; spans: ReadonlyMap<string, Span> };

export type ClockProgram = {
  slot: number;
  name: string;
  runsBy: 'records' | 'balance' | 'date' | 'clocks';
  triggers: Triggers;
  sums: readonly SumProgram[];
  length: Length | null;
  first: Span | null;
  inclusive: 0 | 1;
  monthEnd: MonthEnd;
  extend: 'from_event' | 'from_end' | 'later' | null;
  refuseExpired: boolean;
  cap: Span | null;
  strictlyNegative: boolean;
  endsOn: Day;
  facts: readonly (readonly [string, string | number | boolean])[];
  activatedBefore: Day;
  activatedFrom: Day;
  members: readonly number[];
  allMembers: boolean;
  charge: ChargeProgram | null;
  stages: readonly StageProgram[];
  shows: string | null;
  fact: string;
  evidence: readonly string[];
};

export type VersionProgram = {
  since: Day;
  sinceText: string;
  /** It governs the clocks that already run as well; `doubtful` where the source does not say. */
  recompute: boolean;
  doubtful: boolean;
  /** Some clocks are only for some lines. */
  conditional: boolean;
  /** The slots that a record of each type may restart, now or as a cure. */
  slotsByType: readonly (readonly number[])[];
  /** By slot; null where this version has no such clock. */
  clocks: readonly (ClockProgram | null)[];
};

export type Program = {
  reading: Reading;
  versions: readonly VersionProgram[];
  slots: number;
  /** The slots that have daily fees, monthly charges, watch the balance or follow others: the rest is not asked. */
  dailySlots: readonly number[];
  monthlySlots: readonly number[];
  balanceSlots: readonly number[];
  followerSlots: readonly number[];
};

export type CompiledRule = {
  id: string;
  time_zone: string;
  currency: string;
  rule: RetentionRule;
  slotNames: readonly string[];
  earliest: Program;
  latest: Program;
  watchesBalance: boolean;
  /** Nothing but one clock's charge changes or watches the balance by itself. */
  chargesStandAlone: boolean;
  asksPlanPrice: boolean;
  factsAsked: readonly string[];
};

/** Everything that is wrong with a rule, each with its path within it, as `versions/0/clocks/idle/runs`. */
export class RuleError extends Error {
  readonly problems: readonly { path: string; message: string }[];
  constructor(problems: readonly { path: string; message: string }[]) {
    super(problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
    this.name = 'RuleError';
    this.problems = problems;
  }
}

type Report = (path: string, message: string) => void;
type Context = {
  rule: RetentionRule;
  version: Version;
  reading: Reading;
  slotOf: Map<string, number>;
  path: string;
  report: Report;
};

const settle = <T>(value: T | { earliest: T; latest: T }, reading: Reading): T =>
  typeof value === 'object' && value !== null && 'earliest' in value ? value[reading] : (value as T);

function attempt<T>(report: Report, path: string, make: () => T, otherwise: T): T {
  try {
    return make();
  } catch (error) {
    report(path, (error as Error).message);
    return otherwise;
  }
}

function money(context: Context, path: string, text: string): Amount {
  const { amount, currency } = parsePrice(text);
  if (currency !== context.rule.currency) {
    context.report(path, `${currency} is not this carrier's currency: write it in ${context.rule.currency}`);
  }
  return amount;
}

function compileTriggers(
  context: Context,
  path: string,
  references: readonly Reference[],
): { triggers: Triggers; sums: SumProgram[] } {
  const byType: (PatternProgram[] | null)[] = TYPES.map(() => null);
  const sums: SumProgram[] = [];
  references.forEach((reference, i) => {
    const doubtful = typeof reference === 'object' && 'doubtful' in reference;
    const matcher = doubtful ? reference.doubtful : (reference as Event | string);
    if (doubtful && context.reading === 'earliest') return;
    const at = `${path}/${i}`;
    if (typeof matcher === 'object' && 'sum' in matcher) {
      const limit = matcher.more_than ?? matcher.at_least;
      if (!limit || (matcher.more_than && matcher.at_least)) {
        context.report(at, 'a sum needs one of more_than and at_least');
        return;
      }
      const kinds = matcher.of.reduce((all, kind) => all | bit(KINDS, kind), 0);
      sums.push({
        kinds,
        over: parseSpan(matcher.over),
        limit: money(context, at, limit),
        strict: matcher.more_than !== undefined,
      });
      return;
    }
    for (const pattern of attempt(
      context.report,
      at,
      () => patternsOf(matcher, context.version.events),
      [],
    )) {
      const program = compilePattern(pattern);
      byType[program.type] = [...(byType[program.type] ?? []), program];
    }
  });
  return { triggers: byType, sums };
}

function compileCharge(
  context: Context,
  path: string,
  charge: Charge | undefined,
  where: 'clock' | 'stage',
): ChargeProgram | null {
  if (!charge) return null;
  const taken = settle(charge.take, context.reading);
  const take = taken === 'plan_price' ? taken : money(context, `${path}/take`, taken);
  if (take !== 'plan_price' && take <= 0) context.report(`${path}/take`, 'a charge takes more than zero');
  const kinds = [charge.every, charge.at_end, charge.on_day_of_month].filter((kind) => kind !== undefined);
  if (kinds.length !== 1 || (where === 'stage') !== (charge.every !== undefined)) {
    context.report(
      path,
      where === 'stage'
        ? 'the charge of a stage is taken `every: day`; one at_end or on_day_of_month belongs to the clock'
        : 'the charge of a clock is taken either at_end or on_day_of_month; one `every: day` belongs to a stage',
    );
  }
  return {
    take,
    adds: charge.adds ? parseSpan(charge.adds) : null,
    times: charge.times ?? NEVER,
    partial: charge.partial ?? 'refused',
    ordinary: charge.as === 'ordinary',
    atEnd: charge.at_end === true,
    onDayOfMonth: charge.on_day_of_month ?? 0,
    evidence: charge.evidence ?? [],
  };
}

function compileLength(context: Context, path: string, runs: Runs | undefined): Length | null {
  if (runs === undefined) return null;
  if (typeof runs === 'string' || 'earliest' in runs)
    return { kind: 'span', span: parseSpan(settle(runs, context.reading)) };
  if (runs.by === 'product') {
    return {
      kind: 'product',
      spans: new Map(Object.entries(runs.tiers).map(([name, span]) => [name, parseSpan(span)])),
    };
  }
  const tiers = Object.entries(runs.tiers)
    .map(([least, span]) => ({
      least: money(context, `${path}/tiers/${least}`, least),
      span: parseSpan(span),
    }))
    .sort((a, b) => a.least - b.least);
  return { kind: runs.by, least: tiers.map((tier) => tier.least), spans: tiers.map((tier) => tier.span) };
}

const CAN_CALL = new Set<Stage>(['active', 'restricted', 'fee_running']);
const CAN_RECEIVE = new Set<Stage>(['active', 'restricted', 'fee_running', 'receive_only']);

export const canCall = (stage: Stage): boolean => CAN_CALL.has(stage);
export const canReceive = (stage: Stage): boolean => CAN_RECEIVE.has(stage);

function compileStage(
  context: Context,
  path: string,
  stage: StageRule,
  clock: Clock,
  before: StageProgram | undefined,
  clockFact: string,
): StageProgram {
  const does = (stage.cures ?? []).flatMap((name, i) => {
    const action = context.version.actions[name];
    if (!action) context.report(`${path}/cures/${i}`, `there is no action "${name}" under actions`);
    return action?.does ?? [];
  });
  const restarting = new Set(
    (clock.restarts_on ?? clock.cured_by ?? []).flatMap((reference) => {
      const named = typeof reference === 'object' && 'doubtful' in reference ? reference.doubtful : reference;
      return typeof named === 'string' ? [named] : [];
    }),
  );
  const cureNames =
    stage.cures ??
    Object.keys(context.version.actions).filter((name) =>
      [context.version.actions[name]?.does ?? []].flat().some((event) => restarting.has(event)),
    );
  const unlessEnded = stage.unless_ended === undefined ? -1 : (context.slotOf.get(stage.unless_ended) ?? -1);
  if (stage.unless_ended !== undefined && unlessEnded < 0) {
    context.report(`${path}/unless_ended`, `there is no clock "${stage.unless_ended}"`);
  }
  const lasts = stage.lasts === undefined ? null : parseSpan(settle(stage.lasts, context.reading));
  if (before && before.lasts === null && !stage.on_day) {
    context.report(path, 'it never begins: the stage before it needs `lasts`, or this one `on_day`');
  }
  return {
    stage: stage.stage,
    may: (stage.certainty ?? (before?.may ? 'may' : 'certain')) === 'may',
    lasts,
    onDay: stage.on_day ?? 0,
    unlessEnded,
    charge: compileCharge(context, `${path}/charge`, stage.charge, 'stage'),
    gravity: GRAVITY[stage.stage],
    gravityEmpty: GRAVITY[stage.when_empty ?? 'receive_only'],
    cures: stage.cures ? compileTriggers(context, `${path}/cures`, does).triggers : null,
    cureNames,
    canCall: stage.can_call ?? canCall(stage.stage),
    canReceive: stage.can_receive ?? canReceive(stage.stage),
    creditKept:
      stage.credit_kept ?? ((before ? before.creditKept : true) && GRAVITY[stage.stage] < GRAVITY.lost),
    fact: stage.on_day
      ? `day ${stage.on_day}`
      : before?.lasts
        ? `${before.fact}, then ${describe(before.lasts)}`
        : clockFact,
    evidence: stage.evidence ?? clock.evidence,
  };
}

const describe = (span: Span): string =>
  span.unit === 'month' && span.count % 12 === 0
    ? `${span.count / 12} ${span.count === 12 ? 'year' : 'years'}`
    : `${span.count} ${span.unit}${span.count === 1 ? '' : 's'}`;

/** What the clock counts, in the rule's own words: `90 days`, `by amount`, `balance <= 0 for 180 days`. */
function factOf(clock: Clock, length: Length | null): string {
  const runs = length === null ? '' : length.kind === 'span' ? describe(length.span) : `by ${length.kind}`;
  if (clock.runs_while) return `${clock.runs_while} for ${runs}`;
  if (clock.ends_on) return `until ${clock.ends_on}`;
  if (clock.ends_with)
    return 'all' in clock.ends_with ? clock.ends_with.all.join(' and ') : clock.ends_with.any.join(' or ');
  return runs;
}

function compileClock(context: Context, name: string, clock: Clock): ClockProgram {
  const path = `${context.path}/clocks/${name}`;
  const { report } = context;
  const ways = [clock.restarts_on, clock.runs_while, clock.ends_on, clock.ends_with].filter(
    (way) => way !== undefined,
  );
  const levyOnly = ways.length === 0 && clock.charge?.on_day_of_month !== undefined;
  if (ways.length !== 1 && !levyOnly) {
    report(path, 'a clock has one of restarts_on, runs_while, ends_on and ends_with');
  }
  if ((clock.restarts_on || clock.runs_while) && clock.runs === undefined)
    report(path, 'it needs `runs`: how long?');
  const references = clock.restarts_on ?? clock.cured_by ?? [];
  const where = clock.restarts_on ? 'restarts_on' : 'cured_by';
  const { triggers, sums } = compileTriggers(context, `${path}/${where}`, references);
  const length = compileLength(context, `${path}/runs`, clock.runs);
  const fact = factOf(clock, length);
  const stages: StageProgram[] = [];
  (clock.ended ?? []).forEach((stage, i) => {
    stages.push(compileStage(context, `${path}/ended/${i}`, stage, clock, stages.at(-1), fact));
  });
  const members = clock.ends_with
    ? 'all' in clock.ends_with
      ? clock.ends_with.all
      : clock.ends_with.any
    : [];
  const memberSlots = members.map((member) => {
    const other = context.version.clocks[member];
    if (!other || other.ends_with) report(`${path}/ends_with`, `"${member}" is no clock that runs by itself`);
    return context.slotOf.get(member) ?? 0;
  });
  const first = clock.first_period === false ? null : (clock.first_period ?? null);
  return {
    slot: context.slotOf.get(name) as number,
    name,
    runsBy: clock.runs_while ? 'balance' : clock.ends_on ? 'date' : clock.ends_with ? 'clocks' : 'records',
    triggers,
    sums,
    length,
    first:
      clock.first_period === false
        ? null
        : first
          ? parseSpan(first)
          : length?.kind === 'span'
            ? length.span
            : null,
    inclusive: settle(clock.counting ?? 'exclusive', context.reading) === 'inclusive' ? 1 : 0,
    monthEnd: clock.month_end ?? 'clamp',
    extend: clock.extend === 'raise_to' ? 'later' : (clock.extend ?? null),
    refuseExpired: clock.if_expired === 'refuse',
    cap: clock.cap ? parseSpan(clock.cap) : null,
    strictlyNegative: clock.runs_while === 'balance < 0',
    endsOn: clock.ends_on ? (parseDay(clock.ends_on) ?? NEVER) : NEVER,
    facts: Object.entries(clock.applies_if?.facts ?? {}),
    activatedBefore: dayOr(clock.applies_if?.activated_before, NEVER),
    activatedFrom: dayOr(clock.applies_if?.activated_from, -NEVER),
    members: memberSlots,
    allMembers: clock.ends_with !== undefined && 'all' in clock.ends_with,
    charge: compileCharge(context, `${path}/charge`, clock.charge, 'clock'),
    stages,
    shows: clock.shows ?? null,
    fact,
    evidence: clock.evidence,
  };
}

const dayOr = (text: string | undefined, otherwise: Day): Day =>
  text ? (parseDay(text) ?? otherwise) : otherwise;

const ACTIVITY = TYPES.indexOf('activity');

const mayRestart = (clock: ClockProgram, type: number): boolean =>
  clock.triggers[type] !== null ||
  (clock.sums.length > 0 && type === ACTIVITY) ||
  clock.stages.some((stage) => stage.cures !== null && stage.cures[type] !== null);

function compileProgram(
  rule: RetentionRule,
  reading: Reading,
  slotOf: Map<string, number>,
  report: Report,
): Program {
  const versions = rule.versions.map((version, index): VersionProgram => {
    const context: Context = { rule, version, reading, slotOf, path: `versions/${index}`, report };
    const clocks: (ClockProgram | null)[] = Array.from(slotOf, () => null);
    for (const [name, clock] of Object.entries(version.clocks)) {
      clocks[slotOf.get(name) as number] = compileClock(context, name, clock);
    }
    const applies = version.applies_to ?? 'new';
    return {
      since: dayOr(version.since, 0),
      sinceText: version.since,
      recompute: applies !== 'new',
      doubtful: applies === 'unknown',
      conditional: Object.values(version.clocks).some((clock) => clock.applies_if !== undefined),
      slotsByType: TYPES.map((_, type) =>
        clocks.flatMap((clock, slot) => (clock && mayRestart(clock, type) ? [slot] : [])),
      ),
      clocks,
    };
  });
  const clocks = versions.flatMap((version) => version.clocks.filter((clock) => clock !== null));
  const slotsWhere = (holds: (clock: ClockProgram) => boolean): number[] => [
    ...new Set(clocks.filter(holds).map((clock) => clock.slot)),
  ];
  return {
    reading,
    versions,
    slots: slotOf.size,
    dailySlots: slotsWhere((clock) => clock.stages.some((stage) => stage.charge)),
    monthlySlots: slotsWhere((clock) => (clock.charge?.onDayOfMonth ?? 0) > 0),
    balanceSlots: slotsWhere((clock) => clock.runsBy === 'balance'),
    followerSlots: slotsWhere((clock) => clock.runsBy === 'clocks'),
  };
}

/**
 * Compiles a rule for folding. Throws a RuleError that names everything wrong at once: unknown names, foreign
 * currencies, charges of nothing, stages that never begin, versions out of order.
 */
export function compileRule(rule: RetentionRule): CompiledRule {
  const problems = new Map<string, { path: string; message: string }>();
  const report: Report = (path, message) => problems.set(`${path} ${message}`, { path, message });
  const slotOf = new Map<string, number>();
  for (const version of rule.versions) {
    // Clocks that follow others come last, so that one pass over the slots settles them.
    const names = Object.entries(version.clocks).sort(
      ([, a], [, b]) => Number(!!a.ends_with) - Number(!!b.ends_with),
    );
    for (const [name] of names) if (!slotOf.has(name)) slotOf.set(name, slotOf.size);
  }
  rule.versions.forEach((version, i) => {
    const before = rule.versions[i - 1];
    if (before && before.since >= version.since)
      report(`versions/${i}/since`, 'versions stand in the order of their dates');
  });
  const earliest = compileProgram(rule, 'earliest', slotOf, report);
  const latest = compileProgram(rule, 'latest', slotOf, report);
  if (problems.size) throw new RuleError([...problems.values()]);
  const text = JSON.stringify(rule.versions);
  const clocks = rule.versions.flatMap((version) => Object.values(version.clocks));
  return {
    id: rule.id,
    time_zone: rule.time_zone,
    currency: rule.currency,
    rule,
    slotNames: [...slotOf.keys()],
    earliest,
    latest,
    chargesStandAlone:
      rule.versions.length === 1 &&
      clocks.filter((clock) => clock.runs_while || clock.charge || clock.ended?.some((stage) => stage.charge))
        .length === 1,
    watchesBalance: clocks.some(
      (clock) => clock.runs_while || clock.charge || clock.ended?.some((stage) => stage.charge),
    ),
    asksPlanPrice: text.includes('"plan_price"'),
    factsAsked: [...new Set(clocks.flatMap((clock) => Object.keys(clock.applies_if?.facts ?? {})))],
  };
}
