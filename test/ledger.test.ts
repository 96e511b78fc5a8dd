/** A stored line brought to the engine: what of its ledger is history on a day. */
import fc from 'fast-check';
import t from 'tap';
import { recordsUpTo } from '../src/ledger.ts';
import { formatDay, parseDay, readAt } from '../src/retention/index.ts';
import type { At, LedgerRecord } from '../src/retention/record.ts';

const DAY = parseDay('2026-03-15') as number;
const TODAY = formatDay(DAY);

const near = fc.integer({ min: DAY - 6, max: DAY + 6 }).map(formatDay);
const hour = fc.integer({ min: 0, max: 23 }).map((h) => `${h}`.padStart(2, '0'));
const offset = fc.tuple(fc.constantFrom('+', '-'), hour).map(([sign, h]) => `${sign}${h}:59`);
const moment = fc.tuple(near, hour, offset).map(([day, h, zone]) => `${day}T${h}:30:00${zone}`);
const span = fc.tuple(near, near).map((days) => {
  const [earliest, latest] = days.toSorted() as [string, string];
  return { earliest, latest };
});
const at: fc.Arbitrary<At> = fc.oneof(near, moment, span);
const zone = fc.constantFrom('Pacific/Kiritimati', 'Europe/Moscow', 'Pacific/Pago_Pago', 'Etc/GMT+12');

const topup = (at: At, id: string): LedgerRecord => ({
  id,
  input: { type: 'topup', at, amount: { amount: '1', currency: 'RUB' } },
});

t.test('what had begun by the end of the day in the line’s zone, however it is written', async (t) => {
  const check = fc.property(fc.array(at), zone, (ats, zone) => {
    const records = ats.map((at, index) => topup(at, `${index}`));
    const history = records.filter(({ input }) => readAt(input.at, zone).earliest <= DAY);
    return JSON.stringify(recordsUpTo(records, TODAY, zone)) === JSON.stringify(history);
  });
  t.doesNotThrow(() => fc.assert(check, { numRuns: 500 }));
});

t.test('a void holds whenever it was written', async (t) => {
  const taken: LedgerRecord = { id: 'void', input: { type: 'void', at: '2027-01-01', record: 'x' } };
  t.same(recordsUpTo([taken, topup('2026-03-16', 'later')], TODAY, 'UTC'), [taken]);
});
