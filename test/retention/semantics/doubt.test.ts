/** Doubt: sentences 15 and 16 of what a timeline means. */
import t from 'tap';
import type { RecordInput } from '../../../src/retention/record.ts';
import { balance, optOut, pack, price, renewed, spend, status, topup, use } from '../../support/records.ts';
import { at, type ClockTerms, clockRule, DRAIN, edge, ruleOf, says } from '../../support/retention.ts';

const idle: ClockTerms = { restarts_on: ['use'], runs: '90 days', ended: [{ stage: 'lost' }] };

t.test(
  '15. a fact in doubt is folded twice: plans use the earliest, the latest stands beside it',
  async (t) => {
    const rule = clockRule({ ...idle, runs: { earliest: '180 days', latest: '6 months' } });
    const seen = at(rule, '2026-03-01', [use('2026-03-01')]);
    says(t, seen, {
      act_by: '2026-08-28',
      lost_on: '2026-08-29',
      latest_lost_on: '2026-09-02',
      stages: ['lost 2026-08-29/2026-09-02'],
      ends: { idle: '2026-08-28' },
      latest: { idle: '2026-09-01' },
    });
    const lasting = clockRule({
      ...idle,
      ended: [{ stage: 'suspended', lasts: { earliest: '10 days', latest: '1 month' } }, { stage: 'lost' }],
    });
    // L = 1 April; the tenth of the days after it is the 11th, a month after it the 1st of May.
    t.strictSame(at(lasting, '2026-01-01', [use('2026-01-01')]).stages, [
      'suspended 2026-04-02',
      'lost 2026-04-12/2026-05-02',
    ]);
    const swapped = clockRule({ ...idle, runs: { earliest: '200 days', latest: '6 months' } });
    const stages = at(swapped, '2026-03-01', [use('2026-03-01')]).stages;
    t.strictSame(
      stages,
      ['lost 2026-09-02/2026-09-18'],
      'the nearer date is the earliest, whoever named it so',
    );
  },
);

t.test('15. the present stage is lost only after the latest date', async (t) => {
  const runs = { earliest: '180 days', latest: '6 months' };
  const lost = clockRule({ ...idle, runs });
  edge(t, lost, [use('2026-03-01')], '2026-09-02', ['active', 'lost']);
  says(t, at(lost, '2026-08-30', [use('2026-03-01')]), {
    stage: 'active',
    at_risk_since: '2026-08-28',
    act_by: '2026-09-01',
    lost_on: '2026-08-29',
    latest_lost_on: '2026-09-02',
  });
  const suspended = clockRule({ ...idle, runs, ended: [{ stage: 'suspended' }] });
  edge(t, suspended, [use('2026-03-01')], '2026-08-29', ['active', 'suspended']);
  t.strictSame(
    at(suspended, '2026-10-01', [use('2026-03-01'), use('2026-10-01')]).stages,
    ['suspended 2026-08-29/2026-09-02', 'suspended 2027-03-31/2027-04-02'],
    'what is over was one stage, whatever day each reading gives it',
  );
});

t.test('15. the date of a record may be in doubt', async (t) => {
  const rule = clockRule(idle);
  const spring = use({ earliest: '2026-03-01', latest: '2026-05-31' });
  says(t, at(rule, '2026-05-31', [spring]), {
    lost_on: '2026-05-31',
    latest_lost_on: '2026-08-30',
    act_by: '2026-08-29',
    at_risk_since: '2026-05-30',
    stage: 'active',
  });
  says(t, at(rule, '2026-05-30', [spring]), { act_by: '2026-05-30', at_risk_since: null });
  const later = at(rule, '2026-06-01', [spring, use('2026-06-01')]);
  says(t, later, { lost_on: '2026-08-31', latest_lost_on: '2026-08-31', contradicted: [] });
  // The latest reading meets the record in May before the one in June, the earliest long before it.
  const between = at(rule, '2026-05-31', [use('2026-04-01'), spring]);
  says(t, between, { lost_on: '2026-07-01', latest_lost_on: '2026-08-30' });
});

t.test(
  '15. an unstated charged, or whatever a rule asks and a record leaves open, counts only in the latest',
  async (t) => {
    const unsaid = use('2026-02-01', { charged: undefined });
    const seen = at(clockRule(idle), '2026-02-01', [use('2026-01-01'), unsaid]);
    says(t, seen, { lost_on: '2026-04-02', latest_lost_on: '2026-05-03', missing: ['charged'] });
    const said = at(clockRule(idle), '2026-02-01', [use('2026-01-01'), spend('2026-02-01', '0.01')]);
    says(t, said, { lost_on: '2026-05-03', latest_lost_on: '2026-05-03', missing: [] });
    for (const free of [{ charged: false }, { charged: undefined, from_allowance: true }]) {
      const none = at(clockRule(idle), '2026-02-01', [use('2026-01-01'), use('2026-02-01', free)]);
      says(t, none, { lost_on: '2026-04-02', latest_lost_on: '2026-04-02', missing: [] });
    }
    const only = at(clockRule(idle), '2026-02-01', [unsaid]);
    says(t, only, { stages: ['lost null/2026-05-03'], latest_lost_on: '2026-05-03' });
    const doubtful = clockRule({ ...idle, restarts_on: ['use', { doubtful: 'credit' }] });
    const credited = at(doubtful, '2026-02-01', [use('2026-01-01'), topup('2026-02-01')]);
    says(t, credited, { lost_on: '2026-04-02', latest_lost_on: '2026-05-03' });
    const byCard = clockRule({ ...idle, restarts_on: ['use', { type: 'topup', method: 'card' }] });
    const paid = at(byCard, '2026-02-01', [use('2026-01-01'), topup('2026-02-01')]);
    says(t, paid, { lost_on: '2026-04-02', latest_lost_on: '2026-05-03' });
  },
);

t.test(
  '15. an unknown balance is zero at once in the earliest, and lasts without end in the latest',
  async (t) => {
    const rule = ruleOf({
      clocks: {
        ...DRAIN,
      },
    });
    const seen = at(rule, '2026-01-01', [use('2026-01-01')]);
    // Zero from 1 January on: the 180th day is 29 June.
    t.strictSame(seen.stages, [
      'fee_running 2026-05-02',
      'receive_only 2026-05-02/null',
      'lost 2026-06-30/null',
    ]);
    says(t, seen, { missing: ['balance'], balance: null, lost_on: '2026-06-30', latest_lost_on: null });
    t.equal(
      at(rule, '2026-07-01', [use('2026-01-01')]).stage,
      'fee_running',
      'not lost, for all that is known',
    );
    t.notOk(
      seen.entries.some(({ assumed }) => assumed),
      'no charge is forecast of it',
    );
    // Whatever shows that the line is in use shows that there was something left.
    const said = (record: RecordInput) => at(rule, '2026-02-01', [use('2026-01-01'), record]).lost_on;
    for (const life of [
      use('2026-02-01'),
      topup('2026-02-01'),
      renewed('2026-02-01'),
      pack('2026-02-01', 'x'),
    ])
      t.equal(said(life), '2026-07-31', life.type);
    const free = use('2026-02-01', { charged: false });
    for (const other of [free, price('2026-02-01', 5), status('2026-02-01', 'active'), optOut('2026-02-01')])
      t.equal(said(other), '2026-06-30', other.type);
    const known = at(rule, '2026-01-01', [use('2026-01-01'), balance('2026-01-01', 300)]);
    says(t, known, { missing: [], lost_on: '2027-02-05', latest_lost_on: '2027-02-05' });
  },
);

const t2 = ruleOf({
  clocks: {
    ...DRAIN,
    law: {
      restarts_on: ['use'],
      runs: '90 days',
      ended: [
        { stage: 'lost', certainty: 'may', lasts: '60 days' },
        { stage: 'reissuable', certainty: 'may' },
      ],
    },
  },
});

t.test('16. what only may come stands beside the others and hides none of them', async (t) => {
  const records = [use('2026-01-01'), balance('2026-01-01', 300)];
  const seen = at(t2, '2026-01-01', records);
  t.strictSame(seen.stages, [
    '?lost 2026-04-02',
    'fee_running 2026-05-02',
    '?reissuable 2026-06-01',
    'receive_only 2026-08-09',
    'lost 2027-02-05',
  ]);
  says(t, seen, { act_by: '2026-04-01', lost_on: '2026-04-02', latest_lost_on: '2027-02-05' });
  for (const [date, stage] of [
    ['2026-04-01', 'active'],
    ['2026-04-02', 'active'],
    ['2026-05-02', 'fee_running'],
    ['2026-08-09', 'receive_only'],
    ['2027-02-04', 'receive_only'],
    ['2027-02-05', 'lost'],
  ] as const) {
    t.equal(at(t2, date, records).stage, stage, date);
  }
});

t.test('16. a later qualifying record removes what might have come', async (t) => {
  const records = [use('2026-01-01'), balance('2026-01-01', 300), use('2026-04-10')];
  const seen = at(t2, '2026-04-10', records);
  says(t, seen, { stage: 'active', at_risk_since: null, contradicted: [], lost_on: '2026-07-10' });
  t.equal(seen.stages[0], '?lost 2026-07-10');
  t.equal(at(t2, '2026-04-10', [...records.slice(0, 2), topup('2026-04-10')]).stages[0], '?lost 2026-04-02');
});
