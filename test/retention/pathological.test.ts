/** Rules that would take for ever, were time stepped through: beside a plain one in the same run. */
import t from 'tap';
import { type CompiledRule, timelineOf } from '../../src/retention/index.ts';
import type { Charge } from '../../src/retention/language.ts';
import { balance, ledger, use } from '../support/records.ts';
import { at, type ClockTerms, clockRule, ruleOf } from '../support/retention.ts';

const records = (amount: string) => ledger([use('2026-01-01'), balance('2026-01-01', amount)]);
const fee = (take: string) =>
  clockRule({
    restarts_on: ['use'],
    runs: '90 days',
    ended: [{ stage: 'fee_running', charge: { take, every: 'day', partial: 'taken' } }],
  });
const charge = (adds: string): Charge => ({ take: '0.01 XTS', at_end: true, adds });
const daily: ClockTerms = {
  restarts_on: ['use'],
  runs: '1 day',
  charge: charge('1 day'),
  ended: [{ stage: 'lost' }],
};
const watching: ClockTerms = { runs_while: 'balance <= 0', runs: '1 day', ended: [{ stage: 'lost' }] };

/** The least time of several rounds, in milliseconds for one timeline. */
function timeOf(rule: CompiledRule, amount: string, times: number): number {
  const input = { records: records(amount), as_of: '2026-01-01' };
  const rounds = Array.from({ length: 5 }, () => {
    const start = performance.now();
    for (let i = 0; i < times; i++) timelineOf(rule, input);
    return (performance.now() - start) / times;
  });
  return Math.min(...rounds);
}

t.test('a pathological rule ends quickly', async (t) => {
  const plain = fee('3 XTS');
  timeOf(plain, '300', 500);
  const unit = timeOf(plain, '300', 500);
  const within = (name: string, rule: CompiledRule, factor: number) => {
    const ratio = timeOf(rule, '999999999', 10) / unit;
    t.ok(ratio < factor, `${name}: ${ratio.toFixed(1)} times a plain rule`);
  };
  within('a fee of one kopeck from a balance of a billion', fee('0.01 XTS'), 100);
  within('a charge that adds one day, without limit', clockRule(daily), 100);
  // Charges that share a balance are taken one by one: some 7,300 in ten years, in both readings.
  within('the same while another clock watches the balance', ruleOf({ clocks: { daily, watching } }), 2_000);
});

t.test('and its dates are right', async (t) => {
  const paid = [use('2026-01-01'), balance('2026-01-01', '36.50')];
  // It pays 3650 days after 2 January 2026: the last good day is 31 December 2035.
  t.strictSame(at(clockRule(daily), '2026-01-01', paid).stages, [
    'fee_running 2026-01-03',
    'lost 2036-01-01',
  ]);
  t.strictSame(
    at(ruleOf({ clocks: { daily, watching } }), '2026-01-01', paid).stages.at(-1),
    'lost 2036-01-01',
  );
  t.strictSame(
    at(fee('0.01 XTS'), '2026-01-01', [use('2026-01-01'), balance('2026-01-01', '999999999')]).stages,
    ['fee_running 2026-04-02'],
  );
});
