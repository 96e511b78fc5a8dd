/** Small rules of clocks with random terms, which combine more features than the shipped rules do. */
import fc from 'fast-check';
import type { Version } from '../../src/retention/language.ts';
import type { Pack } from '../support/packs.ts';
import { CURRENCY } from '../support/records.ts';
import { ruleOf } from '../support/retention.ts';

const days = (max: number) => fc.integer({ min: 1, max }).map((count) => `${count} days`);

/** A fee after idleness, a law that may end the contract, a clock that runs while the balance is zero. */
export const drainingRule: fc.Arbitrary<Pack> = fc
  .record({
    idle: days(150),
    law: days(150),
    empty: fc.integer({ min: 2, max: 120 }).map((count) => `${count} days`),
    fee: fc.constantFrom('0.01', '0.5', '3', '3.33', '15'),
  })
  .map(({ idle, law, empty, fee }) => ({
    id: `a fee of ${fee} after ${idle}, law ${law}, empty ${empty}`,
    rule: ruleOf({
      clocks: {
        idle: {
          restarts_on: ['use'],
          runs: idle,
          ended: [
            { stage: 'fee_running', charge: { take: `${fee} ${CURRENCY}`, every: 'day', partial: 'taken' } },
          ],
        },
        law: { restarts_on: ['use'], runs: law, ended: [{ stage: 'lost', certainty: 'may' }] },
        empty: {
          runs_while: 'balance <= 0',
          runs: empty,
          counting: 'inclusive',
          ended: [{ stage: 'lost' }],
        },
      },
    }),
    products: ['something else'],
    amounts: [fee, '0.01', '2.50', '30', '100.05'],
    facts: {},
  }));

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const doubt = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: value }, fc.record({ earliest: value, latest: value }));
const price = fc.constantFrom('0.50', '3', '10', '33.33').map((amount) => `${amount} ${CURRENCY}`);
const period = fc.oneof(
  fc.integer({ min: 1, max: 120 }).map((count) => `${count} days`),
  fc.integer({ min: 1, max: 7 }).map((count) => `${count} months`),
);
const tiers = fc.record({ '1 XTS': period, '10 XTS': period, '50 XTS': period }, { noNullPrototype: true });
const runs = fc.oneof(
  { weight: 4, arbitrary: doubt(period) },
  fc.record({ by: fc.constant('amount'), tiers }),
  fc.constant({ by: 'fact', fact: 'days' }),
  fc.record({
    by: fc.constant('product'),
    tiers: fc.record({ small: period, large: period }, { noNullPrototype: true }),
  }),
);
const extend = doubt(fc.constantFrom('from_event', 'from_end', 'later', 'raise_to'));
const ifExpired = fc.constantFrom('from_event', 'refuse');
const EVENTS: NonNullable<Version['events']> = {
  use: { type: 'activity', charged: true },
  credit: { type: 'topup', least: '3 XTS', except: { method: ['loan'] } },
  renewal: { type: 'plan_renewed' },
  small: { type: 'purchase', product: 'small', from: 'expires_on' },
  large: { type: 'purchase', product: 'large', in: ['active', 'receive_only'] },
  papers: { type: 'identity' },
  restored: { type: 'status', stage: 'active' },
};
const event = fc.constantFrom(...Object.keys(EVENTS).filter((name) => name !== 'restored'));
const reference = fc.oneof(
  { weight: 4, arbitrary: event },
  event.map((doubtful) => ({ doubtful })),
  fc.constant({ sum: 'charges', of: ['call', 'sms'], over: '60 days', more_than: '10 XTS' }),
);
const restart = fc.oneof(
  { weight: 3, arbitrary: reference },
  fc.record(
    { on: event, runs, extend, if_expired: ifExpired, cap: period },
    { requiredKeys: ['on'], noNullPrototype: true },
  ),
);
/** The event that a reference names, by which the restarts of a clock are kept distinct. */
const eventIn = (one: unknown): string => {
  if (typeof one === 'string') return one;
  const { on, doubtful } = one as { on?: string; doubtful?: string };
  return on ?? doubtful ?? 'sum';
};
const cures = fc.uniqueArray(fc.constantFrom('pay', 'use_it', 'ask', 'renew', 'write'), {
  minLength: 1,
  maxLength: 3,
});
const stage = fc.record(
  {
    stage: fc.constantFrom('restricted', 'receive_only', 'suspended', 'lost'),
    certainty: fc.constantFrom('certain', 'may'),
    lasts: doubt(period),
    cures,
    and: fc.constant('balance > 0'),
    unless_ended: fc.constant('other'),
    runs,
  },
  { requiredKeys: ['stage'], noNullPrototype: true },
);
const daily = fc
  .tuple(price, optional(fc.constantFrom('receive_only', 'suspended', 'active')), optional(cures))
  .map(([take, when_empty, cures]) => ({
    stage: 'fee_running',
    charge: { take, every: 'day', partial: 'taken' },
    when_empty,
    cures,
  }));
/** Stages of which each but the last has an end. */
const ended = fc
  .tuple(fc.array(stage, { maxLength: 3 }), period, optional(daily))
  .map(([stages, lasts, fee]) => {
    const list: object[] = stages.map((one, i) => ({
      ...one,
      lasts: i === stages.length - 1 ? undefined : (one.lasts ?? lasts),
      unless_ended: i === stages.length - 1 ? undefined : one.unless_ended,
    }));
    return fee ? [fee] : list;
  });
/** Drops the charge of a clock without stages, and of one that is paused, for which the two together are undefined. */
const withValidCharge = <T extends { ended: object[]; charge?: object; paused_while?: string }>(
  clock: T,
): T => (clock.ended.length > 0 && !clock.paused_while ? clock : { ...clock, charge: undefined });
const withoutSkips = <T extends { ended: object[] }>(clock: T): T => ({
  ...clock,
  ended: clock.ended.map((one) => ({ ...one, unless_ended: undefined })),
});
const atEnd = fc.record(
  {
    take: fc.oneof(price, fc.constant('plan_price')),
    at_end: fc.constant(true),
    adds: period,
    times: fc.integer({ min: 1, max: 4 }),
    partial: fc.constantFrom('taken', 'refused', 'swallowed'),
    as: fc.constant('ordinary'),
    opt_out_until: doubt(fc.constantFrom('0 days', '1 day', '10 days')),
  },
  { requiredKeys: ['take', 'at_end', 'adds'], noNullPrototype: true },
);
const recordClock = (shows: string) =>
  fc.record(
    {
      restarts_on: fc.uniqueArray(restart, { minLength: 1, maxLength: 3, selector: eventIn }),
      runs,
      ended,
      counting: doubt(fc.constantFrom('exclusive', 'inclusive')),
      first_period: fc.oneof(period, fc.constant(false)),
      month_end: fc.constantFrom('clamp', 'clamp_28', 'last_day'),
      extend,
      if_expired: ifExpired,
      cap: period,
      shows: fc.constant(shows),
      charge: atEnd,
      paused_while: fc.constant('other'),
    },
    { requiredKeys: ['restarts_on', 'runs', 'ended'], noNullPrototype: true },
  );
const watch = fc.record(
  {
    runs_while: fc.constantFrom('balance <= 0', 'balance < 0'),
    runs: fc.constantFrom('0 days', '10 days', '2 months'),
    ended,
  },
  { noNullPrototype: true },
);
const duty = fc.record(
  {
    ends_on: fc.constantFrom('2025-06-30', '2026-02-28'),
    cured_by: fc.constant(['renewal', 'large']),
    ended,
  },
  { noNullPrototype: true },
);
const shown = fc.record(
  { shows: fc.constant('incoming'), cured_by: fc.constant(['credit']), ended },
  { noNullPrototype: true },
);
const levy = fc
  .tuple(
    price,
    fc.constantFrom({ every: 'month' }, { on_day_of_month: 30 }),
    optional(fc.constant(['call', 'purchase'])),
  )
  .map(([take, when, of]) => ({
    charge: {
      take,
      ...when,
      partial: 'taken',
      as: 'ordinary',
      ...(of ? { less: { sum: 'charges', of } } : {}),
    },
  }));

/** Drops fields that are undefined. */
const withoutUndefined = <T>(value: T): T => JSON.parse(JSON.stringify(value));

/** A rule of up to three clocks with random terms. */
export const anyRule: fc.Arbitrary<Pack> = fc
  .record({
    one: recordClock('outgoing').map(withValidCharge),
    other: recordClock('number')
      .map(({ paused_while: _, ...clock }) => clock)
      .map(withValidCharge)
      .map(withoutSkips),
    more: optional(fc.oneof(watch, duty, shown, levy)),
  })
  .map(({ one, other, more }) => withoutUndefined({ one, other, ...(more ? { more } : {}) }))
  .map((clocks) => {
    try {
      return {
        id: JSON.stringify(clocks),
        rule: ruleOf({
          clocks: clocks as Parameters<typeof ruleOf>[0] extends infer T
            ? T extends { clocks: infer C }
              ? C
              : never
            : never,
          events: EVENTS,
          actions: {
            pay: { does: 'credit' },
            use_it: { does: 'use', how: 'call' },
            ask: { does: 'restored', how: 'contact_support' },
            renew: { does: 'renewal', how: 'renew' },
            write: { does: 'papers', how: 'identify' },
          },
        }),
        products: ['small', 'large', 'something else'],
        amounts: ['0.50', '2.99', '3', '10', '33.33', '50'],
        facts: { days: [10, 45] },
      };
    } catch (error) {
      if (process.env.SHOW) console.log(String(error));
      return null;
    }
  })
  .filter((pack) => pack !== null);
