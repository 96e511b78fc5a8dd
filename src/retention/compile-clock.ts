/** Clocks and the stages that follow them, compiled. */
import {
  type Context,
  compileCharge,
  compileLength,
  compileTerms,
  compileTriggers,
  describeLength,
  describeSpan,
  parseDayOr,
  valueIn,
} from './compile-terms.ts';
import { NEVER, parseDay, parseSpan } from './day.ts';
import { eligibleActions } from './eligible-actions.ts';
import { withDailyFee } from './facts.ts';
import {
  actionsThatDo,
  type Clock,
  hasOwnLengths,
  type Reference,
  type Restart,
  restartersOf,
  type StageRule,
} from './language.ts';
import {
  type ClockProgram,
  canCall,
  canReceive,
  GRAVITY,
  type Length,
  STAGES,
  type StageProgram,
  type Terms,
  type Triggers,
} from './program.ts';

/** The terms of a clock that states none. */
const NO_TERMS: Terms = { length: null, fact: '', extend: 'from_event', refuseExpired: false, cap: null };

const clockTerms = (context: Context, path: string, clock: Clock, countsFromDate: boolean): Terms =>
  compileTerms(context, path, clock, { ...NO_TERMS, extend: countsFromDate ? 'later' : 'from_event' });

/**
 * The triggers of a stage's cures: each event restarts the clock on the terms that the clock has for it, if it has any.
 */
function curesOf(context: Context, path: string, does: string[], clock: Clock, terms: Terms): Triggers {
  const references = does.map((event): Reference | Restart => {
    const restart = (clock.restarts_on ?? []).find(
      (reference) =>
        typeof reference === 'object' && 'on' in reference && [reference.on].flat().includes(event),
    ) as Restart | undefined;
    return restart ? { ...restart, on: event } : event;
  });
  return compileTriggers(context, path, references, (restart) => compileTerms(context, path, restart, terms))
    .triggers;
}

/** The actions that restart the clock, or may: they save the line in a stage that lists no cures. */
function actionsThatMayRestart({ version }: Context, clock: Clock): string[] {
  const restarting = new Set(
    restartersOf(clock).flatMap((reference) => {
      const named = typeof reference === 'object' && 'doubtful' in reference ? reference.doubtful : reference;
      return typeof named === 'string' ? [named] : [];
    }),
  );
  return actionsThatDo(version, restarting, clock);
}

function compileStage(
  context: Context,
  path: string,
  stage: StageRule,
  clock: Clock,
  previous: StageProgram | undefined,
  clockFact: string,
  terms: Terms,
): StageProgram {
  const does = (stage.cures ?? []).flatMap((name, i) => {
    const action = Object.hasOwn(context.version.actions, name) ? context.version.actions[name] : undefined;
    if (!action) context.report(`${path}/cures/${i}`, `there is no action "${name}" under actions`);
    return action?.does ?? [];
  });
  const unlessEnded = stage.unless_ended === undefined ? -1 : (context.slotOf.get(stage.unless_ended) ?? -1);
  if (stage.unless_ended !== undefined && unlessEnded < 0) {
    context.report(`${path}/unless_ended`, `there is no clock "${stage.unless_ended}"`);
  }
  const ownLength = compileLength(context, `${path}/runs`, stage.runs);
  const lasts = stage.lasts === undefined ? null : parseSpan(valueIn(stage.lasts, context.reading));
  if (previous && previous.lasts === null && !stage.on_day) {
    context.report(path, 'it never begins: the stage before it needs `lasts`, or this one `on_day`');
  }
  // The length of a stage that may be skipped is not part of the fact.
  const fact = stage.on_day
    ? `day ${stage.on_day}`
    : previous?.lasts && previous.unlessEnded < 0
      ? `${previous.fact}, then ${describeSpan(previous.lasts)}`
      : clockFact;
  const cureNames = stage.cures ?? actionsThatMayRestart(context, clock);
  return {
    stage: stage.stage,
    may: (stage.certainty ?? (previous?.may ? 'may' : 'certain')) === 'may',
    lasts,
    onDay: stage.on_day ?? 0,
    unlessEnded,
    charge: compileCharge(context, `${path}/charge`, stage.charge, 'stage'),
    length: ownLength,
    lengthFact: describeLength(ownLength),
    needsMoney: stage.and !== undefined,
    gravity: GRAVITY[stage.stage],
    gravityEmpty: GRAVITY[stage.when_empty ?? 'receive_only'],
    cures: stage.cures ? curesOf(context, `${path}/cures`, does, clock, terms) : null,
    cureNames,
    cureNamesIn: new Map(
      STAGES.map((current) => [current, eligibleActions(current, cureNames, context.version)]),
    ),
    canCall: stage.can_call ?? canCall(stage.stage),
    canReceive: stage.can_receive ?? canReceive(stage.stage),
    creditKept:
      stage.credit_kept ?? ((previous ? previous.creditKept : true) && GRAVITY[stage.stage] < GRAVITY.lost),
    fact,
    factEmpty: stage.charge ? withDailyFee(fact, valueIn(stage.charge.take, context.reading)) : fact,
    evidence: stage.evidence ?? clock.evidence,
  };
}

/** What the clock counts, in the rule's own words: `90 days`, `by amount`, `balance <= 0 for 180 days`. */
function factOf(clock: Clock, length: Length | null): string {
  const runs = describeLength(length);
  if (clock.runs_while) return `${clock.runs_while} for ${runs}`;
  if (clock.ends_on) return `until ${clock.ends_on}`;
  if (clock.ends_with)
    return 'all' in clock.ends_with ? clock.ends_with.all.join(' and ') : clock.ends_with.any.join(' or ');
  return runs;
}

/**
 * What sets the clock's end. A clock without any of the four keys takes a monthly charge or ends on a date that the
 * carrier shows.
 */
function runsByOf({ report }: Context, path: string, clock: Clock): ClockProgram['runsBy'] {
  const ways = [clock.restarts_on, clock.runs_while, clock.ends_on, clock.ends_with].filter(
    (way) => way !== undefined,
  );
  const isLevyOnly =
    ways.length === 0 && (clock.charge?.on_day_of_month !== undefined || clock.charge?.every === 'month');
  const isShown = ways.length === 0 && clock.shows !== undefined;
  if (ways.length !== 1 && !isLevyOnly && !isShown) {
    report(path, 'a clock has one of restarts_on, runs_while, ends_on and ends_with');
  }
  if ((clock.restarts_on || clock.runs_while) && clock.runs === undefined && !hasOwnLengths(clock))
    report(path, 'it needs `runs`: how long?');
  if (clock.runs_while) return 'balance';
  if (clock.ends_on) return 'date';
  if (clock.ends_with) return 'clocks';
  return isShown ? 'shown' : 'records';
}

/** The slots of the clocks that it ends with. */
function membersOf({ version, slotOf, report }: Context, path: string, { ends_with }: Clock): number[] {
  if (!ends_with) return [];
  const members = 'all' in ends_with ? ends_with.all : ends_with.any;
  return members.map((member) => {
    const other = version.clocks[member];
    if (!other || other.ends_with) report(`${path}/ends_with`, `"${member}" is no clock that runs by itself`);
    return slotOf.get(member) ?? 0;
  });
}

export function compileClock(context: Context, name: string, clock: Clock): ClockProgram {
  const path = `${context.path}/clocks/${name}`;
  const { report } = context;
  const runsBy = runsByOf(context, path, clock);
  const references = clock.restarts_on ?? clock.cured_by ?? [];
  const where = clock.restarts_on ? 'restarts_on' : 'cured_by';
  const countsFromDate = compileTriggers(context, `${path}/${where}`, references).triggers.some((patterns) =>
    patterns?.some((pattern) => pattern.fromDate),
  );
  const terms = clockTerms(context, path, clock, countsFromDate);
  const { triggers, sums } = compileTriggers(context, `${path}/${where}`, references, (restart, at) =>
    compileTerms(context, at, restart, terms),
  );
  const { length } = terms;
  const pausedWhile = clock.paused_while === undefined ? -1 : (context.slotOf.get(clock.paused_while) ?? -1);
  if (clock.paused_while !== undefined && (pausedWhile < 0 || clock.paused_while === name)) {
    report(`${path}/paused_while`, `"${clock.paused_while}" is no other clock of this rule`);
  }
  const fact = factOf(clock, length);
  const stages: StageProgram[] = [];
  (clock.ended ?? []).forEach((stage, i) => {
    stages.push(compileStage(context, `${path}/ended/${i}`, stage, clock, stages.at(-1), fact, terms));
  });
  const members = membersOf(context, path, clock);
  const ownSpan = length?.kind === 'span' ? length.span : null;
  const firstSpan =
    clock.first_period === false ? null : clock.first_period ? parseSpan(clock.first_period) : ownSpan;
  return {
    slot: context.slotOf.get(name) as number,
    name,
    runsBy,
    triggers,
    sums,
    terms,
    first: firstSpan,
    firstFact: firstSpan ? describeSpan(firstSpan) : '',
    firstByFact: length?.kind === 'fact' && clock.first_period === undefined,
    inclusive: valueIn(clock.counting ?? 'exclusive', context.reading) === 'inclusive' ? 1 : 0,
    monthEnd: clock.month_end ?? 'clamp',
    strictlyNegative: clock.runs_while === 'balance < 0',
    endsOn: clock.ends_on ? (parseDay(clock.ends_on) ?? NEVER) : NEVER,
    facts: Object.entries(clock.applies_if?.facts ?? {}),
    activatedBefore: parseDayOr(clock.applies_if?.activated_before, NEVER),
    activatedFrom: parseDayOr(clock.applies_if?.activated_from, -NEVER),
    members,
    allMembers: clock.ends_with !== undefined && 'all' in clock.ends_with,
    pausedBy: clock.paused_by ?? null,
    pausedWhile,
    pauses: Object.values(context.version.clocks).some((other) => other.paused_while === name),
    charge: compileCharge(context, `${path}/charge`, clock.charge, 'clock'),
    stages,
    duty: clock.duty !== undefined,
    shows: clock.shows ?? null,
    fact,
    evidence: clock.evidence,
  };
}
