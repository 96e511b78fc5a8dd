/**
 * A second implementation of the rule language, following the sentences of `semantics` day by day: first what time
 * does, then the day's records, then the clocks that end with the day. It shares nothing with the engine and computes
 * nothing ahead: it is slow and simple, so that the two can be compared. It does not support words that no shipped rule
 * uses (`paused_by`, `ends_with`, a version's `applies_to` for running clocks).
 */
import type { RetentionRule } from '../../../src/retention/language.ts';
import type { LedgerRecord, Money, Stage } from '../../../src/retention/record.ts';
import { confirms, moveMoney, takeAtEnds, takeDailyFees, takeFees, watchBalance } from './charges.ts';
import { after, type Day, dayOf, lengthOf } from './days.ts';
import { moveClocks } from './effects.ts';
import { clocksOf, isRunning, type Line, onlyMay, type Run, stepOf, versionOn } from './line.ts';
import { wasCharged } from './patterns.ts';
import { type Entry, entriesByDay } from './records.ts';
import { newRun } from './restarts.ts';
import { stageByClocks, stageOfLine } from './stages.ts';
import { amountOf, inReading, type Reading } from './terms.ts';

export type Told = {
  stage: Stage;
  certain: { stage: Stage; day: Day }[];
  may: { stage: Stage; day: Day; clock: string }[];
  ends: Record<string, Day | null>;
  balance: number | null;
};

export type Given = {
  rule: RetentionRule;
  records: readonly LedgerRecord[];
  facts: Readonly<Record<string, string | number | boolean>>;
  planPrice: Money | null;
  zone: string;
  asOf: Day;
  until: Day;
};

/** A `may` stage, with the run of the clock that brought it. */
type May = { stage: Stage; day: Day; run: Run; step: number };

export function interpret(given: Given, reading: Reading): Told {
  const clocks = given.rule.versions.flatMap((version) => Object.values(version.clocks));
  if (clocks.some(({ paused_by, ends_with }) => paused_by || ends_with))
    throw new Error('the interpreter knows neither paused_by nor ends_with');
  const days = entriesByDay(given.records, given.zone, reading);
  // Starts at the first record, or at the as-of day if that is earlier.
  const first = Math.min(given.asOf, ...days.keys());
  const result: Told = { stage: 'unknown', certain: [], may: [], ends: {}, balance: null };
  const line: Line = {
    rule: given.rule,
    reading,
    facts: given.facts,
    activatedOn: activation(days),
    heard: false,
    day: first,
    balance: null,
    seen: null,
    planPrice: given.planPrice ? amountOf(given.planPrice.amount) : null,
    runs: new Map(),
    spent: [],
    spentBefore: 0,
    status: null,
    stage: 'unknown',
    clocks: new Map(),
  };
  let may: May[] = [];

  /** Notes the stages that hold at this moment. */
  const look = (entry?: Entry) => {
    watchBalance(line, entry !== undefined && showsUse(entry), (name, clock) => {
      const version = versionOn(line.rule, line.day);
      const run = newRun(line, name, clock, version, line.day, null);
      run.end =
        after(line.day, lengthOf(inReading(clock.runs as string, reading)), clock.month_end) - run.back;
      return run;
    });
    const now = stageOfLine(line);
    if (now !== line.stage) result.certain.push({ stage: now, day: line.day });
    line.stage = now;
    // Sentence 16: a later qualifying record removes a `may` stage. Sentence 17: planned records do not.
    may = may.filter(({ run }) => line.runs.get(run.name) === run || line.day > given.asOf);
    for (const run of line.runs.values()) {
      const step = stepOf(line, run);
      const rule = run.clock.ended?.[step];
      if (rule && onlyMay(run, step) && !may.some((one) => one.run === run && one.step === step))
        may.push({ stage: rule.stage, day: line.day, run, step });
    }
  };

  for (line.day = first; line.day <= Math.max(given.until, given.asOf); line.day++) {
    startDuties(line);
    // Before the first record, only a duty that is already due has any effect.
    const isDue = [...line.runs.keys()].some((name) => !isRunning(line, name));
    const silent = line.day === first && days.has(first) && !isDue;
    if (!silent) {
      look();
      if (takeFees(line)) look();
    }
    for (const entry of days.get(line.day) ?? []) {
      apply(line, entry);
      look(entry);
      // Sentence 13: the first fee falls on the stage's first day, also where a record has led to it.
      if (takeDailyFees(line, true)) look();
    }
    const taken = takeAtEnds(line, false);
    standStill(line);
    if (takeAtEnds(line, true) || taken || !line.heard) look();
    if (line.day === given.asOf) {
      result.stage = line.stage;
      // Sentence 19: later ends are reported as unknown.
      result.ends = Object.fromEntries(
        Object.entries(endsOf(line)).filter(([, end]) => end !== null && end <= given.until),
      );
      result.balance = line.balance === null ? null : line.balance / 10_000;
    }
  }
  result.may = may.map(({ stage, day, run }) => ({ stage, day, clock: run.name }));
  return result;
}

/** The day of the first activation; null if there is none. */
function activation(days: ReadonlyMap<Day, Entry[]>): Day | null {
  const activated = [...days.values()].flat().filter(({ input }) => input.type === 'activated');
  return activated.length > 0 ? Math.min(...activated.map(({ day }) => day)) : null;
}

function apply(line: Line, entry: Entry) {
  line.heard = true;
  line.status = null;
  const confirmed = confirms(line, entry);
  moveMoney(line, entry, confirmed.size > 0);
  moveClocks(line, entry, confirmed);
  const { input } = entry;
  // A status of `unknown` says nothing.
  if (input.type === 'status' && input.stage !== 'unknown')
    line.status = { stage: input.stage, over: stageByClocks(line) };
}

/** Whether a record shows that the line is in use. */
const showsUse = ({ input }: Entry): boolean =>
  ['activated', 'topup', 'purchase', 'plan_renewed'].includes(input.type) ||
  (input.type === 'activity' && wasCharged(input) !== false);

/** Starts duties with a fixed date, which run from the first day. */
function startDuties(line: Line) {
  for (const [name, clock] of clocksOf(line)) {
    if (!clock.ends_on || line.runs.has(name)) continue;
    const version = versionOn(line.rule, line.day);
    line.runs.set(name, newRun(line, name, clock, version, line.day, dayOf(clock.ends_on)));
  }
}

/** M11: extends a paused clock by a day while the clock that pauses it still runs tomorrow. */
function standStill(line: Line) {
  for (const run of line.runs.values()) {
    const other = run.clock.paused_while;
    if (other === undefined || !isRunning(line, run.name)) continue;
    if ((line.runs.get(other)?.end ?? line.day) <= line.day) continue;
    run.end = (run.end as Day) + 1;
    run.cycle = { from: run.end + run.back, months: 0 };
  }
}

/** Each clock's last good day, including the days for which it will be paused. */
function endsOf(line: Line): Record<string, Day | null> {
  const ends: Record<string, Day | null> = {};
  for (const [name, run] of line.runs) {
    const other = run.clock.paused_while ? line.runs.get(run.clock.paused_while)?.end : null;
    const still = isRunning(line, name) && other ? Math.max(0, other - line.day - 1) : 0;
    ends[name] = run.end === null ? null : run.end + still;
  }
  return ends;
}
