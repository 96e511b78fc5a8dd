/** Worked plans, each counted by hand from the shipped rule: what to do, when, by when, and what it costs. */
import t from 'tap';
import { type Keep, type Plan, planLine } from '../../src/planning/index.ts';
import { compileRule, formatDay } from '../../src/retention/index.ts';
import type { Money, RecordInput } from '../../src/retention/record.ts';
import { packs } from '../support/packs.ts';

const AS_OF = '2026-11-26';
const UNTIL = '2028-11-26';

type Options = {
  keep?: Keep;
  from_abroad?: boolean;
  facts?: Record<string, string | number>;
  plan_price?: Money;
  until?: string;
};

function plan(id: string, inputs: readonly RecordInput[], options: Options = {}): Plan {
  const pack = packs.find((one) => one.id === id);
  if (!pack) throw new Error(`${id} is no rule of the folder rules`);
  return planLine({
    rule: pack.rule,
    records: inputs.map((input, i) => ({ id: `r${i}`, input })),
    facts: options.facts ?? {},
    plan_price: options.plan_price ?? null,
    time_zone: pack.rule.time_zone,
    as_of: AS_OF,
    until: options.until ?? UNTIL,
    from_abroad: options.from_abroad ?? false,
    keep: options.keep ?? 'calling',
  });
}

const told = ({ steps }: Plan) =>
  steps.map(({ on, latest_on, name, credited }) =>
    [formatDay(on), formatDay(latest_on), name, ...(credited > 0 ? [credited / 10_000] : [])].join(' '),
  );

const inAll = ({ confirmed, spent, credited }: Plan) => ({
  confirmed,
  spent: spent / 10_000,
  credited: credited / 10_000,
});

const sms: RecordInput = {
  type: 'activity',
  at: '2026-11-01',
  kind: 'sms',
  direction: 'outgoing',
  charged: true,
};
const saw = (amount: string, currency: string): RecordInput => ({
  type: 'balance',
  at: '2026-11-01',
  amount: { amount, currency } satisfies Money,
});

t.test('a text every ninety days, a week before the law may end the contract', async (t) => {
  const nine = plan('ru/t2/prepaid', [sms, saw('300', 'RUB')], { from_abroad: true });
  t.same(inAll(nine), { confirmed: true, spent: 0, credited: 0 });
  t.equal(nine.taken, 0, 'the fee never begins');
  t.same(told(nine), [
    '2027-01-23 2027-01-30 pay_use',
    '2027-04-16 2027-04-23 pay_use',
    '2027-07-08 2027-07-15 pay_use',
    '2027-09-29 2027-10-06 pay_use',
    '2027-12-21 2027-12-28 pay_use',
    '2028-03-13 2028-03-20 pay_use',
    '2028-06-04 2028-06-11 pay_use',
    '2028-08-26 2028-09-02 pay_use',
    '2028-11-17 2028-11-24 pay_use',
  ]);
});

t.test('an empty account pays for no text: a top-up comes first, on the same day', async (t) => {
  for (const id of ['ru/t2/prepaid', 'ru/beeline/prepaid']) {
    const empty = plan(id, [sms, saw('0', 'RUB')]);
    t.ok(empty.confirmed, id);
    const [first, second] = empty.steps;
    t.match(
      first,
      { record: { type: 'topup' }, supposed: true },
      `${id}: how much is not known, and so told`,
    );
    t.match(second, { record: { type: 'activity', at: first?.record.at } }, id);
  }
  const used = plan('gb/giffgaff/prepaid', [sms, saw('0', 'GBP')]);
  t.equal(used.steps[0]?.record.type, 'topup', 'where a top-up counts as use, it is enough');
  t.equal(used.steps[1]?.record.type, 'activity');
});

t.test('use every 180 days, the shorter of two readings', async (t) => {
  const four = plan('gb/giffgaff/prepaid', [sms]);
  t.same(inAll(four), { confirmed: true, spent: 0, credited: 0 });
  t.same(told(four), [
    '2027-04-23 2027-04-30 send_text',
    '2027-10-13 2027-10-20 send_text',
    '2028-04-03 2028-04-10 send_text',
    '2028-09-23 2028-09-30 send_text',
  ]);
  t.equal(plan('gb/giffgaff/prepaid', [sms], { until: '2036-11-26' }).steps.length, 21, 'ten years');
});

t.test(
  'what is sold only until a day is bought while it is; then a top-up, which may cut it short, does both dates',
  async (t) => {
    const topup: RecordInput = {
      type: 'topup',
      at: '2026-11-01',
      amount: { amount: '30', currency: 'PLN' },
      method: 'card',
    };
    const calls = plan('pl/orange/prepaid', [topup]);
    t.same(inAll(calls), { confirmed: true, spent: 28, credited: 350 });
    t.same(told(calls), [
      '2026-11-27 2026-12-01 buy_start31',
      '2026-12-25 2027-01-01 buy_start93',
      '2027-03-28 2027-04-04 top_up 50',
      '2027-06-22 2027-06-29 top_up 50',
      '2027-09-16 2027-09-23 top_up 50',
      '2027-12-11 2027-12-18 top_up 50',
      '2028-03-06 2028-03-13 top_up 50',
      '2028-05-31 2028-06-07 top_up 50',
      '2028-08-25 2028-09-01 top_up 50',
    ]);
    const year = plan('pl/orange/prepaid', [{ ...topup, amount: { amount: '50', currency: 'PLN' } }], {
      until: '2027-10-31',
    });
    t.same(inAll(year), { confirmed: true, spent: 39, credited: 0 });
    t.same(told(year), ['2027-01-26 2027-02-02 buy_start365'], 'while no top-up need follow, the year is');
    const codes = plan('pl/orange/prepaid', [topup], { keep: 'receiving' });
    t.same(inAll(codes), { confirmed: true, spent: 0, credited: 75 });
    t.equal(told(codes)[0], '2027-04-24 2027-05-01 top_up 5', 'that calls end sooner is left to be');
  },
);

t.test('180 days from the expiry of what was bought, at a price that no source has', async (t) => {
  const four = plan('jp/povo/povo2', [
    {
      type: 'purchase',
      at: '2026-11-01',
      product: '3GB',
      amount: { amount: '990', currency: 'JPY' },
      expires_on: '2026-11-30',
    },
  ]);
  t.ok(four.confirmed);
  t.ok(four.steps.every(({ spent }) => spent === null));
  t.same(told(four), [
    '2027-05-22 2027-05-29 buy_topping',
    '2027-11-11 2027-11-18 buy_topping',
    '2028-05-02 2028-05-09 buy_topping',
    '2028-10-22 2028-10-29 buy_topping',
  ]);
});

t.test('use every ninety days leaves the twenty rupees on the account', async (t) => {
  const nine = plan('in/any/prepaid', [sms, saw('50', 'INR')]);
  t.same(inAll(nine), { confirmed: true, spent: 0, credited: 0 });
  t.equal(nine.taken, 0);
  t.equal(nine.steps.length, 9);
  t.equal(told(nine)[0], '2027-01-23 2027-01-30 use_it');
});

t.test('a renewal costs what the plan does, where that is known', async (t) => {
  const renewed: RecordInput = { type: 'plan_renewed', at: '2026-11-20' };
  const until = { facts: { plan_days: 30 }, until: '2027-01-20' };
  const dear = plan('ca/public-mobile/plan', [renewed], {
    ...until,
    plan_price: { amount: '25', currency: 'CAD' },
  });
  t.same(told(dear), ['2026-12-13 2026-12-20 renew', '2027-01-05 2027-01-12 renew']);
  t.same(inAll(dear), { confirmed: true, spent: 50, credited: 0 });
  const amount = { amount: '25.00', currency: 'CAD' };
  t.same(dear.steps[0]?.record, { type: 'plan_renewed', at: '2026-12-13', amount });
  const [first] = plan('ca/public-mobile/plan', [renewed], until).steps;
  t.same([first?.record, first?.spent], [{ type: 'plan_renewed', at: '2026-12-13' }, null]);
});

t.test('a number that nobody reaches is made good today, or there is no plan', async (t) => {
  const said = (stage: 'suspended' | 'lost'): RecordInput => ({ type: 'status', at: '2026-11-20', stage });
  const mended = plan('ru/t2/prepaid', [sms, said('suspended')]);
  t.ok(mended.confirmed);
  t.match(told(mended)[0], /^2026-11-26 2026-11-26 top_up/, 'a suspended line cannot send a text');
  t.match(plan('ru/t2/prepaid', [sms, said('lost')]), { confirmed: false, reason: 'lost', steps: [] });
  t.match(plan('ru/t2/prepaid', []), { confirmed: false, reason: 'unknown', steps: [] });
});

t.test('what wants the owner in person is no plan, and is named', async (t) => {
  const activated: RecordInput = { type: 'activated', at: '2020-01-01' };
  const foreign = plan('ru/t2/prepaid', [activated, sms, saw('300', 'RUB')], {
    facts: { nationality: 'foreign' },
  });
  t.match(foreign, { confirmed: false, reason: 'in_person', needed: { how: 'identify' } });
});

/** A shipped rule whose top-ups keep nothing: they are had at any time, and would be cheaper than all else. */
function withoutTopUp(id: string) {
  const { rule } = packs.find((pack) => pack.id === id)!;
  const { time_zone, currency } = rule;
  const versions = rule.rule.versions.map((version) => {
    const { top_up, ...actions } = version.actions;
    return { ...version, actions: { ...actions, top_up: { ...top_up!, does: undefined } } };
  });
  return compileRule({ id, time_zone, currency, versions });
}

t.test('what is paid from the balance wants its price there, and a top-up where that lacks', async (t) => {
  const rule = withoutTopUp('th/true/prepaid');
  const { time_zone } = rule;
  const inputs: RecordInput[] = [
    { type: 'activated', at: '2020-01-01' },
    { type: 'validity', at: '2026-11-01', until: '2026-12-20' },
  ];
  const withBalance = (amount: string) =>
    planLine({
      rule,
      records: [...inputs, saw(amount, 'THB')].map((input, i) => ({ id: `r${i}`, input })),
      ...{ facts: {}, plan_price: null, time_zone, from_abroad: false, keep: 'calling' as const },
      ...{ as_of: AS_OF, until: '2027-11-20' },
    });
  const rich = withBalance('500');
  t.same(told(rich), ['2026-12-13 2026-12-20 buy_180', '2027-06-11 2027-06-18 buy_180']);
  t.same(inAll(rich), { confirmed: true, spent: 24, credited: 0 });
  t.match(rich.steps[0]?.record, { type: 'purchase', from_balance: true }, 'as the engine reckons it');
  const poor = withBalance('5');
  t.same(
    told(poor),
    [
      '2026-12-13 2026-12-20 top_up 1',
      '2026-12-13 2026-12-20 buy_90',
      '2027-06-04 2027-06-11 top_up 2',
      '2027-06-04 2027-06-11 buy_30',
      '2027-09-25 2027-10-02 top_up 2',
      '2027-09-25 2027-10-02 buy_30',
    ],
    'what was bought before is no longer there',
  );
  t.same(inAll(poor), { confirmed: true, spent: 10, credited: 0 }, 'nothing of what is paid in is left');
  t.equal(poor.taken, 0, 'and nothing of it is what the carrier takes by itself');
});

t.test(
  'what is had some time after activation counts from the activation that stands, in the line’s zone',
  async (t) => {
    const rule = withoutTopUp('th/true/prepaid');
    const { time_zone } = rule;
    const first = (inputs: readonly RecordInput[]) => {
      const step = planLine({
        rule,
        records: inputs.map((input, i) => ({ id: `r${i}`, input })),
        ...{ facts: {}, plan_price: null, time_zone, from_abroad: false, keep: 'calling' as const },
        ...{ as_of: AS_OF, until: '2027-01-10' },
      }).steps[0];
      return step ? `${formatDay(step.on)} ${step.name}` : null;
    };
    const shown: RecordInput = { type: 'validity', at: '2026-11-25', until: '2026-12-20' };
    const rest = [shown, saw('500', 'THB')];
    const activated = (at: RecordInput['at']): RecordInput => ({ type: 'activated', at });
    const mistaken: RecordInput[] = [activated('2020-01-01'), { type: 'void', at: AS_OF, record: 'r0' }];
    t.equal(first([activated('2026-09-14'), ...rest]), '2026-12-13 buy_30', 'ninety days before');
    t.equal(first([activated('2026-09-15'), ...rest]), '2026-12-20 buy_30', 'too late a week before');
    t.equal(
      first([...mistaken, activated('2026-09-15'), ...rest]),
      '2026-12-20 buy_30',
      'the mistake is voided',
    );
    t.equal(
      first([activated('2026-09-14T20:00:00Z'), ...rest]),
      '2026-12-20 buy_30',
      '15 September in Bangkok',
    );
    t.equal(
      first([activated({ earliest: '2026-09-01', latest: '2026-09-15' }), ...rest]),
      '2026-12-20 buy_30',
      'by the last day on which it may have been',
    );
  },
);
