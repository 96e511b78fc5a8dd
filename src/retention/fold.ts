/**
 * Folds a ledger under one reading of a rule. Two things change a line: a record, and time. Both are taken in the
 * order of their dates, jumping from event to event.
 */
import { apply } from './apply.ts';
import { settleFees } from './charges.ts';
import { type Day, NEVER } from './day.ts';
import { type Entry, typeCode } from './entry.ts';
import type { Amount } from './money.ts';
import { expectedEnd } from './pause.ts';
import {
  type ClockProgram,
  type CompiledRule,
  GRAVITY,
  type Program,
  type Reading,
  type VersionProgram,
} from './program.ts';
import { copyFold, dayOf, type Fold, type FoldInput, newFold, versionOf } from './state.ts';
import { advance, reschedule, settle } from './time.ts';
import type { CountsFrom, Move } from './timeline.ts';
import { clocksInForce, startByDate } from './version.ts';

const ACTIVATED = typeCode('activated');

/** The line at the end of `as_of`. */
export type Snapshot = {
  gravity: number;
  /** The first day since which the line has been at risk without a break; NEVER if it is not. */
  risk: Day;
  version: VersionProgram;
  balance: Amount | null;
  planPrice: Amount | null;
  unsaidCharge: boolean;
  clocks: readonly (ClockProgram | null)[];
  ends: Day[];
  setBy: (Entry | null)[];
  countsFrom: CountsFrom[];
  /** The length that each clock ran for, if it is not the clock's own. */
  facts: (string | null)[];
  /** The first day of the loss that holds, certain or not; and of the certain one. */
  lost: Day;
  certainlyLost: Day;
};

function takeSnapshot(fold: Fold): Snapshot {
  if (fold.dirty) settle(fold, fold.asOf, null);
  settleFees(fold, fold.asOf);
  let risk = NEVER;
  const ends: Day[] = [];
  const setBy: (Entry | null)[] = [];
  const countsFrom: CountsFrom[] = [];
  const facts: (string | null)[] = [];
  for (const slot of fold.slots) {
    if (slot.started && slot.risk < risk) risk = slot.risk;
    ends.push(slot.started && slot.clock ? expectedEnd(slot) : -NEVER);
    setBy.push(slot.setBy);
    countsFrom.push(slot.countsFrom);
    facts.push(slot.fact);
  }
  let certainlyLost = NEVER;
  if (fold.gravity >= GRAVITY.lost) {
    const before = fold.certain.findLastIndex(({ gravity }) => gravity < GRAVITY.lost);
    certainlyLost = fold.certain[before + 1]?.day ?? fold.day;
  }
  let lost = certainlyLost;
  for (const transition of fold.may) {
    if (transition.gravity === GRAVITY.lost && !transition.withdrawn) lost = Math.min(lost, transition.day);
  }
  return {
    gravity: fold.gravity,
    risk: fold.status && fold.gravity <= GRAVITY.active ? NEVER : risk,
    version: versionOf(fold),
    balance: fold.balanceKnown ? fold.balance : null,
    planPrice: fold.planPrice,
    unsaidCharge: fold.unsaidCharge,
    clocks: fold.clocks,
    ends,
    setBy,
    countsFrom,
    facts,
    lost,
    certainlyLost,
  };
}

/**
 * The nearest deadline of the line's use or, with `duty`, of its owner's duties: one that was missed and not made good,
 * or the last good day of a clock.
 */
function nearestDeadline(fold: Fold, duty: boolean): Move | null {
  let nearest: Move | null = null;
  for (const { clock, started, risk, end, stage } of fold.slots) {
    if (!clock || !started || clock.duty !== duty || clock.stages.length === 0) continue;
    const day = risk !== NEVER ? risk - 1 : end;
    if (day >= NEVER || (nearest && nearest.from <= day)) continue;
    const name = clock.stages[Math.max(stage, 0)]?.stage ?? 'lost';
    nearest = { record: '', on: fold.day, from: day, to: null, stage: name, clock: clock.name };
  }
  return nearest;
}

function noteMove(moves: Move[], before: Move | null, after: Move | null, entry: Entry, on: Day): void {
  if (before && before.from !== after?.from) {
    moves.push({ ...before, record: entry.id, on, to: after?.from ?? null });
  }
}

function activationOf(entries: readonly Entry[], reading: Reading): Day {
  let activated = NEVER;
  for (const entry of entries) {
    if (entry.type === ACTIVATED && entry[reading] < activated) activated = entry[reading];
  }
  return activated;
}

function startFold(rule: CompiledRule, program: Program, input: FoldInput): Fold {
  const { entries, asOf } = input;
  const fold = newFold(rule, program, input, activationOf(entries, program.reading));
  fold.clocks = clocksInForce(fold);
  const start = Math.min(entries[0]?.[program.reading] ?? asOf, asOf);
  fold.day = start;
  fold.moment = 2 * start;
  startByDate(fold, start);
  reschedule(fold);
  return fold;
}

function applyEntry(fold: Fold, entry: Entry, day: Day, moves: Move[] | null): void {
  if (fold.next <= 2 * day) advance(fold, 2 * day);
  if (moves === null) {
    apply(fold, entry, day);
  } else {
    const [use, duty] = [nearestDeadline(fold, false), nearestDeadline(fold, true)];
    apply(fold, entry, day);
    noteMove(moves, use, nearestDeadline(fold, false), entry, day);
    noteMove(moves, duty, nearestDeadline(fold, true), entry, day);
  }
}

/**
 * Folds the first `count` entries, none of a day after `asOf`, for {@link foldLedger} to continue from. Null if there
 * are none: a fold begins with the first entry or, without entries, on `asOf`.
 */
export function foldFirst(
  rule: CompiledRule,
  program: Program,
  input: FoldInput,
  count: number,
): Fold | null {
  if (count === 0) return null;
  const fold = startFold(rule, program, input);
  for (const entry of input.entries.slice(0, count)) applyEntry(fold, entry, dayOf(fold, entry), null);
  return fold;
}

/**
 * Folds a line's records under one reading, up to `until`, and takes a snapshot at the end of `asOf`. `moves`, if
 * given, collects every deadline that a record moved; `first`, if given, is a fold of the first entries to continue
 * from.
 */
export function foldLedger(
  rule: CompiledRule,
  program: Program,
  input: FoldInput,
  moves: Move[] | null,
  first: Fold | null = null,
): { fold: Fold; snapshot: Snapshot } {
  const { entries, asOf, until } = input;
  const fold = first ? copyFold(first, input) : startFold(rule, program, input);
  let snapshot: Snapshot | null = null;
  for (let i = fold.applied; i < entries.length; i++) {
    const entry = entries[i] as Entry;
    const day = dayOf(fold, entry);
    if (day > until) break;
    if (snapshot === null && day > asOf) {
      advance(fold, 2 * asOf + 1);
      snapshot = takeSnapshot(fold);
    }
    applyEntry(fold, entry, day, moves);
  }
  if (snapshot === null) {
    advance(fold, 2 * asOf + 1);
    snapshot = takeSnapshot(fold);
  }
  advance(fold, 2 * until + 1);
  return { fold, snapshot };
}
