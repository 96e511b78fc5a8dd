/** Restarts clocks: a record moves a clock's end, and the stage that held is left behind. */
import { addMonths, addSpan, type Day, NEVER, type Span } from './day.ts';
import { type Entry, typeCode, UNSAID, YES } from './entry.ts';
import { matchPattern, type PatternProgram, stageBit } from './match.ts';
import { resume } from './pause.ts';
import type { ClockProgram, Length, SumProgram } from './program.ts';
import { certainStageOf } from './stage.ts';
import { dayOf, type Fold, type Slot, touch } from './state.ts';

const ACTIVITY = typeCode('activity');
const PLAN_RENEWED = typeCode('plan_renewed');
/** A renewal recorded within this many days of an assumed one confirms it. */
const CONFIRMS_WITHIN = 3;
/** The number of days that an owner states is less than this. */
const MAX_DAYS = 100_000;

/** The days that the owner states in a fact; null if they are not known. */
function spanByFact(fold: Fold, fact: string): Span | null {
  const days = fold.facts[fact];
  return typeof days === 'number' && Number.isInteger(days) && days > 0 && days < MAX_DAYS
    ? { count: days, unit: 'day' }
    : null;
}

/** How long the clock runs from this record; null where the record moves nothing. */
function spanOf(fold: Fold, length: Length | null, entry: Entry): Span | null {
  if (length === null) return null;
  if (length.kind === 'fact') return spanByFact(fold, length.fact);
  if (length.kind === 'span') return length.span;
  if (length.kind === 'product')
    return entry.product === null ? null : (length.spans.get(entry.product) ?? null);
  const known = length.kind === 'amount' || !fold.balanceKnown ? entry.amount : fold.balance;
  const amount =
    length.kind === 'balance' && !fold.balanceKnown && fold.latest ? Number.POSITIVE_INFINITY : known;
  if (amount === null) return null;
  let reached: Span | null = null;
  for (let i = 0; i < length.least.length && amount >= (length.least[i] as number); i++)
    reached = length.spans[i] as Span;
  return reached;
}

/**
 * Withdraws the `may` stages of a clock that a record restarts. A planned record withdraws none: what may come before
 * it, still may.
 */
function withdrawMayStages(fold: Fold, slot: Slot): void {
  if (fold.day > fold.asOf) return;
  for (const transition of fold.may) if (transition.slot === slot) transition.withdrawn = true;
}

/** The first pattern that a record matches. What the record leaves open counts in the latest reading only. */
export function matchingPattern(
  fold: Fold,
  patterns: readonly PatternProgram[] | null,
  entry: Entry,
): PatternProgram | null {
  if (patterns === null) return null;
  for (const pattern of patterns) {
    if (pattern.inStages !== 0 && (pattern.inStages & stageBit(fold.gravity)) === 0) continue;
    const answer = matchPattern(pattern, entry, fold.planPrice);
    if (answer === YES) return pattern;
    if (answer === UNSAID) {
      if (entry.type === ACTIVITY && entry.charged === UNSAID) fold.unsaidCharge = true;
      if (fold.latest) return pattern;
    }
  }
  return null;
}

/** Starts or restarts a clock with a new end, out of whatever stage it was in. */
export function run(fold: Fold, slot: Slot, clock: ClockProgram, end: Day, setBy: Entry | null): void {
  if (slot.stage >= 0) withdrawMayStages(fold, slot);
  if (slot.stage >= 0 || slot.charged) fold.stagedCount--;
  touch(fold, slot);
  slot.clock = clock;
  slot.started = true;
  slot.end = end;
  slot.setBy = setBy;
  slot.countsFrom = 'record';
  slot.stage = -1;
  slot.certainStage = -1;
  slot.feeFrom = NEVER;
  slot.empty = false;
  slot.charged = false;
  slot.risk = NEVER;
  slot.timesLeft = clock.charge?.times ?? 0;
  slot.chargedOn = -NEVER;
  slot.chargeCount = 0;
  slot.chargedBy = null;
  slot.refusedAt = -NEVER;
  slot.assumed = false;
  slot.planned = false;
  slot.pausedFrom = NEVER;
  slot.heldFrom = NEVER;
  slot.waitingCure = null;
  slot.fact = null;
}

/** As {@link run}; what follows is counted from the day `from`, to which `months` have been added for `end`. */
export function runFrom(
  fold: Fold,
  slot: Slot,
  clock: ClockProgram,
  end: Day,
  setBy: Entry | null,
  from: Day,
  months = 0,
): void {
  run(fold, slot, clock, end, setBy);
  slot.start = from;
  slot.anchor = from;
  slot.months = months;
}

const monthsOf = (span: Span): number => (span.unit === 'month' ? span.count : 0);

/** Stops a clock: nothing follows from it until it is started again. */
export function stop(fold: Fold, slot: Slot, clock: ClockProgram): void {
  run(fold, slot, clock, NEVER, null);
  slot.started = false;
  fold.mustReviewStage = true;
}

/** The date that a record carries, if the pattern counts from it; else null. */
export const statedDay = ({ fromDate }: PatternProgram, { date }: Entry): Day | null =>
  fromDate ? date : null;

/**
 * Restarts a clock by a record that matches `pattern`. True if the record only confirms an assumed renewal, and so
 * neither extends the clock nor is debited again.
 */
export function restart(
  fold: Fold,
  slot: Slot,
  clock: ClockProgram,
  pattern: PatternProgram,
  entry: Entry,
  day: Day,
): boolean {
  const terms = pattern.terms ?? clock.terms;
  const heldStage = certainStageOf(slot);
  const fact = heldStage?.length ? heldStage.lengthFact : (pattern.terms?.fact ?? null);
  const span = spanOf(fold, heldStage?.length ?? terms.length, entry);
  if (span === null) return false;
  const isFresh = !slot.started || slot.activatedOn === day;
  if (!isFresh && entry.type === PLAN_RENEWED && Math.abs(day - slot.chargedOn) <= CONFIRMS_WITHIN) {
    slot.setBy = entry;
    slot.countsFrom = terms.extend === 'from_end' ? 'end' : 'record';
    slot.assumed = false;
    slot.chargedOn = -NEVER;
    slot.chargeCount = 0;
    slot.chargedBy = null;
    touch(fold, slot);
    return true;
  }
  if (!isFresh) resume(fold, slot, day);
  const isExpired = slot.end < day;
  const mode = terms.extend;
  const stated = statedDay(pattern, entry);
  const base = stated ?? day;
  const ceiling = terms.cap ? addSpan(day, terms.cap) : NEVER;
  if (mode === 'from_end' && !isFresh && !isExpired) {
    extend(slot, clock, span, ceiling);
    run(fold, slot, clock, slot.end, entry);
    slot.countsFrom = 'end';
    slot.fact = fact;
    slot.start = base;
    return false;
  }
  if (mode === 'from_end' && !isFresh && terms.refuseExpired) return false;
  const uncapped = addSpan(base, span, clock.monthEnd) - clock.inclusive;
  const end = Math.min(uncapped, ceiling);
  if (mode === 'later' && !isFresh && slot.end >= end) return false;
  runFrom(fold, slot, clock, end, entry, base, end === uncapped ? monthsOf(span) : 0);
  if (stated !== null) slot.countsFrom = 'told_day';
  slot.fact = fact;
  return false;
}

/** Adds a span to the current end, `times` over; months are counted from the anchor, never from a clamped date. */
export function lengthen(slot: Slot, clock: ClockProgram, span: Span, times: number): void {
  if (span.unit === 'day') {
    slot.end += span.count * times;
    slot.months = 0;
    return;
  }
  if (slot.months === 0) slot.anchor = slot.end + clock.inclusive;
  slot.months += span.count * times;
  slot.end = addMonths(slot.anchor, slot.months, clock.monthEnd) - clock.inclusive;
}

/** Adds a span to the current end, up to the ceiling; what exceeds it is lost. */
function extend(slot: Slot, clock: ClockProgram, span: Span, ceiling: Day): void {
  const before = slot.end;
  lengthen(slot, clock, span, 1);
  if (slot.end <= ceiling) return;
  slot.end = Math.max(before, ceiling);
  slot.months = 0;
}

/** The activation starts a clock for its first period, unless a record of that same day already has. */
export function activate(fold: Fold, slot: Slot, clock: ClockProgram, entry: Entry, day: Day): void {
  const first =
    clock.firstByFact && clock.terms.length?.kind === 'fact'
      ? spanByFact(fold, clock.terms.length.fact)
      : clock.first;
  if (first === null || clock.runsBy !== 'records') return;
  if (slot.started && slot.setBy && dayOf(fold, slot.setBy) === day) return;
  const end = addSpan(day, first, clock.monthEnd) - clock.inclusive;
  runFrom(fold, slot, clock, end, entry, day, monthsOf(first));
  if (clock.first === first && clock.firstFact !== clock.terms.fact) slot.fact = clock.firstFact;
  slot.activatedOn = day;
}

/** Adds a charge to a sum. Once the sum is met, the clock runs from the oldest charge that is still needed for it. */
export function addToSum(
  fold: Fold,
  slot: Slot,
  clock: ClockProgram,
  sum: SumProgram,
  entry: Entry,
  day: Day,
): void {
  if ((sum.kinds & entry.kind) === 0 || entry.amount === null || entry.amount <= 0) return;
  slot.spending ??= [];
  if (slot.spending.at(-1) !== entry) slot.spending.push(entry);
  resume(fold, slot, day);
  let total = 0;
  for (let i = slot.spending.length - 1; i >= 0; i--) {
    const charge = slot.spending[i] as Entry;
    const from = dayOf(fold, charge);
    const over = addSpan(from, sum.over);
    if (over < day) break;
    total += charge.amount as number;
    if (sum.strict ? total > sum.limit : total >= sum.limit) {
      const end = over - clock.inclusive;
      if (slot.started && slot.end >= end) return;
      runFrom(fold, slot, clock, end, entry, from);
      slot.countsFrom = 'sum';
      slot.fact = sum.fact;
      return;
    }
  }
}
