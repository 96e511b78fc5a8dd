/** A charge that, once its version takes force, is taken of the clocks that already run. */
import t from 'tap';
import type { Charge } from '../../../src/retention/language.ts';
import type { RecordInput } from '../../../src/retention/record.ts';
import { balance, optOut, topup } from '../../support/records.ts';
import { at, type ClockTerms, clockRule, ruleOf, says } from '../../support/retention.ts';

const extension: Charge = { take: '3 XTS', at_end: true, adds: '30 days', times: 2, applies_to: 'running' };
const validity: ClockTerms = { restarts_on: ['credit'], runs: '90 days', ended: [{ stage: 'lost' }] };
const rule = (charge: Charge = extension, before: ClockTerms = validity) =>
  ruleOf({
    versions: [
      { clocks: { validity: before } },
      { since: '2026-05-01', clocks: { validity: { ...validity, runs: '60 days', charge } } },
    ],
  });
const paid = (date: string, amount = 50): RecordInput[] => [topup(date, 50), balance(date, amount)];

t.test('a clock set before and not ended keeps its end and comes under the charge', async (t) => {
  const records = paid('2026-03-01'); // through 30 May
  says(t, at(rule(), '2026-05-29', records), {
    ends: { validity: '2026-05-30' },
    stages: ['fee_running 2026-05-31', 'lost 2026-07-30'],
    act_by: '2026-05-30',
  });
  says(t, at(rule(), '2026-05-30', records), { ends: { validity: '2026-06-29' }, balance: 47 });
  const { applies_to: _, ...forNew } = extension;
  t.strictSame(at(rule(forNew), '2026-05-29', records).stages, ['lost 2026-05-31']);
});

t.test('the edge: the last good day on which it takes force, and the day before', async (t) => {
  const stages = (date: string) => at(rule(), '2026-04-01', paid(date)).stages;
  t.strictSame(stages('2026-01-31'), ['fee_running 2026-05-02', 'lost 2026-07-01'], 'through 1 May');
  t.strictSame(stages('2026-01-30'), ['lost 2026-05-01'], 'through 30 April');
});

t.test('`times` counts from then, whatever the former version had taken', async (t) => {
  const before: ClockTerms = {
    ...validity,
    runs: '30 days',
    charge: { take: '1 XTS', at_end: true, adds: '30 days', times: 1 },
  };
  // Through 15 April, once by the former charge to 15 May, twice by the new one.
  const seen = at(rule(extension, before), '2026-05-02', paid('2026-03-16'));
  says(t, seen, { ends: { validity: '2026-05-15' }, balance: 49 });
  t.strictSame(seen.stages, ['fee_running 2026-04-16', 'lost 2026-07-15']);
});

t.test('it may be declined from then on, and says the length that the clock really ran for', async (t) => {
  const declinable: Charge = { ...extension, opt_out_until: '1 day' };
  const records = paid('2026-03-01');
  t.strictSame(at(rule(declinable), '2026-05-29', [...records, optOut('2026-05-29')]).stages, [
    'lost 2026-05-31',
  ]);
  t.equal(at(rule(declinable), '2026-04-20', [...records, optOut('2026-04-20')]).stages.length, 2);
  const lost = at(rule(), '2026-05-29', records).entries.find((entry) => entry.stage === 'lost');
  t.match(lost?.because, { clock: 'validity', fact: '90 days' });
});

t.test('it belongs to a charge taken at the end', async (t) => {
  t.throws(
    () => clockRule({ charge: { take: '3 XTS', on_day_of_month: 1, applies_to: 'running' } }),
    /`applies_to` belongs to a charge taken at_end/,
  );
});
