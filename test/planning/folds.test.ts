/** How much a plan asks of whoever makes it: others have their turn before each fold, and there are only so many. */
import t from 'tap';
import { planLine, planning, runInTurns } from '../../src/planning/index.ts';
import { formatDay, parseDay } from '../../src/retention/index.ts';
import type { LedgerRecord, RecordInput } from '../../src/retention/record.ts';
import { packs } from '../support/packs.ts';

const AS_OF = '2026-11-26';
const today = parseDay(AS_OF) as number;

function inputOf(id: string, inputs: readonly RecordInput[]) {
  const pack = packs.find((one) => one.id === id);
  if (!pack) throw new Error(`${id} is no rule of the folder rules`);
  const { rule } = pack;
  const records = inputs.map((input, i): LedgerRecord => ({ id: `r${i}`, input }));
  const whole = { facts: {}, plan_price: null, time_zone: rule.time_zone, as_of: AS_OF, until: '2036-11-26' };
  return { rule, records, ...whole, from_abroad: false, keep: 'calling' as const };
}

const used = (count: number): RecordInput[] =>
  Array.from({ length: count }, (_, i) => {
    const at = formatDay(today - count + i);
    return i % 2
      ? { type: 'topup', at, amount: { amount: '1', currency: 'RUB' } }
      : { type: 'activity', at, kind: 'sms', direction: 'outgoing', charged: true };
  });

function foldsOf(input: ReturnType<typeof inputOf>): number {
  const work = planning(input);
  let folds = 0;
  while (!work.next().done) folds += 1;
  return folds;
}

t.test('others have a turn before each fold, and the plan is the one that is made at once', async (t) => {
  const input = inputOf('ru/megafon/prepaid', used(10));
  let turns = 0;
  const plan = await runInTurns(planning(input), async () => {
    turns += 1;
  });
  t.equal(turns, foldsOf(input));
  t.ok(turns > 20, `${turns} turns`);
  t.strictSame(plan, planLine(input));
});

t.test('what has been makes no plan longer', async (t) => {
  const few = foldsOf(inputOf('ru/megafon/prepaid', used(10)));
  const many = foldsOf(inputOf('ru/megafon/prepaid', used(1000)));
  t.ok(many <= few * 1.2 + 50, `${few} folds with 10 records, ${many} with 1,000`);
});

t.test('where many records have to be folded anew each time there are fewer folds', async (t) => {
  const seen = Array.from(
    { length: 1000 },
    (): RecordInput => ({ type: 'balance', at: AS_OF, amount: { amount: '30', currency: 'PLN' } }),
  );
  const topup: RecordInput = { type: 'topup', at: '2026-11-01', amount: { amount: '30', currency: 'PLN' } };
  const few = foldsOf(inputOf('pl/orange/prepaid', [topup]));
  const many = foldsOf(inputOf('pl/orange/prepaid', [topup, ...seen]));
  t.ok(few <= 3 * 1500 + 50, `${few}`);
  t.ok(many <= 3 * 136 + 50, `${many}, of ${few} otherwise`);
});
