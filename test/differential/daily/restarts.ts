/** How a clock is set: its length, its start, its limits. */
import type { Clock, Reference, Restart, Version } from '../../../src/retention/language.ts';
import { after, afterMonths, type Day, type Length, lengthOf } from './days.ts';
import { certainRuleOf, type Line, moneyOf, type Run } from './line.ts';
import { amountIn, countsFromRecord, dayCounted, named, type Scene } from './patterns.ts';
import type { Entry } from './records.ts';
import { amountOf, inReading } from './terms.ts';

type Terms = Pick<Restart, 'runs' | 'extend' | 'if_expired' | 'cap'>;

export const eventsOf = (reference: Reference | Restart): readonly Reference[] =>
  typeof reference === 'object' && 'on' in reference ? [reference.on].flat() : [reference];

export const termsOf = (reference: Reference | Restart, clock: Clock): Terms =>
  typeof reference === 'object' && 'on' in reference ? { ...clock, ...reference } : clock;

/** How long the clock runs after this record; null if that is not known, in which case nothing moves. */
function lengthFor(line: Line, runs: Terms['runs'], entry: Entry): Length | null {
  if (!runs) return null;
  if (typeof runs === 'string' || 'earliest' in runs) return lengthOf(inReading(runs, line.reading));
  if (runs.by === 'fact') {
    const days = line.facts[runs.fact];
    return typeof days === 'number' ? { days } : null;
  }
  const { product } = entry.input as { product?: string };
  if (runs.by === 'product') {
    const period = product === undefined ? undefined : runs.tiers[product];
    return period ? lengthOf(period) : null;
  }
  // The balance after the record; in the earliest reading an unknown one was zero before it, so only its amount counts.
  const amount =
    runs.by === 'balance' && (line.balance !== null || line.reading === 'latest')
      ? moneyOf(line)
      : (amountIn(entry.input) ?? Number.NEGATIVE_INFINITY);
  const reached = Object.entries(runs.tiers).filter(([least]) => amountOf(least) <= amount);
  const highest = reached.sort(([a], [b]) => amountOf(a) - amountOf(b)).at(-1);
  return highest ? lengthOf(highest[1]) : null;
}

/** Sets the end of a clock that counts from this day; with inclusive counting a day sooner. Sentences 1 and 2. */
function countFrom(run: Run, start: Day, length: Length) {
  run.end = after(start, length, run.clock.month_end) - run.back;
  run.cycle =
    'months' in length ? { from: start, months: length.months } : { from: run.end + run.back, months: 0 };
}

function endOn(run: Run, end: Day) {
  run.end = end;
  run.cycle = { from: end + run.back, months: 0 };
}

/** Extends the end of `old` by a length: months count from the cycle's anchor, not from a clamped date. Sentence 2. */
export function lengthen(run: Run, old: Run, length: Length) {
  if ('days' in length) return endOn(run, (old.end as Day) + length.days);
  run.cycle = { from: old.cycle.from, months: old.cycle.months + length.months };
  run.end = afterMonths(run.cycle.from, run.cycle.months, run.clock.month_end) - run.back;
}

export function newRun(
  line: Line,
  name: string,
  clock: Clock,
  version: Version,
  start: Day,
  end: Day | null,
): Run {
  const back = inReading(clock.counting ?? 'exclusive', line.reading) === 'inclusive' ? 1 : 0;
  return {
    name,
    clock,
    version,
    start,
    end,
    back,
    cycle: { from: (end ?? start) + back, months: 0 },
    set: { day: line.day, by: 'record', before: null },
    taken: 0,
    assumedOn: null,
    boughtFrom: null,
    declined: false,
    passed: new Map(),
    feeSought: false,
    waiting: null,
  };
}

/** Sentence 7. */
export function restart(
  line: Line,
  name: string,
  clock: Clock,
  version: Version,
  terms: Terms,
  start: Day,
  entry: Entry,
) {
  const present = line.runs.get(name) ?? null;
  // Sentence 8: a record of the same day takes precedence over the activation.
  const old = present?.set.by === 'activation' && present.set.day === line.day ? present.set.before : present;
  const stageRuns = old ? certainRuleOf(line, old)?.runs : undefined;
  const length = lengthFor(line, stageRuns ?? terms.runs, entry);
  if (length === null) return;
  const fromRecord = (clock.restarts_on ?? []).some((one) =>
    eventsOf(one).some((event) => countsFromRecord(event, version, line.reading)),
  );
  const extend = inReading(terms.extend ?? (fromRecord ? 'later' : 'from_event'), line.reading);
  const run = newRun(line, name, clock, version, start, null);
  countFrom(run, start, length);
  // A cap limits what is added; it does not shorten what there was.
  const cap = terms.cap ? after(entry.day, lengthOf(terms.cap)) : Number.POSITIVE_INFINITY;
  const cutAt = (furthest: Day) => (run.end as Day) > furthest && endOn(run, furthest);
  cutAt(cap);
  const oldEnd = old?.end ?? null;
  if (old && oldEnd !== null) {
    if (extend === 'from_end' && line.day > oldEnd && terms.if_expired === 'refuse') return;
    if (extend === 'from_end' && line.day <= oldEnd) {
      lengthen(run, old, length);
      cutAt(Math.max(cap, oldEnd));
    }
    if ((extend === 'later' || extend === 'raise_to') && oldEnd >= (run.end as Day)) return;
  }
  line.runs.set(name, run);
}

export const isSum = (event: Reference) => typeof event === 'object' && 'sum' in event;

/** Sentence 9: a sum keeps the clock running until the oldest charge that it needs leaves the window. */
export function carryBySums(line: Line, name: string, clock: Clock, scene: Scene, entry: Entry) {
  for (const event of (clock.restarts_on ?? []).flatMap(eventsOf)) {
    if (typeof event !== 'object' || !('sum' in event)) continue;
    const start = dayCounted(event, entry, scene);
    if (start === null) continue;
    const run = newRun(line, name, clock, scene.version, start, null);
    countFrom(run, start, lengthOf(event.over));
    if ((line.runs.get(name)?.end ?? Number.NEGATIVE_INFINITY) < (run.end as Day)) line.runs.set(name, run);
  }
}

/** Sentence 8: starts a clock on activation. */
export function activate(line: Line, name: string, clock: Clock, version: Version, entry: Entry) {
  const old = line.runs.get(name) ?? null;
  if (!clock.restarts_on || clock.first_period === false) return;
  if (old && old.set.by === 'record' && old.set.day === line.day) return;
  const { runs, first_period } = clock;
  // A length that depends on an amount or a product is not known at activation.
  const tiered = typeof runs === 'object' && 'tiers' in runs;
  const length = first_period ? lengthOf(first_period) : tiered ? null : lengthFor(line, runs, entry);
  if (length === null) return;
  const run = newRun(line, name, clock, version, entry.day, null);
  countFrom(run, entry.day, length);
  run.set = { day: line.day, by: 'activation', before: old };
  line.runs.set(name, run);
}

/** Whether any record of this type can restart the clock. */
export const isRenewedBy = (run: Run, type: string): boolean =>
  (run.clock.restarts_on ?? []).some((one) =>
    eventsOf(one).some((event) => hasType(event, run.version, type)),
  );

function hasType(event: Reference | ReturnType<typeof named>, version: Version, type: string): boolean {
  if (typeof event === 'string') return hasType(named(event, version), version, type);
  if ('doubtful' in event) return hasType(event.doubtful, version, type);
  if ('any' in event) return event.any.some((one) => hasType(one, version, type));
  return 'type' in event && event.type === type;
}
