import { type Day, formatDay, formatDayOrNull } from '../retention/day.ts';
import { GRAVITY, gravityIn } from '../retention/index.ts';
import { formatAmount } from '../retention/money.ts';
import type { LedgerRecord, Money, Stage } from '../retention/record.ts';
import type { Because, Certainty, Missing, StageEntry, Timeline } from '../retention/timeline.ts';
import { becauseText, type ReasonContext } from './because.ts';
import type { Booked } from './booked.ts';
import { type CureJson, curesJson } from './cures.ts';
import { sourceSentence } from './evidence.ts';
import type { Locale } from './locale.ts';
import { missingText } from './missing.ts';

/** A source, the last link of the chain record → clock → fact → source. */
type SourceJson = {
  evidence: string;
  source: string;
  dated: string | null;
  confidence: string;
  text: string;
};
export type BecauseJson = Pick<Because, 'clock' | 'record' | 'fact'> & {
  evidence: string[];
  text: string;
  sources: SourceJson[];
};
type MissingJson = Missing & { text: string };
type StageJson = {
  stage: Stage;
  from: string | null;
  latest_from: string | null;
  certainty: Certainty;
  can_call: boolean;
  can_receive: boolean;
  credit_kept: boolean;
  planned: boolean;
  assumed: boolean;
  because: BecauseJson;
  cures: CureJson[];
};

/** A timeline in the API's form: dates as `2026-03-01`, money as `{amount, currency}`. */
export type TimelineJson = {
  rule: string;
  version: string;
  as_of: string;
  until: string;
  time_zone: string;
  stage: Stage;
  provisional: boolean;
  act_by: string | null;
  confirmed_act_by: string | null;
  at_risk_since: string | null;
  lost_on: string | null;
  /** The reasons for the two days: that of the stage which follows `act_by`, and that of the loss. */
  act_by_because: BecauseJson | null;
  lost_on_because: BecauseJson | null;
  latest_lost_on: string | null;
  missing: MissingJson[];
  balance: Money | null;
  clocks: {
    clock: string;
    ends: string | null;
    latest: string | null;
    set_by: string | null;
    because: BecauseJson;
  }[];
  stages: StageJson[];
  contradicted: string[];
  drift: { record: string; expected: Money; seen: Money }[];
};

export function becauseJson(because: Because, context: ReasonContext): BecauseJson {
  const sources = because.evidence.flatMap((name): SourceJson[] => {
    const evidence = context.booked.carrier.evidence[name];
    if (!evidence) return [];
    const { source, dated = null, confidence } = evidence;
    return [
      {
        evidence: name,
        source,
        dated,
        confidence,
        text: sourceSentence(evidence, context.locale, context.as_of),
      },
    ];
  });
  const { clock, record, fact } = because;
  return {
    clock,
    record,
    fact,
    evidence: [...because.evidence],
    text: becauseText(because, context),
    sources,
  };
}

function stageJson(entry: StageEntry, context: ReasonContext): StageJson {
  return {
    stage: entry.stage,
    from: formatDayOrNull(entry.from),
    latest_from: formatDayOrNull(entry.latest_from),
    certainty: entry.certainty,
    can_call: entry.can_call,
    can_receive: entry.can_receive,
    credit_kept: entry.credit_kept,
    planned: entry.planned,
    assumed: entry.assumed,
    because: becauseJson(entry.because, context),
    cures: curesJson(entry.cures, context.booked, context.version, context.locale),
  };
}

const beginsOn = ({ from, latest_from }: StageEntry, day: Day | null): boolean =>
  day !== null && (from === day || latest_from === day);

/** The stage that begins after `act_by`: the first that is graver than the present one. */
const actByStage = ({ stages, stage, act_by }: Timeline): StageEntry | undefined =>
  stages.find(
    (entry) =>
      act_by !== null &&
      beginsOn(entry, act_by + 1) &&
      entry.stage !== 'reissuable' &&
      GRAVITY[entry.stage] > gravityIn(stage),
  );

const lossStage = ({ stages, lost_on }: Timeline): StageEntry | undefined =>
  stages.find((entry) => entry.stage === 'lost' && beginsOn(entry, lost_on));

/**
 * A timeline in the API's form and a reader's language. `records` are those it was folded from; without them the texts
 * cannot name the record that a clock counts from, and only its id is given.
 */
export function timelineJson(
  timeline: Timeline,
  booked: Booked,
  locale: Locale,
  records: readonly LedgerRecord[] = [],
): TimelineJson {
  const { version, as_of, time_zone } = timeline;
  const context: ReasonContext = { booked, version, as_of, time_zone, records, locale };
  const money = (amount: number): Money => ({
    amount: formatAmount(amount),
    currency: booked.carrier.currency,
  });
  const reason = (entry: StageEntry | undefined) => (entry ? becauseJson(entry.because, context) : null);
  return {
    rule: timeline.rule,
    version,
    as_of: formatDay(as_of),
    until: formatDay(timeline.until),
    time_zone,
    stage: timeline.stage,
    provisional: timeline.provisional,
    act_by: formatDayOrNull(timeline.act_by),
    confirmed_act_by: formatDayOrNull(timeline.confirmed_act_by),
    at_risk_since: formatDayOrNull(timeline.at_risk_since),
    lost_on: formatDayOrNull(timeline.lost_on),
    act_by_because: reason(actByStage(timeline)),
    lost_on_because: reason(lossStage(timeline)),
    latest_lost_on: formatDayOrNull(timeline.latest_lost_on),
    missing: timeline.missing.map((missing) => ({
      ...missing,
      changes: [...missing.changes],
      text: missingText(missing, booked, version, locale),
    })),
    balance: timeline.balance === null ? null : money(timeline.balance),
    clocks: timeline.clocks.map(({ clock, ends, latest, set_by, because }) => ({
      clock,
      ends: formatDayOrNull(ends),
      latest: formatDayOrNull(latest),
      set_by,
      because: becauseJson(because, context),
    })),
    stages: timeline.stages.map((entry) => stageJson(entry, context)),
    contradicted: [...timeline.contradicted],
    drift: timeline.drift.map(({ record, expected, seen }) => ({
      record,
      expected: money(expected),
      seen: money(seen),
    })),
  };
}
