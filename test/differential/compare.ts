/** The engine beside the interpreter: where do they differ on a ledger? */
import {
  type CompiledRule,
  formatDay,
  parseAmount,
  parseDay,
  timelineOf,
} from '../../src/retention/index.ts';
import type { LedgerRecord, Money, Stage } from '../../src/retention/record.ts';
import { interpret, type Told } from './interpreter.ts';

export type Case = {
  records: readonly LedgerRecord[];
  facts: Record<string, string | number | boolean>;
  plan_price: Money | null;
  as_of: string;
};

const AHEAD = 800;
const known = (day: number | null): string[] => (day === null ? [] : [formatDay(day)]);

/** Stages and clock ends, each with the days that the two readings give it. */
type View = { stage: string; certain: string[]; may: string[]; ends: string[] };

const present = (earliest: Stage, latest: Stage): Stage => {
  const lost = (stage: Stage) => stage === 'lost' || stage === 'reissuable';
  return lost(earliest) && !lost(latest) ? latest : earliest;
};

function viewOf([earliest, latest]: [Told, Told]): View {
  const both = [earliest, latest];
  return {
    stage: present(earliest.stage, latest.stage),
    certain: both
      .flatMap(({ certain }) => certain.map(({ stage, day }) => `${stage} ${formatDay(day)}`))
      .sort(),
    may: both.flatMap(({ may }) => may.map(({ stage, day }) => `${stage} ${formatDay(day)}`)).sort(),
    ends: both
      .flatMap(({ ends }) =>
        Object.entries(ends).flatMap(([name, day]) => known(day).map((end) => `${name} ${end}`)),
      )
      .sort(),
  };
}

function engineView(rule: CompiledRule, one: Case, until: number): View {
  const timeline = timelineOf(rule, { ...one, until: formatDay(until) });
  const days = (certainty: 'certain' | 'may') =>
    timeline.stages
      .filter((entry) => entry.certainty === certainty)
      .flatMap((entry) =>
        [entry.from, entry.latest_from].flatMap(known).map((day) => `${entry.stage} ${day}`),
      )
      .sort();
  return {
    stage: timeline.stage,
    certain: days('certain'),
    may: days('may'),
    ends: timeline.clocks
      .flatMap(({ clock, ends, latest }) => [ends, latest].flatMap(known).map((day) => `${clock} ${day}`))
      .sort(),
  };
}

/** Null where both agree; else what each says. `engine` is the rule that the engine runs, the same unless a fault is put in. */
export function differ(
  rule: CompiledRule,
  one: Case,
  engine = rule,
): { engine: View; interpreter: View } | null {
  const asOf = parseDay(one.as_of) as number;
  const until = asOf + AHEAD;
  const given = {
    rule: rule.rule,
    records: one.records,
    facts: one.facts,
    planPrice: one.plan_price ? parseAmount(one.plan_price.amount) : null,
    zone: rule.time_zone,
    asOf,
    until,
  };
  const views = {
    engine: engineView(engine, one, until),
    interpreter: viewOf([interpret(given, 'earliest'), interpret(given, 'latest')]),
  };
  return JSON.stringify(views.engine) === JSON.stringify(views.interpreter) ? null : views;
}
