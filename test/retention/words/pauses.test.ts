/** Clocks that stand still, charges that were declined, and what is taken once a month. */
import t from 'tap';
import type { RecordInput } from '../../../src/retention/record.ts';
import { activated, balance, renewed, spend, status, topup, use } from '../../support/records.ts';
import { at, type ClockTerms, clockRule, edge, ruleOf, says } from '../../support/retention.ts';

const hold = (date: string, until?: string, by: 'owner' | 'carrier' = 'owner'): RecordInput => ({
  type: 'hold',
  at: date,
  by,
  ...(until ? { until } : {}),
});
const optOut = (date: string): RecordInput => ({ type: 'opt_out', at: date });

t.test('a hold stops a clock only where the rule says so', async (t) => {
  const clock: ClockTerms = { restarts_on: ['use'], runs: '90 days', ended: [{ stage: 'lost' }] };
  const ends = (paused_by: ClockTerms['paused_by'], ...records: RecordInput[]) =>
    at(clockRule({ ...clock, ...(paused_by ? { paused_by } : {}) }), '2026-02-20', [
      use('2026-01-01'),
      ...records,
    ]).ends.idle;
  const held = hold('2026-02-01', '2026-02-11');
  t.equal(ends(undefined, held), '2026-04-01');
  t.equal(ends({ hold: 'owner', as: 'freeze' }, held), '2026-04-11', 'ten days more');
  t.equal(ends({ hold: 'carrier', as: 'freeze' }, held), '2026-04-01', "another's hold");
  t.equal(ends({ hold: 'any', as: 'freeze' }, hold('2026-02-01', '2026-02-11', 'carrier')), '2026-04-11');
  t.equal(ends({ hold: 'owner', as: 'extend' }, held), '2026-04-01', 'the hold ends before the clock');
  t.equal(ends({ hold: 'owner', as: 'extend' }, hold('2026-02-01', '2026-05-01')), '2026-05-01');
  t.equal(ends({ hold: 'owner', as: 'freeze' }, hold('2026-02-01')), null, 'with no end');
});

t.test('a hold without an end lasts until the line is said to be in use, or is used', async (t) => {
  const rule = (as: 'freeze' | 'extend') =>
    clockRule({
      restarts_on: ['use'],
      runs: '90 days',
      paused_by: { hold: 'owner', as },
      ended: [{ stage: 'lost' }],
    });
  const start = [use('2026-01-01'), hold('2026-02-01')];
  const back = status('2026-02-21', 'active');
  t.equal(at(rule('freeze'), '2026-02-21', [...start, back]).ends.idle, '2026-04-21');
  t.equal(at(rule('extend'), '2026-02-21', [...start, back]).ends.idle, '2026-04-01');
  t.equal(at(rule('freeze'), '2026-06-01', [...start, use('2026-06-01')]).ends.idle, '2026-08-30');
  t.equal(at(rule('freeze'), '2026-06-01', start).stage, 'active');
});

const whilePlan = ruleOf({
  clocks: {
    credit: { restarts_on: ['credit'], runs: '3 months', paused_while: 'plan', ended: [{ stage: 'lost' }] },
    plan: { restarts_on: ['renewal'], runs: '30 days', ended: [] },
  },
});

t.test('a clock does not count while another runs', async (t) => {
  // Credit of 1 January is good through 1 April; a plan from 1 to 31 March holds it for thirty days.
  const records = [topup('2026-01-01', 10), renewed('2026-03-01')];
  says(t, at(whilePlan, '2026-03-01', records), { act_by: '2026-05-01', lost_on: '2026-05-02' });
  t.equal(at(whilePlan, '2026-03-15', records).ends.credit, '2026-05-01', 'as far as is known');
  edge(t, whilePlan, records, '2026-05-02', ['active', 'lost']);
  const twice = [...records, renewed('2026-03-31')];
  t.equal(at(whilePlan, '2026-03-31', twice).act_by, '2026-05-31', 'renewed without a gap');
  const late = [...records, renewed('2026-04-10')];
  t.equal(at(whilePlan, '2026-04-10', late).act_by, '2026-05-31', 'and with one');
  t.equal(
    at(whilePlan, '2026-03-20', [...records, topup('2026-03-20', 5)]).act_by,
    '2026-07-01',
    'topped up meanwhile',
  );
  t.equal(
    at(whilePlan, '2026-04-02', [topup('2026-01-01', 10), renewed('2026-04-02')]).stage,
    'lost',
    'too late',
  );
});

t.test('a charge declined in time is not taken', async (t) => {
  const rule = (opt_out_until: '0 days' | '1 day' | { earliest: string; latest: string }) =>
    clockRule({
      restarts_on: ['credit'],
      runs: '30 days',
      charge: { take: '3 XTS', at_end: true, adds: '30 days', times: 6, opt_out_until },
      ended: [{ stage: 'lost' }],
    });
  const start = [topup('2026-01-01', 5), balance('2026-01-01', 100)];
  const lost = (rule_: ReturnType<typeof rule>, ...records: RecordInput[]) =>
    at(rule_, '2026-01-31', [...start, ...records]).lost_on;
  const six = '2026-07-31';
  t.equal(lost(rule('1 day')), six, 'six times thirty days');
  t.equal(lost(rule('1 day'), optOut('2026-01-30')), '2026-02-01');
  t.equal(lost(rule('1 day'), optOut('2026-01-31')), six, 'a day too late');
  t.equal(lost(rule('0 days'), optOut('2026-01-31')), '2026-02-01', 'on the last day');
  const doubtful = at(rule({ earliest: '0 days', latest: '1 day' }), '2026-01-31', [
    ...start,
    optOut('2026-01-31'),
  ]);
  says(t, doubtful, { lost_on: '2026-02-01', latest_lost_on: six });
  const anew = at(rule('1 day'), '2026-01-30', [...start, optOut('2026-01-20'), topup('2026-01-30', 1)]);
  t.equal(anew.lost_on, '2026-08-29', 'until the clock starts anew');
});

const minimum = (charge: Partial<NonNullable<ClockTerms['charge']>>) =>
  ruleOf({
    clocks: {
      levy: {
        charge: { take: '2.50 XTS', on_day_of_month: 1, partial: 'taken', as: 'ordinary', ...charge },
      },
      empty: {
        runs_while: 'balance <= 0',
        runs: '0 days',
        ended: [{ stage: 'suspended', lasts: '10 days' }, { stage: 'lost' }],
      },
    },
  });
const less = { sum: 'charges' as const, of: ['call' as const] };

t.test('a least spend takes what is missing to it', async (t) => {
  const after = (...records: RecordInput[]) =>
    at(minimum({ less }), '2026-02-01', [balance('2026-01-10', 10), ...records]).balance;
  t.equal(after(), 7.5);
  t.equal(after(spend('2026-01-15', 1)), 7.5, 'one spent, one and a half taken');
  t.equal(after(spend('2026-01-15', 2), spend('2026-01-31', 2)), 6, 'nothing is missing');
  t.equal(after(spend('2026-02-01', 2)), 5.5, 'on the day itself: for the next month');
  t.equal(at(minimum({}), '2026-02-01', [balance('2026-01-10', 10), spend('2026-01-15', 1)]).balance, 6.5);
});

t.test('at zero the stage after `0 days` begins the day after', async (t) => {
  const records = [balance('2026-01-10', 2.5)];
  const seen = at(minimum({}), '2026-01-10', records);
  t.strictSame(seen.stages, ['suspended 2026-02-02', 'lost 2026-02-12']);
  edge(t, minimum({}), records, '2026-02-02', ['active', 'suspended']);
});

t.test('once a month on a day that is not known', async (t) => {
  const rule = ruleOf({
    clocks: {
      levy: { charge: { take: '2.50 XTS', every: 'month', partial: 'taken', as: 'ordinary' } },
      empty: { runs_while: 'balance <= 0', runs: '10 days', ended: [{ stage: 'lost' }] },
    },
  });
  // Seen on 10 January: taken on the 11th and then monthly at the earliest, from 10 February on at the latest.
  const seen = at(rule, '2026-01-10', [activated('2026-01-01'), balance('2026-01-10', 7.5)]);
  says(t, seen, { lost_on: '2026-03-22', latest_lost_on: '2026-04-21' });
});
