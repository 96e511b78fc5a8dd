/** The state of a line while its ledger is folded: the end of each clock, the balance, the stage. */
import type { ClockProgram, Program, StageProgram } from './compile.ts';
import { type Day, NEVER } from './day.ts';
import type { Entry } from './entry.ts';
import type { Amount } from './money.ts';
import type { Stage } from './record.ts';

export type Facts = Readonly<Record<string, string | number | boolean>>;

/** One clock of a line, as it stands. */
export type Slot = {
  /** As it was when something last set it: a new version governs only what comes after it. */
  clock: ClockProgram | null;
  started: boolean;
  /** The last good day. */
  end: Day;
  /** The day that `end` counts from, and how many months have been added to it from end to end. */
  anchor: Day;
  months: number;
  setBy: Entry | null;
  activatedOn: Day;
  /** Index of the stage that holds, or -1 while the clock runs. */
  stage: number;
  /** The last good day before the stage that holds, and the first day of the first stage since the clock ended. */
  lastGood: Day;
  risk: Day;
  /** The next daily fee, or NEVER; and whether the balance that paid it is gone. */
  feeFrom: Day;
  empty: boolean;
  /** Kept alive by charges that are no ordinary course. */
  charged: boolean;
  timesLeft: number;
  chargedOn: Day;
  nextMonthly: Day;
  /** The end at which a charge was last tried in vain. */
  refusedAt: Day;
  assumed: boolean;
  /** Half-days at which something happens next: twice the day, one more for its end. */
  next: number;
  spending: Entry[];
};

/** A stage that the line enters, as one reading sees it. */
export type Passage = {
  stage: Stage;
  day: Day;
  slot: Slot | null;
  clock: ClockProgram | null;
  program: StageProgram | null;
  /** The record that led to it by itself, as a cure does. */
  record: Entry | null;
  /** The record that had set the clock. */
  setBy: Entry | null;
  emptied: boolean;
  assumed: boolean;
  planned: boolean;
  /** A stage that may come: withdrawn when a record restarts its clock. */
  withdrawn: boolean;
};

export type Snapshot = {
  stage: Stage;
  risk: Day;
  version: string;
  balance: Amount | null;
  ends: Day[];
  clocks: readonly (ClockProgram | null)[];
  unsaidCharge: boolean;
  planPrice: Amount | null;
  setBy: (Entry | null)[];
  /** The loss, certain or not, that holds on the day. */
  lost: Day;
  certainlyLost: Day;
};

export type Fold = {
  readonly latest: boolean;
  readonly asOf: Day;
  readonly until: Day;
  readonly facts: Facts;
  slots: Slot[];
  program: Program;
  version: number;
  day: Day;
  balance: Amount;
  known: boolean;
  planPrice: Amount | null;
  /** What the carrier itself says, until the next record; and how grave the clocks' own stage was then. */
  said: Entry | null;
  saidOver: number;
  stage: Stage;
  certain: Passage[];
  may: Passage[];
  contradicted: Set<string>;
  drift: { record: string; expected: Amount; seen: Amount }[];
  /** Charges were forecast since the balance was last seen; records that are plans have changed it. */
  balanceAssumed: boolean;
  balancePlanned: boolean;
  /** Some use counted for a clock only if it cost money, and the record does not say. */
  unsaidCharge: boolean;
  /** The clocks in force that apply to this line, by slot. */
  clocks: readonly (ClockProgram | null)[];
  /** Half-days: the earliest of all that happens next. */
  next: number;
};

export const newSlot = (): Slot => ({
  clock: null,
  started: false,
  end: NEVER,
  anchor: 0,
  months: 0,
  setBy: null,
  activatedOn: -NEVER,
  stage: -1,
  lastGood: 0,
  risk: NEVER,
  feeFrom: NEVER,
  empty: false,
  charged: false,
  timesLeft: 0,
  chargedOn: -NEVER,
  nextMonthly: NEVER,
  refusedAt: -NEVER,
  assumed: false,
  next: 2 * NEVER,
  spending: [],
});

/** The stage that a clock puts the line in with certainty, or null for none of its own. */
export function certainStage(slot: Slot): Stage | null {
  const clock = slot.clock;
  if (!clock) return null;
  if (slot.stage < 0) return slot.charged ? 'fee_running' : null;
  if (slot.empty) return (clock.stages[slot.stage] as StageProgram).whenEmpty;
  // What only may come hides nothing: the certain stage before it goes on.
  for (let i = slot.stage; i >= 0; i--) {
    const program = clock.stages[i] as StageProgram;
    if (!program.may) return program.stage;
  }
  return null;
}

/** Has the clock run out by the start of a day? One that nothing has started has, in the earliest reading. */
export function hasEnded(fold: Fold, slot: Slot | undefined, day: Day): boolean {
  if (!slot?.started) return !fold.latest;
  return slot.end < day;
}
