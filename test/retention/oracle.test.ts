/** The engine, which jumps from event to event, beside a reference that steps through the days. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { RecordInput } from '../../src/retention/record.ts';
import { type Evening, eachEvening, type Terms } from '../support/day-by-day.ts';
import { balance, spend, topup, use } from '../support/records.ts';
import { at, plus, ruleOf } from '../support/retention.ts';

const FIRST = '2027-10-15';
const UNTIL = '2029-06-30';

const ruleFor = ({ idleDays, lawDays, emptyDays, fee }: Terms) =>
  ruleOf({
    clocks: {
      idle: {
        restarts_on: ['use'],
        runs: `${idleDays} days`,
        ended: [
          { stage: 'fee_running', charge: { take: `${fee / 100} XTS`, every: 'day', partial: 'taken' } },
        ],
      },
      law: { restarts_on: ['use'], runs: `${lawDays} days`, ended: [{ stage: 'lost', certainty: 'may' }] },
      empty: {
        runs_while: 'balance <= 0',
        runs: `${emptyDays} days`,
        counting: 'inclusive',
        ended: [{ stage: 'lost' }],
      },
    },
  });

const terms: fc.Arbitrary<Terms> = fc.record({
  idleDays: fc.integer({ min: 1, max: 150 }),
  lawDays: fc.integer({ min: 1, max: 150 }),
  emptyDays: fc.integer({ min: 2, max: 120 }),
  fee: fc.constantFrom(1, 50, 300, 333, 1500),
});
const amount = fc.constantFrom('0', '0.01', '1', '2.50', '30', '100.05');
const records: fc.Arbitrary<RecordInput[]> = fc
  .array(
    fc.tuple(fc.integer({ min: 1, max: 500 }), fc.constantFrom('use', 'spend', 'topup', 'balance'), amount),
    { maxLength: 12 },
  )
  .map((entries) =>
    entries
      // The balance is seen last on its day.
      .sort(([a, first], [b, second]) => a - b || Number(first === 'balance') - Number(second === 'balance'))
      .map(([days, type, value]): RecordInput => {
        const date = plus(FIRST, days);
        if (type === 'use') return use(date);
        if (type === 'spend') return value === '0' ? use(date) : spend(date, value);
        return type === 'topup' ? topup(date, value) : balance(date, value);
      }),
  );

/** The first evening after a day that is graver than the one of that day, as a date to act by. */
function actBy(evenings: readonly Evening[], today: number): string | null {
  const gravity = { active: 0, fee_running: 2, receive_only: 3, lost: 5 } as Record<string, number>;
  const present = gravity[(evenings[today] as Evening).stage] as number;
  const mayAlready = (evenings[today] as Evening).mayBeLost;
  const graver = ({ stage, mayBeLost }: Evening) =>
    (gravity[stage] as number) > present || (mayBeLost && !mayAlready && present < 5);
  const first = evenings.find((evening, i) => i > today && graver(evening));
  return first ? plus(first.date, -1) : null;
}

t.test(
  'stages, balance and the day to act by agree with a reference that steps through the days',
  async (t) => {
    fc.assert(
      fc.property(terms, records, amount, fc.nat(600), (terms, more, first, days) => {
        const rule = ruleFor(terms);
        const ledger = [use(FIRST), balance(FIRST, first), ...more];
        const evenings = eachEvening(terms, ledger, UNTIL);
        const seen = at(rule, UNTIL, ledger, { until: UNTIL });
        const certain = seen.entries.filter((entry) => entry.certainty === 'certain');
        const epochDays = Date.parse(FIRST) / 86_400_000;
        const stageOn = (i: number) =>
          certain.findLast((entry) => (entry.from ?? Number.NaN) <= epochDays + i)?.stage;
        const stages = evenings.map(({ stage }) => stage);
        assert.deepEqual(
          stages.map((_, i) => stageOn(i)),
          stages,
        );
        assert.equal(seen.balance, evenings.at(-1)?.balance);
        assert.ok(certain.every((entry) => entry.from === entry.latest_from));

        const today = plus(FIRST, days);
        const known = ledger.filter((record) => (record.at as string) <= today);
        const ahead = eachEvening(terms, known, UNTIL);
        const timeline = at(rule, today, known, { until: UNTIL });
        assert.equal(timeline.stage, ahead[days]?.stage);
        assert.equal(timeline.balance, ahead[days]?.balance);
        assert.equal(timeline.act_by, actBy(ahead, days));
        const lost = ahead.find((evening, i) => i > days && evening.stage === 'lost')?.date ?? null;
        if (ahead[days]?.stage !== 'lost') assert.equal(timeline.latest_lost_on, lost);
      }),
      { numRuns: 400 },
    );
    t.pass();
  },
);
