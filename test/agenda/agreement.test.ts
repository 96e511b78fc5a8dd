/** What entries say agrees with the dates, the payments and one another, under rules as they are shipped. */
import t from 'tap';
import { type AgendaLine, type AgendaPayment, agendaOf, entryText } from '../../src/agenda/index.ts';
import { lastRecordDay } from '../../src/retention/check.ts';
import { timelineOf } from '../../src/retention/index.ts';
import type { RecordInput } from '../../src/retention/record.ts';
import { type BookedRule, loadRulebook } from '../../src/rulebook/index.ts';
import { type Locale, provisionalText } from '../../src/wording/index.ts';
import { balance, toppedUp, used } from './lines.ts';

const { rulebook } = await loadRulebook(new URL('../../rules', import.meta.url).pathname);
type Pending = RecordInput & { pending?: true };

function line(
  rule: string,
  inputs: Pending[],
  {
    facts = { nationality: 'russian' },
    ...terms
  }: Partial<AgendaLine> & { facts?: Record<string, string> } = {},
): AgendaLine {
  const booked = rulebook.rules.get(rule) as BookedRule;
  const records = inputs.map(({ pending, ...input }, index) => ({
    id: `r${index + 1}`,
    input: input as RecordInput,
    ...(pending ? { pending, paid: true } : {}),
  }));
  const as_of = lastRecordDay(records, booked.carrier.time_zone) as string;
  const timeline = timelineOf(booked.compiled, { records, facts, as_of, moves: true });
  const { time_zone } = booked.carrier;
  const made = { id: 'line-1', label: '', number: '+79161234567', created_on: '2025-01-01' };
  return { ...made, timeline, records, booked, time_zone, ...terms };
}
const payment = (record: string, paid_at: string) =>
  ({
    id: 'p',
    state: 'pending',
    paid_at,
    amount: { amount: '10', currency: 'GBP' },
    channel: 'app',
    reference: null,
    record,
    proved: true,
    since: `${paid_at}T09:00:00Z`,
  }) as never;
const texts = (one: AgendaLine, locale: 'en' | 'ru' | 'zh', detail: 'full' | 'masked' | 'neutral' = 'full') =>
  agendaOf(one, { alarms: 'both' }).map((entry) => ({
    ...entry,
    ...entryText(entry, locale, { detail, showBalance: true }),
  }));
const gbp = (at: string) => ({ type: 'topup' as const, at, amount: { amount: '10', currency: 'GBP' } });
const drawer = [used('2026-01-01'), balance('2026-01-01', '300')];

await t.test('what the carrier may do hides nothing that still saves the number', async (t) => {
  const between = texts(line('ru/t2/prepaid', drawer), 'en').filter(
    (e) => e.kind === 'overdue' && e.on > '2026-06-02' && e.on < '2026-08-09',
  );
  t.ok(between.length > 5);
  t.notMatch(between.map(({ text }) => text).join(), /Nothing that is guaranteed/);
});

await t.test('until when it can be saved is a day of the person', async (t) => {
  const all = texts(
    line('gb/vodafone/prepaid', [{ ...used('2026-01-10') }], { time_zone: 'America/Los_Angeles', facts: {} }),
    'en',
  );
  const lost = all.find((e) => e.kind === 'stage' && e.stage?.stage === 'lost');
  const until = all.find((e) => e.kind === 'overdue')?.text.match(/until (\d+ \w+ \d+):/)?.[1] as string;
  t.ok(new Date(`${until} UTC`) < new Date(lost?.on as string), `${until} < ${lost?.on}`);
});

await t.test('a deadline missed before is not later without the payment', async (t) => {
  const all = texts(line('ru/t2/prepaid', [...drawer, { ...toppedUp('2026-05-20'), pending: true }]), 'en');
  t.notMatch(all.find((e) => e.kind === 'last_safe_day')?.text, /Without it the last day is 8 August/);
});

await t.test(
  'of a line that is at risk already, no payment that leaves it so is said to keep it safe',
  async (t) => {
    const inputs = [...drawer, { ...toppedUp('2026-05-20'), pending: true } as const];
    const one = line('ru/t2/prepaid', inputs, { payments: [payment('r3', '2026-05-20')] });
    t.not(one.timeline.at_risk_since, null);
    t.not(one.timeline.act_by, one.timeline.confirmed_act_by);
    const asked = texts(one, 'en').filter(
      ({ kind }) => kind === 'check_payment' || kind === 'contact_support',
    );
    t.ok(asked.length > 0);
    t.notMatch(asked.map(({ text }) => text).join('\n'), /Without this payment/);
  },
);

await t.test('without it, the last day is the same day in all entries', async (t) => {
  const one = line('gb/giffgaff/prepaid', [gbp('2025-08-01'), { ...gbp('2025-10-01'), pending: true }], {
    time_zone: 'America/Los_Angeles',
    facts: {},
    payments: [payment('r2', '2025-10-01')],
  });
  const days = new Set(
    texts(one, 'en').flatMap(
      ({ text }) => text.match(/Without (?:it|this payment) the last day is ([^.:]+)/)?.[1] ?? [],
    ),
  );
  t.equal(days.size, 1, [...days].join(' / '));
});

const withoutPayment = (rule: string, ledger: Pending[]) => {
  const paid = ledger.findIndex(({ pending }) => pending);
  const one = line(rule, ledger, {
    facts: {},
    payments: [payment(`r${paid + 1}`, ledger[paid]?.at as string)],
  });
  const asked = texts(one, 'en').find(({ kind }) => kind === 'check_payment')?.text;
  return asked?.match(/Without this payment (.*)/)?.[1];
};

await t.test('paid after the last day: without it, that was the last day', async (t) => {
  const late = { ...gbp('2026-02-20'), pending: true as const };
  t.equal(
    withoutPayment('gb/giffgaff/prepaid', [gbp('2025-08-01'), late]),
    'the last day was 28 January 2026: do not wait.',
  );
  const call = { ...used('2026-02-05'), kind: 'call' as const };
  t.equal(
    withoutPayment('gb/giffgaff/prepaid', [gbp('2025-08-01'), late, call]),
    'the last day is 4 August 2026.',
    'but for what had been made good by something else',
  );
  const euros = (at: string) => ({ type: 'topup' as const, at, amount: { amount: '10', currency: 'EUR' } });
  t.equal(
    withoutPayment('fi/elisa/prepaid', [euros('2026-01-01'), { ...euros('2027-01-06'), pending: true }]),
    'the last day was 1 January 2027: do not wait.',
    'also where a graver stage has a last day of its own',
  );
});

await t.test('a last day that has passed without a payment is nowhere told as one to come', async (t) => {
  const seen = (at: string) => ({ type: 'balance' as const, at, amount: { amount: '5', currency: 'GBP' } });
  for (const paid of ['2025-10-01', '2026-01-20']) {
    for (const [at, told] of [
      ['2026-01-28', 'the last day is 28 January 2026.'],
      ['2026-01-29', 'the last day was 28 January 2026: do not wait.'],
    ] as const) {
      const ledger = [gbp('2025-08-01'), { ...gbp(paid), pending: true as const }, seen(at)];
      t.equal(withoutPayment('gb/giffgaff/prepaid', ledger), told, `paid on ${paid}, seen on ${at}`);
      const one = line('gb/giffgaff/prepaid', ledger, { facts: {} });
      const renewal = texts(one, 'en').filter(({ kind }) => kind === 'renew');
      for (const text of [renewal.at(-1)?.text, provisionalText(one.timeline, 'en', false)])
        t.match(text, `not confirmed yet. Without it ${told}`);
    }
  }
});

await t.test('a last day that counts on several payments speaks of them all', async (t) => {
  const awaited = (at: string) => ({ ...gbp(at), pending: true as const });
  const ledger = [gbp('2025-08-01'), awaited('2025-10-01'), awaited('2025-10-05')];
  const several = [payment('r2', '2025-10-01'), payment('r3', '2025-10-05')] as AgendaPayment[];
  const ofOne = several.map((one, index) => ({ ...one, saves: index === 1 }));
  const told = (payments: AgendaPayment[], locale: Locale) =>
    texts(line('gb/giffgaff/prepaid', ledger, { facts: {}, payments }), locale).findLast(
      ({ kind }) => kind === 'renew',
    )?.text;
  t.match(
    told(several, 'en'),
    'payments that are not confirmed yet. Without them the last day is 28 January',
  );
  t.match(told(several, 'ru'), 'платежи, которые ещё не подтверждены. Без них последний день — 28 января');
  t.match(told(several, 'zh'), '这个日期算上了几笔尚未确认的付款；如果不算，最后一天是2026年1月28日。');
  t.match(
    told(ofOne, 'en'),
    'a payment that is not confirmed yet. Without it',
    'the other one moves nothing',
  );
  const { timeline } = line('gb/giffgaff/prepaid', ledger, { facts: {} });
  for (const [locale, text] of [
    ['en', 'This counts on payments that are not confirmed yet.'],
    ['ru', 'Расчёт учитывает платежи, которые ещё не подтверждены.'],
    ['zh', '这个日期算上了几笔尚未确认的付款。'],
  ] as const)
    t.equal(provisionalText({ ...timeline, confirmed_act_by: null }, locale, true), text);
});

await t.test('a deadline that was met without a payment does not wait for it', async (t) => {
  const call = { ...used('2026-03-30'), kind: 'call' as const };
  const inputs = [gbp('2025-10-10'), { ...gbp('2026-03-28'), pending: true } as const, call];
  const one = line('gb/giffgaff/prepaid', inputs, { facts: {}, payments: [payment('r2', '2026-03-28')] });
  t.equal(one.timeline.act_by, one.timeline.confirmed_act_by);
  const all = texts(one, 'en');
  t.match(
    all.filter(({ done }) => done),
    [{ kind: 'renew', title: /Renewed …4567 on 30 March/ }],
  );
  t.ok(
    all.some(({ kind }) => kind === 'check_payment'),
    'of the payment itself it is asked',
  );
  t.notMatch(all.map(({ text }) => text).join('\n'), /Without (it|this payment)/);
});

await t.test('a payment that does not answer the law is not said to save the day', async (t) => {
  const one = line('ru/t2/prepaid', [used('2026-01-01'), { ...toppedUp('2026-03-27'), pending: true }], {
    payments: [payment('r2', '2026-03-27')],
  });
  t.equal(one.timeline.act_by, one.timeline.confirmed_act_by);
  const asked = texts(one, 'en').filter(({ kind }) => kind === 'check_payment' || kind === 'contact_support');
  t.ok(asked.length > 0);
  t.notMatch(asked.map(({ text }) => text).join('\n'), /Without this payment/);
});

await t.test('a payment is asked after until it is answered, and never before it was made', async (t) => {
  const of = (kind: string, time_zone: string) => {
    const ledger = [gbp('2025-08-01'), { ...gbp('2026-01-20'), pending: true as const }];
    const asked = { ...(payment('r2', '2026-01-20') as object), proved: false } as never;
    const one = line('gb/giffgaff/prepaid', ledger, { facts: {}, time_zone, payments: [asked] });
    return texts(one, 'en').flatMap((entry) => (entry.kind === kind ? entry.on : []));
  };
  for (const zone of ['America/Los_Angeles', 'Asia/Tokyo']) {
    t.equal(of('save_proof', zone)[0], '2026-01-20', zone);
    t.equal(of('check_payment', zone)[0], '2026-01-21', zone);
  }
  const within = (from: string, until: string, kind: string) =>
    of(kind, 'Europe/London').filter((on) => on >= from && on < until).length;
  for (const month of ['2026-04', '2026-05', '2026-08', '2027-03', '2027-12']) {
    t.ok(within(`${month}-01`, `${month}-31`, 'check_payment') >= 1, `still asked in ${month}`);
  }
  t.equal(within('2026-04-01', '2027-01-20', 'save_proof'), 3, 'for a year');
});

await t.test(
  'whether a payment shows is asked on the day on which its channel says that it will',
  async (t) => {
    const ledger = [gbp('2025-08-01'), { ...gbp('2026-01-20'), pending: true as const }];
    const one = line('gb/giffgaff/prepaid', ledger, { facts: {}, payments: [payment('r2', '2026-01-20')] });
    const { booked } = one;
    const [way] = booked.carrier.channels;
    const first = (...postings: (number | undefined)[]) => {
      const slow = { ...way!, kind: 'shop' as const, posting: 9 };
      const channels = [slow, ...postings.map((posting) => ({ ...way!, kind: 'app' as const, posting }))];
      const carrier = { ...booked.carrier, channels };
      return texts({ ...one, booked: { ...booked, carrier } }, 'en').find(
        ({ kind }) => kind === 'check_payment',
      )?.on;
    };
    t.equal(first(0), '2026-01-20', 'on the same day');
    t.equal(first(0, 0), '2026-01-20');
    t.equal(first(0, undefined), '2026-01-21', 'by the slower of two ways, one of which does not say');
    t.equal(first(0, 3), '2026-01-23');
    t.equal(first(), '2026-01-21', 'where no way is known');
  },
);

await t.test('what waits for a payment says so on whatever day it is put off to', async (t) => {
  const ledger = [gbp('2025-08-01'), { ...gbp('2026-01-20'), pending: true as const }];
  for (const on_day of ['2026-01-25', '2026-01-28', '2026-02-05']) {
    const one = line('gb/giffgaff/prepaid', ledger, {
      facts: {},
      payments: [payment('r2', '2026-01-20')],
      marks: [{ kind: 'renew', cycle: '0', what: 'later', on_day }],
    });
    t.match(
      texts(one, 'en').filter(({ key }) => key.cycle === `0/again/${on_day}`),
      [{ on: on_day, kind: 'renew', variant: 'pending', title: /unless your payment is confirmed/ }],
      on_day,
    );
  }
});

await t.test('a title keeps its date', async (t) => {
  const one = line('gb/giffgaff/prepaid', [gbp('2025-08-01'), { ...gbp('2026-01-20'), pending: true }], {
    facts: {},
    number: null,
    label: "Grandmother's second SIM card",
    payments: [payment('r2', '2026-01-20')],
  });
  for (const [locale, date] of [
    ['en', '28 January'],
    ['ru', '28 января'],
  ] as const) {
    t.match(texts(one, locale).find((e) => e.variant === 'pending')?.title, date);
  }
});

await t.test('a number without digits, in Russian', async (t) => {
  const all = texts(line('ru/t2/prepaid', drawer, { number: null }), 'ru', 'masked')
    .map(({ title, text }) => title + text)
    .join('\n');
  t.notMatch(all, /(для|от|по|счёт|Владелец) номер[ :·]|Номер: номер/);
});

await t.test('no sentence ends in two full stops', async (t) => {
  const cad = { type: 'balance' as const, at: '2026-01-10', amount: { amount: '25', currency: 'CAD' } };
  const one = line(
    'ca/speakout/prepaid',
    [{ type: 'topup', at: '2026-01-10', amount: { amount: '25', currency: 'CAD' } }, cad],
    { facts: {} },
  );
  for (const { text } of texts(one, 'ru')) t.notMatch(text, /\.\./);
});

await t.test('a neutral feed tells a document from a renewal', async (t) => {
  const id = (at: string, valid_until: string) => ({ type: 'identity' as const, at, valid_until });
  const one = line(
    'ae/etisalat/wasel',
    [
      { type: 'topup', at: '2026-02-01', amount: { amount: '100', currency: 'AED' } },
      id('2025-03-01', '2026-03-01'),
      id('2026-04-10', '2026-10-01'),
    ],
    { facts: {} },
  );
  const all = texts(one, 'en', 'neutral');
  t.notMatch(all.find((e) => e.kind === 'identity' && e.done)?.title, /due by/);
  t.notMatch(all.find((e) => e.kind === 'overdue' && e.variant === 'identity')?.title, /Renewal/);
});

await t.test('two clocks that bring the same on one day are told apart', async (t) => {
  const indebted = [used('2026-01-01'), balance('2026-01-01', '-5')];
  const of = (rule: string, locale: 'en' | 'ru' | 'zh', number: string | null = '+79161234567') =>
    texts(line(rule, indebted, { number, label: "Grandmother's old flip phone" }), locale)
      .filter(({ kind, on }) => kind === 'stage' && on === '2026-04-02')
      .map(({ title }) => title);
  t.same(of('ru/t2/prepaid', 'en'), [
    '…4567: may be cut off for good from 2 April · Time in debt',
    '…4567: may be cut off for good from 2 April · Time without use by law',
  ]);
  for (const rule of ['t2', 'mts', 'beeline', 'megafon']) {
    for (const locale of ['en', 'ru', 'zh'] as const) {
      for (const number of ['+79161234567', null]) {
        const titles = of(`ru/${rule}/prepaid`, locale, number);
        t.ok(titles.length > 1);
        t.equal(new Set(titles).size, titles.length, titles.join());
        t.ok(titles.every((title) => Array.from(title).length <= 80));
      }
    }
  }
});

await t.test(
  'what two clocks ask for on one day is asked for in one entry, and each until it is done',
  async (t) => {
    const indebted = [used('2026-01-01'), balance('2026-01-01', '-5')];
    const use = { ...used('2026-04-01') };
    const pay = toppedUp('2026-04-01', '500');
    for (const rule of ['t2', 'yota']) {
      const dueAfter = (more: RecordInput[]) =>
        texts(line(`ru/${rule}/prepaid`, [...indebted, ...more]), 'en').find(
          ({ kind, done }) => kind === 'last_safe_day' && !done,
        );
      const [both, afterUse, afterPay, after] = [[], [use], [pay], [use, pay]].map(dueAfter);
      t.equal(both?.asks.length, 2);
      t.match(both?.text, /all of these:\n• .*\n• Top up/s);
      for (const left of [afterUse, afterPay]) {
        t.equal(left?.on, '2026-04-01');
        t.equal(left?.asks.length, 1);
        t.notMatch(left?.text, /all of these/);
      }
      t.not(afterUse?.asks.join(), afterPay?.asks.join());
      t.ok((after?.on ?? '') > '2026-04-01');
    }
    const late = texts(line('ru/t2/prepaid', indebted), 'ru').find(({ kind }) => kind === 'overdue');
    t.match(late?.text, /\(нужно всё\):\n• Одно из этого:\n {2}– .*\n• Пополните/s);
  },
);

await t.test('without a payment a day that has come is no longer ahead', async (t) => {
  const waiting = line('gb/giffgaff/prepaid', [gbp('2026-01-10'), { ...gbp('2026-07-01'), pending: true }], {
    payments: [payment('r2', '2026-07-01')],
  });
  const asked = texts(waiting, 'en').filter(({ kind }) => /check_payment|contact_support/.test(kind));
  const [safe = ''] = asked.map(({ deadline }) => deadline?.safe);
  const said = (isPast: boolean) =>
    asked
      .filter(({ on }) => on > safe === isPast)
      .map(({ text }) => /the last day (is|was) /.exec(text)?.[1]);
  t.same(new Set(said(false)), new Set(['is']));
  t.same(new Set(said(true)), new Set(['was']));
});

await t.test(
  'of a loss in doubt, what is asked for helps in the stage that it would still be in',
  async (t) => {
    const until = { type: 'validity' as const, at: '2026-06-01', until: '2026-06-30' };
    const aud = { type: 'topup' as const, at: '2026-06-28', amount: { amount: '30', currency: 'AUD' } };
    const facts = { plan_days: 28 } as never;
    const perhaps = (rule: string, inputs: Pending[]) =>
      texts(line(rule, inputs, { facts }), 'en').filter(({ text }) =>
        /has not cut the number off/.test(text),
      );
    const early = perhaps('au/lebara/prepaid', [until, aud]);
    t.match(early, [{ kind: 'stage' }], 'counted from the payment, or from the end before it');
    t.match(early[0]?.text, /Only support can still restore it/);
    t.notMatch(early[0]?.text, /within ten days/);
    const notice = perhaps('de/telekom/prepaid', [until]);
    t.match(notice.map(({ kind }) => kind).toSorted(), ['overdue', 'stage']);
    for (const { text } of notice) t.match(text, /Reactivate the line by chat/);
  },
);

await t.test('why a date: from what it is counted, so that whoever counts comes to that day', async (t) => {
  const whyOf = (rule: string, inputs: Pending[], locale: 'en' | 'ru' | 'zh' = 'en') =>
    texts(line(rule, inputs, { facts: {} }), locale)
      .find(({ kind, done }) => kind === 'last_safe_day' && !done)
      ?.text.split('\n')
      .find((text) => /^(Why|Почему|为什么)/.test(text));
  const until = (day: string) => ({ type: 'validity' as const, at: '2026-05-06', until: day });
  const eur = { type: 'topup' as const, at: '2026-05-05', amount: { amount: '5', currency: 'EUR' } };
  const shown = [eur, { ...until('2026-07-05'), of: 'outgoing' } as const];
  t.match(
    whyOf('lv/lmt/prepaid', shown),
    'Validity for outgoing calls: until 5 July 2026, seen at the carrier on 6 May 2026. Source',
  );
  t.match(whyOf('lv/lmt/prepaid', shown, 'ru'), 'связи: по 5 июля 2026 (так показал оператор 6 мая 2026).');
  t.match(whyOf('lv/lmt/prepaid', shown, 'zh'), '呼出有效期：至2026年7月5日（2026年5月6日运营商显示）。');

  const amount = { amount: '990', currency: 'JPY' };
  const topping = { product: '3GB', amount, expires_on: '2026-01-31' };
  const bought = { type: 'purchase' as const, at: '2026-01-01', ...topping };
  t.match(
    whyOf('jp/povo/povo2', [bought]),
    '31 January 2026, the last day of the purchase on 1 January 2026',
  );
  t.match(whyOf('jp/povo/povo2', [bought], 'zh'), '从2026年1月1日的购买到期之日（2026年1月31日）算起');
  const calls = [
    { type: 'activated' as const, at: '2026-01-01' },
    ...['2026-04-01', '2026-06-01'].map((at) => ({
      ...used(at),
      charge: { amount: '400', currency: 'JPY' },
    })),
  ];
  t.match(whyOf('jp/povo/povo2', calls as Pending[]), 'from the oldest charge that the sum needed');

  const plan = (at: string) => ({ type: 'plan_renewed' as const, at });
  const broke = { ...balance('2026-01-01', '0'), amount: { amount: '0', currency: 'USD' } };
  const paygo = (...days: string[]) => whyOf('us/ultra-mobile/paygo', [...days.map(plan), broke]);
  t.match(paygo('2026-01-01'), '(30 days), counted from the plan renewal on 1 January 2026');
  t.match(paygo('2026-01-01', '2026-01-28'), '(30 days), last extended by the plan renewal on 28 January');
  t.match(
    paygo('2026-01-01', '2026-02-05'),
    '(30 days), counted from the plan renewal on 5 February',
    'it had ended',
  );

  const credit = { ...eur, at: '2026-01-05', amount: { amount: '10', currency: 'USD' } };
  t.match(
    whyOf('us/tello/paygo', [credit, plan('2026-03-01')]),
    'It stands still for as long as this runs: “The paid period of the plan”.',
  );
  const proved = { type: 'identity' as const, at: '2024-07-01', valid_until: '2026-06-30' };
  const call = { ...used('2026-08-01'), kind: 'call' as const };
  const identity = texts(line('ae/etisalat/wasel', [proved, call], { facts: {} }), 'en').find(
    ({ kind }) => kind === 'identity',
  );
  t.match(identity?.text, 'counted from 30 June 2026, the last day of the document shown');
});

await t.test(
  'a fee that the carrier begins to take is not said to have put off its own beginning',
  async (t) => {
    const thb = { type: 'topup' as const, at: '2026-06-01', amount: { amount: '50', currency: 'THB' } };
    const seen = { ...thb, type: 'balance' as const };
    const fee = texts(line('th/true/prepaid', [thb, seen], { facts: {} }), 'en').filter(
      ({ deadline, kind }) => deadline && kind === 'last_safe_day',
    );
    t.match(fee, [{ on: '2026-08-30', text: /Validity of the number \(90 days\), counted from/ }]);
    // Without a balance one reading takes the fee for ever, and the other, which is planned on, not once.
    const call = { ...used('2026-08-20'), kind: 'call' as const };
    const poor = texts(line('ae/etisalat/wasel', [call], { facts: {} }), 'en');
    const due = poor.filter(({ deadline, because }) => deadline && because);
    t.ok(due.length > 3);
    for (const { text, deadline } of due) {
      t.notMatch(text, /times 90 days/);
      t.equal(deadline?.stage?.stage, 'suspended');
    }
  },
);

await t.test(
  'what works in a stage is said once, and of a lost number not that something saves it',
  async (t) => {
    const stages = (locale: 'en' | 'ru' | 'zh', rule: string, inputs: Pending[]) =>
      texts(line(rule, inputs), locale).filter(({ kind }) => kind === 'stage');
    const emptied = { en: 'The credit is used up.', ru: 'Деньги на счёте закончились.', zh: '余额已扣完。' };
    for (const locale of ['en', 'ru', 'zh'] as const) {
      const poor = stages(locale, 'ru/t2/prepaid', drawer).find(
        ({ stage }) => stage?.stage === 'receive_only',
      );
      t.ok(poor?.text.split('\n').includes(emptied[locale]), locale);
    }
    const until = { type: 'validity' as const, at: '2026-06-01', until: '2026-06-30' };
    const said = stages('en', 'au/lebara/prepaid', [until]).map(({ text }) => text);
    t.match(said[1], 'nothing works, not even incoming codes.');
    t.notMatch(said.join('\n'), /Outgoing/);
    t.match(stages('en', 'vn/vinaphone/prepaid', [until])[0]?.text, /Outgoing does not work, incoming works/);

    const end = stages('en', 'ru/t2/prepaid', drawer).at(-1);
    t.match(end?.title, /number lost/);
    t.match(end?.text, 'What may still bring the number back:\n• Top up');
  },
);

await t.test('where a line may be worse off already, it is perhaps still active', async (t) => {
  const late = (locale: 'en' | 'ru' | 'zh') =>
    texts(line('ru/t2/prepaid', [toppedUp('2026-03-01', '300')]), locale).find(
      ({ kind }) => kind === 'overdue',
    )?.text;
  t.match(late('en'), 'State of the line: perhaps still “active”, that is not certain.');
  t.match(late('ru'), 'возможно, ещё «работает»');
  t.match(late('zh'), '可能仍处于“正常”状态');
});

await t.test('who looks at the balance renews nothing', async (t) => {
  const hkd = { type: 'topup' as const, at: '2026-01-01', amount: { amount: '100', currency: 'HKD' } };
  const seen = { ...hkd, type: 'balance' as const };
  const paid = texts(line('hk/csl/prepaid', [hkd, seen], { facts: {} }), 'en');
  t.notOk(paid.some(({ done }) => done));
  t.match(
    paid.filter(({ kind }) => kind === 'last_safe_day'),
    [{ on: '2026-06-30', key: { cycle: '0' } }],
  );
});

await t.test(
  'from when codes may stay out is the day on which the carrier may cut the number off',
  async (t) => {
    const from = (inputs: Pending[]) =>
      texts(line('ru/t2/prepaid', inputs), 'en')
        .filter(({ kind }) => kind === 'backup')
        .map(({ text }) => /Codes may stop arriving from ([^.]+)/.exec(text)?.[1]);
    t.same(from(drawer), ['2 April 2026']);
    t.same(from([...drawer, balance('2026-05-20', '240')]), ['2 April 2026'], 'missed since');
    t.same(from([...drawer, used('2026-05-20')]), ['19 August 2026'], 'made good');
  },
);

await t.test('a deadline that may be none tells what is not known, wherever it stands', async (t) => {
  const hkd = { type: 'topup' as const, at: '2026-01-01', amount: { amount: '100', currency: 'HKD' } };
  const due = texts(line('hk/csl/prepaid', [hkd], { facts: {} }), 'en').filter(({ kind }) =>
    ['last_safe_day', 'overdue'].includes(kind),
  );
  t.ok(due.length > 1);
  for (const { text } of due) t.match(text, 'What is missing:\n• The balance is not known');
});

await t.test('what is missing is asked for as it can be told', async (t) => {
  const missing = (rule: string, inputs: Pending[]) =>
    texts(line(rule, inputs, { facts: {} }), 'en').find(({ variant }) => variant === 'missing')?.text;
  const aud = { type: 'topup' as const, at: '2026-05-20', amount: { amount: '30', currency: 'AUD' } };
  t.match(missing('au/lebara/prepaid', [aud]), 'For how many days does a recharge of yours last?');
  t.notMatch(missing('au/lebara/prepaid', [aud]), 'from which day', 'that is recorded');
  t.match(missing('lv/lmt/prepaid', [balance('2026-05-20', '1')]), 'Not known from which day this counts');
  t.match(missing('de/telekom/prepaid', [aud]), 'Only the carrier tells this date; enter it: “The last day');
});

await t.test('a title begins with a capital letter, after a sign too', async (t) => {
  const inputs = [gbp('2025-08-01'), { ...gbp('2026-01-20'), pending: true as const }];
  const waiting = { facts: {}, number: null, label: 'eSIM', payments: [payment('r2', '2026-01-20')] };
  const of = (detail: 'full' | 'masked') =>
    texts(line('gb/giffgaff/prepaid', inputs, waiting), 'en', detail).find((e) => e.variant === 'pending')
      ?.title;
  t.match(of('masked'), /^⏳ The SIM: /);
  t.match(of('full'), /^⏳ eSIM: /, 'but as its owner writes it');
});

await t.test('a balance says how much of it is not confirmed', async (t) => {
  const of = (inputs: Pending[], locale: 'en' | 'ru' | 'zh' = 'en') =>
    /(Balance|Баланс|按记录).*/
      .exec(
        texts(line('ru/t2/prepaid', inputs), locale).find(({ kind, done }) => kind === 'renew' && !done)
          ?.text ?? '',
      )?.[0]
      .replaceAll('\u00a0', ' ');
  const paid = { ...toppedUp('2026-03-01', '100'), pending: true as const };
  t.equal(of([...drawer, paid]), 'Balance by the records: 400 ₽, of which 100 ₽ is not confirmed yet.');
  t.equal(of([...drawer, paid], 'ru'), 'Баланс по записям: 400 ₽, из них ещё не подтверждено: 100 ₽.');
  t.equal(of([...drawer, paid], 'zh'), '按记录推算的余额：400 卢布，其中 100 卢布尚未确认。');
  t.equal(of([...drawer, paid, balance('2026-03-05', '400')]), 'Balance by the records: 400 ₽.');
  t.equal(of([...drawer, toppedUp('2026-03-01', '100')]), 'Balance by the records: 400 ₽.');
});

await t.test('a last day that only awaited money puts off stands where it stood', async (t) => {
  const usd = (type: 'balance' | 'topup', at: string, amount: string) => ({
    ...{ type, at, amount: { amount, currency: 'USD' } },
  });
  const plan = { type: 'plan_renewed' as const, at: '2026-01-01' };
  const paid = { ...usd('topup', '2026-01-28', '10'), pending: true } as Pending;
  const poor = usd('balance', '2026-01-01', '0') as Pending;
  const last = (rule: string, inputs: Pending[], record: string, at: string) =>
    texts(line(rule, inputs, { facts: {}, payments: [payment(record, at)] }), 'en').filter(
      ({ kind, done }) => kind === 'last_safe_day' && !done,
    );
  const renewing = last('us/ultra-mobile/paygo', [plan, poor, paid], 'r3', '2026-01-28');
  t.match(renewing, [
    { on: '2026-01-31', variant: 'pending', title: /last day 31 January, unless your payment/ },
    { on: '2026-05-01', variant: null },
  ]);
  t.ok(renewing[0]?.alarms.length, 'and rings');
  t.match(renewing[0]?.text, 'Without this payment the last day is 31 January 2026.');
  t.equal(new Set(renewing.map(({ key }) => key.cycle)).size, 2);

  const long = [gbp('2025-08-01'), { ...gbp('2025-10-01'), pending: true as const }];
  t.match(last('gb/giffgaff/prepaid', long, 'r2', '2025-10-01'), [
    { on: '2026-01-28', variant: 'pending' },
    { on: '2026-03-30', variant: null },
  ]);
  const met = [...long, { ...used('2025-12-01'), kind: 'call' as const }];
  t.match(last('gb/giffgaff/prepaid', met, 'r2', '2025-10-01'), [{ variant: null }], 'met without it');
});

await t.test('what is asked for counts in the stage that the line is in', async (t) => {
  const asked = (rule: string, inputs: Pending[]) =>
    Object.groupBy(texts(line(rule, inputs, { facts: {} }), 'en'), ({ kind, stage }) =>
      stage ? `${kind} ${stage.stage}` : kind,
    );
  const pln = { type: 'topup' as const, at: '2026-01-01', amount: { amount: '25', currency: 'PLN' } };
  const orange = asked('pl/orange/prepaid', [pln]);
  t.match(orange.last_safe_day?.[0]?.text, 'While the number is active: buy START31');
  for (const { text } of [...(orange.overdue ?? []), ...(orange['stage receive_only'] ?? [])]) {
    t.match(text, '• Top up');
    t.notMatch(text, 'While the number is active');
  }
  const shown = (until: string, of: 'outgoing' | 'number') => ({
    ...{ type: 'validity' as const, at: '2026-01-01', until, of },
  });
  const dates = [shown('2026-01-31', 'outgoing'), shown('2026-03-02', 'number')];
  const telkomsel = asked('id/telkomsel/prepaid', dates);
  t.notMatch(telkomsel.last_safe_day?.[0]?.text, 'in grace 5,000 IDR', 'a top-up moves nothing yet');
  t.match(telkomsel.overdue?.[0]?.text, 'in grace 5,000 IDR');

  const call = { ...used('2026-01-01'), kind: 'call' as const };
  const inr = { type: 'balance' as const, at: '2026-01-01', amount: { amount: '100', currency: 'INR' } };
  const india = asked('in/any/prepaid', [call, inr]);
  t.match(india['stage fee_running']?.[0]?.text, '• Call, write or use data once.');
  t.notMatch(india['stage fee_running']?.[0]?.text, 'Reclaim', 'nothing is taken yet but the fee');
  t.match(india['stage suspended']?.[0]?.text, 'Reclaim the number within 15 days');
});

await t.test(
  'of a number that is blocked until its owner is identified no use is asked for alone',
  async (t) => {
    const inputs = [
      { type: 'activated' as const, at: '2024-12-20' },
      used('2025-06-25'),
      balance('2025-06-25', '300'),
    ];
    const foreign = texts(line('ru/t2/prepaid', inputs, { facts: { nationality: 'foreign' } }), 'en');
    const late = foreign.filter(({ kind, variant }) => kind === 'overdue' && variant === null);
    t.ok(late.length > 3);
    for (const { text } of late) {
      t.match(
        text,
        /all of this together saves it:\n• Foreign owners — go in person[^\n]+\n• Any one of these:/,
      );
    }
    const may = foreign.find(({ kind, stage }) => kind === 'stage' && stage?.certainty === 'may');
    t.match(may?.text, '• Foreign owners — go in person');
    const own = texts(line('ru/t2/prepaid', inputs), 'en').filter(({ kind }) => kind === 'overdue');
    t.notMatch(own.map(({ text }) => text).join(), 'Foreign owners');
  },
);
