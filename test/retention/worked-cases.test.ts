/** Worked cases from the field that no shipped carrier has, each as a small rule of its own. */
import t from 'tap';
import { formatDay, parseDay } from '../../src/retention/day.ts';
import { compileRule, timelineOf } from '../../src/retention/index.ts';
import type { Clock, Version } from '../../src/retention/language.ts';
import type { RecordInput } from '../../src/retention/record.ts';
import { safeDay } from '../../src/retention/zone.ts';

const text = { en: 'text', ru: 'текст', zh: '文字' };
const evidence = ['source'];
const topup = (at: string, amount: string, currency = 'HKD'): RecordInput => ({
  type: 'topup',
  at,
  amount: { amount, currency },
});

type Terms = {
  clocks: Record<string, Omit<Clock, 'name' | 'evidence'>>;
  events?: Version['events'];
  actions?: Version['actions'];
  currency?: string;
  time_zone?: string;
};

/** A rule of these clocks, and what its timeline says of a ledger on a day. */
function rule({ clocks, events = {}, actions = {}, currency = 'HKD', time_zone = 'Asia/Hong_Kong' }: Terms) {
  const named = Object.entries(clocks).map(([name, clock]) => [name, { name: text, evidence, ...clock }]);
  const compiled = compileRule({
    id: 'xx/synthetic/prepaid',
    time_zone,
    currency,
    versions: [{ since: '2010-01-01', events, clocks: Object.fromEntries(named), actions }],
  });
  return (as_of: string, inputs: RecordInput[], facts: Record<string, string | boolean> = {}) => {
    const records = inputs.map((input, i) => ({ id: `record-${i}`, input }));
    const timeline = timelineOf(compiled, { records, facts, as_of });
    const day = (value: number | null) => (value === null ? null : formatDay(value));
    return {
      stage: timeline.stage,
      act_by: day(timeline.act_by),
      at_risk_since: day(timeline.at_risk_since),
      lost_on: day(timeline.lost_on),
      contradicted: timeline.contradicted,
      ends: (clock: string) => day(timeline.clocks.find((state) => state.clock === clock)?.ends ?? null),
      from: (stage: string) => day(timeline.stages.findLast((entry) => entry.stage === stage)?.from ?? null),
      cures: (stage: string) => timeline.stages.findLast((entry) => entry.stage === stage)?.cures,
    };
  };
}

t.test('a late top-up within the grace counts from the day it was paid', async (t) => {
  const validity = {
    shows: 'number' as const,
    restarts_on: [{ type: 'topup' as const }],
    runs: { by: 'amount' as const, tiers: { '50 HKD': '180 days' } },
    ended: [{ stage: 'suspended' as const, lasts: '30 days' }, { stage: 'lost' as const }],
  };
  const shown: RecordInput = { type: 'validity', at: '2016-04-01', until: '2016-04-19' };
  for (const extend of ['from_event', 'from_end'] as const) {
    const line = rule({ clocks: { validity: { ...validity, extend } } });
    t.match(line('2016-04-20', [shown]), { stage: 'suspended', act_by: '2016-05-19', lost_on: '2016-05-20' });
    const late = line('2016-05-15', [shown, topup('2016-05-15', '50')]);
    t.match(late, { stage: 'active', act_by: '2016-11-11', at_risk_since: null }, extend);
    t.equal(line('2016-05-19', [shown, topup('2016-05-19', '50')]).ends('validity'), '2016-11-15');
    const tooLate = line('2016-05-20', [shown, topup('2016-05-20', '50')]);
    t.strictSame(tooLate.contradicted, ['record-1'], 'a top-up after the loss says that the rule was wrong');
  }
  const refusing = rule({ clocks: { validity: { ...validity, extend: 'from_end', if_expired: 'refuse' } } });
  t.match(refusing('2016-05-15', [shown, topup('2016-05-15', '50')]), {
    stage: 'suspended',
    lost_on: '2016-05-20',
  });
  t.equal(refusing('2016-04-19', [shown, topup('2016-04-19', '50')]).ends('validity'), '2016-10-16');
});

t.test('a payment that is accepted and extends nothing', async (t) => {
  const byAmount = rule({
    clocks: {
      validity: {
        restarts_on: [{ type: 'topup' }],
        runs: { by: 'amount', tiers: { '100 HKD': '180 days' } },
        ended: [{ stage: 'lost' }],
      },
    },
  });
  const first = topup('2026-01-01', '100');
  t.equal(byAmount('2026-05-02', [first, topup('2026-05-01', '99.99')]).act_by, '2026-06-30');
  t.equal(byAmount('2026-05-02', [first, topup('2026-05-01', '100')]).act_by, '2026-10-28');

  const byProduct = rule({
    clocks: {
      validity: {
        restarts_on: [{ type: 'topup' }],
        runs: { by: 'product', tiers: { standard: '365 days', 'no limit': '365 days' } },
        ended: [{ stage: 'suspended', lasts: '60 days' }, { stage: 'lost' }],
      },
    },
  });
  const standard = { ...topup('2026-01-01', '30'), product: 'standard' } as RecordInput;
  const custom = { ...topup('2026-05-01', '200'), product: 'custom amount' } as RecordInput;
  t.equal(byProduct('2026-05-02', [standard, custom]).act_by, '2027-01-01');
});

t.test('monthly on the 31st', async (t) => {
  const renewals = (month_end: Clock['month_end'], dates: string[]) => {
    const line = rule({
      clocks: {
        cycle: {
          restarts_on: [{ type: 'plan_renewed' }],
          runs: '1 month',
          extend: 'from_end',
          month_end,
          ended: [{ stage: 'suspended' }],
        },
      },
    });
    const [first, ...later] = dates as [string, ...string[]];
    const inputs: RecordInput[] = [
      { type: 'activated', at: first },
      ...later.map((at): RecordInput => ({ type: 'plan_renewed', at })),
    ];
    return dates.map((at, i) => line(at, inputs.slice(0, i + 1)).act_by);
  };
  const dates = ['2026-01-31', '2026-02-28', '2026-03-28', '2026-04-28'];
  t.strictSame(
    renewals('clamp', dates),
    ['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31'],
    'the day is kept',
  );
  t.strictSame(renewals('clamp_28', dates), ['2026-02-28', '2026-03-28', '2026-04-28', '2026-05-28']);
  t.strictSame(renewals('last_day', dates), ['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31']);
  t.strictSame(renewals('clamp', ['2026-04-30', '2026-05-30']), ['2026-05-30', '2026-06-30']);
  t.strictSame(renewals('last_day', ['2026-04-30', '2026-05-30']), ['2026-05-31', '2026-06-30']);
  t.strictSame(renewals('clamp', ['2028-01-31', '2028-02-29']), ['2028-02-29', '2028-03-31'], 'leap year');
  t.strictSame(renewals('clamp_28', ['2028-01-29', '2028-02-28']), ['2028-02-28', '2028-03-28']);
});

t.test('a sum that must be exceeded, or a purchase that counts from its expiry', async (t) => {
  const line = rule({
    currency: 'JPY',
    time_zone: 'Asia/Tokyo',
    clocks: {
      topping: {
        restarts_on: [
          { type: 'purchase', from: 'expires_on' },
          { sum: 'charges', of: ['call', 'sms'], over: '180 days', more_than: '660 JPY' },
        ],
        runs: '180 days',
        ended: [{ stage: 'suspended', lasts: '30 days' }, { stage: 'lost' }],
      },
    },
  });
  const activated: RecordInput = { type: 'activated', at: '2026-01-01' };
  const charged = (at: string, amount: string, kind: 'call' | 'sms' | 'data' = 'call'): RecordInput => ({
    type: 'activity',
    at,
    kind,
    direction: 'outgoing',
    charge: { amount, currency: 'JPY' },
  });
  t.match(line('2026-01-02', [activated]), { act_by: '2026-06-30', lost_on: '2026-07-31' });
  t.equal(line('2026-05-02', [activated, charged('2026-05-01', '660')]).act_by, '2026-06-30', 'exactly 660');
  t.equal(line('2026-05-02', [activated, charged('2026-05-01', '661')]).act_by, '2026-10-28', '661');
  t.equal(
    line('2026-05-02', [activated, charged('2026-05-01', '661', 'data')]).act_by,
    '2026-06-30',
    'of data',
  );
  const two = [activated, charged('2026-04-01', '400'), charged('2026-06-01', '300', 'sms')];
  t.equal(
    line('2026-06-02', two).act_by,
    '2026-09-28',
    'it lasts as long as the oldest charge that it needs',
  );
  const longer: RecordInput = {
    type: 'purchase',
    at: '2026-05-01',
    product: 'pack',
    expires_on: '2027-06-30',
  };
  t.equal(line('2026-06-02', [...two, longer]).act_by, '2027-12-27', 'a sum cuts no longer pack short');
  const pack: RecordInput = {
    type: 'purchase',
    at: '2026-03-01',
    product: 'pack',
    expires_on: '2026-03-31',
  };
  t.match(line('2026-03-02', [activated, pack]), { act_by: '2026-09-27', lost_on: '2026-10-28' });
});

t.test('use resets nothing while an identity has run out', async (t) => {
  const line = rule({
    currency: 'AED',
    time_zone: 'Asia/Dubai',
    clocks: {
      idle: {
        restarts_on: [{ type: 'activity' }, { type: 'topup' }],
        runs: '90 days',
        ended: [{ stage: 'suspended', lasts: '1 year' }, { stage: 'lost' }],
      },
      identity: {
        duty: 'identity',
        restarts_on: [{ type: 'identity', from: 'valid_until' }],
        runs: '60 days',
        ended: [
          { stage: 'receive_only', lasts: '30 days' },
          { stage: 'suspended', lasts: '12 months' },
          { stage: 'lost' },
        ],
      },
    },
  });
  const document = (at: string, valid_until: string): RecordInput => ({ type: 'identity', at, valid_until });
  const call = (at: string): RecordInput => ({ type: 'activity', at, kind: 'call', direction: 'outgoing' });
  const used = [document('2024-07-01', '2026-06-30'), call('2026-08-20'), call('2026-08-29')];
  t.match(line('2026-08-29', used), { stage: 'active', act_by: '2026-08-29' });
  t.match(line('2026-08-30', [...used, call('2026-08-30')]), {
    stage: 'receive_only',
    act_by: '2026-09-28',
    at_risk_since: '2026-08-29',
  });
  t.equal(line('2026-09-28', [...used, call('2026-09-28')]).stage, 'receive_only');
  const suspended = line('2026-09-29', [...used, call('2026-09-29')]);
  t.match(suspended, { stage: 'suspended', act_by: '2027-09-28', lost_on: '2027-09-29' });
  const renewed = [...used, document('2026-09-10', '2028-06-30')];
  t.match(line('2026-09-10', renewed), { stage: 'active', act_by: '2026-11-27', at_risk_since: null });
  t.equal(line('2026-09-10', renewed).ends('identity'), '2028-08-29');
  const silent = [document('2026-01-01', '2028-06-30'), call('2026-01-01')];
  t.equal(line('2026-04-02', silent).stage, 'suspended', 'and a good document resets no idleness');
});

t.test('a duty with a date, harsher for a line that is silent', async (t) => {
  const line = rule({
    currency: 'RUB',
    time_zone: 'Europe/Moscow',
    clocks: {
      idle: { restarts_on: [{ type: 'activity' }], runs: '1 year', ended: [{ stage: 'lost' }] },
      silence: { restarts_on: [{ type: 'activity' }], runs: '3 months', ended: [] },
      duty: {
        duty: 'identity',
        applies_if: { facts: { nationality: 'foreign' }, activated_before: '2025-01-01' },
        ends_on: '2025-06-30',
        cured_by: ['identified'],
        ended: [
          { stage: 'restricted', lasts: '30 days', unless_ended: 'silence' },
          { stage: 'suspended', cures: ['identify'] },
        ],
      },
    },
    events: { identified: { type: 'identity' } },
    actions: {
      identify: { how: 'identify', does: 'identified', from_abroad: 'unknown', in_person: true, text },
    },
  });
  const activated: RecordInput = { type: 'activated', at: '2024-05-01' };
  const call = (at: string): RecordInput => ({ type: 'activity', at, kind: 'call', direction: 'outgoing' });
  const active = [activated, call('2025-06-20'), call('2025-06-27')];
  const foreign = { nationality: 'foreign' };
  t.match(line('2025-06-30', active, foreign), { stage: 'active', act_by: '2025-06-30' });
  t.match(line('2025-07-01', active, foreign), { stage: 'restricted', act_by: '2025-07-30' });
  t.equal(line('2025-07-30', [...active, call('2025-07-20')], foreign).stage, 'restricted');
  t.equal(line('2025-07-31', [...active, call('2025-07-20')], foreign).stage, 'suspended');
  t.equal(line('2025-07-01', [activated, call('2025-03-30')], foreign).stage, 'suspended', 'at once');
  t.equal(line('2025-07-01', active, { nationality: 'own' }).stage, 'active');
  const identified: RecordInput = { type: 'identity', at: '2025-06-30' };
  t.equal(line('2025-08-01', [...active, identified], foreign).stage, 'active');
});

t.test('cures that get harder', async (t) => {
  const line = rule({
    currency: 'AUD',
    time_zone: 'Australia/Sydney',
    events: { credit: { type: 'topup' }, restored: { type: 'status', stage: 'active' } },
    clocks: {
      validity: {
        shows: 'number',
        restarts_on: ['credit'],
        runs: '30 days',
        ended: [
          { stage: 'receive_only', lasts: '10 days', cures: ['recharge'] },
          { stage: 'suspended', lasts: '20 days', cures: ['contact_support'] },
          { stage: 'lost' },
        ],
      },
    },
    actions: {
      recharge: { how: 'topup', does: 'credit', from_abroad: true, text },
      contact_support: { how: 'contact_support', does: 'restored', from_abroad: 'unknown', text },
    },
  });
  const expired: RecordInput = { type: 'validity', at: '2026-06-01', until: '2026-06-30' };
  const restored = (at: string): RecordInput => ({ type: 'status', at, stage: 'active' });
  const paid = (at: string) => topup(at, '30', 'AUD');
  const first = line('2026-07-01', [expired]);
  t.match(first, { stage: 'receive_only', act_by: '2026-07-10', lost_on: '2026-07-31' });
  t.strictSame(first.cures('receive_only'), ['recharge']);
  t.strictSame(first.cures('suspended'), ['contact_support']);
  t.equal(line('2026-07-10', [expired, paid('2026-07-10')]).act_by, '2026-08-09', 'by oneself');
  t.match(line('2026-07-11', [expired, paid('2026-07-11')]), { stage: 'suspended', act_by: '2026-07-30' });
  t.equal(line('2026-07-30', [expired, paid('2026-07-11'), restored('2026-07-30')]).stage, 'active');
  t.equal(line('2026-07-31', [expired]).stage, 'lost');
});

t.test('months, years and leap days', async (t) => {
  const ends = (runs: string, at: string, counting: 'exclusive' | 'inclusive' = 'exclusive') =>
    rule({ clocks: { idle: { restarts_on: [{ type: 'topup' }], runs, counting, ended: [] } } })(at, [
      topup(at, '50'),
    ]).ends('idle');
  t.equal(ends('365 days', '2027-03-01'), '2028-02-29');
  t.equal(ends('365 days', '2027-03-01', 'inclusive'), '2028-02-28');
  t.equal(ends('365 days', '2026-03-01'), '2027-03-01');
  t.equal(ends('12 months', '2028-02-29'), '2029-02-28');
  t.equal(ends('1 year', '2028-02-29'), '2029-02-28');
  t.equal(ends('4 years', '2028-02-29'), '2032-02-29');
  t.equal(ends('6 months', '2027-08-31'), '2028-02-29');
  t.equal(ends('180 days', '2026-03-01'), '2026-08-28');
  t.equal(ends('6 months', '2026-03-01'), '2026-09-01');

  const stages = rule({
    clocks: {
      validity: {
        restarts_on: [{ type: 'topup' }],
        runs: '4 months',
        ended: [{ stage: 'receive_only', lasts: '2 months' }, { stage: 'lost' }],
      },
    },
  })('2026-11-01', [topup('2026-10-31', '5')]);
  t.equal(stages.from('receive_only'), '2027-03-01');
  t.equal(stages.from('lost'), '2027-04-29', 'the two months count from a day that was clamped');

  const line = rule({
    clocks: {
      switched_off: {
        shows: 'number',
        restarts_on: [{ type: 'topup' }],
        runs: '15 months',
        ended: [{ stage: 'suspended', lasts: '112 days' }, { stage: 'lost' }],
      },
    },
  });
  const notice: RecordInput = { type: 'validity', at: '2026-06-01', until: '2026-06-30' };
  t.match(line('2026-07-01', [notice]), { stage: 'suspended', act_by: '2026-10-20', lost_on: '2026-10-21' });
});

t.test("a deadline in the carrier's zone, and the safe day in the person's own", async (t) => {
  const safe = (day: string, carrier: string, person: string) =>
    formatDay(safeDay(parseDay(day) as number, carrier, person));
  t.equal(safe('2026-06-30', 'Europe/Moscow', 'Asia/Shanghai'), '2026-06-30');
  t.equal(safe('2026-06-30', 'Europe/Moscow', 'America/New_York'), '2026-06-29');
  t.equal(
    safe('2026-06-30', 'Asia/Bangkok', 'Asia/Shanghai'),
    '2026-06-30',
    'it ends at 01:00 on 1 July there',
  );
  t.equal(safe('2026-06-30', 'Asia/Vladivostok', 'Europe/Moscow'), '2026-06-29', 'it ends at 17:00 there');
  for (const day of ['2026-10-31', '2026-11-01', '2026-11-02']) {
    t.equal(safe(day, 'America/New_York', 'Asia/Shanghai'), day, 'noon or one o’clock of the day after');
    t.equal(safe(day, 'America/New_York', 'America/New_York'), day);
  }
  t.equal(safe('2026-11-01', 'America/New_York', 'America/Los_Angeles'), '2026-10-31');
  t.equal(safe('2011-12-31', 'America/New_York', 'Pacific/Apia'), '2011-12-31');

  const line = rule({
    time_zone: 'Asia/Vladivostok',
    clocks: { idle: { restarts_on: [{ type: 'topup' }], runs: '90 days', ended: [{ stage: 'lost' }] } },
  });
  t.equal(line('2026-01-12', [topup('2026-01-10T13:59:59Z', '50')]).act_by, '2026-04-10');
  t.equal(line('2026-01-12', [topup('2026-01-10T14:00:00Z', '50')]).act_by, '2026-04-11', 'midnight there');
  t.equal(line('2026-01-12', [topup('2026-01-10T23:59:59+10:00', '50')]).act_by, '2026-04-10');
});
