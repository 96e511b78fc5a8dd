/** What is not known is told with the stages that it would move, and with no others. */
import t from 'tap';
import { timelineOf } from '../../src/retention/index.ts';
import { activated, ledger, topup, use } from '../support/records.ts';
import { ruleOf } from '../support/retention.ts';

const rule = ruleOf({
  clocks: {
    plan: {
      restarts_on: [{ type: 'topup', least: 'plan_price' }],
      runs: '30 days',
      ended: [{ stage: 'suspended' }],
    },
    idle: { restarts_on: ['use'], runs: '90 days', ended: [{ stage: 'lost' }] },
    paper: {
      applies_if: { facts: { nationality: 'foreign' } },
      ends_on: '2026-12-31',
      cured_by: [{ type: 'identity' }],
      ended: [{ stage: 'restricted' }],
    },
  },
});
const missing = (...inputs: Parameters<typeof ledger>[0]) =>
  timelineOf(rule, { records: ledger(inputs), as_of: '2026-02-01' }).missing;

t.test('each fact names the stages of the clocks that ask for it', async (t) => {
  t.strictSame(missing(activated('2026-01-01'), topup('2026-01-02'), use('2026-01-03')), [
    { kind: 'fact', name: 'nationality', changes: ['restricted'] },
    { kind: 'plan_price', name: 'plan_price', changes: ['suspended'] },
  ]);
});

t.test('a use that does not say whether it cost money', async (t) => {
  const unsaid = missing(activated('2026-01-01'), use('2026-01-03', { charged: undefined }));
  t.strictSame(
    unsaid.find(({ kind }) => kind === 'charged'),
    { kind: 'charged', name: 'charged', changes: ['lost'] },
  );
});

t.test('a clock that nothing has started', async (t) => {
  t.strictSame(
    missing(topup('2026-01-02')).filter(({ kind }) => kind === 'clock'),
    [
      { kind: 'clock', name: 'plan', changes: ['suspended'] },
      { kind: 'clock', name: 'idle', changes: ['lost'] },
    ],
  );
});
