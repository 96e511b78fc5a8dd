/** Small rules that no carrier has: clocks of random terms, so that more meets than in the rules that ship. */
import fc from 'fast-check';
import type { Pack } from '../support/packs.ts';
import { CURRENCY } from '../support/records.ts';
import { ruleOf } from '../support/retention.ts';

const days = (max: number) => fc.integer({ min: 1, max }).map((count) => `${count} days`);

/** A fee after idleness, a law that may end the contract, a clock that watches the balance. */
export const drainingRule: fc.Arbitrary<Pack> = fc
  .record({
    idle: days(150),
    law: days(150),
    empty: fc.integer({ min: 2, max: 120 }).map((count) => `${count} days`),
    fee: fc.constantFrom('0.01', '0.5', '3', '3.33', '15'),
  })
  .map(({ idle, law, empty, fee }) => ({
    id: `a fee of ${fee} after ${idle}, law ${law}, empty ${empty}`,
    rule: ruleOf({
      clocks: {
        idle: {
          restarts_on: ['use'],
          runs: idle,
          ended: [
            { stage: 'fee_running', charge: { take: `${fee} ${CURRENCY}`, every: 'day', partial: 'taken' } },
          ],
        },
        law: { restarts_on: ['use'], runs: law, ended: [{ stage: 'lost', certainty: 'may' }] },
        empty: {
          runs_while: 'balance <= 0',
          runs: empty,
          counting: 'inclusive',
          ended: [{ stage: 'lost' }],
        },
      },
    }),
    products: ['something else'],
    amounts: [fee, '0.01', '2.50', '30', '100.05'],
    facts: {},
  }));
