/** Small rules and ledgers for tests of the engine: neutral names, a test currency, timelines as text. */
import type { Test } from 'tap';
import {
  type CompiledRule,
  compileRule,
  formatDay,
  parseDay,
  timelineOf,
} from '../../src/retention/index.ts';
import type { Clock, Version } from '../../src/retention/language.ts';
import type { RecordInput, Stage } from '../../src/retention/record.ts';
import type { StageEntry } from '../../src/retention/timeline.ts';
import { CURRENCY, ledger, money } from './records.ts';

const text = { en: 'text', ru: 'текст', zh: '文字' };

/** A clock without the name and evidence that every clock needs. */
export type ClockTerms = Omit<Clock, 'name' | 'evidence'>;

/** A fee of 3 a day after 120 idle days, and the loss after the 180th day at zero. */
export const DRAIN: Readonly<Record<string, ClockTerms>> = {
  idle: {
    restarts_on: ['use'],
    runs: '120 days',
    ended: [{ stage: 'fee_running', charge: { take: '3 XTS', every: 'day', partial: 'taken' } }],
  },
  empty: {
    runs_while: 'balance <= 0',
    runs: '180 days',
    counting: 'inclusive',
    ended: [{ stage: 'lost' }],
  },
};

type VersionTerms = {
  since?: string;
  applies_to?: Version['applies_to'];
  clocks: Record<string, ClockTerms>;
  events?: Version['events'];
  actions?: Record<string, { does?: string | string[]; how?: Version['actions'][string]['how'] }>;
};

const version = ({
  since = '2010-01-01',
  applies_to,
  clocks,
  events = {},
  actions = {},
}: VersionTerms): Version => ({
  since,
  ...(applies_to ? { applies_to } : {}),
  events: {
    use: { type: 'activity', charged: true },
    credit: { type: 'topup' },
    renewal: { type: 'plan_renewed' },
    ...events,
  },
  clocks: Object.fromEntries(
    Object.entries(clocks).map(([name, clock]) => [name, { name: text, evidence: ['source'], ...clock }]),
  ),
  actions: Object.fromEntries(
    Object.entries(actions).map(([name, action]) => [
      name,
      { how: action.how ?? 'topup', from_abroad: true, text, ...(action.does ? { does: action.does } : {}) },
    ]),
  ),
});

/** Compiles a synthetic rule of these clocks, or of several versions. */
export function ruleOf(
  terms: VersionTerms | { versions: VersionTerms[] },
  time_zone = 'Europe/Moscow',
): CompiledRule {
  const versions = 'versions' in terms ? terms.versions : [terms];
  return compileRule({
    id: 'xx/some/prepaid',
    time_zone,
    currency: CURRENCY,
    versions: versions.map(version),
  });
}

/** A rule of one clock named `idle`. */
export const clockRule = (clock: ClockTerms, time_zone?: string): CompiledRule =>
  ruleOf({ clocks: { idle: clock } }, time_zone);

export type Conditions = {
  facts?: Record<string, string | number | boolean>;
  plan_price?: string;
  time_zone?: string;
  until?: string;
  /** Ids of records that only a pending payment made. */
  pending?: string[];
};

const show = (day: number | null): string | null => (day === null ? null : formatDay(day));
/** A stage in one line: `suspended 2026-02-01`, in doubt `lost 2026-02-01/2026-03-01`, for a `may` stage `?lost …`. */
const line = (entry: StageEntry): string => {
  const [from, latest] = [show(entry.from), show(entry.latest_from)];
  return `${entry.certainty === 'may' ? '?' : ''}${entry.stage} ${from === latest ? from : `${from}/${latest}`}`;
};

/** The timeline of a ledger on a day, its dates as text; `stages` leaves out the stage `active`. */
export function at(
  rule: CompiledRule,
  as_of: string,
  inputs: readonly RecordInput[],
  conditions: Conditions = {},
) {
  const { pending = [], plan_price, ...rest } = conditions;
  const timeline = timelineOf(rule, {
    records: ledger(inputs).map((record) => ({ ...record, pending: pending.includes(record.id) })),
    as_of,
    ...(plan_price === undefined ? {} : { plan_price: money(plan_price) }),
    ...rest,
  });
  return {
    stage: timeline.stage,
    version: timeline.version,
    until: show(timeline.until),
    act_by: show(timeline.act_by),
    confirmed_act_by: show(timeline.confirmed_act_by),
    provisional: timeline.provisional,
    at_risk_since: show(timeline.at_risk_since),
    lost_on: show(timeline.lost_on),
    latest_lost_on: show(timeline.latest_lost_on),
    missing: timeline.missing.map((missing) => missing.name),
    balance: timeline.balance === null ? null : timeline.balance / 10_000,
    drift: timeline.drift.map(({ record, expected, seen }) => [record, expected / 10_000, seen / 10_000]),
    contradicted: timeline.contradicted,
    /** The last good day of each clock. */
    ends: Object.fromEntries(timeline.clocks.map((clock) => [clock.clock, show(clock.ends)])),
    latest: Object.fromEntries(timeline.clocks.map((clock) => [clock.clock, show(clock.latest)])),
    set_by: Object.fromEntries(timeline.clocks.map((clock) => [clock.clock, clock.set_by])),
    stages: timeline.stages.filter((entry) => entry.stage !== 'active').map(line),
    entries: timeline.stages,
  };
}

/** The last good day of the clock `idle`, as of the day of the last record. */
export function lastGoodDay(
  clock: ClockTerms,
  inputs: readonly RecordInput[],
  time_zone?: string,
): string | null {
  const asOf = String(inputs.at(-1)?.at).slice(0, 10);
  return at(clockRule(clock, time_zone), asOf, inputs).ends.idle ?? null;
}

/** A date plus a number of days. */
export const plus = (date: string, days: number): string => formatDay((parseDay(date) as number) + days);

/** Checks the stages around a day on which the stage changes: the day before it, the day itself, the day after. */
export function edge(
  t: Test,
  rule: CompiledRule,
  inputs: readonly RecordInput[],
  date: string,
  [before, after]: [Stage, Stage],
  conditions: Conditions = {},
): void {
  for (const [days, stage] of [
    [-1, before],
    [0, after],
    [1, after],
  ] as const) {
    t.equal(at(rule, plus(date, days), inputs, conditions).stage, stage, `${stage} on ${plus(date, days)}`);
  }
}

type Seen = ReturnType<typeof at>;

/** Compares the named parts of a timeline exactly (with `t.match`, `[]` would match any list). */
export function says(t: Test, seen: Seen, expected: Partial<Seen>, message = ''): void {
  const parts = Object.keys(expected) as (keyof Seen)[];
  t.strictSame(Object.fromEntries(parts.map((part) => [part, seen[part]])), expected, message);
}
