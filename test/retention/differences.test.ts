/** What the second engine found in the first: each with the smallest ledger that showed it. */
import t from 'tap';
import type { RecordInput } from '../../src/retention/record.ts';
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

t.test(
  '20. of two clocks that enter stages on one morning the graver is told, and not the milder',
  async (t) => {
    const stages = (...named: ('receive_only' | 'suspended' | 'lost')[]) =>
      ruleOf({
        clocks: Object.fromEntries(
          named.map((stage, i) => [
            `clock_${i}`,
            { restarts_on: ['use'], runs: '10 days', ended: [{ stage }] },
          ]),
        ),
      });
    const seen = [use('2026-01-01')];
    for (const rule of [
      stages('suspended', 'lost'),
      stages('lost', 'suspended'),
      stages('suspended', 'receive_only', 'lost'),
    ]) {
      t.strictSame(at(rule, '2026-01-02', seen).stages, ['lost 2026-01-12']);
      t.equal(at(rule, '2026-01-12', seen).stage, 'lost');
    }
    const doubtful = ruleOf({
      clocks: {
        one: { restarts_on: ['use'], runs: '10 days', ended: [{ stage: 'suspended' }] },
        two: {
          restarts_on: ['use'],
          runs: { earliest: '10 days', latest: '20 days' },
          ended: [{ stage: 'lost' }],
        },
      },
    });
    t.strictSame(
      at(doubtful, '2026-01-02', seen).stages,
      ['suspended null/2026-01-12', 'lost 2026-01-12/2026-01-22'],
      'in the latest reading it is suspended first',
    );
  },
);

t.test(
  '20. a stage that goes over into another on the same morning leaves what follows as it is',
  async (t) => {
    const rule = ruleOf({
      clocks: {
        one: {
          restarts_on: ['use'],
          runs: '10 days',
          ended: [{ stage: 'suspended', lasts: '5 days' }, { stage: 'lost' }],
        },
        two: { restarts_on: ['use'], runs: '15 days', ended: [{ stage: 'receive_only' }] },
      },
    });
    t.strictSame(at(rule, '2026-01-02', [use('2026-01-01')]).stages, [
      'suspended 2026-01-12',
      'lost 2026-01-17',
    ]);
  },
);

t.test('4. stages begin before the fees of their morning, whichever clock is written first', async (t) => {
  const fee = {
    restarts_on: ['use'],
    runs: '10 days',
    ended: [
      {
        stage: 'fee_running' as const,
        charge: { take: '3 XTS', every: 'day' as const, partial: 'taken' as const },
      },
    ],
  };
  const other = { restarts_on: ['use'], runs: '10 days', ended: [{ stage: 'suspended' as const }] };
  const records = [use('2026-01-01'), balance('2026-01-01', 3)];
  for (const clocks of [
    { fee, other },
    { other, fee },
  ])
    t.strictSame(at(ruleOf({ clocks }), '2026-01-02', records).stages, ['suspended 2026-01-12']);
  t.strictSame(
    at(ruleOf({ clocks: { fee } }), '2026-01-02', records).stages,
    ['fee_running 2026-01-12', 'receive_only 2026-01-12'],
    'the fee is taken on the first day, and the stage has held till then',
  );
  t.strictSame(
    at(ruleOf({ clocks: { fee } }), '2026-01-02', [use('2026-01-01'), balance('2026-01-01', 0)]).stages,
    ['receive_only 2026-01-12'],
    'with nothing to take it from, there never is a fee',
  );
});

t.test(
  '3. a date that has gone by is told with the stage it has led to, each counted from the one before',
  async (t) => {
    const rule = clockRule({
      shows: 'number',
      ended: [
        { stage: 'receive_only', lasts: '10 days' },
        { stage: 'suspended', lasts: '20 days' },
        { stage: 'lost' },
      ],
    });
    const found = (until: string) => at(rule, '2026-06-01', [validity('2026-06-01', until)]).entries;
    const told = (until: string) => found(until).map(({ stage }) => stage);
    t.strictSame(told('2026-05-31'), ['receive_only', 'suspended', 'lost'], 'and never active');
    t.strictSame(told('2026-05-21'), ['suspended', 'lost']);
    t.strictSame(told('2026-05-01'), ['lost'], 'through 31 May it was suspended');
    t.strictSame(told('2024-01-01'), ['lost']);
    const until = (day: string) => at(rule, '2026-06-01', [validity('2026-06-01', day)]).stages;
    t.strictSame(until('2026-05-21'), ['suspended 2026-06-01', 'lost 2026-06-21']);
    t.strictSame(
      until('2026-05-15'),
      ['suspended 2026-06-01', 'lost 2026-06-15'],
      'not twenty days from the record',
    );
  },
);

t.test(
  '16. what only may hold does not bind: what qualifies removes it, and so does its own cure',
  async (t) => {
    const rule = ruleOf({
      events: { restored: { type: 'status', stage: 'active' } },
      actions: { ask: { does: 'restored', how: 'contact_support' } },
      clocks: {
        idle: {
          restarts_on: ['use'],
          runs: '10 days',
          ended: [
            { stage: 'suspended', certainty: 'may', lasts: '20 days', cures: ['ask'] },
            { stage: 'lost', certainty: 'may' },
          ],
        },
      },
    });
    const after = (record: RecordInput) => at(rule, '2026-01-15', [use('2026-01-01'), record]);
    for (const record of [use('2026-01-15'), status('2026-01-15', 'active')])
      t.strictSame(after(record).stages, ['?suspended 2026-01-26', '?lost 2026-02-15'], record.type);
    t.strictSame(after(topup('2026-01-15', 5)).stages, ['?suspended 2026-01-12', '?lost 2026-02-01']);
  },
);

t.test('10. a cure that is no top-up restarts a clock that watches the balance too', async (t) => {
  const rule = ruleOf({
    events: { restored: { type: 'status', stage: 'active' } },
    actions: { ask: { does: 'restored', how: 'visit' }, pay: { does: 'credit' } },
    clocks: {
      empty: {
        runs_while: 'balance <= 0',
        runs: '10 days',
        ended: [{ stage: 'lost', cures: ['ask', 'pay'] }],
      },
    },
  });
  const lost = [balance('2026-01-01', -20)];
  const then = (record: RecordInput) => at(rule, '2026-01-20', [...lost, record]);
  says(t, then(status('2026-01-20', 'active')), { stage: 'active', lost_on: '2026-01-31' });
  says(t, then(topup('2026-01-20', 10)), { stage: 'lost' }, 'a debt that is left is still one');
  says(t, then(topup('2026-01-20', 30)), { stage: 'unknown' });
});

t.test('7. an extension adds to the end of a clock that stands still', async (t) => {
  const rule = ruleOf({
    clocks: {
      credit: {
        restarts_on: ['credit'],
        runs: '6 days',
        extend: 'from_end',
        paused_while: 'plan',
        ended: [{ stage: 'lost' }],
      },
      plan: { restarts_on: ['renewal'], runs: '20 days', ended: [] },
    },
  });
  const records = [topup('2026-01-01', 5), renewed('2026-01-02'), topup('2026-01-03', 5)];
  // Through 7 January, twenty days later, six days more.
  t.strictSame(at(rule, '2026-01-03', records).stages, ['lost 2026-02-03']);
});

t.test('2. what a cap has cut counts on from there, not from the months it was to run', async (t) => {
  const rule = clockRule({
    restarts_on: ['renewal'],
    runs: '3 months',
    cap: '1 month',
    charge: { take: '3 XTS', at_end: true, adds: '6 months', times: 1, as: 'ordinary' },
    ended: [{ stage: 'lost' }],
  });
  const seen = at(rule, '2026-01-01', [renewed('2026-01-01'), balance('2026-01-01', 5)]);
  t.strictSame(seen.stages, ['lost 2026-08-02']);
});

t.test('13. two fees that one balance pays are both over when it is empty', async (t) => {
  const fee = (when_empty: 'receive_only' | 'suspended') => ({
    restarts_on: ['use'],
    runs: '10 days',
    ended: [
      {
        stage: 'fee_running' as const,
        charge: { take: '3 XTS', every: 'day' as const, partial: 'taken' as const },
        when_empty,
      },
    ],
  });
  for (const clocks of [
    { one: fee('receive_only'), two: fee('suspended') },
    { one: fee('suspended'), two: fee('receive_only') },
  ])
    t.strictSame(at(ruleOf({ clocks }), '2026-01-01', [use('2026-01-01'), balance('2026-01-01', 9)]).stages, [
      'fee_running 2026-01-12',
      'suspended 2026-01-13',
    ]);
});

t.test('a stage that is passed over does not hold beside one that only may come', async (t) => {
  const rule = ruleOf({
    clocks: {
      idle: {
        restarts_on: ['use'],
        runs: '10 days',
        ended: [
          { stage: 'suspended', unless_ended: 'other', lasts: '5 days' },
          { stage: 'lost', certainty: 'may' },
        ],
      },
      other: { restarts_on: ['use'], runs: '3 days', ended: [] },
    },
  });
  t.strictSame(at(rule, '2026-01-01', [use('2026-01-01')]).stages, ['?lost 2026-01-12']);
});

t.test('a duty that waits for money to be fulfilled is fulfilled for good', async (t) => {
  const rule = ruleOf({
    clocks: {
      duty: {
        ends_on: '2026-01-10',
        cured_by: ['renewal'],
        ended: [{ stage: 'suspended', and: 'balance > 0', lasts: '5 days' }, { stage: 'lost' }],
      },
    },
  });
  const records = [balance('2026-01-01', 0), renewed('2026-01-12'), balance('2026-01-13', 5)];
  t.strictSame(at(rule, '2026-01-13', records).stages, ['suspended 2026-01-11']);
});
