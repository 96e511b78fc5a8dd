/** A plan in the API's form, with its assumptions and risks in a reader's language. */
import { keptOf, MARGIN_DAYS, type Plan, type Step } from '../planning/index.ts';
import { formatDay, formatDayOrNull } from '../retention/day.ts';
import { isOverdue, plannedFrom, safeDay } from '../retention/index.ts';
import { type Amount, formatAmount } from '../retention/money.ts';
import type { Money, RecordInput, Stage } from '../retention/record.ts';
import { type Booked, inLanguage } from './booked.ts';
import { formatDate, formatMoney, PUNCTUATION } from './format.ts';
import type { Locale } from './locale.ts';
import { missingText } from './missing.ts';
import { say } from './say.ts';
import { zoneCity } from './zones.ts';

type StepJson = {
  on: string;
  latest_on: string;
  action: string;
  record: RecordInput;
  spent: Money | null;
  credited: Money;
  channels: string[];
  from_abroad: boolean | null;
  certain: boolean;
  text: string;
};

export type PlanJson = {
  rule: string;
  as_of: string;
  until: string;
  confirmed: boolean;
  reason: string | null;
  steps: StepJson[];
  /**
   * `taken`: what the carrier itself takes from the account; null if not known. `unpriced_steps`: how many steps have
   * no known price and are therefore in no sum.
   */
  total: { spent: Money; credited: Money; taken: Money | null; unpriced_steps: number };
  per_year: { spent: Money; credited: Money };
  /** The last safe day with the plan; `undone`: the dates without it. null: not before `until`. */
  act_by: string | null;
  undone: { act_by: string | null; lost_on: string | null };
  assumed: { text: string }[];
  risks: { text: string }[];
};

const DAYS_A_YEAR = 365.25;

/** The share of an amount per year of the plan, rounded to hundredths. */
function yearlyOf({ as_of, until }: Plan, amount: Amount): Amount {
  const years = Math.max(1 / DAYS_A_YEAR, (until - as_of) / DAYS_A_YEAR);
  return Math.round(amount / years / 100) * 100;
}

/** Whether the step's price is known, it certainly counts, and it is known whether it works from abroad. */
const isCertain = (step: Step): boolean =>
  step.spent !== null && !step.supposed && step.action.from_abroad !== 'unknown';

/** The first stage other than active after a day, without the plan. */
function nextAfter(plan: Plan, day: number): Stage | null {
  const after = plan.undone.stages.filter((entry) => plannedFrom(entry) > day);
  return after.find((entry) => entry.stage !== 'active')?.stage ?? null;
}

const unpricedCount = (plan: Plan): number => plan.steps.filter((step) => step.spent === null).length;

const uniqueTexts = (texts: string[]): { text: string }[] => [...new Set(texts)].map((text) => ({ text }));

function assumptions(plan: Plan, booked: Booked, locale: Locale): { text: string }[] {
  const actionValues = (step: Step) => ({ action: inLanguage(step.action.text, locale) });
  return uniqueTexts([
    ...plan.steps
      .filter((step) => step.spent === null)
      .map((step) => say(locale, 'plan.price_unknown', actionValues(step))),
    ...plan.steps
      .filter((step) => step.supposed)
      .map((step) => say(locale, 'plan.least_unknown', actionValues(step))),
    ...plan.steps
      .filter((step) => step.action.from_abroad === 'unknown')
      .map((step) => say(locale, 'plan.abroad_unknown', actionValues(step))),
    ...(plan.steps.some((step) => step.record.type === 'activity')
      ? [say(locale, plan.undone.balance === null ? 'plan.balance_unknown' : 'plan.balance_lasts')]
      : []),
    ...plan.undone.missing
      .filter(({ kind }) => kind === 'fact' || kind === 'clock')
      .map((missing) => missingText(missing, booked, plan.undone.version, locale)),
    ...(plan.steps.length > 0 ? [say(locale, 'plan.once_done')] : []),
  ]);
}

function risks(plan: Plan, locale: Locale): { text: string }[] {
  const first = plan.steps[0];
  const { undone } = plan;
  // If the line is overdue and the first step is due now, the last day is the one before the next worse stage.
  const last = first && isOverdue(undone) && first.latest_on <= plan.as_of ? undone.act_by : first?.latest_on;
  const next = last == null ? null : nextAfter(plan, last);
  const ahead = plan.undone.stages.filter((entry) => plannedFrom(entry) > plan.as_of);
  const may = ahead.find((entry) => entry.certainty === 'may' && entry.stage !== 'reissuable');
  const doubtful = ahead.some((entry) => entry.from !== entry.latest_from);
  const pays = plan.steps.some(({ record }) => record.type !== 'activity');
  return uniqueTexts([
    ...(last != null && next
      ? [
          say(locale, 'plan.last_day', {
            date: formatDate(locale, last),
            stage: say(locale, `stage.${next}`),
          }),
        ]
      : []),
    ...(pays ? [say(locale, 'plan.posting', { count: MARGIN_DAYS })] : []),
    ...(may
      ? [
          say(locale, 'plan.may', {
            date: formatDate(locale, plannedFrom(may)),
            stage: say(locale, `stage.${may.stage}`),
          }),
        ]
      : []),
    ...(doubtful ? [say(locale, 'plan.doubt')] : []),
  ]);
}

function reasonOf(plan: Plan, locale: Locale): string | null {
  if (plan.reason === null) return null;
  const reach = plan.timeline.act_by ?? plan.undone.act_by ?? plan.as_of;
  const action = plan.needed ? inLanguage(plan.needed.text, locale) : '';
  return say(locale, `plan.reason.${plan.reason}`, { date: formatDate(locale, reach), action });
}

/** A plan in the API's form: dates as `2026-03-01`, money as `{amount, currency}`. */
export function planJson(plan: Plan, booked: Booked, locale: Locale): PlanJson {
  const { currency } = booked.carrier;
  const money = (amount: number): Money => ({ amount: formatAmount(amount), currency });
  return {
    rule: plan.undone.rule,
    as_of: formatDay(plan.as_of),
    until: formatDay(plan.until),
    confirmed: plan.confirmed,
    reason: reasonOf(plan, locale),
    steps: plan.steps.map((step) => ({
      on: formatDay(step.on),
      latest_on: formatDay(step.latest_on),
      action: step.name,
      record: step.record,
      spent: step.spent === null ? null : money(step.spent),
      credited: money(keptOf(step.credited)),
      channels: [...(step.action.channels ?? [])],
      from_abroad: step.action.from_abroad === 'unknown' ? null : step.action.from_abroad,
      certain: isCertain(step),
      text: inLanguage(step.action.text, locale),
    })),
    total: {
      spent: money(plan.spent),
      credited: money(plan.credited),
      taken: plan.taken === null ? null : money(plan.taken),
      unpriced_steps: unpricedCount(plan),
    },
    per_year: { spent: money(yearlyOf(plan, plan.spent)), credited: money(yearlyOf(plan, plan.credited)) },
    act_by: formatDayOrNull(plan.timeline.act_by),
    undone: { act_by: formatDayOrNull(plan.undone.act_by), lost_on: formatDayOrNull(plan.undone.lost_on) },
    assumed: assumptions(plan, booked, locale),
    risks: risks(plan, locale),
  };
}

/** A plan in sentences, one per line; `zone` is the person's. */
export function planInWords(plan: Plan, booked: Booked, locale: Locale, zone: string): string[] {
  const { currency } = booked.carrier;
  const { open, close } = PUNCTUATION[locale];
  const date = (day: number) => formatDate(locale, day);
  const money = (amount: number) => formatMoney(locale, amount, currency);
  const json = planJson(plan, booked, locale);
  const until = date(plan.until);
  const heading = plan.confirmed
    ? say(locale, plan.steps.length > 0 ? 'plan.heading' : 'plan.nothing', { date: until })
    : say(locale, 'plan.unconfirmed', { date: until, reason: json.reason ?? '' });
  const steps = plan.steps.map((step) => {
    const text = inLanguage(step.action.text, locale);
    const paid =
      step.credited > 0
        ? `${open}${say(locale, 'plan.credited', { amount: money(step.credited) })}${close}`
        : '';
    const price = step.spent ? `${open}${money(step.spent)}${close}` : '';
    return `• ${say(locale, 'plan.step', { on: date(step.on), latest: date(step.latest_on), text: `${text}${paid}${price}` })}`;
  });
  const carrierZone = plan.undone.time_zone;
  const endsSooner = plan.steps.some(({ latest_on }) => safeDay(latest_on, carrierZone, zone) < latest_on);
  const year = money(yearlyOf(plan, plan.spent + plan.credited));
  const unpriced = unpricedCount(plan);
  // If no price is known, a sum of zero would read as if the plan cost nothing.
  const isKnown = unpriced === 0 || plan.spent + plan.credited > 0;
  const cost = isKnown
    ? [
        say(locale, 'plan.cost', { spent: money(plan.spent), credited: money(plan.credited), year }),
        ...(unpriced > 0 ? [say(locale, 'plan.cost_more', { count: unpriced })] : []),
      ]
    : [say(locale, 'plan.cost_unknown', { count: unpriced, steps: plan.steps.length })];
  const list = (key: 'plan.assumed' | 'plan.risks', texts: { text: string }[]) =>
    texts.length > 0 ? [say(locale, key), ...texts.map(({ text }) => `• ${text}`)] : [];
  return [
    heading,
    ...steps,
    ...(endsSooner ? [say(locale, 'plan.zone', { city: zoneCity(locale, carrierZone) })] : []),
    ...(plan.steps.length > 0 ? cost : []),
    ...(plan.taken ? [say(locale, 'plan.taken', { amount: money(plan.taken) })] : []),
    ...list('plan.assumed', json.assumed),
    ...list('plan.risks', json.risks),
  ];
}
