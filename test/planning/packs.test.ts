/**
 * Plans over every rule that ships: whatever a plan says is confirmed, the engine sees the same when the steps are real
 * records and the date has come.
 */
import t from 'tap';
import { planLine } from '../../src/planning/index.ts';
import { formatDay, GRAVITY, parseDay, timelineOf } from '../../src/retention/index.ts';
import type { LedgerRecord, RecordInput, Stage } from '../../src/retention/record.ts';
import { packs } from '../support/packs.ts';

const AS_OF = '2026-11-26';
const today = parseDay(AS_OF) as number;

/** Numbers from a seed, the same in every run. */
function numbers(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function ledgerOf(currency: string, products: readonly string[], random: (below: number) => number) {
  const day = (most: number) => formatDay(today - random(most));
  const money = (amount: number) => ({ amount: String(amount), currency });
  const make: (() => RecordInput)[] = [
    () => ({
      type: 'status',
      at: day(5),
      stage: (['active', 'active', 'restricted', 'receive_only', 'suspended'] as const)[random(5)] as Stage,
    }),
    () => ({ type: 'activated', at: formatDay(today - 400 - random(400)) }),
    () => ({
      type: 'topup',
      at: day(200),
      amount: money([5, 10, 50, 100, 500, 50_000][random(6)] as number),
      method: 'card',
    }),
    () => ({ type: 'activity', at: day(90), kind: 'sms', direction: 'outgoing', charged: true }),
    () => ({ type: 'plan_renewed', at: day(30) }),
    () => ({ type: 'balance', at: day(60), amount: money(random(300)) }),
    () => ({
      type: 'purchase',
      at: day(60),
      product: products[random(products.length)] as string,
      expires_on: formatDay(today + random(60)),
    }),
    () => ({ type: 'validity', at: day(30), until: formatDay(today + random(200)), of: 'number' }),
  ];
  return make.filter(() => random(10) < 7).map((one, i): LedgerRecord => ({ id: `r${i}`, input: one() }));
}

for (const { id, rule, products, facts: asked } of packs) {
  t.test(id, async (t) => {
    const random = numbers(id.length * 7919 + id.charCodeAt(3));
    for (let round = 0; round < 24; round++) {
      const records = ledgerOf(rule.currency, products, random);
      const facts = Object.fromEntries(
        Object.entries(asked).map(([name, values]) => [name, values[random(values.length)] as string]),
      );
      const conditions = {
        facts,
        plan_price: { amount: '10', currency: rule.currency },
        time_zone: rule.time_zone,
      };
      const keep = round % 2 ? 'receiving' : 'calling';
      const span = [365, 731, 3650][(round % 7) % 3] as number;
      const until = formatDay(today + span);
      const plan = planLine({
        rule,
        records,
        ...conditions,
        as_of: AS_OF,
        until,
        from_abroad: round % 3 === 0,
        keep,
      });
      for (const step of plan.steps) {
        if (step.on > step.latest_on || step.on < today) t.fail(`${step.name} on ${formatDay(step.on)}`);
        if (round % 3 === 0 && step.action.from_abroad === false)
          t.fail(`${step.name} does not work from abroad`);
      }
      if (!plan.confirmed) continue;
      const real = plan.steps.map(({ record }, i) => ({ id: `p${i}`, input: record }));
      const seen = timelineOf(rule, {
        records: [...records, ...real],
        ...conditions,
        as_of: until,
        until: formatDay(today + span + 40),
      });
      const present = GRAVITY[plan.timeline.stage];
      const bad = seen.stages.filter(
        (entry) =>
          entry.stage !== 'reissuable' &&
          (entry.from ?? entry.latest_from ?? 0) > today &&
          (entry.from ?? entry.latest_from ?? 0) <= today + span &&
          ((keep === 'calling' && GRAVITY[entry.stage] > Math.max(present, 0)) ||
            !entry.can_receive ||
            GRAVITY[entry.stage] >= GRAVITY.suspended),
      );
      const told = bad.map(
        (entry) => `${entry.stage} ${formatDay((entry.from ?? entry.latest_from) as number)}`,
      );
      t.ok(GRAVITY[seen.stage] < GRAVITY.suspended, `round ${round} ends ${seen.stage}`);
      t.strictSame(told, [], `round ${round}, ${plan.steps.length} steps, ${keep}`);
    }
  });
}
