/** What the second engine found in the first: each with the smallest ledger that showed it. */
import t from 'tap';
import { balance, renewed, status, topup, use, validity } from '../support/records.ts';
import { at, clockRule, ruleOf, says } from '../support/retention.ts';

const empty = { runs_while: 'balance <= 0' as const, runs: '10 days', ended: [{ stage: 'lost' as const }] };

t.test(
  'what the carrier said is over with the next record, also where no clock has been started',
  async (t) => {
    const rule = clockRule({ restarts_on: ['use'], runs: '90 days', ended: [{ stage: 'lost' }] });
    const said = [status('2026-01-01', 'active')];
    t.equal(at(rule, '2026-01-01', said).stage, 'active');
    t.equal(at(rule, '2026-01-02', [...said, balance('2026-01-02', 5)]).stage, 'unknown');
  },
);

t.test('a line whose only running clock has stopped is no longer known to be active', async (t) => {
  const rule = ruleOf({
    clocks: { empty, idle: { restarts_on: ['use'], runs: '90 days', ended: [{ stage: 'lost' }] } },
  });
  const seen = at(rule, '2026-01-02', [topup('2026-01-01', 5), balance('2026-01-02', 100)]);
  says(t, seen, { stage: 'unknown', act_by: null });
});

t.test('no balance is supposed to be gone before anything is recorded, whatever versions came', async (t) => {
  const rule = ruleOf({
    versions: [
      {
        since: '2015-01-01',
        clocks: { idle: { restarts_on: ['use'], runs: '90 days', ended: [{ stage: 'lost' }] } },
      },
      { since: '2020-01-01', clocks: { empty } },
    ],
  });
  says(t, at(rule, '2026-01-01', []), { stage: 'unknown', lost_on: null, stages: [] });
});

t.test('the evening of a last good day that has gone by takes no charge', async (t) => {
  const rule = clockRule({
    restarts_on: ['renewal', 'use'],
    runs: '30 days',
    shows: 'number',
    charge: { take: '3 XTS', at_end: true, adds: '30 days', as: 'ordinary' },
    ended: [{ stage: 'suspended' }],
  });
  const records = [renewed('2026-01-01'), balance('2026-01-05', 100), validity('2026-01-10', '2026-01-09')];
  says(t, at(rule, '2026-01-10', records), { stage: 'suspended', balance: 100 });
  t.equal(
    at(rule, '2026-01-10', [...records.slice(0, 2), validity('2026-01-09', '2026-01-09')]).stage,
    'active',
  );
  t.equal(at(rule, '2026-03-01', [...records, use('2026-03-01')]).stage, 'active');
});
