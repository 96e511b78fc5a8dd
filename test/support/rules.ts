/** Random rules that use every word of the rule language, for properties that must hold for any rule. */
import fc from 'fast-check';
import { type CompiledRule, compileRule, RuleError } from '../../src/retention/index.ts';
import type { Charge, Clock, RetentionRule, StageRule, Version } from '../../src/retention/language.ts';
import type { Pack } from './packs.ts';
import { CURRENCY } from './records.ts';

const text = { en: 'text', ru: 'текст', zh: '文字' };
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const said = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;

const period = fc.constantFrom('1 day', '7 days', '30 days', '45 days', '1 month', '6 months', '1 year');
const doubtful = fc.oneof(
  { weight: 3, arbitrary: period },
  { weight: 1, arbitrary: fc.record({ earliest: period, latest: period }) },
);
const price = fc.constantFrom('0.01', '1', '3', '20').map((amount) => `${amount} ${CURRENCY}`);

const charge = (how: Partial<Charge>): fc.Arbitrary<Charge> =>
  fc
    .record({
      take: fc.oneof(price, fc.constant('plan_price' as const)),
      adds: how.at_end ? optional(period) : fc.constant(undefined),
      applies_to: how.at_end ? optional(fc.constant('running')) : fc.constant(undefined),
      times: how.at_end ? optional(fc.integer({ min: 1, max: 6 })) : fc.constant(undefined),
      partial: optional(fc.constantFrom('taken', 'refused', 'swallowed')),
      as: optional(fc.constant('ordinary')),
    })
    .map((fields) => said({ ...fields, ...how }) as Charge);

const stage = (clocks: readonly string[]): fc.Arbitrary<StageRule> =>
  fc
    .record({
      stage: fc.constantFrom('restricted', 'fee_running', 'receive_only', 'suspended', 'lost', 'reissuable'),
      certainty: optional(fc.constantFrom('certain', 'may')),
      lasts: fc.oneof({ weight: 3, arbitrary: doubtful }, { weight: 1, arbitrary: fc.constant(undefined) }),
      on_day: optional(fc.integer({ min: 1, max: 400 })),
      unless_ended: fc.option(fc.constantFrom(...clocks), { nil: undefined, freq: 5 }),
      charge: optional(charge({ every: 'day' })),
      when_empty: optional(fc.constantFrom('receive_only', 'suspended', 'lost', 'active')),
      cures: fc.option(fc.constantFrom([], ['act'], ['act', 'pay']), { nil: undefined, freq: 4 }),
    })
    .map((fields) => said(fields) as StageRule);

const references = fc.uniqueArray(
  fc.constantFrom<NonNullable<Clock['restarts_on']>[number]>(
    'use',
    'credit',
    { doubtful: 'credit' },
    { type: 'plan_renewed' },
    { type: 'purchase', from: 'expires_on' },
    { type: 'identity', from: 'valid_until' },
    { sum: 'charges', of: ['call', 'sms'], over: '180 days', more_than: `10 ${CURRENCY}` },
  ),
  { minLength: 1, maxLength: 3 },
);
const runs = fc.oneof(
  { weight: 4, arbitrary: doubtful },
  {
    weight: 1,
    arbitrary: fc.record({
      by: fc.constantFrom('amount' as const, 'balance' as const),
      tiers: fc.constant({ [`1 ${CURRENCY}`]: '10 days', [`20 ${CURRENCY}`]: '6 months' }),
    }),
  },
);

const clock = (clocks: readonly string[]): fc.Arbitrary<Clock> => {
  const common = {
    ended: fc.array(stage(clocks), { maxLength: 4 }),
    shows: optional(fc.constantFrom('outgoing', 'incoming', 'number')),
    month_end: optional(fc.constantFrom('clamp', 'clamp_28', 'last_day')),
    counting: optional(
      fc.constantFrom('exclusive', 'inclusive', { earliest: 'inclusive', latest: 'exclusive' }),
    ),
  };
  const byRecords = fc.record({
    ...common,
    restarts_on: references,
    runs,
    first_period: optional(fc.oneof(period, fc.constant(false))),
    extend: optional(fc.constantFrom('from_event', 'from_end', 'later', 'raise_to')),
    if_expired: optional(fc.constantFrom('from_event', 'refuse')),
    cap: fc.option(period, { nil: undefined, freq: 4 }),
    charge: optional(fc.oneof(charge({ at_end: true }), charge({ on_day_of_month: 31 }))),
  });
  const byBalance = fc.record({
    ...common,
    runs_while: fc.constantFrom('balance <= 0', 'balance < 0'),
    runs: doubtful,
  });
  const byDate = fc.record({
    ...common,
    ends_on: fc.constantFrom('2024-12-31', '2026-02-28'),
    cured_by: references,
  });
  const byClocks = fc
    .record({ ...common, all: fc.boolean() })
    .map(({ all, ...rest }) => ({ ...rest, ends_with: all ? { all: ['a', 'b'] } : { any: ['a', 'b'] } }));
  const levy = fc.record({ charge: charge({ on_day_of_month: 1 }) });
  return fc
    .oneof({ weight: 5, arbitrary: byRecords }, byBalance, byDate, byClocks, levy)
    .map((fields) => said({ name: text, evidence: ['source'], ...fields }) as unknown as Clock);
};

const version = (since: string): fc.Arbitrary<Version> => {
  const names = ['a', 'b', 'c', 'd'];
  return fc
    .record({
      applies_to: optional(fc.constantFrom('new', 'all', 'unknown')),
      clocks: fc.array(clock(names), { minLength: 2, maxLength: 4 }),
    })
    .map(({ applies_to, clocks }) => ({
      since,
      ...(applies_to ? { applies_to } : {}),
      events: {
        use: { type: 'activity', charged: true },
        credit: { type: 'topup', except: { method: 'loan' } },
      },
      clocks: Object.fromEntries(clocks.map((each, i) => [names[i] as string, each])),
      actions: {
        act: { how: 'call', does: 'use', from_abroad: true, text },
        pay: { how: 'topup', does: 'credit', from_abroad: true, text },
      },
    }));
};

function compiled(versions: Version[]): CompiledRule | null {
  const rule: RetentionRule = {
    id: 'xx/some/prepaid',
    time_zone: 'Europe/Moscow',
    currency: CURRENCY,
    versions,
  };
  try {
    return compileRule(rule);
  } catch (error) {
    if (error instanceof RuleError) return null;
    throw error;
  }
}

/** Any rule that compiles, with one or two versions, as a pack. */
export const anyPack: fc.Arbitrary<Pack> = fc
  .tuple(version('2020-01-01'), fc.option(version('2025-06-01'), { nil: null }))
  .map(([first, second]) => compiled(second ? [first, second] : [first]))
  .filter((rule) => rule !== null)
  .map((rule) => ({ id: rule.id, rule, products: ['a', 'b'], amounts: ['7'], facts: {} }));
