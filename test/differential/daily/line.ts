/** The state of a line at a moment in one reading: its clocks, balance and stage. */
import type { Clock, RetentionRule, StageRule, Version } from '../../../src/retention/language.ts';
import type { Stage } from '../../../src/retention/record.ts';
import { after, type Day, dayOf, lengthOf } from './days.ts';
import type { Entry } from './records.ts';
import { type Amount, inReading, type Reading } from './terms.ts';

/** A clock that has been set. */
export type Run = {
  name: string;
  clock: Clock;
  version: Version;
  /** D of sentence 1. */
  start: Day;
  /** L of sentence 1, the last good day; null once it has ended for good. */
  end: Day | null;
  /** Sentence 2: the end is `months` after `from`; 0 if it was counted in days. */
  cycle: { from: Day; months: number };
  /** 1 with inclusive counting, which ends a day sooner. */
  back: 0 | 1;
  /** When and how it was set, and for an activation the run before. */
  set: { day: Day; by: 'record' | 'activation'; before: Run | null };
  /** Charges at its end: their number since a record set it, the last one's day, the first day that one paid for. */
  taken: number;
  assumedOn: Day | null;
  boughtFrom: Day | null;
  /** Whether its charge was declined in time. */
  declined: boolean;
  /** Whether a stage is skipped because another clock had ended; decided on the day it would have begun. */
  passed: Map<number, boolean>;
  /** Whether a daily fee was due since it was set, even from an unknown balance. */
  feeSought: boolean;
  /** A record that leads out of the stage once there is money in the account. */
  waiting: Entry | null;
};

export type Line = {
  rule: RetentionRule;
  reading: Reading;
  facts: Readonly<Record<string, string | number | boolean>>;
  activatedOn: Day | null;
  /** Whether any record has been applied. */
  heard: boolean;
  day: Day;
  balance: Amount | null;
  /** The day on which the balance was last seen. */
  seen: Day | null;
  planPrice: Amount | null;
  runs: Map<string, Run>;
  /** All spending, for sums and minimum spends. */
  spent: { day: Day; kind: string; amount: Amount }[];
  /** How many items of `spent` precede the last levy or the last balance seen. */
  spentBefore: number;
  /** The stage of the last `status` record, and the stage by the clocks at that time. */
  status: { stage: Stage; over: Stage } | null;
  stage: Stage;
  /** The clocks of each version that apply to this line. */
  clocks: Map<Version, [string, Clock][]>;
};

/** Sentence 21. Records before the first version follow that one. */
export function versionOn({ versions }: RetentionRule, day: Day): Version {
  if (versions.length === 1) return versions[0] as Version;
  return versions.findLast(({ since }) => dayOf(since) <= day) ?? (versions[0] as Version);
}

/** Whether a clock applies to a line: all its conditions must be known to hold. */
export function applies({ applies_if }: Clock, { facts, activatedOn }: Line): boolean {
  const { facts: wanted = {}, activated_before, activated_from } = applies_if ?? {};
  if (Object.entries(wanted).some(([name, value]) => facts[name] !== value)) return false;
  if (activated_before && (activatedOn === null || activatedOn >= dayOf(activated_before))) return false;
  return !(activated_from && (activatedOn === null || activatedOn < dayOf(activated_from)));
}

/** The clocks of a version (the one in force by default) that apply to this line. */
export function clocksOf(line: Line, version = versionOn(line.rule, line.day)): [string, Clock][] {
  let clocks = line.clocks.get(version);
  if (!clocks) {
    clocks = Object.entries(version.clocks).filter(([, clock]) => applies(clock, line));
    line.clocks.set(version, clocks);
  }
  return clocks;
}

/** Sentence 15: an unknown balance is zero in the earliest reading and infinite in the latest. */
export const moneyOf = ({ balance, reading }: Line): Amount =>
  balance ?? (reading === 'earliest' ? 0 : Number.POSITIVE_INFINITY);

export const isRunning = (line: Line, name: string): boolean => {
  const end = line.runs.get(name)?.end ?? null;
  return end !== null && line.day <= end;
};

/** Whether a clock has ended; one that was never started counts as ended in the earliest reading. */
const hasEnded = (line: Line, name: string): boolean => {
  const end = line.runs.get(name)?.end ?? null;
  return end === null ? line.reading === 'earliest' : line.day > end;
};

/** The index of the stage that a clock has reached on this day; -1 before the first. Sentence 3. */
export function stepOf(line: Line, run: Run): number {
  if (run.end === null || line.day <= run.end) return -1;
  let current = -1;
  let last: Day | null = run.end;
  for (const [index, rule] of (run.clock.ended ?? []).entries()) {
    const begins: Day | null =
      rule.on_day !== undefined ? run.start + rule.on_day : last === null ? null : last + 1;
    if (begins === null || line.day < begins) break;
    if (rule.unless_ended !== undefined) {
      if (!run.passed.has(index)) run.passed.set(index, hasEnded(line, rule.unless_ended));
      if (run.passed.get(index)) continue;
    }
    current = index;
    last = rule.lasts ? after(begins - 1, lengthOf(inReading(rule.lasts, line.reading))) : null;
  }
  return current;
}

/** Whether a stage is a `may` stage; one without a certainty takes that of the stage before it. */
export function onlyMay({ clock }: Run, step: number): boolean {
  const stated = (clock.ended ?? []).slice(0, step + 1).findLast(({ certainty }) => certainty !== undefined);
  return stated?.certainty === 'may';
}

/** The certain stage rule that holds; `may` stages do not hide it (sentence 16). */
export function certainRuleOf(line: Line, run: Run): StageRule | null {
  const reached = (run.clock.ended ?? []).slice(0, stepOf(line, run) + 1);
  return reached.findLast((_, index) => !onlyMay(run, index) && !run.passed.get(index)) ?? null;
}
