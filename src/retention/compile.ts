/**
 * Compiles a rule once, when it is loaded: names become slots, periods become numbers, and each doubtful value is
 * resolved twice, to its earliest and to its latest reading. What the schema cannot check is checked here.
 */
import { compileClock } from './compile-clock.ts';
import { type Context, parseDayOr, type Report } from './compile-terms.ts';
import { TYPES, typeCode } from './entry.ts';
import type { RetentionRule } from './language.ts';
import { questionsOf } from './missing.ts';
import {
  type ClockProgram,
  type CompiledRule,
  type Program,
  type Reading,
  RuleError,
  type VersionProgram,
} from './program.ts';

const ACTIVITY = typeCode('activity');

const mayRestart = (clock: ClockProgram, type: number): boolean =>
  clock.triggers[type] !== null ||
  (clock.sums.length > 0 && type === ACTIVITY) ||
  clock.stages.some((stage) => stage.cures !== null && stage.cures[type] !== null);

function compileProgram(
  rule: RetentionRule,
  reading: Reading,
  slotOf: Map<string, number>,
  report: Report,
): Program {
  const versions = rule.versions.map((version, index): VersionProgram => {
    const context: Context = { rule, version, reading, slotOf, path: `versions/${index}`, report };
    const clocks: (ClockProgram | null)[] = Array.from(slotOf, () => null);
    for (const [name, clock] of Object.entries(version.clocks)) {
      clocks[slotOf.get(name) as number] = compileClock(context, name, clock);
    }
    const applies = version.applies_to ?? 'new';
    return {
      since: parseDayOr(version.since, 0),
      sinceText: version.since,
      recompute: applies !== 'new',
      doubtful: applies === 'unknown',
      conditional: Object.values(version.clocks).some((clock) => clock.applies_if !== undefined),
      slotsByType: TYPES.map((_, type) =>
        clocks.flatMap((clock, slot) => (clock && mayRestart(clock, type) ? [slot] : [])),
      ),
      questions: questionsOf(clocks),
      clocks,
    };
  });
  const clocks = versions.flatMap((version) => version.clocks.filter((clock) => clock !== null));
  const slotsWhere = (condition: (clock: ClockProgram) => boolean): number[] => [
    ...new Set(clocks.filter(condition).map((clock) => clock.slot)),
  ];
  return {
    reading,
    versions,
    slots: slotOf.size,
    dailySlots: slotsWhere((clock) => clock.stages.some((stage) => stage.charge)),
    monthlySlots: slotsWhere(
      (clock) => (clock.charge?.onDayOfMonth ?? 0) > 0 || clock.charge?.everyMonth === true,
    ),
    balanceSlots: slotsWhere((clock) => clock.runsBy === 'balance'),
    followerSlots: slotsWhere((clock) => clock.runsBy === 'clocks'),
    pausedSlots: slotsWhere((clock) => clock.pausedWhile >= 0),
    holdSlots: slotsWhere((clock) => clock.pausedBy !== null),
    optOutSlots: slotsWhere((clock) => clock.charge?.optOutUntil != null),
    leastSpendSlots: slotsWhere((clock) => clock.charge?.less != null),
    moneySlots: slotsWhere((clock) => clock.stages.some((stage) => stage.needsMoney)),
  };
}

/**
 * Compiles a rule for folding. Throws a RuleError that names everything wrong at once: unknown names, foreign
 * currencies, charges of nothing, stages that never begin, versions out of order.
 */
export function compileRule(rule: RetentionRule): CompiledRule {
  const problems = new Map<string, { path: string; message: string }>();
  const report: Report = (path, message) => problems.set(`${path} ${message}`, { path, message });
  const slotOf = new Map<string, number>();
  for (const version of rule.versions) {
    // Clocks that follow others come last, so that one pass over the slots settles them.
    const names = Object.entries(version.clocks).sort(
      ([, a], [, b]) => Number(!!a.ends_with) - Number(!!b.ends_with),
    );
    for (const [name] of names) if (!slotOf.has(name)) slotOf.set(name, slotOf.size);
  }
  rule.versions.forEach((version, i) => {
    const previous = rule.versions[i - 1];
    if (previous && previous.since >= version.since)
      report(`versions/${i}/since`, 'versions stand in the order of their dates');
  });
  const earliest = compileProgram(rule, 'earliest', slotOf, report);
  const latest = compileProgram(rule, 'latest', slotOf, report);
  if (problems.size) throw new RuleError([...problems.values()]);
  const text = JSON.stringify(rule.versions);
  const clocks = rule.versions.flatMap((version) => Object.values(version.clocks));
  const onMoney = clocks.filter(
    (clock) => clock.runs_while || clock.charge || clock.ended?.some((stage) => stage.charge),
  );
  return {
    id: rule.id,
    time_zone: rule.time_zone,
    currency: rule.currency,
    rule,
    slotNames: [...slotOf.keys()],
    earliest,
    latest,
    chargesStandAlone: rule.versions.length === 1 && onMoney.length === 1,
    watchesBalance: onMoney.length > 0,
    asksPlanPrice: text.includes('"plan_price"'),
  };
}
