/** What the engine returns: every stage a line passes through, with dates, causes and cures. Days are integers. */
import type { Day } from './day.ts';
import type { Amount } from './money.ts';
import type { Stage } from './record.ts';

/**
 * What a clock counts from: the record's day, the date that the record carries, the end that the clock had before, or
 * the oldest charge that is still needed to meet a sum.
 */
export type CountsFrom = 'record' | 'told_day' | 'end' | 'sum';

/** Why: the clock that ended or was restarted, the record that set it, the fact in the rule's words, its sources. */
export type Because = {
  clock: string | null;
  record: string | null;
  /** What the clock counts from, where the record set it. */
  counts_from: CountsFrom;
  fact: string | null;
  evidence: readonly string[];
};

export type Certainty = 'certain' | 'may';

export type StageEntry = {
  stage: Stage;
  /** In the earliest reading; null when that reading never reaches it. */
  from: Day | null;
  /** In the latest reading; null when that reading never reaches it. */
  latest_from: Day | null;
  certainty: Certainty;
  can_call: boolean;
  can_receive: boolean;
  credit_kept: boolean;
  /** It follows from a record later than `as_of`. */
  planned: boolean;
  /** It follows from a charge that was forecast and not seen. */
  assumed: boolean;
  because: Because;
  /** Names of the rule's actions that still save the line while this stage holds. */
  cures: readonly string[];
};

export type ClockState = {
  clock: string;
  ends: Day | null;
  latest: Day | null;
  set_by: string | null;
  /** Why it ends when it does. */
  because: Because;
};

/** What is not known, and which stages' dates it would change. */
export type Missing = {
  kind: 'clock' | 'fact' | 'balance' | 'charged' | 'plan_price';
  name: string;
  changes: readonly Stage[];
};

/** A deadline that a record moved: from the last safe day before it to the one after it (null: none is known). */
export type Move = { record: string; on: Day; from: Day; to: Day | null; stage: Stage; clock: string };

export type Timeline = {
  rule: string;
  /** The `since` of the version in force on `as_of`. */
  version: string;
  as_of: Day;
  until: Day;
  time_zone: string;
  stage: Stage;
  provisional: boolean;
  act_by: Day | null;
  confirmed_act_by: Day | null;
  at_risk_since: Day | null;
  /** The same with all pending payments failed. */
  confirmed_at_risk_since: Day | null;
  lost_on: Day | null;
  latest_lost_on: Day | null;
  missing: Missing[];
  balance: Amount | null;
  clocks: ClockState[];
  stages: StageEntry[];
  /** Records after a certain loss: the line lives, so the rule or a record is wrong. */
  contradicted: string[];
  /** Balances seen that the records and charges do not explain. */
  drift: { record: string; expected: Amount; seen: Amount }[];
  /** Only when asked for; `confirmed_moves` are the same with all pending payments failed. */
  moves: Move[];
  confirmed_moves: Move[];
};
