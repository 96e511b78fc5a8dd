/**
 * Folds a ledger under one reading of a rule. Two things change a line: a record, and time. Both are taken in the
 * order of their dates, jumping from event to event: `next` is the earliest half-day at which time alone does
 * something (twice the day for its morning, one more for its evening).
 */
import { chargeAtEnd, chargeMonthly, emptiedOn, nextDateOfMonth, resumeFees, settleFees } from './charges.ts';
import { type ClockProgram, type CompiledRule, GRAVITY, type Program, type StageProgram } from './compile.ts';
import { addSpan, type Day, NEVER } from './day.ts';
import { type Entry, NO, typeCode, UNSAID, YES } from './entry.ts';
import { matchPattern, type PatternProgram } from './match.ts';
import type { Amount } from './money.ts';
import type { Stage } from './record.ts';
import { activate, addToSum, restart, run, stop } from './restart.ts';
import { certainStage, type Facts, type Fold, hasEnded, newSlot, type Slot, type Snapshot } from './state.ts';
import type { Move } from './timeline.ts';

const FOREVER = 2 * NEVER;
const ACTIVATED = typeCode('activated');
const TOPUP = typeCode('topup');
const ACTIVITY = typeCode('activity');
const PURCHASE = typeCode('purchase');
const PLAN_RENEWED = typeCode('plan_renewed');
const PLAN = typeCode('plan');
const BALANCE = typeCode('balance');
const VALIDITY = typeCode('validity');
const STATUS = typeCode('status');

export type FoldInput = {
  entries: readonly Entry[];
  facts: Facts;
  planPrice: Amount | null;
  asOf: Day;
  until: Day;
  /** Collects every deadline that a record moved. */
  moves: Move[] | null;
};

type Folding = Fold & {
  readonly reading: 'earliest' | 'latest';
  readonly activated: Day;
  readonly entries: readonly Entry[];
  readonly alone: boolean;
  readonly doubtfulVersions: ReadonlySet<number>;
  applied: number;
};

/** Which of a version's clocks are this line's: those whose conditions are all known to hold. */
function clocksOf(
  program: Program,
  version: number,
  facts: Facts,
  activated: Day,
): readonly (ClockProgram | null)[] {
  const clocks = (program.versions[version] as Program['versions'][number]).clocks;
  const applies = (clock: ClockProgram): boolean =>
    clock.facts.every(([name, value]) => facts[name] === value) &&
    (clock.activatedBefore === NEVER || activated < clock.activatedBefore) &&
    (clock.activatedFrom === -NEVER || (activated !== NEVER && activated >= clock.activatedFrom));
  return clocks.every((clock) => clock === null || applies(clock))
    ? clocks
    : clocks.map((clock) => (clock !== null && applies(clock) ? clock : null));
}

/** The day on which the stage after the one that holds begins. */
function nextStageOn(slot: Slot): Day {
  const clock = slot.clock as ClockProgram;
  const next = clock.stages[slot.stage + 1];
  if (!next) return NEVER;
  if (slot.stage < 0) return slot.end + 1;
  if (next.onDay > 0) return Math.max(slot.anchor + next.onDay, slot.lastGood + 1);
  const lasts = (clock.stages[slot.stage] as StageProgram).lasts;
  return lasts === null ? NEVER : addSpan(slot.lastGood, lasts) + 1;
}

function schedule(fold: Folding, slot: Slot): void {
  const clock = slot.clock;
  let next = slot.nextMonthly === NEVER || !fold.known ? FOREVER : 2 * slot.nextMonthly;
  if (clock && slot.stage < 0) {
    if (slot.started && slot.end < NEVER) {
      const evening = 2 * slot.end + 1;
      if (clock.charge?.atEnd && slot.refusedAt !== slot.end && slot.timesLeft > 0)
        next = Math.min(next, evening);
      else if (clock.stages.length > 0) next = Math.min(next, evening + 1);
    }
  } else if (clock) {
    next = Math.min(next, 2 * nextStageOn(slot));
    if (slot.feeFrom !== NEVER) next = Math.min(next, 2 * emptiedOn(fold, slot));
  }
  slot.next = next;
}

/** Clocks that follow others end with the last of them, or with the first. */
function follow(fold: Folding): void {
  for (let i = 0; i < fold.slots.length; i++) {
    const clock = fold.clocks[i];
    if (clock?.runsBy !== 'clocks') continue;
    const slot = fold.slots[i] as Slot;
    const started = clock.members
      .map((member) => fold.slots[member] as Slot)
      .filter((member) => member.started);
    const enough = clock.allMembers ? started.length === clock.members.length : started.length > 0;
    if (!enough) {
      if (slot.started) stop(fold, slot, clock);
      continue;
    }
    const governing = started.reduce((a, b) => (a.end < b.end === clock.allMembers ? b : a));
    if (slot.started && slot.end === governing.end) continue;
    run(fold, slot, clock, governing.end, governing.setBy);
    slot.anchor = governing.anchor;
  }
}

function reschedule(fold: Folding): void {
  const version = fold.program.versions[fold.version + 1];
  let next = version ? 2 * version.since : FOREVER;
  for (const slot of fold.slots) {
    schedule(fold, slot);
    if (slot.next < next) next = slot.next;
  }
  fold.next = next;
}

/** Starts and stops the clocks that watch the balance. */
function watchBalance(fold: Folding, day: Day, entry: Entry | null, alive: boolean): void {
  for (let i = 0; i < fold.slots.length; i++) {
    const clock = fold.clocks[i];
    if (clock?.runsBy !== 'balance') continue;
    const slot = fold.slots[i] as Slot;
    const holds = fold.known
      ? clock.strictlyNegative
        ? fold.balance < 0
        : fold.balance <= 0
      : !fold.latest && !clock.strictlyNegative;
    if (!holds) {
      if (slot.started) stop(fold, slot, clock);
    } else if (!slot.started || (alive && !fold.known)) {
      const span = clock.length?.kind === 'span' ? clock.length.span : { count: 0, unit: 'day' as const };
      run(fold, slot, clock, addSpan(day, span, clock.monthEnd) - clock.inclusive, entry);
      slot.anchor = day;
    }
  }
}

function currentStage(fold: Folding): { stage: Stage; slot: Slot | null } {
  let stage: Stage = 'unknown';
  let cause: Slot | null = null;
  for (const slot of fold.slots) {
    if (!slot.started || !slot.clock || (slot.clock.stages.length === 0 && !slot.clock.charge)) continue;
    const own = certainStage(slot) ?? 'active';
    if (GRAVITY[own] > GRAVITY[stage]) {
      stage = own;
      cause = slot;
    }
  }
  return { stage, slot: cause };
}

const isPlan = (fold: Folding, entry: Entry | null): boolean =>
  entry !== null && entry[fold.reading] > fold.asOf;

/** Writes down the stage that now holds, where it is another than before. */
function observe(fold: Folding, day: Day, entry: Entry | null): void {
  const { stage: computed, slot } = currentStage(fold);
  let stage = computed;
  if (fold.said) {
    const said = fold.said.stage as Stage;
    if (GRAVITY[computed] > Math.max(fold.saidOver, GRAVITY[said])) fold.said = null;
    else stage = said;
  }
  if (stage === fold.stage) return;
  const byClock = fold.said === null;
  const cause = !byClock || GRAVITY[stage] <= 0 ? null : slot;
  const clock = cause?.clock ?? null;
  const setBy = cause?.setBy ?? null;
  const emptied = cause?.empty ?? false;
  const watches = emptied || clock?.runsBy === 'balance';
  fold.certain.push({
    stage,
    day,
    slot: cause,
    clock,
    program: cause && cause.stage >= 0 ? (clock?.stages[cause.stage] ?? null) : null,
    record: entry,
    setBy,
    emptied,
    assumed: cause !== null && (cause.assumed || cause.charged || (watches && fold.balanceAssumed)),
    planned: isPlan(fold, entry) || isPlan(fold, setBy) || (watches && fold.balancePlanned),
    withdrawn: false,
  });
  fold.stage = stage;
}

/** A clock enters its next stage on a day; stages that another clock's end rules out are passed over. */
function enterNextStage(fold: Folding, slot: Slot, day: Day): void {
  const clock = slot.clock as ClockProgram;
  if (slot.stage < 0) slot.risk = Math.min(slot.risk, day);
  let index = slot.stage + 1;
  while (index < clock.stages.length) {
    const unless = (clock.stages[index] as StageProgram).unlessEnded;
    if (unless < 0 || !hasEnded(fold, fold.slots[unless], day)) break;
    index++;
  }
  if (index >= clock.stages.length) index = clock.stages.length - 1;
  const program = clock.stages[index] as StageProgram;
  // A clock found to have ended earlier counts its stages from its end, though the line enters them only now.
  slot.lastGood = slot.stage < 0 && index === 0 ? slot.end : day - 1;
  slot.stage = index;
  slot.empty = program.charge !== null && fold.known && fold.balance <= 0;
  slot.feeFrom = program.charge !== null && !slot.empty ? day : NEVER;
  if (program.may) {
    fold.may.push({
      stage: program.stage,
      day,
      slot,
      clock,
      program,
      record: null,
      setBy: slot.setBy,
      emptied: false,
      assumed: slot.assumed || (clock.runsBy === 'balance' && fold.balanceAssumed),
      planned: isPlan(fold, slot.setBy) || (clock.runsBy === 'balance' && fold.balancePlanned),
      withdrawn: false,
    });
  }
}

/** What time does to one clock at a half-day; the limit is the half-day up to which time passes at once. */
function pass(fold: Folding, slot: Slot, at: number, limit: number): void {
  const day = at >> 1;
  const clock = slot.clock as ClockProgram;
  if (slot.nextMonthly === day && at % 2 === 0) {
    const own = clock?.charge ?? null;
    if (own) chargeMonthly(fold, slot, own, day);
    else slot.nextMonthly = NEVER;
    watchBalance(fold, day, null, false);
    resumeFees(fold, day);
    return;
  }
  if (at % 2 === 1) {
    settleFees(fold, day);
    const charge = clock.charge as NonNullable<ClockProgram['charge']>;
    if (!chargeAtEnd(fold, slot, charge, limit >> 1, fold.alone)) slot.refusedAt = slot.end;
    watchBalance(fold, day, null, false);
    return;
  }
  if (slot.feeFrom !== NEVER && emptiedOn(fold, slot) === day) {
    if (fold.known) settleFees(fold, day);
    slot.empty = true;
    slot.feeFrom = NEVER;
    watchBalance(fold, day, null, false);
    return;
  }
  if (slot.stage >= 0) settleFees(fold, day - 1);
  enterNextStage(fold, slot, day);
}

/** Lets time pass up to and with a half-day. */
function advance(fold: Folding, limit: number): void {
  while (fold.next <= limit) {
    const at = fold.next;
    const day = Math.max(at >> 1, fold.day);
    const version = fold.program.versions[fold.version + 1];
    if (version && 2 * version.since === at) switchVersion(fold, version.since);
    // One clock at a time: what it does can move what the others do on the same half-day.
    for (const slot of fold.slots) {
      if (slot.next !== at) continue;
      pass(fold, slot, 2 * day + (at & 1), limit);
      break;
    }
    follow(fold);
    observe(fold, day, null);
    fold.day = day;
    reschedule(fold);
  }
}

/** The last record that this clock would have counted, for a version that governs what has been as well. */
function lastTrigger(
  fold: Folding,
  clock: ClockProgram,
  entries: readonly Entry[],
  upTo: number,
): Entry | null {
  for (let i = upTo - 1; i >= 0; i--) {
    const entry = entries[i] as Entry;
    if (hit(fold, clock.triggers[entry.type] ?? null, entry)) return entry;
  }
  return null;
}

/**
 * A version takes force. Clocks that run keep their end, unless it governs them too: then those that count from an
 * event are computed anew from it, with effect not before the day; where the source does not say, the earliest
 * reading takes the nearer end and the latest the further. Clocks that have ended keep theirs.
 */
function switchVersion(fold: Folding, since: Day): void {
  fold.version++;
  const version = fold.program.versions[fold.version] as Program['versions'][number];
  fold.clocks = clocksOf(fold.program, fold.version, fold.facts, fold.activated);
  const doubtful = fold.doubtfulVersions.has(fold.version);
  fold.clocks.forEach((clock, i) => {
    const slot = fold.slots[i] as Slot;
    if (clock?.charge?.onDayOfMonth && slot.nextMonthly === NEVER) {
      slot.nextMonthly = nextDateOfMonth(since - 1, clock.charge.onDayOfMonth);
    }
    if (!clock) {
      if (version.recompute && slot.started) stop(fold, slot, slot.clock as ClockProgram);
      return;
    }
    if (clock.runsBy === 'date' && !slot.started) run(fold, slot, clock, clock.endsOn, null);
    if (!version.recompute || clock.runsBy !== 'records' || slot.stage >= 0) return;
    const additive = (clock.extend ?? 'from_event') !== 'from_event';
    if (additive && slot.started) return;
    const anchor = slot.started ? slot.setBy : lastTrigger(fold, clock, fold.entries, fold.applied);
    if (!anchor) return;
    const kept = slot.started ? slot.end : NEVER;
    const day = anchor[fold.reading];
    slot.started = false;
    const pattern = hit(fold, clock.triggers[anchor.type] ?? null, anchor);
    if (pattern) restart(fold, slot, clock, pattern, anchor, day);
    else activate(fold, slot, clock, anchor, day);
    const computed = Math.max(slot.end, since - 1);
    slot.started = true;
    slot.end = doubtful ? (fold.latest ? Math.max(kept, computed) : Math.min(kept, computed)) : computed;
  });
  watchBalance(fold, since, null, false);
}

/** The pattern that a record answers, as far as this reading lets the unsaid count. */
function hit(fold: Folding, patterns: readonly PatternProgram[] | null, entry: Entry): PatternProgram | null {
  if (patterns === null) return null;
  for (const pattern of patterns) {
    const answer = matchPattern(pattern, entry, fold.planPrice);
    if (answer === YES) return pattern;
    if (answer === UNSAID) {
      if (entry.charged === UNSAID && entry.type === ACTIVITY) fold.unsaidCharge = true;
      if (fold.latest) return pattern;
    }
  }
  return null;
}

/** What the record does to the balance. Only what it states is taken; a charge of unknown size is not guessed. */
function moveBalance(fold: Folding, entry: Entry, day: Day): void {
  const amount = entry.amount;
  if (entry.type === BALANCE && amount !== null) {
    if (fold.known && fold.balance !== amount)
      fold.drift.push({ record: entry.id, expected: fold.balance, seen: amount });
    fold.known = true;
    fold.balance = amount;
    fold.balanceAssumed = false;
    fold.balancePlanned = false;
    for (let i = 0; i < fold.slots.length; i++) {
      const date = fold.clocks[i]?.charge?.onDayOfMonth;
      if (date) (fold.slots[i] as Slot).nextMonthly = nextDateOfMonth(day, date);
    }
  } else if (fold.known && amount !== null) {
    if (entry.type === TOPUP) fold.balance += amount;
    else if (entry.type === ACTIVITY && entry.allowance !== YES) fold.balance -= amount;
    else if (entry.type === PURCHASE && entry.fromBalance) fold.balance -= amount;
  }
  if (isPlan(fold, entry)) fold.balancePlanned = true;
}

/** A renewal is debited where the balance covers it; else it was paid some other way. */
function debitRenewal(fold: Folding, entry: Entry): void {
  if (!fold.known) return;
  let price = entry.amount;
  for (const clock of fold.clocks) {
    const take = clock?.charge?.atEnd ? clock.charge.take : null;
    price ??= take === 'plan_price' ? fold.planPrice : take;
  }
  if (price !== null && fold.balance >= price) fold.balance -= price;
}

/** The clock whose printed date a `validity` record sets: the one named, or the only one. */
function shownClock(fold: Folding, entry: Entry): ClockProgram | null {
  const shown = fold.clocks.filter((clock) => clock?.shows);
  return shown.length === 1
    ? (shown[0] as ClockProgram)
    : (shown.find((clock) => clock?.shows === entry.of) ?? null);
}

/** Lets the record restart what it restarts. True when a renewal only confirmed an assumed one. */
function trigger(fold: Folding, entry: Entry, day: Day): boolean {
  let confirmed = false;
  let restarted = false;
  for (let i = 0; i < fold.slots.length; i++) {
    const slot = fold.slots[i] as Slot;
    const clock = fold.clocks[i];
    if (!clock) continue;
    const held = slot.stage >= 0 ? (slot.clock as ClockProgram).stages[slot.stage] : undefined;
    const pattern = hit(fold, (held?.cures ?? clock.triggers)[entry.type] ?? null, entry);
    if (pattern && clock.runsBy === 'date') {
      run(fold, slot, clock, pattern.fromDate && entry.date !== null ? entry.date : NEVER, entry);
    } else if (pattern && clock.runsBy === 'records') {
      if (restart(fold, slot, clock, pattern, entry, day)) confirmed = true;
      restarted = true;
    }
    if (entry.type === ACTIVITY && !held?.cures && entry.allowance !== YES) {
      for (const sum of clock.sums) addToSum(fold, slot, clock, sum, entry, day);
    }
  }
  if (restarted && fold.version > 0) dropSuperseded(fold);
  return confirmed;
}

/** Once a record counts under a newer version, the clocks that only an older one had are done with. */
function dropSuperseded(fold: Folding): void {
  fold.slots.forEach((slot, i) => {
    if (slot.started && slot.clock && fold.clocks[i] === null) stop(fold, slot, slot.clock);
  });
}

const showsLife = (entry: Entry): boolean =>
  entry.type === ACTIVATED ||
  entry.type === TOPUP ||
  entry.type === PURCHASE ||
  entry.type === PLAN_RENEWED ||
  (entry.type === ACTIVITY && entry.charged !== NO);

function apply(fold: Folding, entry: Entry, day: Day): void {
  const wasLost = GRAVITY[fold.stage] >= GRAVITY.lost;
  settleFees(fold, day);
  fold.said = null;
  moveBalance(fold, entry, day);
  if (entry.type === PLAN) fold.planPrice = entry.amount;
  else if (entry.type === VALIDITY) {
    const clock = shownClock(fold, entry);
    const slot = clock ? (fold.slots[clock.slot] as Slot) : null;
    if (clock && slot && entry.date !== null) {
      run(fold, slot, clock, entry.date, entry);
      slot.anchor = day;
      slot.months = 0;
    }
  } else if (entry.type === ACTIVATED) {
    for (let i = 0; i < fold.slots.length; i++) {
      const clock = fold.clocks[i];
      if (clock) activate(fold, fold.slots[i] as Slot, clock, entry, day);
    }
  }
  const confirmed = trigger(fold, entry, day);
  if (entry.type === PLAN_RENEWED && !confirmed) debitRenewal(fold, entry);
  watchBalance(fold, day, entry, showsLife(entry));
  resumeFees(fold, day);
  follow(fold);
  if (entry.type === STATUS && entry.stage !== 'unknown') {
    fold.said = entry;
    fold.saidOver = GRAVITY[currentStage(fold).stage];
  }
  observe(fold, day, entry);
  if (wasLost && GRAVITY[fold.stage] < GRAVITY.lost) fold.contradicted.add(entry.id);
  fold.day = day;
  reschedule(fold);
}

/** The nearest deadline as it stands: one that was missed and not made good, or the day before something graver. */
function deadline(fold: Folding): { day: Day; slot: Slot | null; stage: Stage } {
  let best = { day: NEVER, slot: null as Slot | null, stage: 'active' as Stage };
  for (const slot of fold.slots) {
    if (!slot.clock || !slot.started || slot.clock.stages.length === 0) continue;
    const index = Math.max(slot.stage, 0);
    const stage = (slot.clock.stages[index] as StageProgram).stage;
    const day = slot.risk !== NEVER ? slot.risk - 1 : slot.end;
    if (day < best.day) best = { day, slot, stage };
  }
  return best;
}

function takeSnapshot(fold: Folding): Snapshot {
  settleFees(fold, fold.asOf);
  let risk = NEVER;
  let certainlyLost = NEVER;
  for (const slot of fold.slots) {
    if (slot.started && slot.risk < risk) risk = slot.risk;
  }
  const stage = fold.stage;
  if (GRAVITY[stage] >= GRAVITY.lost) {
    certainlyLost = fold.certain.findLast((passage) => passage.stage === 'lost')?.day ?? fold.day;
  }
  const mays = fold.may.filter((passage) => passage.stage === 'lost' && !passage.withdrawn);
  return {
    stage,
    risk: fold.said && GRAVITY[stage] <= 0 ? NEVER : risk,
    version: (fold.program.versions[fold.version] as Program['versions'][number]).sinceText,
    balance: fold.known ? fold.balance : null,
    ends: fold.slots.map((slot) => (slot.started && slot.clock ? slot.end : -NEVER)),
    setBy: fold.slots.map((slot) => slot.setBy),
    clocks: fold.clocks,
    unsaidCharge: fold.unsaidCharge,
    planPrice: fold.planPrice,
    lost: Math.min(certainlyLost, ...mays.map((passage) => passage.day)),
    certainlyLost,
  };
}

/** Folds a line's records under one reading, up to `until`, and takes a picture at the end of `asOf`. */
export function foldLedger(
  rule: CompiledRule,
  program: Program,
  input: FoldInput,
): { fold: Fold; snapshot: Snapshot } {
  const reading = program.reading;
  const { entries, asOf, until } = input;
  let activated = NEVER;
  for (const entry of entries) if (entry.type === ACTIVATED) activated = Math.min(activated, entry[reading]);
  const slots: Slot[] = [];
  for (let i = 0; i < program.slots; i++) slots.push(newSlot());
  const fold: Folding = {
    latest: reading === 'latest',
    reading,
    asOf,
    until,
    facts: input.facts,
    slots,
    program,
    version: 0,
    clocks: clocksOf(program, 0, input.facts, activated),
    day: -NEVER,
    balance: 0,
    known: false,
    planPrice: input.planPrice,
    said: null,
    saidOver: 0,
    stage: 'unknown',
    certain: [],
    may: [],
    contradicted: new Set(),
    drift: [],
    balanceAssumed: false,
    balancePlanned: false,
    unsaidCharge: false,
    next: FOREVER,
    alone: rule.chargesStandAlone,
    activated,
    entries,
    applied: 0,
    doubtfulVersions: rule.doubtfulVersions,
  };
  for (let i = 0; i < slots.length; i++) {
    const clock = fold.clocks[i];
    if (clock?.runsBy === 'date') run(fold, slots[i] as Slot, clock, clock.endsOn, null);
  }
  reschedule(fold);
  let snapshot: Snapshot | null = null;
  for (const entry of entries) {
    const day = entry[reading];
    if (snapshot === null && day > asOf) {
      advance(fold, 2 * asOf + 1);
      snapshot = takeSnapshot(fold);
    }
    if (fold.next <= 2 * day) advance(fold, 2 * day);
    const before = input.moves ? deadline(fold) : null;
    apply(fold, entry, day);
    fold.applied++;
    if (input.moves && before && before.day < NEVER) {
      const after = deadline(fold);
      if (after.day !== before.day && before.slot) {
        input.moves.push({
          record: entry.id,
          on: day,
          from: before.day,
          to: after.day < NEVER ? after.day : null,
          stage: before.stage,
          clock: before.slot.clock?.name ?? '',
        });
      }
    }
  }
  if (snapshot === null) {
    advance(fold, 2 * asOf + 1);
    snapshot = takeSnapshot(fold);
  }
  advance(fold, 2 * until + 1);
  return { fold, snapshot };
}
