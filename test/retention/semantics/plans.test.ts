/** Plans, the day to act by, and how far is sought: sentences 17 to 19 of what a timeline means. */
import t from 'tap';
import type { Stage } from '../../../src/retention/record.ts';
import { balance, identity, renewed, topup, use } from '../../support/records.ts';
import { at, type ClockTerms, clockRule, edge, plus, ruleOf, says } from '../../support/retention.ts';

const idle: ClockTerms = {
  restarts_on: ['use', 'credit'],
  runs: '30 days',
  ended: [{ stage: 'suspended', lasts: '10 days' }, { stage: 'lost' }],
};
const rule = clockRule(idle);
const used = use('2026-01-01');

t.test(
  '17. records up to the end of as_of are history; later ones are folded, and marked planned',
  async (t) => {
    const records = [used, use('2026-01-20')];
    const stagesOf = (asOf: string) =>
      at(rule, asOf, records).entries.map((entry) => [entry.stage, entry.planned] as const);
    t.strictSame(stagesOf('2026-01-19'), [
      ['active', false],
      ['suspended', true],
      ['lost', true],
    ]);
    t.strictSame(stagesOf('2026-01-20'), [
      ['active', false],
      ['suspended', false],
      ['lost', false],
    ]);
    says(t, at(rule, '2026-01-19', records), {
      stage: 'active',
      act_by: '2026-02-19',
      lost_on: '2026-03-02',
      ends: { idle: '2026-01-31' },
    });
    says(t, at(rule, '2025-12-31', records), { stage: 'unknown' }, 'before them all');

    const late = [used, use('2026-02-05')];
    const planned = at(rule, '2026-02-04', late);
    says(t, planned, { stage: 'suspended', at_risk_since: '2026-01-31', act_by: '2026-03-17' });
    t.strictSame(
      planned.entries.map((entry) => `${entry.stage} ${entry.planned}`),
      ['active false', 'suspended false', 'active true', 'suspended true', 'lost true'],
    );
    const evening = [used, use('2026-01-20T23:59:59+03:00')];
    t.equal(at(rule, '2026-01-20', evening).entries.at(-1)?.planned, false, 'the end of the day');

    const fee = clockRule({
      restarts_on: ['use'],
      runs: '10 days',
      ended: [{ stage: 'fee_running', charge: { take: '1 XTS', every: 'day', partial: 'taken' } }],
    });
    const paid = at(fee, '2026-01-01', [used, balance('2026-01-01', 5), topup('2026-01-05', 5)]);
    t.strictSame(
      paid.entries.map((entry) => `${entry.stage} ${entry.planned} ${entry.assumed}`),
      ['active false false', 'fee_running false false', 'receive_only true true'],
      'what hangs on the planned money is planned',
    );
  },
);

t.test(
  '18. act_by is the day before the first stage that is graver than the present certain one',
  async (t) => {
    const order: Stage[] = ['restricted', 'fee_running', 'receive_only', 'suspended', 'lost'];
    const ladder = clockRule({
      ...idle,
      ended: order.map((stage) => ({
        stage: stage as 'lost',
        ...(stage === 'lost' ? {} : { lasts: '10 days' }),
      })),
    });
    order.forEach((stage, i) => {
      const first = plus('2026-02-01', 10 * i);
      says(t, at(ladder, plus(first, -1), [used]), { act_by: plus(first, -1) }, `the day before ${stage}`);
      says(t, at(ladder, first, [used]), { stage, act_by: stage === 'lost' ? null : plus(first, 9) }, stage);
      edge(t, ladder, [used], first, [order[i - 1] ?? 'active', stage]);
    });

    const easing = clockRule({
      ...idle,
      ended: [
        { stage: 'suspended', lasts: '10 days' },
        { stage: 'receive_only', lasts: '10 days' },
        { stage: 'lost' },
      ],
    });
    t.equal(at(easing, '2026-02-01', [used]).act_by, '2026-02-20', 'a milder stage is passed over');
    const quarantine = clockRule({
      ...idle,
      ended: [{ stage: 'lost', lasts: '10 days' }, { stage: 'reissuable' }],
    });
    t.equal(at(quarantine, '2026-01-31', [used]).act_by, '2026-01-31');
    t.equal(at(quarantine, '2026-02-01', [used]).act_by, null, 'reissuable does not count');
    const may = ruleOf({
      clocks: { idle, law: { ...idle, runs: '20 days', ended: [{ stage: 'lost', certainty: 'may' }] } },
    });
    t.equal(at(may, '2026-01-01', [used]).act_by, '2026-01-21', 'a stage that may come counts');
    t.equal(
      at(may, '2026-01-22', [used]).act_by,
      '2026-01-31',
      'and the next one is graver than the certain present',
    );
  },
);

t.test('18. once missed it stands as at_risk_since, until a record heals it', async (t) => {
  says(t, at(rule, '2026-01-31', [used]), { at_risk_since: null, act_by: '2026-01-31' });
  says(t, at(rule, '2026-02-01', [used]), { at_risk_since: '2026-01-31', act_by: '2026-02-10' });
  says(t, at(rule, '2026-02-11', [used]), { at_risk_since: '2026-01-31', act_by: null });
  says(t, at(rule, '2026-02-05', [used, balance('2026-02-05', 5)]), { at_risk_since: '2026-01-31' });
  says(t, at(rule, '2026-02-05', [used, use('2026-02-05')]), { at_risk_since: null, act_by: '2026-03-07' });

  const two = ruleOf({
    clocks: {
      idle: { ...idle, restarts_on: ['use'] },
      duty: { ends_on: '2026-01-15', cured_by: [{ type: 'identity' }], ended: [{ stage: 'restricted' }] },
    },
  });
  says(t, at(two, '2026-01-20', [used]), {
    stage: 'restricted',
    at_risk_since: '2026-01-15',
    act_by: '2026-01-31',
  });
  says(t, at(two, '2026-01-20', [used, use('2026-01-20')]), {
    at_risk_since: '2026-01-15',
    act_by: '2026-02-19',
  });
  says(t, at(two, '2026-01-20', [used, identity('2026-01-20')]), { stage: 'active', at_risk_since: null });
});

t.test('18. confirmed_act_by is the same with all pending payments failed', async (t) => {
  const records = [used, topup('2026-01-20'), renewed('2026-01-20')];
  const pending = at(rule, '2026-01-20', records, { pending: ['r1', 'r2'] });
  says(t, pending, { act_by: '2026-02-19', confirmed_act_by: '2026-01-31', provisional: true });
  const confirmed = at(rule, '2026-01-20', records);
  says(t, confirmed, { act_by: '2026-02-19', confirmed_act_by: '2026-02-19', provisional: false });
  const idleOnes = at(rule, '2026-01-20', records, { pending: ['r2'] });
  says(t, idleOnes, { act_by: '2026-02-19', confirmed_act_by: '2026-02-19', provisional: false });
  const late = at(rule, '2026-02-05', [used, topup('2026-02-05')], { pending: ['r1'] });
  says(t, late, { stage: 'active', act_by: '2026-03-07', confirmed_act_by: '2026-02-10' });

  const fee = clockRule({
    restarts_on: ['use'],
    runs: '10 days',
    ended: [{ stage: 'fee_running', charge: { take: '1 XTS', every: 'day', partial: 'taken' } }],
  });
  const money = [used, balance('2026-01-01', 5), topup('2026-01-05', 5)];
  const awaited = at(fee, '2026-01-06', money, { pending: ['r2'] });
  says(t, awaited, { act_by: '2026-01-11', confirmed_act_by: '2026-01-11', provisional: true });
  says(t, at(fee, '2026-01-06', money), { provisional: false });
});

t.test('19. nothing is sought after until, which is ten years on by default', async (t) => {
  t.equal(at(rule, '2026-01-01', [used]).until, '2036-01-01');
  t.equal(at(rule, '2028-02-29', [used]).until, '2038-02-28');
  const years = clockRule({ ...idle, runs: '10 years', ended: [{ stage: 'lost' }] });
  t.strictSame(at(years, '2026-01-01', [used]).stages, [], 'lost on 2 January 2036');
  says(t, at(years, '2026-01-01', [used]), { act_by: null, lost_on: null, latest_lost_on: null });
  says(t, at(years, '2026-01-02', [used]), { act_by: '2036-01-01', lost_on: '2036-01-02' });

  for (const [until, stages, act_by] of [
    ['2026-01-31', [], null],
    ['2026-02-01', ['suspended 2026-02-01'], '2026-01-31'],
    ['2026-02-10', ['suspended 2026-02-01'], '2026-01-31'],
    ['2026-02-11', ['suspended 2026-02-01', 'lost 2026-02-11'], '2026-01-31'],
  ] as const) {
    const seen = at(rule, '2026-01-01', [used], { until });
    says(t, seen, { until, stages: [...stages], act_by, lost_on: stages[1] ? '2026-02-11' : null });
  }
  const planned = [used, use('2026-02-20')];
  t.strictSame(at(rule, '2026-01-01', planned, { until: '2026-02-15' }).stages, [
    'suspended 2026-02-01',
    'lost 2026-02-11',
  ]);
  t.strictSame(
    at(rule, '2026-01-01', planned, { until: '2026-02-15' }).contradicted,
    [],
    'a plan after it is not seen',
  );
});
