/** What is not known about a line, and which stages the answers would move. */
import { NEVER } from './day.ts';
import type { Snapshot } from './fold.ts';
import { asksCharged, asksPlanPrice, type PatternProgram } from './match.ts';
import { type ClockProgram, type CompiledRule, dependsOn, type Questions, stageOf } from './program.ts';
import type { Stage } from './record.ts';
import type { Facts } from './state.ts';
import type { Missing } from './timeline.ts';

const stagesOf = (clock: ClockProgram): Stage[] => clock.stages.map((stage) => stage.stage);
const distinct = (stages: Stage[]): Stage[] => [...new Set(stages)];

/** The stages that depend on the balance: those that it puts off, and those that follow once it is empty. */
function balanceStages(clocks: readonly ClockProgram[]): Stage[] {
  return clocks.flatMap((clock) => [
    ...(clock.runsBy === 'balance' || clock.charge ? stagesOf(clock) : []),
    ...clock.stages.flatMap((stage) => (stage.charge ? [stage.stage, stageOf(stage.gravityEmpty)] : [])),
  ]);
}

/** The owner's facts that decide whether a clock applies and how long it runs. */
const factsAsked = ({ facts, terms }: ClockProgram): string[] => [
  ...facts.map(([name]) => name),
  ...(terms.length?.kind === 'fact' ? [terms.length.fact] : []),
];

const asksActivation = (clock: ClockProgram): boolean =>
  clock.activatedFrom !== -NEVER || clock.activatedBefore !== NEVER;

/** Whether a pattern that restarts or cures the clock meets a condition. */
const hasPattern = (clock: ClockProgram, condition: (pattern: PatternProgram) => boolean): boolean =>
  [clock.triggers, ...clock.stages.map((stage) => stage.cures ?? [])].some((triggers) =>
    triggers.some((patterns) => patterns?.some(condition)),
  );

const takesPlanPrice = (clock: ClockProgram): boolean =>
  [clock.charge, ...clock.stages.map((stage) => stage.charge)].some(
    (charge) => charge?.take === 'plan_price',
  );

/**
 * What a version needs to know about a line, and which stages each answer moves. Found once, when the rule is compiled.
 */
export function questionsOf(slots: readonly (ClockProgram | null)[]): Questions {
  const clocks = slots.filter((clock) => clock !== null);
  const facts = new Set(clocks.flatMap(factsAsked));
  return {
    clocks: clocks
      .filter((clock) => clock.runsBy === 'records' || clock.runsBy === 'shown')
      .map((clock) => ({
        slot: clock.slot,
        name: clock.name,
        changes: distinct([clock, ...clocks.filter((other) => dependsOn(other, clock))].flatMap(stagesOf)),
      }))
      .filter(({ changes }) => changes.length > 0),
    facts: [...facts].map((name) => ({
      name,
      changes: distinct(clocks.filter((clock) => factsAsked(clock).includes(name)).flatMap(stagesOf)),
    })),
    activation: clocks
      .filter(asksActivation)
      .map((clock) => ({ facts: clock.facts, changes: stagesOf(clock) })),
    balance: distinct(balanceStages(clocks)),
    charged: distinct(clocks.filter((clock) => hasPattern(clock, asksCharged)).flatMap(stagesOf)),
    planPrice: distinct(
      clocks.filter((clock) => hasPattern(clock, asksPlanPrice) || takesPlanPrice(clock)).flatMap(stagesOf),
    ),
  };
}

export function missingOf(
  rule: CompiledRule,
  snapshot: Snapshot,
  facts: Facts,
  hasActivation: boolean,
): Missing[] {
  const { questions } = snapshot.version;
  const missing: Missing[] = [];
  for (const { slot, name, changes } of questions.clocks) {
    if (snapshot.clocks[slot] && snapshot.ends[slot] === -NEVER)
      missing.push({ kind: 'clock', name, changes });
  }
  for (const { name, changes } of questions.facts) {
    if (facts[name] === undefined) missing.push({ kind: 'fact', name, changes });
  }
  if (!hasActivation && questions.activation.length > 0) {
    const asked = questions.activation.filter((clock) =>
      clock.facts.every(([name, value]) => facts[name] === value),
    );
    const changes = distinct(asked.flatMap((clock) => clock.changes));
    if (asked.length > 0) missing.push({ kind: 'fact', name: 'activated', changes });
  }
  if (rule.watchesBalance && snapshot.balance === null) {
    missing.push({ kind: 'balance', name: 'balance', changes: questions.balance });
  }
  if (snapshot.unsaidCharge) missing.push({ kind: 'charged', name: 'charged', changes: questions.charged });
  if (rule.asksPlanPrice && snapshot.planPrice === null) {
    missing.push({ kind: 'plan_price', name: 'plan_price', changes: questions.planPrice });
  }
  return missing;
}
