/** What restarts a clock on terms of its own, in some stages only, out of a stage by another table. */
import t from 'tap';
import type { RecordInput } from '../../../src/retention/record.ts';
import { activated, balance, pack, topup, use, validity } from '../../support/records.ts';
import { at, clockRule, edge, ruleOf, says } from '../../support/retention.ts';

t.test('each event has its own length and arithmetic, and takes the rest from the clock', async (t) => {
  // A top-up gives 180 days; data raise to 60 at least; a pass adds a month to the end.
  const rule = ruleOf({
    events: { data: { type: 'purchase', product: 'data' }, pass: { type: 'purchase', product: 'pass' } },
    clocks: {
      idle: {
        restarts_on: [
          'credit',
          { on: 'data', runs: '60 days', extend: 'raise_to' },
          { on: ['pass'], runs: '30 days', extend: 'from_end', cap: '200 days' },
        ],
        runs: '180 days',
        ended: [{ stage: 'lost' }],
      },
    },
  });
  const ends = (...records: RecordInput[]) => at(rule, '2026-06-29', records).ends.idle;
  t.equal(ends(topup('2026-01-01', 5)), '2026-06-30');
  t.equal(
    ends(topup('2026-01-01', 5), pack('2026-05-01', 'data')),
    '2026-06-30',
    '60 days left: nothing to raise',
  );
  t.equal(ends(topup('2026-01-01', 5), pack('2026-05-02', 'data')), '2026-07-01', '59 left: raised to 60');
  t.equal(ends(topup('2026-01-01', 5), pack('2026-05-01', 'pass')), '2026-07-30', 'added to the end');
  t.equal(ends(topup('2026-01-01', 5), pack('2026-01-02', 'pass')), '2026-07-21', 'no further than the cap');
  t.equal(ends(topup('2026-01-01', 5), pack('2026-05-02', 'other')), '2026-06-30');
});

t.test('a clock whose events all have their own lengths needs none', async (t) => {
  const rule = clockRule({
    restarts_on: [
      { on: { type: 'topup' }, runs: { by: 'amount', tiers: { '5 XTS': '10 days', '10 XTS': '30 days' } } },
    ],
    ended: [{ stage: 'lost' }],
  });
  t.equal(at(rule, '2026-01-01', [topup('2026-01-01', 10)]).ends.idle, '2026-01-31');
  t.equal(at(rule, '2026-01-01', [topup('2026-01-01', 4)]).ends.idle, null);
  t.throws(
    () => clockRule({ restarts_on: ['use', { on: 'credit', runs: '1 day' }], ended: [{ stage: 'lost' }] }),
    /it needs `runs`/,
  );
});

t.test('own terms that count from a date in the record keep the later end', async (t) => {
  const rule = clockRule({
    restarts_on: [{ on: { type: 'purchase', from: 'expires_on' }, runs: '180 days' }],
    ended: [{ stage: 'lost' }],
  });
  const first = pack('2026-01-01', 'a', { expires_on: '2026-03-01' });
  const second = pack('2026-01-02', 'b', { expires_on: '2026-01-03' });
  t.equal(at(rule, '2026-01-02', [first, second]).ends.idle, '2026-08-28');
});

t.test('a record counts only in the stages named, as they were before it', async (t) => {
  const rule = ruleOf({
    events: {
      early: { type: 'purchase', product: 'early', in: ['active'] },
      late: { type: 'purchase', product: 'late', in: ['receive_only'] },
    },
    clocks: {
      idle: {
        restarts_on: ['credit', 'early', 'late'],
        runs: '30 days',
        ended: [{ stage: 'receive_only', lasts: '10 days' }, { stage: 'lost' }],
      },
    },
  });
  const start = topup('2026-01-01', 5);
  const ends = (record: RecordInput) => at(rule, '2026-02-05', [start, record]).ends.idle;
  t.equal(ends(pack('2026-01-31', 'early')), '2026-03-02', 'on the last good day');
  t.equal(ends(pack('2026-02-01', 'early')), '2026-01-31', 'a day too late');
  t.equal(ends(pack('2026-01-31', 'late')), '2026-01-31', 'a day too early');
  t.equal(ends(pack('2026-02-01', 'late')), '2026-03-03');
  t.equal(
    at(rule, '2026-01-01', [pack('2026-01-01', 'early')]).ends.idle,
    '2026-01-31',
    'unknown counts as active',
  );
});

t.test('out of a stage a restart runs as long as that stage says', async (t) => {
  const rule = clockRule({
    restarts_on: ['credit'],
    runs: { by: 'amount', tiers: { '5 XTS': '30 days', '50 XTS': '180 days' } },
    extend: 'later',
    ended: [
      {
        stage: 'receive_only',
        lasts: '30 days',
        runs: { by: 'amount', tiers: { '5 XTS': '7 days', '50 XTS': '45 days' } },
      },
      { stage: 'lost' },
    ],
  });
  const start = topup('2026-01-01', 5);
  const ends = (record: RecordInput) => at(rule, '2026-02-10', [start, record]).ends.idle;
  t.equal(ends(topup('2026-01-31', 50)), '2026-07-30', 'in time: the clock');
  t.equal(ends(topup('2026-02-01', 50)), '2026-03-18', 'in grace: the other table');
  t.equal(ends(topup('2026-02-01', 5)), '2026-02-08');
});

t.test('doubt about the arithmetic has both ends', async (t) => {
  const rule = clockRule({
    restarts_on: ['credit'],
    runs: '30 days',
    extend: { earliest: 'later', latest: 'from_end' },
    ended: [{ stage: 'lost' }],
  });
  const seen = at(rule, '2026-01-10', [topup('2026-01-01', 5), topup('2026-01-10', 5)]);
  says(t, seen, { act_by: '2026-02-09', lost_on: '2026-02-10', latest_lost_on: '2026-03-03' });
});

t.test('as many days as the owner says', async (t) => {
  const rule = clockRule({
    restarts_on: ['use'],
    runs: { by: 'fact', fact: 'days' },
    ended: [{ stage: 'lost' }],
  });
  const records = [use('2026-01-01')];
  edge(t, rule, records, '2026-02-15', ['active', 'lost'], { facts: { days: 45 - 1 } });
  t.equal(at(rule, '2026-01-01', records, { facts: { days: 45 } }).act_by, '2026-02-15');
  t.equal(at(rule, '2026-01-01', [activated('2026-01-01')], { facts: { days: 10 } }).act_by, '2026-01-11');
  for (const days of [0, -1, 1.5, 'many', 1e9]) {
    const seen = at(rule, '2026-01-01', records, { facts: { days } });
    t.strictSame([seen.stage, seen.act_by], ['unknown', null], `${days} days`);
  }
  t.strictSame(at(rule, '2026-01-01', records).missing, ['idle', 'days']);
});

t.test('a clock that only shows a date knows what the carrier says, until it is made good', async (t) => {
  const rule = clockRule({ shows: 'number', cured_by: ['credit'], ended: [{ stage: 'suspended' }] });
  const notice = validity('2026-03-01', '2026-04-15');
  t.strictSame(at(rule, '2026-03-01', [use('2026-01-01')]).missing, ['idle']);
  edge(t, rule, [notice], '2026-04-16', ['active', 'suspended']);
  says(t, at(rule, '2026-03-02', [notice, topup('2026-03-02', 5)]), {
    act_by: null,
    stage: 'active',
    missing: [],
  });
  t.strictSame(
    at(rule, '2026-01-02', [topup('2026-01-02', 5)]).missing,
    ['idle'],
    'nothing to make good yet',
  );
  const again = validity('2026-05-01', '2026-06-15');
  t.equal(at(rule, '2026-05-01', [notice, topup('2026-03-02', 5), again]).act_by, '2026-06-15');
});

t.test('a stage that only money on the account leads out of', async (t) => {
  const rule = ruleOf({
    clocks: {
      idle: {
        restarts_on: ['use', 'credit'],
        runs: '90 days',
        ended: [{ stage: 'suspended', and: 'balance > 0', lasts: '90 days' }, { stage: 'lost' }],
      },
    },
  });
  const start = [use('2026-01-01'), balance('2026-01-01', -10)];
  const stage = (date: string, ...records: RecordInput[]) => at(rule, date, [...start, ...records]).stage;
  t.equal(stage('2026-04-01'), 'active');
  t.equal(stage('2026-04-02'), 'suspended');
  t.equal(stage('2026-04-10', topup('2026-04-10', 10)), 'suspended', 'back to zero only');
  t.equal(stage('2026-04-10', topup('2026-04-10', 10.01)), 'active');
  const waited = [topup('2026-04-10', 10), balance('2026-04-12', 1)];
  t.equal(stage('2026-04-12', ...waited), 'active', 'the balance seen is above zero');
  t.equal(
    at(rule, '2026-04-12', [...start, ...waited]).ends.idle,
    '2026-07-09',
    'from the day of the top-up',
  );
  const unknown = [use('2026-01-01'), topup('2026-04-10', 10)];
  const seen = at(rule, '2026-04-10', unknown);
  t.equal(seen.stage, 'suspended', 'a balance not known: the earlier reading');
  t.equal(seen.latest.idle, '2026-07-09');
});

t.test('why a stage comes names the length that the clock ran for', async (t) => {
  const rule = clockRule({
    restarts_on: ['use', { on: { type: 'purchase', product: 'year' }, runs: '1 year' }],
    runs: '90 days',
    first_period: '30 days',
    ended: [{ stage: 'suspended', lasts: '10 days', runs: '7 days' }, { stage: 'lost' }],
  });
  const facts = (...records: RecordInput[]) =>
    at(rule, String(records.at(-1)?.at), records)
      .entries.filter((entry) => entry.stage === 'lost' || entry.stage === 'suspended')
      .slice(-2)
      .map((entry) => entry.because.fact);
  t.strictSame(facts(use('2026-01-01')), ['90 days', '90 days, then 10 days']);
  t.strictSame(facts(pack('2026-01-01', 'year')), ['1 year', '1 year, then 10 days']);
  t.strictSame(facts(activated('2026-01-01')), ['30 days', '30 days, then 10 days']);
  t.strictSame(
    facts(use('2026-01-01'), use('2026-04-03')),
    ['7 days', '7 days, then 10 days'],
    'out of the stage',
  );
});
