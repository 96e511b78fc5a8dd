/** Days and periods: sentences 1 to 3 of what a timeline means. */
import t from 'tap';
import type { Clock } from '../../../src/retention/language.ts';
import { activated, balance, renewed, topup, use } from '../../support/records.ts';
import { at, clockRule, edge, lastGoodDay, plus, says } from '../../support/retention.ts';

const lost = [{ stage: 'lost' as const }];
const onUse = (runs: Clock['runs']) => ({ restarts_on: ['use'], runs, ended: lost });

t.test(
  '1. N days runs through D + N, the last good day; inclusive counting ends one day sooner',
  async (t) => {
    const exclusive = clockRule(onUse('90 days'));
    edge(t, exclusive, [use('2026-01-01')], '2026-04-02', ['active', 'lost']);
    says(t, at(exclusive, '2026-01-01', [use('2026-01-01')]), {
      ends: { idle: '2026-04-01' },
      act_by: '2026-04-01',
      lost_on: '2026-04-02',
    });
    const inclusive = clockRule({ ...onUse('90 days'), counting: 'inclusive' });
    edge(t, inclusive, [use('2026-01-01')], '2026-04-01', ['active', 'lost']);

    const either = clockRule({
      ...onUse('90 days'),
      counting: { earliest: 'inclusive', latest: 'exclusive' },
    });
    says(t, at(either, '2026-01-01', [use('2026-01-01')]), {
      act_by: '2026-03-31',
      lost_on: '2026-04-01',
      latest_lost_on: '2026-04-02',
    });
    t.equal(lastGoodDay(onUse('1 day'), [use('2026-12-31')]), '2027-01-01');
    t.equal(lastGoodDay({ ...onUse('1 day'), counting: 'inclusive' }, [use('2026-12-31')]), '2026-12-31');
  },
);

t.test("2. months and years keep D's day and clamp at a month's end, as the carrier says", async (t) => {
  const policies = ['clamp', 'clamp_28', 'last_day'] as const;
  const cases: [runs: string, from: string, clamp: string, clamp_28: string, last_day: string][] = [
    ['1 month', '2026-01-28', '2026-02-28', '2026-02-28', '2026-02-28'],
    ['1 month', '2026-01-29', '2026-02-28', '2026-02-28', '2026-02-28'],
    ['1 month', '2026-01-30', '2026-02-28', '2026-02-28', '2026-02-28'],
    ['1 month', '2026-01-31', '2026-02-28', '2026-02-28', '2026-02-28'],
    ['1 month', '2028-01-30', '2028-02-29', '2028-02-28', '2028-02-29'],
    ['1 month', '2026-02-28', '2026-03-28', '2026-03-28', '2026-03-31'],
    ['1 month', '2028-02-28', '2028-03-28', '2028-03-28', '2028-03-28'],
    ['1 month', '2028-02-29', '2028-03-29', '2028-03-28', '2028-03-31'],
    ['1 month', '2026-04-30', '2026-05-30', '2026-05-28', '2026-05-31'],
    ['1 month', '2026-12-31', '2027-01-31', '2027-01-28', '2027-01-31'],
    ['6 months', '2026-08-31', '2027-02-28', '2027-02-28', '2027-02-28'],
    ['12 months', '2028-02-29', '2029-02-28', '2029-02-28', '2029-02-28'],
    ['1 year', '2028-02-29', '2029-02-28', '2029-02-28', '2029-02-28'],
    ['4 years', '2028-02-29', '2032-02-29', '2032-02-28', '2032-02-29'],
  ];
  for (const [runs, from, ...ends] of cases) {
    policies.forEach((month_end, i) => {
      const clock = { ...onUse(runs), month_end };
      t.equal(lastGoodDay(clock, [use(from)]), ends[i], `${runs} from ${from}, ${month_end}`);
    });
  }
  edge(t, clockRule(onUse('1 year')), [use('2028-02-29')], '2029-03-01', ['active', 'lost']);
  edge(t, clockRule(onUse('365 days')), [use('2027-03-01')], '2028-03-01', ['active', 'lost']);
});

t.test('2. a repeated cycle counts from its anchor, never from a clamped date', async (t) => {
  const months = ['02', '03', '04', '05', '06'];
  const cycles: [anchor: string, policy: 'clamp' | 'clamp_28' | 'last_day', days: number[]][] = [
    ['2026-01-28', 'clamp', [28, 28, 28, 28, 28]],
    ['2026-01-29', 'clamp', [28, 29, 29, 29, 29]],
    ['2026-01-30', 'clamp', [28, 30, 30, 30, 30]],
    ['2026-01-31', 'clamp', [28, 31, 30, 31, 30]],
    ['2026-01-31', 'clamp_28', [28, 28, 28, 28, 28]],
    ['2026-01-31', 'last_day', [28, 31, 30, 31, 30]],
    ['2026-01-30', 'last_day', [28, 30, 30, 30, 30]],
  ];
  for (const counting of ['exclusive', 'inclusive'] as const) {
    for (const [anchor, month_end, days] of cycles) {
      const expected = days.map((day, i) =>
        plus(`2026-${months[i]}-${day}`, counting === 'inclusive' ? -1 : 0),
      );
      const cycle: Parameters<typeof clockRule>[0] = {
        restarts_on: ['renewal'],
        runs: '1 month',
        month_end,
        counting,
        ended: [{ stage: 'suspended' }],
      };
      const onRecords = clockRule({ ...cycle, extend: 'from_end' });
      const records = [activated(anchor), ...expected.slice(0, -1).map((day) => renewed(day))];
      const byRecords = expected.map((_, i) =>
        at(onRecords, records[i]?.at as string, records.slice(0, i + 1)),
      );
      t.strictSame(
        byRecords.map((seen) => seen.ends.idle),
        expected,
        `${anchor} ${month_end} ${counting}`,
      );

      const byCharge = clockRule({
        ...cycle,
        charge: { take: '3 XTS', at_end: true, adds: '1 month', as: 'ordinary' },
      });
      for (const [i, end] of expected.entries()) {
        const paid = [activated(anchor), balance(anchor, 3 * i)];
        t.equal(at(byCharge, end, paid).ends.idle, end, `${anchor} ${month_end} ${counting}, ${i} charges`);
      }
    }
  }
  const yearly = clockRule({ restarts_on: ['renewal'], runs: '1 year', extend: 'from_end', ended: lost });
  const leap = [
    activated('2028-02-29'),
    ...['2029-02-28', '2030-02-28', '2031-02-28'].map((day) => renewed(day)),
  ];
  t.equal(at(yearly, '2031-02-28', leap).ends.idle, '2032-02-29');
});

t.test('3. a stage lasts from the last good day before it, clamped or not', async (t) => {
  const rule = clockRule({
    restarts_on: ['credit'],
    runs: '4 months',
    ended: [{ stage: 'receive_only', lasts: '2 months' }, { stage: 'lost' }],
  });
  const records = [topup('2026-10-31')];
  t.equal(at(rule, '2026-11-01', records).act_by, '2027-02-28');
  edge(t, rule, records, '2027-03-01', ['active', 'receive_only']);
  edge(t, rule, records, '2027-04-29', ['receive_only', 'lost']);

  const chain = clockRule({
    restarts_on: ['credit'],
    runs: '30 days',
    ended: [
      { stage: 'restricted', lasts: '2 months' },
      { stage: 'receive_only', lasts: '10 days' },
      { stage: 'suspended', lasts: '1 month' },
      { stage: 'lost' },
    ],
  });
  // L = 31 December; restricted through 28 February, receive-only through 10 March, suspended through 10 April.
  t.strictSame(at(chain, '2026-12-01', [topup('2026-12-01')]).stages, [
    'restricted 2027-01-01',
    'receive_only 2027-03-01',
    'suspended 2027-03-11',
    'lost 2027-04-11',
  ]);
});

t.test("3. on_day counts from the clock's own D, and ends_on is the last good day", async (t) => {
  const rule = clockRule({
    restarts_on: ['use'],
    runs: '179 days',
    counting: 'inclusive',
    ended: [{ stage: 'suspended' }, { on_day: 273, stage: 'lost' }],
  });
  edge(t, rule, [use('2026-01-15')], '2026-07-13', ['active', 'suspended']);
  edge(t, rule, [use('2026-01-15')], '2026-10-15', ['suspended', 'lost']);

  const extended = clockRule({
    restarts_on: ['credit'],
    runs: '30 days',
    extend: 'from_end',
    ended: [{ stage: 'suspended' }, { on_day: 100, stage: 'lost' }],
  });
  const twice = [topup('2026-01-01'), topup('2026-01-20')];
  t.strictSame(at(extended, '2026-01-20', twice).stages, ['suspended 2026-03-03', 'lost 2026-04-30']);

  const dated = clockRule({
    ends_on: '2026-06-30',
    cured_by: [{ type: 'identity' }],
    ended: [{ stage: 'restricted' }],
  });
  edge(t, dated, [], '2026-07-01', ['active', 'restricted']);
});
