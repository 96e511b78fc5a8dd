/** How a record changes the clocks: restarts, cures, starts or sets them. */
import type { Clock, Version } from '../../../src/retention/language.ts';
import { type Day, dayOf } from './days.ts';
import { certainRuleOf, clocksOf, type Line, moneyOf, type Run, stepOf, versionOn } from './line.ts';
import { dayCounted, named, type Scene } from './patterns.ts';
import type { Entry } from './records.ts';
import { activate, carryBySums, eventsOf, isSum, newRun, restart, termsOf } from './restarts.ts';

/**
 * Ends a duty, or a clock set by a printed date, for good. A clock that depends on the balance is evaluated again; a
 * top-up affects it only through the balance.
 */
function cure(line: Line, run: Run, { input }: Entry) {
  if (run.clock.runs_while && input.type === 'topup') return;
  if (run.clock.runs_while) line.runs.delete(run.name);
  else line.runs.set(run.name, newRun(line, run.name, run.clock, run.version, line.day, null));
}

/** The events that these cures bring about. */
const curesOf = (names: readonly string[], { actions }: Version): string[] =>
  names.flatMap((name) => actions[name]?.does ?? []);

/** The effect of a record on a clock, to be run; null if it has none. */
function effectOf(line: Line, name: string, clock: Clock, scene: Scene, entry: Entry): (() => void) | null {
  const run = line.runs.get(name);
  const stage = run ? certainRuleOf(line, run) : null;
  /** The day from which a cure counts. */
  const dayCured = (names: readonly string[]): Day | null => {
    if (!run) return null;
    const days = curesOf(names, run.version).map((event) =>
      dayCounted(named(event, run.version), entry, { ...scene, version: run.version }),
    );
    return days.find((day) => day !== null) ?? null;
  };
  // Sentence 10: while a stage that lists cures holds, only those restart its clock; a `may` stage adds its own cures.
  const mayStage = run?.clock.ended?.[stepOf(line, run)];
  const cured = dayCured([...(stage?.cures ?? []), ...(mayStage?.cures ?? [])]);
  if (stage?.cures && cured === null) return null;
  for (const reference of clock.restarts_on ?? clock.cured_by ?? []) {
    for (const event of eventsOf(reference)) {
      if (isSum(event)) continue;
      const day = dayCounted(event, entry, scene, cured !== null);
      if (day === null) continue;
      if (!clock.restarts_on) return run ? () => cure(line, run, entry) : null;
      return () => restart(line, name, clock, scene.version, termsOf(reference, clock), day, entry);
    }
  }
  if (cured === null || !run) return null;
  if (!clock.restarts_on) return () => cure(line, run, entry);
  return () => restart(line, name, clock, scene.version, clock, cured, entry);
}

function applyTo(line: Line, name: string, clock: Clock, scene: Scene, entry: Entry) {
  if (entry.input.type === 'activated') activate(line, name, clock, scene.version, entry);
  const run = line.runs.get(name);
  const stage = run ? certainRuleOf(line, run) : null;
  const effect = effectOf(line, name, clock, scene, entry);
  // Out of this stage a record leads only with money in the account; until then it waits.
  if (effect && run && stage?.and && moneyOf(line) <= 0) run.waiting = entry;
  else if (effect) effect();
  if (!stage?.cures) carryBySums(line, name, clock, scene, entry);
}

/** Once there is money, applies the records that waited for it, as of their own day. */
function releaseWaiting(line: Line, scene: Scene) {
  for (const [name, clock] of clocksOf(line)) {
    const run = line.runs.get(name);
    if (!run?.waiting || line.balance === null || line.balance <= 0) continue;
    const effect = certainRuleOf(line, run)?.and && effectOf(line, name, clock, scene, run.waiting);
    run.waiting = null;
    if (effect) effect();
  }
}

/** Sentence 11: sets the clock that shows this kind of date; if only one clock shows a date, any `of` sets it. */
function showDate(line: Line, version: Version, until: string, of: string | undefined) {
  const shown = clocksOf(line, version).filter(([, clock]) => clock.shows);
  const fitting = shown.length === 1 ? shown : shown.filter(([, clock]) => clock.shows === of);
  for (const [name, clock] of fitting)
    line.runs.set(name, newRun(line, name, clock, version, line.day, dayOf(until)));
}

/** Sentence 6: applies a record to every clock of its version, except those whose assumed renewal it confirmed. */
export function moveClocks(line: Line, entry: Entry, confirmed: ReadonlySet<string>) {
  const version = versionOn(line.rule, entry.day);
  const scene: Scene = {
    reading: line.reading,
    version,
    stage: line.stage,
    planPrice: line.planPrice,
    charges: line.spent,
  };
  if (entry.input.type === 'validity') showDate(line, version, entry.input.until, entry.input.of);
  for (const [name, clock] of clocksOf(line, version)) {
    if (!confirmed.has(name)) applyTo(line, name, clock, scene, entry);
  }
  releaseWaiting(line, scene);
}
