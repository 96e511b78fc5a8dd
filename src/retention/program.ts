/** A compiled rule: what the fold reads. Names are slots, periods numbers, and each reading has a program of its own. */
import type { Day, MonthEnd, Span } from './day.ts';
import type { RetentionRule } from './language.ts';
import type { PatternProgram } from './match.ts';
import type { Amount } from './money.ts';
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
  /** It also applies to clocks that already run when its version takes force. */
  running: boolean;
  onDayOfMonth: number;
  /** Once a month, on a day that is not known. */
  everyMonth: boolean;
  /** A minimum spend: use of these kinds and, if so said, purchases from the balance are deducted from the charge. */
  less: { kinds: number; purchases: boolean } | null;
  /** How long before the clock's end it must have been declined; null if it cannot be. */
  optOutUntil: Span | null;
  evidence: readonly string[];
};

export const stageOf = (gravity: number): Stage => STAGES[gravity + 1] as Stage;

/** Ordered by gravity, from `unknown` on. */
export const STAGES = Object.keys(GRAVITY) as Stage[];

const CAN_CALL = new Set<Stage>(['active', 'restricted', 'fee_running']);
const CAN_RECEIVE = new Set<Stage>(['active', 'restricted', 'fee_running', 'receive_only']);

export const canCall = (stage: Stage): boolean => CAN_CALL.has(stage);
export const canReceive = (stage: Stage): boolean => CAN_RECEIVE.has(stage);

/**
 * The patterns that restart a clock, by record type; null for types that never do, so that most records cost nothing.
 */
export type Triggers = readonly (readonly PatternProgram[] | null)[];

export type StageProgram = {
  stage: Stage;
  /** The gravity of the stage, and of what it becomes once its charge has emptied the balance. */
  gravity: number;
  gravityEmpty: number;
  may: boolean;
  lasts: Span | null;
  onDay: number;
  unlessEnded: number;
  charge: ChargeProgram | null;
  /** How long a restart out of this stage runs, if not as long as the clock. */
  length: Length | null;
  lengthFact: string;
  /** A record leads out of it only with money on the account. */
  needsMoney: boolean;
  cures: Triggers | null;
  cureNames: readonly string[];
  /** Those of `cureNames` that count while a line is in a stage. */
  cureNamesIn: ReadonlyMap<Stage, readonly string[]>;
  canCall: boolean;
  canReceive: boolean;
  creditKept: boolean;
  fact: string;
  /** The fact once the stage's charge has emptied the balance. */
  factEmpty: string;
  evidence: readonly string[];
};

export type SumProgram = { kinds: number; over: Span; fact: string; limit: Amount; strict: boolean };

export type Length =
  | { kind: 'span'; span: Span }
  | { kind: 'amount' | 'balance'; least: readonly Amount[]; spans: readonly Span[] }
  | { kind: 'product'; spans: ReadonlyMap<string, Span> }
  | { kind: 'fact'; fact: string };

export type Extend = 'from_event' | 'from_end' | 'later';

/** How a restart moves the end of its clock. */
export type Terms = {
  length: Length | null;
  /** The length in the rule's own words: `90 days`, `by amount`. */
  fact: string;
  extend: Extend;
  refuseExpired: boolean;
  cap: Span | null;
};

export type ClockProgram = {
  slot: number;
  name: string;
  /** `shown`: only the date that the carrier shows sets its end. */
  runsBy: 'records' | 'balance' | 'date' | 'clocks' | 'shown';
  triggers: Triggers;
  sums: readonly SumProgram[];
  terms: Terms;
  first: Span | null;
  firstFact: string;
  /** The activation starts it for as many days as the owner says. */
  firstByFact: boolean;
  inclusive: 0 | 1;
  monthEnd: MonthEnd;
  strictlyNegative: boolean;
  endsOn: Day;
  facts: readonly (readonly [string, string | number | boolean])[];
  activatedBefore: Day;
  activatedFrom: Day;
  members: readonly number[];
  allMembers: boolean;
  pausedBy: { hold: 'owner' | 'carrier' | 'any'; as: 'freeze' | 'extend' } | null;
  /** The slot of the clock that pauses this one while it runs, or -1; and whether this clock pauses others. */
  pausedWhile: number;
  pauses: boolean;
  charge: ChargeProgram | null;
  stages: readonly StageProgram[];
  /** A duty of the owner, not a matter of use. */
  duty: boolean;
  shows: string | null;
  fact: string;
  evidence: readonly string[];
};

/** Whether one clock depends on when the other ends. */
export const dependsOn = (clock: ClockProgram, other: ClockProgram): boolean =>
  clock.members.includes(other.slot) ||
  clock.pausedWhile === other.slot ||
  clock.stages.some((stage) => stage.unlessEnded === other.slot);

/** What a version needs to know about a line, each with the stages that the answer moves. */
export type Questions = {
  clocks: readonly { slot: number; name: string; changes: readonly Stage[] }[];
  facts: readonly { name: string; changes: readonly Stage[] }[];
  activation: readonly { facts: ClockProgram['facts']; changes: readonly Stage[] }[];
  balance: readonly Stage[];
  charged: readonly Stage[];
  planPrice: readonly Stage[];
};

export type VersionProgram = {
  since: Day;
  sinceText: string;
  /** It also governs clocks that already run; `doubtful` if the source does not say. */
  recompute: boolean;
  doubtful: boolean;
  /** Some of its clocks apply to some lines only. */
  conditional: boolean;
  /** The slots that a record of each type may restart, now or as a cure. */
  slotsByType: readonly (readonly number[])[];
  questions: Questions;
  /** By slot; null where this version has no such clock. */
  clocks: readonly (ClockProgram | null)[];
};

export type Program = {
  reading: Reading;
  versions: readonly VersionProgram[];
  slots: number;
  /** The slots that have daily fees, have monthly charges, watch the balance, and so on; the others are not visited. */
  dailySlots: readonly number[];
  monthlySlots: readonly number[];
  balanceSlots: readonly number[];
  followerSlots: readonly number[];
  pausedSlots: readonly number[];
  holdSlots: readonly number[];
  optOutSlots: readonly number[];
  leastSpendSlots: readonly number[];
  /** The slots with a stage that only money on the account leads out of. */
  moneySlots: readonly number[];
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
  /** The charge of one clock is all that changes or watches the balance without a record. */
  chargesStandAlone: boolean;
  asksPlanPrice: boolean;
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
