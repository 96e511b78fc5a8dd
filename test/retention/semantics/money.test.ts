/** The daily fee and the balance: sentences 13 and 14 of what a timeline means. */
import t from 'tap';
import type { Charge } from '../../../src/retention/language.ts';
import { balance, pack, spend, topup, use } from '../../support/records.ts';
import { at, clockRule, DRAIN, edge, ruleOf, says } from '../../support/retention.ts';

t.test('13. the daily fee: first on the first day of its stage, the last takes what is left', async (t) => {
  const t2 = ruleOf({
    clocks: {
      ...DRAIN,
    },
  });
  const left = (amount: number) => [use('2026-01-01'), balance('2026-01-01', amount)];
  edge(t, t2, left(300), '2026-05-02', ['active', 'fee_running']);
  edge(t, t2, left(300), '2026-08-09', ['fee_running', 'receive_only']);
  edge(t, t2, left(300), '2027-02-05', ['receive_only', 'lost']);
  t.strictSame(
    [1, 2, 3].map((n) => at(t2, `2026-05-0${n}`, left(300)).balance),
    [300, 297, 294],
  );
  const emptied = (amount: number) => at(t2, '2026-01-01', left(amount)).stages[1];
  t.strictSame(
    [299, 301, 303, 304, 3, 1].map(emptied),
    ['08-09', '08-10', '08-10', '08-11', '05-02', '05-02'].map((date) => `receive_only 2026-${date}`),
  );
  t.equal(at(t2, '2026-05-01', left(0)).stage, 'active', 'with nothing on it, still until the fee');
  t.equal(at(t2, '2026-05-02', left(0)).stage, 'receive_only');

  const paid = [...left(300), topup('2026-08-20', 30)];
  says(t, at(t2, '2026-08-20', paid), { stage: 'fee_running', balance: 30 }, 'the fee of that day is past');
  says(t, at(t2, '2026-08-21', paid), { balance: 27 });
  t.equal(at(t2, '2026-08-20', paid).stages.at(-2), 'receive_only 2026-08-30');
  const onTheDay = [...left(300), topup('2026-08-09', 30)];
  t.strictSame(at(t2, '2026-08-09', onTheDay).stages.slice(-2), [
    'receive_only 2026-08-19',
    'lost 2027-02-15',
  ]);
  const used = [...left(300), spend('2026-06-01', 10)];
  says(t, at(t2, '2026-06-01', used), {
    stage: 'active',
    balance: 300 - 31 * 3 - 10,
    ends: { idle: '2026-09-29', empty: null },
  });
});

t.test('13. the stage holds while the balance is positive or unknown', async (t) => {
  const fee = (charge: Partial<Charge>, more: object = {}) =>
    clockRule({
      restarts_on: ['use'],
      runs: '10 days',
      ended: [{ stage: 'fee_running', charge: { take: '3 XTS', every: 'day', ...charge }, ...more }],
    });
  const seven = [use('2026-01-01'), balance('2026-01-01', 7)];
  t.strictSame(at(fee({ partial: 'taken' }), '2026-01-01', seven).stages[1], 'receive_only 2026-01-14');
  t.strictSame(at(fee({ partial: 'swallowed' }), '2026-01-01', seven).stages[1], 'receive_only 2026-01-14');
  t.strictSame(at(fee({ partial: 'refused' }), '2026-01-01', seven).stages, ['fee_running 2026-01-12']);
  t.equal(at(fee({ partial: 'refused' }), '2026-03-01', seven).balance, 1);
  t.equal(at(fee({ partial: 'taken' }, { when_empty: 'suspended' }), '2026-01-14', seven).stage, 'suspended');
  t.equal(at(fee({ partial: 'taken' }, { when_empty: 'active' }), '2026-01-14', seven).stage, 'active');
  t.strictSame(at(fee({ partial: 'taken' }), '2026-01-01', [use('2026-01-01')]).stages, [
    'fee_running 2026-01-12',
    'receive_only 2026-01-12/null',
  ]);
  const either = fee({ partial: 'taken', take: { earliest: '7 XTS', latest: '1 XTS' } });
  t.strictSame(at(either, '2026-01-01', seven).stages[1], 'receive_only 2026-01-12/2026-01-18');
});

t.test('14. a balance record wins from its moment on; what is not explained is told as drift', async (t) => {
  const rule = clockRule({ restarts_on: ['use'], runs: '10 days', ended: [{ stage: 'lost' }] });
  const records = [
    balance('2026-01-01', 100),
    topup('2026-01-02', 50),
    spend('2026-01-03', '12.5'),
    use('2026-01-04'),
    pack('2026-01-05', 'small', { amount: { amount: '20', currency: 'XTS' }, from_balance: true }),
    pack('2026-01-05', 'large', { amount: { amount: '30', currency: 'XTS' } }),
    spend('2026-01-06', '0'),
  ];
  t.equal(at(rule, '2026-01-06', records).balance, 117.5);
  says(t, at(rule, '2026-01-07', [...records, balance('2026-01-07', '117.50')]), {
    drift: [],
    balance: 117.5,
  });
  says(t, at(rule, '2026-01-07', [...records, balance('2026-01-07', 100)]), {
    drift: [['r7', 117.5, 100]],
    balance: 100,
  });
  const seenThenSpent = [
    ...records,
    balance('2026-01-07T09:00:00+03:00', 100),
    spend('2026-01-07T10:00:00+03:00', 1),
  ];
  says(t, at(rule, '2026-01-07', seenThenSpent), { balance: 99 });
  says(
    t,
    at(rule, '2026-01-07', [topup('2026-01-07', 10)]),
    { balance: null },
    'an unknown sum stays unknown',
  );
  says(t, at(rule, '2026-01-07', [topup('2026-01-06', 10), balance('2026-01-07', 25)]), {
    drift: [],
    balance: 25,
  });
});
