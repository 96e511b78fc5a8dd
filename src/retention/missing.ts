/** What is not known of a line, and which stages it would move. */

import { NEVER } from './day.ts';
import type { Snapshot } from './fold.ts';
import { type ClockProgram, type CompiledRule, stageOf } from './program.ts';
import type { Stage } from './record.ts';
import type { Facts } from './state.ts';
import type { Missing } from './timeline.ts';

const stagesOf = (clock: ClockProgram): Stage[] => clock.stages.map((stage) => stage.stage);
const unique = (stages: Stage[]): Stage[] => [...new Set(stages)];

/** Does one clock ask when the other ends? */
const watches = (clock: ClockProgram, other: ClockProgram): boolean =>
  clock.members.includes(other.slot) || clock.stages.some((stage) => stage.unlessEnded === other.slot);

/** The stages that hang on the balance: what it keeps off, and what its end brings. */
function balanceStages(clocks: readonly ClockProgram[]): Stage[] {
  return clocks.flatMap((clock) => [
    ...(clock.runsBy === 'balance' || clock.charge ? stagesOf(clock) : []),
    ...clock.stages.flatMap((stage) => (stage.charge ? [stage.stage, stageOf(stage.gravityEmpty)] : [])),
  ]);
}

export function missingOf(
  rule: CompiledRule,
  snapshot: Snapshot,
  facts: Facts,
  hasActivation: boolean,
): Missing[] {
  const missing: Missing[] = [];
  const all = (
    rule.earliest.versions.find((version) => version.sinceText === snapshot.version)?.clocks ?? []
  ).filter((clock) => clock !== null);
  for (const clock of all) {
    const applies = snapshot.clocks[clock.slot] !== null;
    const changes = [clock, ...all.filter((other) => watches(other, clock))].flatMap(stagesOf);
    if (applies && clock.runsBy === 'records' && changes.length && snapshot.ends[clock.slot] === -NEVER) {
      missing.push({ kind: 'clock', name: clock.name, changes: unique(changes) });
    }
  }
  for (const name of rule.factsAsked) {
    if (facts[name] !== undefined) continue;
    const changes = all.filter((clock) => clock.facts.some(([asked]) => asked === name)).flatMap(stagesOf);
    missing.push({ kind: 'fact', name, changes: unique(changes) });
  }
  const byActivation = all.filter(
    (clock) =>
      (clock.activatedFrom !== -NEVER || clock.activatedBefore !== NEVER) &&
      clock.facts.every(([name, value]) => facts[name] === value),
  );
  if (byActivation.length && !hasActivation) {
    missing.push({ kind: 'fact', name: 'activated', changes: unique(byActivation.flatMap(stagesOf)) });
  }
  if (rule.watchesBalance && snapshot.balance === null) {
    missing.push({ kind: 'balance', name: 'balance', changes: unique(balanceStages(all)) });
  }
  if (snapshot.unsaidCharge) {
    missing.push({ kind: 'charged', name: 'charged', changes: unique(all.flatMap(stagesOf)) });
  }
  if (rule.asksPlanPrice && snapshot.planPrice === null) {
    missing.push({ kind: 'plan_price', name: 'plan_price', changes: unique(all.flatMap(stagesOf)) });
  }
  return missing;
}
