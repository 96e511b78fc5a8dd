/**
 * Retention computes a timeline (every stage the line passes through, with dates, causes and cures) from a rule, a
 * person's records and a date. It is pure: no I/O, no system clock, no framework; `as_of` and the rule are arguments.
 */

import { addMonths, type Day, NEVER, parseDay } from './day.ts';
import { type Ledger, readLedger, typeCode } from './entry.ts';
import { foldLedger, type Snapshot } from './fold.ts';
import { mergeStages } from './merge.ts';
import { missingOf } from './missing.ts';
import { type Amount, parseAmount } from './money.ts';
import { confirmedEntries, extendPrefix, type FoldedPrefix, foldPrefix, type PrefixFolds } from './prefix.ts';
import { type CompiledRule, GRAVITY, stageOf } from './program.ts';
import type { LedgerRecord, Money, Stage } from './record.ts';
import type { Facts, Fold } from './state.ts';
import type { ClockState, CountsFrom, Move, StageEntry, Timeline } from './timeline.ts';
import { gravityIn, plannedFrom } from './timeline-queries.ts';

export { checkMeaning, checkRecord, END_OF_DAYS, lastRecordDay } from './check.ts';
export { compileRule } from './compile.ts';
export { addMonths, type Day, formatDay, formatDayOrNull, isDate, parseDay } from './day.ts';
export { eligibleActions } from './eligible-actions.ts';
export { type Ledger, readAt, readLedger, standingRecords } from './entry.ts';
export { dailyFeeOf, endsWithDailyFee, FACT_SEPARATOR, namesFee, readChargedFact } from './facts.ts';
export { patternsOf } from './match.ts';
export { formatAmount, parseAmount, parsePrice } from './money.ts';
export { type CompiledRule, GRAVITY, RuleError } from './program.ts';
export type * from './record.ts';
export type { Facts } from './state.ts';
export type * from './timeline.ts';
export {
  gravityIn,
  isOverdue,
  missedWithoutPending,
  plannedFrom,
  stageThatHolds,
} from './timeline-queries.ts';
export { dateInZone, instantOf, safeDay, ZONE_AHEAD, ZONE_BEHIND } from './zone.ts';

const ACTIVATED = typeCode('activated');
const TEN_YEARS = 120;

export type TimelineInput = {
  /** In the order entered; voids are applied. Records after `as_of` are plans: folded, and marked `planned`. */
  records: readonly LedgerRecord[];
  /** The owner's answers to what the rule asks, by the name of the fact. */
  facts?: Facts;
  plan_price?: Money | null;
  /** IANA; the rule's own by default. */
  time_zone?: string | null;
  /** The last day of history, as `2026-03-01`, in the line's zone. */
  as_of: string;
  /** The last day of the forecast; ten years after `as_of` by default. */
  until?: string | null;
  /** Collect the deadlines that records moved. */
  moves?: boolean;
};

type ReadingResult = { fold: Fold; snapshot: Snapshot };
type Folded = {
  earliest: ReadingResult;
  latest: ReadingResult;
  moves: Move[];
  stages: StageEntry[];
  stage: Stage;
  actBy: Day | null;
};

/**
 * The gravity of the present stage: the earliest reading's, or the latest's if that is graver, because a record that
 * may be of a later day may have come too late. It is lost only once both readings say so.
 */
function presentGravity(earliest: number, latest: number): number {
  if (Math.max(earliest, latest) >= GRAVITY.lost) return Math.min(earliest, latest);
  return latest > Math.max(earliest, GRAVITY.active) ? latest : earliest;
}

/**
 * The day before the first stage after `as_of` that is graver than the present one; null if none is known. A stage that
 * the earliest reading has already reached counts by its date in the latest reading.
 */
function actBy(stages: readonly StageEntry[], stage: Stage, asOf: Day): Day | null {
  const present = gravityIn(stage);
  let first = NEVER;
  for (const entry of stages) {
    if (entry.stage === 'reissuable' || GRAVITY[entry.stage] <= present) continue;
    const day = plannedFrom(entry) > asOf ? plannedFrom(entry) : entry.latest_from;
    if (day !== null && day > asOf && day < first) first = day;
  }
  return first < NEVER ? first - 1 : null;
}

type Conditions = { facts: Facts; planPrice: Amount | null; asOf: Day; until: Day };

function foldBothReadings(
  rule: CompiledRule,
  ledger: Ledger,
  conditions: Conditions,
  wantMoves: boolean,
  past: PrefixFolds['all'] | null,
): Folded {
  const moves: Move[] = [];
  const { facts, planPrice, asOf, until } = conditions;
  const input = { facts, planPrice, asOf, until, entries: ledger.earliest };
  const earliest = foldLedger(rule, rule.earliest, input, wantMoves ? moves : null, past?.earliest);
  const latest = foldLedger(rule, rule.latest, { ...input, entries: ledger.latest }, null, past?.latest);
  const stages = mergeStages(earliest.fold, latest.fold);
  const stage = stageOf(presentGravity(earliest.snapshot.gravity, latest.snapshot.gravity));
  return { earliest, latest, moves, stages, stage, actBy: actBy(stages, stage, conditions.asOf) };
}

function clocksOf(rule: CompiledRule, { earliest, latest }: Folded, until: Day): ClockState[] {
  const clocks: ClockState[] = [];
  rule.slotNames.forEach((clock, slot) => {
    if (!earliest.snapshot.clocks[slot] && !latest.snapshot.clocks[slot]) return;
    const known = (end: Day | undefined) => (end === undefined || end === -NEVER || end > until ? null : end);
    const [a, b] = [known(earliest.snapshot.ends[slot]), known(latest.snapshot.ends[slot])];
    const areBothKnown = a !== null && b !== null;
    const program = earliest.snapshot.clocks[slot] ?? latest.snapshot.clocks[slot];
    const { setBy, countsFrom } = earliest.snapshot.setBy[slot] ? earliest.snapshot : latest.snapshot;
    const record = setBy[slot]?.id ?? null;
    clocks.push({
      clock,
      ends: areBothKnown ? Math.min(a, b) : a,
      latest: areBothKnown ? Math.max(a, b) : b,
      set_by: record,
      because: {
        clock,
        record,
        counts_from: countsFrom[slot] as CountsFrom,
        fact: earliest.snapshot.facts[slot] ?? latest.snapshot.facts[slot] ?? program?.fact ?? null,
        evidence: program?.evidence ?? [],
      },
    });
  });
  return clocks;
}

const firstAfter = (days: readonly (Day | null)[], asOf: Day): Day | null => {
  const day = Math.min(
    NEVER,
    ...days.map((candidate) => (candidate !== null && candidate > asOf ? candidate : NEVER)),
  );
  return day < NEVER ? day : null;
};

/**
 * Two dates in ascending order: of the loss, certain or not, that holds or comes next, and the latest date of the
 * certain loss.
 */
function lossOf({ earliest, latest, stages }: Folded, asOf: Day): [Day | null, Day | null] {
  const lost = stages.filter((entry) => entry.stage === 'lost');
  const certain = lost.filter((entry) => entry.certainty === 'certain').map((entry) => entry.latest_from);
  const holdsSince = Math.min(earliest.snapshot.lost, latest.snapshot.lost);
  const first = holdsSince < NEVER ? holdsSince : firstAfter(lost.map(plannedFrom), asOf);
  const [inEarliest, inLatest] = [earliest.snapshot.certainlyLost, latest.snapshot.certainlyLost];
  const holdsInBoth = inEarliest < NEVER && inLatest < NEVER;
  // A loss that only the latest reading has reached is certain only if the earliest knows nothing of the line.
  const inLatestAlone = inLatest < NEVER && earliest.snapshot.gravity === GRAVITY.unknown ? inLatest : null;
  const last = holdsInBoth ? Math.max(inEarliest, inLatest) : (firstAfter(certain, asOf) ?? inLatestAlone);
  if (first === null || last === null) return [first ?? last, last];
  return [Math.min(first, last), Math.max(first, last)];
}

/** The last safe day, if the line is past it; else null. */
function atRiskSince({ earliest, latest }: Folded, asOf: Day): Day | null {
  const risk = Math.min(earliest.snapshot.risk, latest.snapshot.risk);
  return risk <= asOf ? risk - 1 : null;
}

/** Whether two folds reach the same stages on the same days after `asOf`. */
function hasSameFuture(a: Folded, b: Folded, asOf: Day): boolean {
  const ahead = (day: Day | null) => (day !== null && day > asOf ? day : null);
  const daysOf = ({ stages }: Folded) =>
    stages
      .map(({ stage, certainty, from, latest_from }) => [stage, certainty, ahead(from), ahead(latest_from)])
      .filter(([, , from, latest]) => from !== null || latest !== null);
  return a.actBy === b.actBy && JSON.stringify(daysOf(a)) === JSON.stringify(daysOf(b));
}

/**
 * Folds a ledger that `readLedger` has read into a timeline. Days are integers; amounts, `planPrice` among them, are
 * integers of ten-thousandths. Entries that are already folded in `past` are not folded again.
 */
export function foldTimeline(
  rule: CompiledRule,
  ledger: Ledger,
  conditions: Conditions & { timeZone: string; moves: boolean },
  past: PrefixFolds | null = null,
): Timeline {
  const { asOf, until, facts } = conditions;
  const folded = foldBothReadings(rule, ledger, conditions, conditions.moves, past?.all ?? null);
  const { earliest, latest, stages, stage } = folded;
  const pending = ledger.earliest.some((entry) => entry.pending);
  const settled = pending
    ? foldBothReadings(
        rule,
        { ...ledger, earliest: confirmedEntries(ledger.earliest), latest: confirmedEntries(ledger.latest) },
        conditions,
        conditions.moves,
        past?.settled ?? null,
      )
    : folded;
  const [lostOn, latestLostOn] = lossOf(folded, asOf);
  const [{ snapshot: seen }, { snapshot: seenLatest }] = [earliest, latest];
  const setByPending = [...seen.setBy, ...seenLatest.setBy].some((entry) => entry?.pending);
  return {
    rule: rule.id,
    version: seen.version.sinceText,
    as_of: asOf,
    until,
    time_zone: conditions.timeZone,
    stage,
    provisional:
      pending && (setByPending || settled.stage !== stage || !hasSameFuture(settled, folded, asOf)),
    act_by: folded.actBy,
    confirmed_act_by: settled.actBy,
    at_risk_since: atRiskSince(folded, asOf),
    confirmed_at_risk_since: atRiskSince(settled, asOf),
    lost_on: lostOn,
    latest_lost_on: latestLostOn,
    missing: missingOf(
      rule,
      seen,
      facts,
      ledger.earliest.some((entry) => entry.type === ACTIVATED),
    ),
    balance: seen.balance,
    clocks: clocksOf(rule, folded, until),
    stages,
    contradicted: earliest.fold.contradicted.filter((id) => latest.fold.contradicted.includes(id)),
    drift: earliest.fold.drift,
    moves: folded.moves,
    confirmed_moves: settled.moves,
  };
}

function conditionsOf(rule: CompiledRule, input: TimelineInput) {
  const asOf = parseDay(input.as_of);
  if (asOf === null) throw new RangeError(`as_of: ${input.as_of} is no date`);
  const until = input.until ? parseDay(input.until) : addMonths(asOf, TEN_YEARS);
  if (until === null) throw new RangeError(`until: ${input.until} is no date`);
  return {
    facts: input.facts ?? {},
    planPrice: input.plan_price ? parseAmount(input.plan_price.amount) : null,
    asOf,
    until: Math.max(until, asOf),
    timeZone: input.time_zone ?? rule.time_zone,
    moves: input.moves ?? false,
  };
}

/**
 * The timeline of a line. Throws a RangeError on a date, zone or amount that the record schemas would have refused.
 */
export function timelineOf(rule: CompiledRule, input: TimelineInput): Timeline {
  const conditions = conditionsOf(rule, input);
  return foldTimeline(rule, readLedger(input.records, conditions.timeZone), conditions);
}

/** Timelines of one line with different records added: see {@link lookAhead}. */
export type LookAhead = {
  /** The timeline with `records` appended, none of them a void; `asOf` is `as_of` or a later day. */
  timeline(records: readonly LedgerRecord[], asOf?: Day): Timeline;
  /** How many of the line's own records each call folds again, in both readings together. */
  refoldedCount: number;
};

/** As {@link timelineOf}, for many calls: the ledger is read, and its part before `as_of` folded, only once. */
export function lookAhead(rule: CompiledRule, input: TimelineInput): LookAhead {
  const conditions = conditionsOf(rule, { ...input, moves: false });
  const ledger = readLedger(input.records, conditions.timeZone);
  const prefix: FoldedPrefix = foldPrefix(rule, ledger, { ...conditions, from: conditions.asOf });
  const { earliest, latest } = prefix.foldedCounts;
  return {
    timeline(records, asOf = conditions.asOf) {
      const { ledger, past } = extendPrefix(prefix, records, conditions.timeZone);
      return foldTimeline(
        rule,
        ledger,
        { ...conditions, asOf, until: Math.max(conditions.until, asOf) },
        past,
      );
    },
    refoldedCount: 2 * ledger.earliest.length - earliest - latest,
  };
}
