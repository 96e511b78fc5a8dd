/** Counts in what the command line prints. */
import t from 'tap';
import { movedText } from '../../src/cli/moved.ts';

t.test('a single day is a day', async (t) => {
  const moved = (days: number) => movedText({ before: '2026-03-01', after: '2026-03-02', days });
  t.equal(moved(1), '2026-03-01 → 2026-03-02 (1 day later)');
  t.equal(moved(-1), '2026-03-01 → 2026-03-02 (1 day earlier)');
  t.equal(moved(31), '2026-03-01 → 2026-03-02 (31 days later)');
});
