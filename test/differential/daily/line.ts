/** What is known of a line at a moment of one reading: its clocks, its money, its stages so far. */
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
  /** Sentence 2: the end is so many months after this day; none where it was counted in days. */
  cycle: { from: Day; months: number };
  /** One where the day it counts from is its first: it ends so much sooner. */
  back: 0 | 1;
  /** The day on which it was set, and how. */
  set: { day: Day; by: 'record' | 'activation'; before: Run | null };
  /** Charges at its end: how many since a record set it, the last one's day, the first day that one bought. */
  taken: number;
  assumedOn: Day | null;
  boughtFrom: Day | null;
  /** Its charge was declined in time. */
  declined: boolean;
  /** Stages passed over because another clock had ended, decided on the day they would have begun. */
  passed: Map<number, boolean>;
  /** A daily fee was sought since it was set, be it from a balance that nobody knows. */
  feeSought: boolean;
  /** A record that leads out of the stage once there is money on the account. */
  waiting: Entry | null;
};

export type Line = {
  rule: RetentionRule;
  reading: Reading;
  facts: Readonly<Record<string, string | number | boolean>>;
  activatedOn: Day | null;
  /** Has any record been applied? */
  heard: boolean;
  day: Day;
  balance: Amount | null;
  /** The day on which it was last seen. */
  seen: Day | null;
  planPrice: Amount | null;
  runs: Map<string, Run>;
  /** Everything spent, for sums and least spends. */
  spent: { day: Day; kind: string; amount: Amount }[];
  /** How many of them were before the last levy, or before the balance was last seen. */
  spentBefore: number;
  /** What a `status` says, and the stage by the clocks at that time. */
  status: { stage: Stage; over: Stage } | null;
  stage: Stage;
  /** The clocks of each version that are this line's. */
  clocks: Map<Version, [string, Clock][]>;
};

/** Sentence 21. Records before the first version follow it too: no other is known. */
export function versionOn({ versions }: RetentionRule, day: Day): Version {
  if (versions.length === 1) return versions[0] as Version;
  return versions.findLast(({ since }) => dayOf(since) <= day) ?? (versions[0] as Version);
}

/** Only for lines of which all this is known to be so. */
export function applies({ applies_if }: Clock, { facts, activatedOn }: Line): boolean {
  const { facts: wanted = {}, activated_before, activated_from } = applies_if ?? {};
  if (Object.entries(wanted).some(([name, value]) => facts[name] !== value)) return false;
  if (activated_before && (activatedOn === null || activatedOn >= dayOf(activated_before))) return false;
  return !(activated_from && (activatedOn === null || activatedOn < dayOf(activated_from)));
}

/** The clocks of the version in force, as far as they are this line's. */
export function clocksOf(line: Line, version = versionOn(line.rule, line.day)): [string, Clock][] {
  let clocks = line.clocks.get(version);
  if (!clocks) {
    clocks = Object.entries(version.clocks).filter(([, clock]) => applies(clock, line));
    line.clocks.set(version, clocks);
  }
  return clocks;
}

/** Sentence 15: an unknown balance is zero at once in the earliest reading, and without end in the latest. */
export const moneyOf = ({ balance, reading }: Line): Amount =>
  balance ?? (reading === 'earliest' ? 0 : Number.POSITIVE_INFINITY);

export const isRunning = (line: Line, name: string): boolean => {
  const end = line.runs.get(name)?.end ?? null;
  return end !== null && line.day <= end;
};

/** One that nothing has started has ended for all that is known, in the earliest reading. */
const hasEnded = (line: Line, name: string): boolean => {
  const end = line.runs.get(name)?.end ?? null;
  return end === null ? line.reading === 'earliest' : line.day > end;
};

/** Which of the stages after its end a clock has come to on this day; -1 before the first. Sentence 3. */
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

/** Does a stage only may come? One that does not say is as certain as the one before it. */
export function onlyMay({ clock }: Run, step: number): boolean {
  const said = (clock.ended ?? []).slice(0, step + 1).findLast(({ certainty }) => certainty !== undefined);
  return said?.certainty === 'may';
}

/** The certain stage rule that holds: one that only may come hides none before it (sentence 16). */
export function certainRuleOf(line: Line, run: Run): StageRule | null {
  const reached = (run.clock.ended ?? []).slice(0, stepOf(line, run) + 1);
  return reached.findLast((_, index) => !onlyMay(run, index) && !run.passed.get(index)) ?? null;
}
