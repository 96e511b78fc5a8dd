/** A clock that watches the balance: a payment ends what it brought only if the balance says so afterwards. */
import t from 'tap';
import { formatDay, timelineOf } from '../../src/retention/index.ts';
import { balance, ledger, topup } from '../support/records.ts';
import { ruleOf } from '../support/retention.ts';

const rule = ruleOf({
  clocks: {
    debt: {
      runs_while: 'balance < 0',
      runs: '90 days',
      ended: [{ stage: 'lost', certainty: 'may', cures: ['top_up'] }],
    },
  },
  actions: { top_up: { does: 'credit' } },
});
const lostOn = (...inputs: Parameters<typeof ledger>[0]) => {
  const { lost_on } = timelineOf(rule, { records: ledger(inputs), as_of: '2026-06-01' });
  return lost_on === null ? null : formatDay(lost_on);
};

// Below zero from 1 January: 1 April is the 90th day after.
const owing = balance('2026-01-01', '-50');

t.test('a debt that is paid in part is a debt still, and counts from its beginning', async (t) => {
  t.equal(lostOn(owing), '2026-04-02');
  t.equal(lostOn(owing, topup('2026-03-01', '49')), '2026-04-02', 'before the end');
  t.equal(lostOn(owing, topup('2026-05-01', '49')), '2026-04-02', 'after it');
});

t.test('a debt that is paid is over', async (t) => {
  t.equal(lostOn(owing, topup('2026-03-01', '50')), null, 'before the end');
  t.equal(lostOn(owing, topup('2026-05-01', '50')), null, 'after it');
});
