/**
 * Where the readings cross: a record of a day in doubt may come too late on the later one, so that the latest reading is
 * the graver. And plans, which must hide nothing that stands without them.
 */
import t from 'tap';
import { formatDay } from '../../../src/retention/index.ts';
import type { RecordInput } from '../../../src/retention/record.ts';
import type { StageEntry } from '../../../src/retention/timeline.ts';
import { activated, balance, status, topup, use } from '../../support/records.ts';
import { at, type ClockTerms, clockRule, DRAIN, edge, ruleOf, says } from '../../support/retention.ts';

/** Ninety days from a top-up, then thirty in which only the counter helps. */
const strict = ruleOf({
  clocks: {
    idle: {
      restarts_on: ['credit'],
      runs: '90 days',
      ended: [{ stage: 'suspended', lasts: '30 days', cures: ['reclaim'] }, { stage: 'lost' }],
    },
  },
  events: { visit: { type: 'identity' } },
  actions: { reclaim: { does: 'visit', how: 'identify' } },
});
// The last good day is 1 April; the second top-up came in time, or is refused while the line is suspended.
const crossing = [topup('2026-01-01'), topup({ earliest: '2026-03-20', latest: '2026-04-10' })];

t.test('15. the present stage is the graver, and lost only once both readings say so', async (t) => {
  says(t, at(strict, '2026-04-15', crossing), {
    stage: 'suspended',
    at_risk_since: '2026-04-01',
    act_by: '2026-05-01',
    lost_on: '2026-05-02',
    latest_lost_on: '2026-07-19',
    stages: ['suspended 2026-04-02/2026-06-19', 'lost 2026-05-02/2026-07-19'],
  });
  says(t, at(strict, '2026-05-10', crossing), {
    stage: 'active',
    at_risk_since: '2026-04-01',
    act_by: '2026-06-18',
    lost_on: '2026-05-02',
    latest_lost_on: '2026-07-19',
  });
  edge(t, strict, crossing, '2026-07-19', ['suspended', 'lost']);
});

t.test('15. a loss behind us that the other reading has not had is not certain', async (t) => {
  // It renews itself for as long as there is money: whether there was any is in doubt, until there is plenty.
  const self = clockRule({
    restarts_on: [{ type: 'plan_renewed' }],
    runs: '30 days',
    extend: 'from_end',
    charge: { take: '3 XTS', at_end: true, adds: '30 days', as: 'ordinary' },
    ended: [{ stage: 'suspended', lasts: '30 days' }, { stage: 'lost' }],
  });
  const inDoubt = [activated('2024-06-01'), balance('2024-07-02', 10), activated('2026-02-28')];
  says(t, at(self, '2026-05-03', inDoubt), { lost_on: '2026-04-30', latest_lost_on: '2026-07-29' });
  says(t, at(self, '2026-05-03', [...inDoubt, topup('2026-05-03', 100_000)]), {
    stage: 'active',
    lost_on: '2026-04-30',
    latest_lost_on: null,
  });
});

t.test('18. a plan after it does not put off by when to act', async (t) => {
  const rule = clockRule({ restarts_on: ['use'], runs: '90 days', ended: [{ stage: 'lost' }] });
  const used = use({ earliest: '2026-01-01', latest: '2026-02-15' });
  const without = at(rule, '2026-04-10', [used]);
  says(t, without, { stage: 'active', act_by: '2026-05-16', latest_lost_on: '2026-05-17' });
  says(t, at(rule, '2026-04-10', [used, use('2026-06-01')]), {
    act_by: without.act_by,
    latest_lost_on: without.latest_lost_on,
  });
});

t.test('15. what both readings reach on the same day is one entry', async (t) => {
  const drain = ruleOf({ clocks: DRAIN });
  const unsaid = use('2026-06-01', { charged: undefined });
  const seen = at(drain, '2026-06-02', [use('2026-01-01'), balance('2026-01-01', 300), unsaid]);
  t.strictSame(seen.stages.slice(0, 3), [
    'fee_running 2026-05-02',
    'receive_only 2026-08-09/2026-12-07',
    'fee_running null/2026-09-30',
  ]);
  const calls = at(drain, '2026-01-02', [topup('2026-01-01'), balance('2026-01-01', 10)]);
  t.equal(calls.entries.filter(({ stage }) => stage === 'active').length, 1);
});

t.test('17. what a plan pays for is planned', async (t) => {
  const drain = ruleOf({ clocks: DRAIN });
  const planned = [use('2026-01-01'), balance('2026-01-01', 300), use('2026-03-20')];
  const { entries } = at(drain, '2026-03-01', planned);
  t.strictSame(
    entries.filter(({ stage }) => stage !== 'active').map(({ stage, planned }) => [stage, planned]),
    [
      ['fee_running', true],
      ['receive_only', true],
      ['lost', true],
    ],
  );
  const carried = clockRule({
    restarts_on: ['use'],
    runs: '30 days',
    charge: { take: '3 XTS', at_end: true, adds: '30 days' },
    ended: [{ stage: 'lost' }],
  });
  const seen = at(carried, '2026-01-02', [use('2026-01-01'), balance('2026-01-20', 9)]);
  t.equal(seen.lost_on, '2026-05-02');
  t.equal(seen.entries.find(({ stage, from }) => stage === 'lost' && from !== null)?.planned, true);
  const known = at(carried, '2026-01-20', [use('2026-01-01'), balance('2026-01-20', 9)]);
  t.equal(known.entries.find(({ stage }) => stage === 'lost')?.planned, false);
});

t.test('16, 17. what may have come by today no plan undoes', async (t) => {
  const rule = clockRule({
    restarts_on: ['use'],
    runs: '90 days',
    ended: [{ stage: 'lost', certainty: 'may' }],
  });
  const records = [use('2026-01-01'), use('2026-04-15')];
  says(t, at(rule, '2026-04-10', records), {
    lost_on: '2026-04-02',
    at_risk_since: '2026-04-01',
    stages: ['?lost 2026-04-02', '?lost 2026-07-15'],
  });
  says(t, at(rule, '2026-04-15', records), { lost_on: '2026-07-15', stages: ['?lost 2026-07-15'] });
});

t.test('16, 17. what may come before a plan may come, whatever is planned', async (t) => {
  const rule = clockRule({
    restarts_on: ['use'],
    runs: '90 days',
    ended: [{ stage: 'lost', certainty: 'may' }],
  });
  const without = at(rule, '2026-01-10', [use('2026-01-01')]);
  says(t, without, { act_by: '2026-04-01', lost_on: '2026-04-02' });
  for (const late of ['2026-04-02', '2026-05-15'])
    says(t, at(rule, '2026-01-10', [use('2026-01-01'), use(late)]), {
      act_by: '2026-04-01',
      lost_on: '2026-04-02',
    });
  says(t, at(rule, '2026-01-10', [use('2026-01-01'), use('2026-04-01')]), { act_by: '2026-06-30' });
});

t.test('18. how long it has been lost does not change with the day on which one looks', async (t) => {
  const rule = clockRule({ restarts_on: ['use'], runs: '90 days', ended: [{ stage: 'suspended' }] });
  const records = [use('2025-12-01'), status('2026-01-05', 'reissuable')];
  for (const as_of of ['2026-02-01', '2026-04-15', '2027-01-01'])
    says(t, at(rule, as_of, records), { lost_on: '2026-01-05', latest_lost_on: '2026-01-05' });
  const timed = clockRule({
    restarts_on: ['use'],
    runs: '90 days',
    ended: [{ stage: 'lost', lasts: '30 days' }, { stage: 'reissuable' }],
  });
  says(t, at(timed, '2026-09-01', [use('2026-01-01')]), { stage: 'reissuable', lost_on: '2026-04-02' });
});

t.test('15. two clocks that come in another order in the other reading are each told once', async (t) => {
  const may = (runs: string | { earliest: string; latest: string }): ClockTerms => ({
    restarts_on: ['use'],
    runs,
    ended: [{ stage: 'lost', certainty: 'may' }],
  });
  const rule = ruleOf({
    clocks: { one: may({ earliest: '80 days', latest: '100 days' }), other: may('90 days') },
  });
  t.strictSame(at(rule, '2026-01-02', [use('2026-01-01')]).stages, [
    '?lost 2026-03-23/2026-04-12',
    '?lost 2026-04-02',
  ]);
});

t.test('17. a date that only a plan gives is planned', async (t) => {
  const carried = clockRule({
    restarts_on: ['use'],
    runs: '30 days',
    charge: { take: '3 XTS', at_end: true, adds: '30 days', as: 'ordinary' },
    ended: [{ stage: 'lost' }],
  });
  const lossOf = (...planned: RecordInput[]) => {
    const { entries } = at(carried, '2026-01-02', [use('2026-01-01'), ...planned]);
    const {
      from,
      latest_from,
      planned: isPlanned,
    } = entries.find(({ stage }) => stage === 'lost') as StageEntry;
    return [from, latest_from].map((day) => day && formatDay(day)).concat(`${isPlanned}`);
  };
  t.strictSame(lossOf(), ['2026-02-01', null, 'false'], 'the balance is not known');
  t.strictSame(lossOf(balance('2026-03-10', 0)), ['2026-02-01', '2026-04-02', 'true']);
});

t.test('19. no clock ends after until', async (t) => {
  const rule = clockRule({ restarts_on: ['use'], runs: '100 years', ended: [{ stage: 'lost' }] });
  says(t, at(rule, '2026-01-02', [use('2026-01-01')]), { ends: { idle: null }, latest: { idle: null } });
  const soon = clockRule({ restarts_on: ['use'], runs: '90 days', ended: [{ stage: 'lost' }] });
  const ends = (until: string) => at(soon, '2026-01-02', [use('2026-01-01')], { until }).ends.idle;
  t.equal(ends('2026-03-31'), null);
  t.equal(ends('2026-04-01'), '2026-04-01');
});
