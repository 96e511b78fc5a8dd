/** The state of a line while its ledger is folded: the end of each clock, the balance, the stage. */
import { type Day, NEVER } from './day.ts';
import type { Entry } from './entry.ts';
import type { Amount } from './money.ts';
import type {
  ChargeProgram,
  ClockProgram,
  CompiledRule,
  Program,
  Reading,
  StageProgram,
  VersionProgram,
} from './program.ts';
import type { CountsFrom } from './timeline.ts';

export type Facts = Readonly<Record<string, string | number | boolean>>;

/** Time is counted in half-days: twice the day for its morning, one more for its evening. This one never comes. */
export const FOREVER = 2 * NEVER;

/** The state of one clock of a line. */
export type Slot = {
  /** As of when something last set the slot: a new version governs only what comes after it. */
  clock: ClockProgram | null;
  started: boolean;
  /** The last good day. */
  end: Day;
  /** D: the day from which the clock was last counted. */
  start: Day;
  /** The day that `end` is computed from, and how many months have been added to it from end to end. */
  anchor: Day;
  months: number;
  setBy: Entry | null;
  countsFrom: CountsFrom;
  /** How long it runs, in the rule's own words, if not as long as the clock. */
  fact: string | null;
  activatedOn: Day;
  /** Index of the stage that holds, or -1 while the clock runs; and of the last certain stage, or -1. */
  stage: number;
  certainStage: number;
  /** The last good day before the stage that holds, and the first day of the first stage since the clock ended. */
  lastGood: Day;
  risk: Day;
  /** The day of the next daily fee, or NEVER; and whether the balance that pays it is gone. */
  feeFrom: Day;
  empty: boolean;
  /** Kept alive by charges outside the line's ordinary course. */
  charged: boolean;
  timesLeft: number;
  chargedOn: Day;
  /** How many charges have lengthened it since a record last set it, and which charge that is. */
  chargeCount: number;
  chargedBy: ChargeProgram | null;
  nextMonthly: Day;
  /** For monthly charges on an unknown date: the day that months are counted from, and how many have passed. */
  levyFrom: Day;
  levyCount: number;
  /** What was spent towards a minimum spend, and the day of the charge that it is deducted from. */
  spent: Amount;
  spentFor: Day;
  /** Since when another clock has paused this one, when that one ends, and the end that this one had. */
  pausedFrom: Day;
  pausedUntil: Day;
  pausedEnd: Day;
  /** Since when a hold without an end has stopped it. */
  heldFrom: Day;
  /** A cure that waits for money on the account. */
  waitingCure: Entry | null;
  /** The clock's end at which a charge last failed to extend it. */
  refusedAt: Day;
  assumed: boolean;
  /** It depends on a balance that follows from plans whether a charge has lengthened the clock. */
  planned: boolean;
  /** The half-day at which something happens next; recomputed when `dirty`. */
  next: number;
  dirty: boolean;
  /** Charges that count towards a sum, in their order. */
  spending: Entry[] | null;
};

/** A stage that the line enters, as one reading sees it. */
export type Transition = {
  gravity: number;
  day: Day;
  /** The fold's moment, and how many records had been applied by then. */
  moment: number;
  applied: number;
  slot: Slot | null;
  clock: ClockProgram | null;
  program: StageProgram | null;
  /** The record that led to it by itself, as a cure does. */
  record: Entry | null;
  /** The record that had set the clock. */
  setBy: Entry | null;
  /** This and the next four are copied from the slot at that time. */
  countsFrom: CountsFrom;
  fact: string | null;
  chargeCount: number;
  chargedBy: ChargeProgram | null;
  emptied: boolean;
  assumed: boolean;
  planned: boolean;
  /** A `may` stage is withdrawn when a record restarts its clock. */
  withdrawn: boolean;
};

export type Fold = {
  readonly rule: CompiledRule;
  readonly program: Program;
  readonly reading: Reading;
  readonly latest: boolean;
  readonly asOf: Day;
  readonly facts: Facts;
  readonly activated: Day;
  readonly entries: readonly Entry[];
  /** How many of the entries have been applied. */
  applied: number;
  readonly slots: readonly Slot[];
  version: number;
  /** The clocks in force that apply to this line, by slot. */
  clocks: readonly (ClockProgram | null)[];
  day: Day;
  /**
   * How far time has advanced, in half-days: a morning's fees come a quarter after the stages that begin with it, and
   * its records half after. A stage that holds only within one moment is not recorded.
   */
  moment: number;
  balance: Amount;
  balanceKnown: boolean;
  /** Charges were forecast since the balance was last seen; records that are plans have changed it. */
  balanceAssumed: boolean;
  balancePlanned: boolean;
  planPrice: Amount | null;
  /** The `status` record that decides on the stage until the next record. */
  status: Entry | null;
  /** A status holds no longer or a clock has stopped: the stage of an active line has to be computed again. */
  mustReviewStage: boolean;
  /** The gravity of the clocks' own stage when `status` was recorded. */
  gravityUnderStatus: number;
  gravity: number;
  /** How many clocks are in a stage of their own; while none is, an active line stays active. */
  stagedCount: number;
  readonly certain: Transition[];
  readonly may: Transition[];
  readonly contradicted: string[];
  readonly drift: { record: string; expected: Amount; seen: Amount }[];
  /** An activity would count for a clock only if it cost money, and its record does not say. */
  unsaidCharge: boolean;
  /** Something has changed that may move the stage or what happens next. */
  dirty: boolean;
  next: number;
};

const newSlot = (): Slot => ({
  clock: null,
  started: false,
  end: NEVER,
  start: 0,
  anchor: 0,
  months: 0,
  setBy: null,
  countsFrom: 'record',
  fact: null,
  activatedOn: -NEVER,
  stage: -1,
  certainStage: -1,
  lastGood: 0,
  risk: NEVER,
  feeFrom: NEVER,
  empty: false,
  charged: false,
  timesLeft: 0,
  chargedOn: -NEVER,
  chargeCount: 0,
  chargedBy: null,
  nextMonthly: NEVER,
  levyFrom: NEVER,
  levyCount: 0,
  spent: 0,
  spentFor: NEVER,
  pausedFrom: NEVER,
  pausedUntil: NEVER,
  pausedEnd: NEVER,
  heldFrom: NEVER,
  waitingCure: null,
  refusedAt: -NEVER,
  assumed: false,
  planned: false,
  next: FOREVER,
  dirty: true,
  spending: null,
});

export type FoldInput = {
  entries: readonly Entry[];
  facts: Facts;
  planPrice: Amount | null;
  asOf: Day;
  until: Day;
};

/** A fold before its first entry. */
export function newFold(rule: CompiledRule, program: Program, input: FoldInput, activated: Day): Fold {
  const slots: Slot[] = [];
  for (let i = 0; i < program.slots; i++) slots.push(newSlot());
  return {
    rule,
    program,
    reading: program.reading,
    latest: program.reading === 'latest',
    asOf: input.asOf,
    facts: input.facts,
    activated,
    entries: input.entries,
    applied: 0,
    slots,
    version: 0,
    clocks: [],
    day: -NEVER,
    moment: -FOREVER,
    balance: 0,
    balanceKnown: false,
    balanceAssumed: false,
    balancePlanned: false,
    planPrice: input.planPrice,
    status: null,
    mustReviewStage: false,
    gravityUnderStatus: 0,
    gravity: -1,
    stagedCount: 0,
    certain: [],
    may: [],
    contradicted: [],
    drift: [],
    unsaidCharge: false,
    dirty: true,
    next: FOREVER,
  };
}

/** An independent copy of a fold, to continue over entries that begin with those already applied. */
export function copyFold(fold: Fold, { entries, asOf }: FoldInput): Fold {
  const slots = fold.slots.map((slot): Slot => ({ ...slot, spending: slot.spending?.slice() ?? null }));
  const place = new Map(fold.slots.map((slot, i) => [slot, slots[i] as Slot]));
  const copied = (transition: Transition): Transition => ({
    ...transition,
    slot: transition.slot && (place.get(transition.slot) as Slot),
  });
  return {
    ...fold,
    entries,
    asOf,
    slots,
    certain: fold.certain.map(copied),
    may: fold.may.map(copied),
    contradicted: fold.contradicted.slice(),
    drift: fold.drift.slice(),
  };
}

/** The day of a record in the fold's reading. */
export const dayOf = (fold: Fold, entry: Entry): Day => (fold.latest ? entry.latest : entry.earliest);

export const versionOf = (fold: Fold): VersionProgram =>
  fold.program.versions[fold.version] as VersionProgram;

export const isPlan = (fold: Fold, entry: Entry | null): boolean =>
  entry !== null && dayOf(fold, entry) > fold.asOf;

/** Marks a clock as changed, so that the stage and the next event are computed again. */
export function touch(fold: Fold, slot: Slot): void {
  slot.dirty = true;
  fold.dirty = true;
}

/** Whether the clock has ended by the start of a day. One that was never started has, in the earliest reading. */
export function hasEnded(fold: Fold, slot: Slot | undefined, day: Day): boolean {
  if (!slot?.started) return !fold.latest;
  return slot.end < day;
}
