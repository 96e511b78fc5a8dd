/** What a carrier takes by itself: sentence 12 of what a timeline means. */
import t from 'tap';
import type { RuleError } from '../../../src/retention/index.ts';
import type { Charge } from '../../../src/retention/language.ts';
import { activated, balance, price, renewed, topup, use } from '../../support/records.ts';
import { at, type ClockTerms, clockRule, edge, ruleOf, says } from '../../support/retention.ts';

const cycle = (charge: Partial<Charge>): ClockTerms => ({
  restarts_on: ['renewal', 'use'],
  runs: '30 days',
  extend: 'from_end',
  charge: { take: '3 XTS', at_end: true, adds: '30 days', ...charge },
  ended: [{ stage: 'suspended', lasts: '30 days' }, { stage: 'lost' }],
});
const plan = (charge: Partial<Charge> = {}) => clockRule(cycle({ as: 'ordinary', ...charge }));
// From 5 January in cycles of 30 days: the last good days, the charges taken on their evenings.
const cycles = ['2026-02-04', '2026-03-06', '2026-04-05', '2026-05-05', '2026-06-04'];
const with_ = (amount: number | string) => [activated('2026-01-05'), balance('2026-01-05', amount)];

t.test('12. a charge at the end is forecast from a known balance, in whole charges', async (t) => {
  for (const [amount, paid] of [
    [0, 0],
    [2.99, 0],
    [3, 1],
    [5.99, 1],
    [9, 3],
    [12, 4],
  ] as const) {
    const seen = at(plan(), '2026-01-05', with_(amount));
    const end = cycles[paid] as string;
    says(t, seen, { act_by: end, stage: 'active' }, `${amount} pays ${paid}`);
    t.equal(
      seen.entries.find((entry) => entry.stage === 'suspended')?.assumed,
      paid > 0,
      'assumed, where it is',
    );
    t.equal(at(plan(), end, with_(amount)).balance, Math.round((amount - 3 * paid) * 100) / 100);
  }
  edge(t, plan(), with_(3), '2026-03-07', ['active', 'suspended']);
  const unknown = at(plan(), '2026-01-05', [activated('2026-01-05')], { until: '2030-01-01' });
  t.strictSame(unknown.stages, ['suspended 2026-02-05/null', 'lost 2026-03-07/null']);
  t.strictSame(unknown.missing, ['balance']);
});

t.test('12. times, adds and partial in its three forms', async (t) => {
  const ends = (charge: Partial<Charge>, amount: number) => {
    const seen = at(plan(charge), '2026-06-30', with_(amount));
    return [seen.ends.idle, seen.balance];
  };
  t.strictSame(ends({ times: 2 }, 30), [cycles[2], 24], 'twice at most');
  t.strictSame(ends({ adds: '10 days' }, 6), ['2026-02-24', 0], 'twice ten days after 4 February');
  t.strictSame(ends({ adds: '1 month' }, 6), ['2026-04-04', 0], 'twice a month');
  t.strictSame(ends({ partial: 'refused' }, 5), [cycles[1], 2]);
  t.strictSame(ends({ partial: 'taken' }, 5), [cycles[2], 0]);
  t.strictSame(ends({ partial: 'swallowed' }, 5), [cycles[1], 0]);
  t.strictSame(ends({ partial: 'taken' }, 0), [cycles[0], 0], 'of nothing, nothing is taken');
  t.strictSame(ends({ partial: 'taken', times: 1 }, 2), [cycles[1], 0]);

  const again = [...with_(30), renewed('2026-03-20')];
  t.equal(
    at(plan({ times: 1 }), '2026-03-20', again).ends.idle,
    '2026-04-19',
    'late, it counts from the event',
  );
  t.equal(
    at(plan({ times: 1 }), '2026-05-19', again).ends.idle,
    '2026-05-19',
    'and once more it may be charged',
  );
});

t.test(
  '12. the stage is fee_running while a charge keeps the line, or its own in the ordinary course',
  async (t) => {
    const fee = clockRule(cycle({}));
    const two = with_(6);
    t.strictSame(at(fee, '2026-01-05', two).stages, [
      'fee_running 2026-02-05',
      'suspended 2026-04-06',
      'lost 2026-05-06',
    ]);
    edge(t, fee, two, '2026-02-05', ['active', 'fee_running']);
    edge(t, fee, two, '2026-04-06', ['fee_running', 'suspended']);
    says(t, at(fee, '2026-02-04', two), { act_by: '2026-02-04', at_risk_since: null, balance: 3 });
    says(t, at(fee, '2026-02-05', two), { act_by: '2026-04-05', at_risk_since: '2026-02-04' });
    const used = [...two, use('2026-02-10')];
    says(t, at(fee, '2026-02-10', used), { stage: 'active', at_risk_since: null });
    t.strictSame(at(plan(), '2026-01-05', two).stages, ['suspended 2026-04-06', 'lost 2026-05-06']);
  },
);

t.test(
  '12. a plan_renewed within three days of an assumed one confirms it, and is debited once',
  async (t) => {
    for (const [date, end, left] of [
      ['2026-02-04', '2026-03-06', 27], // before the charge of that evening: it is the renewal itself
      ['2026-02-05', '2026-03-06', 27],
      ['2026-02-06', '2026-03-06', 27],
      ['2026-02-07', '2026-03-06', 27],
      ['2026-02-08', '2026-04-05', 24],
    ] as const) {
      const seen = at(plan(), date, [...with_(30), renewed(date)]);
      t.strictSame([seen.ends.idle, seen.balance], [end, left], `renewed on ${date}`);
    }
    const twice = at(plan(), '2026-02-07', [...with_(30), renewed('2026-02-06'), renewed('2026-02-07')]);
    t.strictSame([twice.ends.idle, twice.balance], ['2026-04-05', 24], 'it confirms one, not two');
    const known = at(plan(), '2026-02-06', [...with_(30), renewed('2026-02-06')]);
    t.equal(known.entries.find((entry) => entry.stage === 'suspended')?.because.record, 'r2');
  },
);

t.test("12. a charge on a day of the month, and one of the plan's price", async (t) => {
  const levy = (day: number, more: Partial<Charge> = {}) =>
    ruleOf({
      clocks: {
        levy: {
          charge: { take: '1.25 XTS', on_day_of_month: day, as: 'ordinary', partial: 'taken', ...more },
        },
        airtime: { restarts_on: ['credit'], runs: '365 days', ended: [{ stage: 'lost' }] },
        empty: { runs_while: 'balance <= 0', runs: '45 days', ended: [{ stage: 'lost' }] },
      },
    });
  const paid = [topup('2026-01-10', 3), balance('2026-01-10', 3)];
  const left = (day: number, as_of: string, more?: Partial<Charge>) =>
    at(levy(day, more), as_of, paid).balance;
  t.strictSame([left(1, '2026-01-31'), left(1, '2026-02-01'), left(1, '2026-03-01')], [3, 1.75, 0.5]);
  t.strictSame([left(1, '2026-04-01'), left(1, '2026-04-01', { partial: 'refused' })], [0, 0.5]);
  t.strictSame([left(31, '2026-01-30'), left(31, '2026-01-31'), left(31, '2026-02-27')], [3, 1.75, 1.75]);
  t.equal(left(31, '2026-02-28'), 0.5, "a month's last day, where it is shorter");
  t.equal(left(10, '2026-01-10'), 3, 'what is seen on the day is seen after it');
  // Empty on 1 April; it ends 45 days later.
  t.strictSame(at(levy(1), '2026-01-10', paid).stages, ['lost 2026-05-17']);
  t.strictSame(at(levy(1, { partial: 'refused' }), '2026-01-10', paid).stages, ['lost 2027-01-11']);

  const priced = plan({ take: 'plan_price' });
  const bought = at(priced, '2026-01-05', with_(12), { plan_price: '6' });
  says(t, bought, { act_by: cycles[2] });
  says(t, at(priced, '2026-02-01', [...with_(12), price('2026-02-01', 4)]), {
    act_by: cycles[3],
    missing: [],
  });
  says(t, at(priced, '2026-01-05', with_(12)), { act_by: cycles[0], missing: ['plan_price'] });
});

t.test('12. a charge that could not be understood is refused', async (t) => {
  const problems = (charge: Charge) => {
    try {
      clockRule({ restarts_on: ['use'], runs: '30 days', charge });
      return [];
    } catch (error) {
      return (error as RuleError).problems.map(({ path }) => path.replace('versions/0/clocks/idle/', ''));
    }
  };
  t.strictSame(problems({ take: '1 XTS', at_end: true, adds: '1 day', times: 2 }), []);
  t.strictSame(problems({ take: '0 XTS', at_end: true }), ['charge/take']);
  t.strictSame(problems({ take: '1 EUR', at_end: true }), ['charge/take']);
  t.strictSame(problems({ take: '1 XTS', every: 'day' }), ['charge']);
  t.strictSame(problems({ take: '1 XTS', at_end: true, on_day_of_month: 1 }), ['charge']);
  t.strictSame(problems({ take: '1 XTS', on_day_of_month: 1, times: 2 }), ['charge/times']);
  t.strictSame(problems({ take: '1 XTS', on_day_of_month: 1, adds: '1 day' }), ['charge/adds']);
});

t.test('12. charges of several clocks share one balance', async (t) => {
  const rule = ruleOf({
    clocks: {
      idle: {
        restarts_on: ['use'],
        runs: '10 days',
        ended: [{ stage: 'fee_running', charge: { take: '3 XTS', every: 'day', partial: 'taken' } }],
      },
      levy: { charge: { take: '5 XTS', on_day_of_month: 20, as: 'ordinary', partial: 'taken' } },
      airtime: {
        restarts_on: ['credit'],
        runs: '20 days',
        charge: { take: '4 XTS', at_end: true, adds: '30 days', as: 'ordinary' },
        ended: [{ stage: 'suspended' }],
      },
    },
  });
  // Fees from 12 January, 5 on the 20th; 4 on the evening of the 21st, before which 50 - 10 x 3 - 5 = 15 are left.
  const seen = [use('2026-01-01'), topup('2026-01-01'), balance('2026-01-01', 50)];
  t.equal(at(rule, '2026-01-21', seen).balance, 11);
  t.strictSame(at(rule, '2026-01-21', seen).stages, [
    'fee_running 2026-01-12',
    'receive_only 2026-01-25',
    'suspended 2026-02-21',
  ]);
  const levied = ruleOf({
    clocks: {
      idle: {
        restarts_on: ['use'],
        runs: '10 days',
        ended: [{ stage: 'fee_running', charge: { take: '3 XTS', every: 'day', partial: 'taken' } }],
      },
      levy: { charge: { take: '30 XTS', on_day_of_month: 20, partial: 'taken' } },
    },
  });
  // Nine fees have left 23 on the 20th, and the levy takes those.
  const fifty = [use('2026-01-01'), balance('2026-01-01', 50)];
  t.strictSame(at(levied, '2026-01-01', fifty).stages, ['fee_running 2026-01-12', 'receive_only 2026-01-20']);
  t.strictSame(
    [19, 20, 21].map((day) => at(levied, `2026-01-${day}`, fifty).balance),
    [26, 0, 0],
  );
});
