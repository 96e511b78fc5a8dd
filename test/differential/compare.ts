/** Compares the engine with the interpreter on a ledger. */
import {
  type CompiledRule,
  formatAmount,
  formatDay,
  GRAVITY,
  parseDay,
  readAt,
  timelineOf,
} from '../../src/retention/index.ts';
import type { LedgerRecord, Money, Stage } from '../../src/retention/record.ts';
import { interpret, type Told } from './daily/interpret.ts';

export type Case = {
  records: readonly LedgerRecord[];
  facts: Record<string, string | number | boolean>;
  plan_price: Money | null;
  as_of: string;
};

/** How many days ahead to compare: for a tenth of the as-of dates eleven years, past a timeline's horizon, else two. */
const aheadOf = (asOf: number): number => (asOf % 10 === 0 ? 4_000 : 800);
const dateOf = (day: number | null): string | null => (day === null ? null : formatDay(day));
const known = (day: number | null): string[] => (day === null ? [] : [formatDay(day)]);

/** What is compared: stages and clock ends, with their days in both readings. */
type View = {
  stage: string;
  certain: string[];
  may: string[];
  ends: string[];
  /** Only if both readings are equal: otherwise these depend on how the engine combines the readings. */
  act_by?: string | null;
  lost_on?: string | null;
  balance?: number | null;
};

const present = (earliest: Stage, latest: Stage): Stage => {
  const lost = (stage: Stage) => stage === 'lost' || stage === 'reissuable';
  // Lost only if both readings say so; else the graver of the two.
  if (lost(earliest) !== lost(latest)) return lost(earliest) ? latest : earliest;
  if (lost(earliest)) return earliest === 'lost' ? earliest : latest;
  return GRAVITY[latest] > Math.max(GRAVITY[earliest], 0) ? latest : earliest;
};

/** The act-by date and the day of loss, derived from the stages of one reading as `semantics` defines them. */
function deadlines({ certain, may, stage }: Told, asOf: number, planned: boolean) {
  const all = [...certain, ...may];
  const graver = all.filter(
    (entry) =>
      entry.day > asOf && entry.stage !== 'reissuable' && GRAVITY[entry.stage] > Math.max(GRAVITY[stage], 0),
  );
  const lost = all.filter((entry) => entry.stage === 'lost');
  const first = (days: number[]): string | null => (days.length > 0 ? formatDay(Math.min(...days)) : null);
  return {
    act_by: first(graver.map(({ day }) => day - 1)),
    // Not comparable if the loss already holds, or if planned records may undo it.
    ...(planned || GRAVITY[stage] >= GRAVITY.lost || lost.some(({ day }) => day <= asOf)
      ? {}
      : { lost_on: first(lost.map(({ day }) => day)) }),
  };
}

function viewOf([earliest, latest]: [Told, Told], asOf: number, planned: boolean): View {
  const both = [earliest, latest];
  const isOne = JSON.stringify(earliest) === JSON.stringify(latest);
  return {
    stage: present(earliest.stage, latest.stage),
    certain: both
      .flatMap(({ certain }) => certain.map(({ stage, day }) => `${stage} ${formatDay(day)}`))
      .sort(),
    may: both
      .flatMap(({ may }) => may.map(({ stage, day, clock }) => `${stage} ${formatDay(day)} ${clock}`))
      .sort(),
    ends: both
      .flatMap(({ ends }) =>
        Object.entries(ends).flatMap(([name, day]) => known(day).map((end) => `${name} ${end}`)),
      )
      .sort(),
    ...(isOne ? { ...deadlines(earliest, asOf, planned), balance: earliest.balance } : {}),
  };
}

function engineView(rule: CompiledRule, one: Case, until: number, beside: View): View {
  const timeline = timelineOf(rule, { ...one, until: formatDay(until) });
  const days = (certainty: 'certain' | 'may') =>
    timeline.stages
      .filter((entry) => entry.certainty === certainty)
      .flatMap((entry) =>
        [entry.from, entry.latest_from]
          .flatMap(known)
          .map((day) => `${entry.stage} ${day}${certainty === 'may' ? ` ${entry.because.clock}` : ''}`),
      )
      .sort();
  return {
    stage: timeline.stage,
    certain: days('certain'),
    may: days('may'),
    ends: timeline.clocks
      .flatMap(({ clock, ends, latest }) => [ends, latest].flatMap(known).map((day) => `${clock} ${day}`))
      .sort(),
    ...('act_by' in beside ? { act_by: dateOf(timeline.act_by) } : {}),
    ...('lost_on' in beside ? { lost_on: dateOf(timeline.lost_on) } : {}),
    ...('balance' in beside
      ? { balance: timeline.balance === null ? null : Number(formatAmount(timeline.balance)) }
      : {}),
  };
}

/**
 * The two views if they differ, else null. `engine`: the rule that the engine runs, other than `rule` to inject a
 * fault.
 */
export function differ(
  rule: CompiledRule,
  one: Case,
  engine = rule,
): { engine: View; interpreter: View } | null {
  const asOf = parseDay(one.as_of) as number;
  const until = asOf + aheadOf(asOf);
  const given = {
    rule: rule.rule,
    records: one.records,
    facts: one.facts,
    planPrice: one.plan_price,
    zone: rule.time_zone,
    asOf,
    until,
  };
  const planned = one.records.some(({ input }) => readAt(input.at, rule.time_zone).latest > asOf);
  const interpreter = viewOf([interpret(given, 'earliest'), interpret(given, 'latest')], asOf, planned);
  const views = { engine: engineView(engine, one, until, interpreter), interpreter };
  return JSON.stringify(views.engine) === JSON.stringify(views.interpreter) ? null : views;
}
