/** A duty of the owner, which no use of the line fulfils: it neither begins before the line nor hides what use does. */
import t from 'tap';
import { formatDay, timelineOf } from '../../src/retention/index.ts';
import { ledger, use } from '../support/records.ts';
import { ruleOf } from '../support/retention.ts';

const rule = ruleOf({
  clocks: {
    idle: { restarts_on: ['use'], runs: '30 days', ended: [{ stage: 'lost' }] },
    identity: {
      duty: 'identity',
      ends_on: '2026-01-31',
      cured_by: [{ type: 'identity' }],
      ended: [{ stage: 'restricted', lasts: '30 days' }, { stage: 'suspended' }],
    },
  },
});

const timeline = (as_of: string, ...inputs: Parameters<typeof ledger>[0]) =>
  timelineOf(rule, { records: ledger(inputs), as_of, moves: true });

t.test('a line begins with its first record, not with the duty', async (t) => {
  const { stages } = timeline('2026-01-10', use('2026-01-05'));
  t.strictSame(
    stages.map(({ stage, from }) => [stage, from === null ? null : formatDay(from)]),
    [
      ['active', '2026-01-05'],
      ['restricted', '2026-02-01'],
      ['lost', '2026-02-05'],
    ],
  );
  t.equal(timeline('2026-01-10').stage, 'active', 'a duty with a date needs no record');
});

t.test('a duty that was missed does not hide the deadlines that use moves', async (t) => {
  const { moves } = timeline('2026-03-10', use('2026-01-05'), use('2026-02-03'), use('2026-03-01'));
  t.strictSame(
    moves.map(({ clock, from, to }) => [clock, formatDay(from), to === null ? null : formatDay(to)]),
    [
      ['idle', '2026-02-04', '2026-03-05'],
      ['idle', '2026-03-05', '2026-03-31'],
    ],
  );
});

t.test('what fulfils a duty moves its own deadline', async (t) => {
  const { moves } = timeline('2026-01-20', use('2026-01-05'), { type: 'identity', at: '2026-01-15' });
  t.strictSame(
    moves.map(({ clock, from, to }) => [clock, formatDay(from), to]),
    [['identity', '2026-01-31', null]],
  );
});
