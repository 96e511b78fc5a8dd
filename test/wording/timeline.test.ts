import t from 'tap';
import { parseDay } from '../../src/retention/index.ts';
import type { Because } from '../../src/retention/timeline.ts';
import {
  becauseText,
  curesJson,
  factPhrase,
  LOCALES,
  type ReasonContext,
  recordPhrase,
  timelineJson,
} from '../../src/wording/index.ts';
import { doubtful, north } from '../agenda/carriers.ts';
import { balance, lineOf, toppedUp, used } from '../agenda/lines.ts';

const LAW_WORD =
  'Source: Decree No. 1 — law, dated 24 January 2024, in force from 1 September 2024, high confidence, others disagree.';

t.test("a timeline in the contract's form", async (t) => {
  const { timeline, records } = lineOf([used('2026-01-01'), balance('2026-01-01', '300')], { facts: {} });
  const json = timelineJson(timeline, north, 'en', records);
  t.match(json, {
    rule: 'xx/north/prepaid',
    version: '2020-01-01',
    as_of: '2026-01-01',
    until: '2036-01-01',
    time_zone: 'Europe/Moscow',
    stage: 'active',
    provisional: false,
    act_by: '2026-04-01',
    confirmed_act_by: '2026-04-01',
    at_risk_since: null,
    lost_on: '2026-04-02',
    latest_lost_on: '2027-02-05',
    balance: { amount: '300.00', currency: 'RUB' },
    missing: [
      {
        kind: 'fact',
        name: 'nationality',
        changes: ['restricted', 'suspended'],
        text: 'Whose passport is it? These dates depend on it: “some services limited” and “suspended”.',
      },
    ],
  });
  t.same(
    json.clocks.find(({ clock }) => clock === 'law'),
    {
      clock: 'law',
      ends: '2026-04-01',
      latest: '2026-04-01',
      set_by: 'r1',
      because: {
        clock: 'law',
        record: 'r1',
        fact: '90 days',
        evidence: ['law'],
        text: `The law on unused numbers (90 days), counted from the text message on 1 January 2026. ${LAW_WORD}`,
        sources: [
          {
            evidence: 'law',
            source: 'Decree No. 1',
            dated: '2024-01-24',
            confidence: 'high',
            text: LAW_WORD,
          },
        ],
      },
    },
  );
  const fee = json.stages.find(({ stage }) => stage === 'fee_running');
  t.same(fee, {
    stage: 'fee_running',
    from: '2026-05-02',
    latest_from: '2026-05-02',
    certainty: 'certain',
    can_call: true,
    can_receive: true,
    credit_kept: true,
    planned: false,
    assumed: false,
    because: {
      clock: 'idle',
      record: 'r1',
      fact: '120 days',
      evidence: ['terms'],
      text: "120 days without a debit, counted from the text message on 1 January 2026. Source: terms.example, clause 7 — a copy of the carrier's terms, undated, seen November 2026, high confidence.",
      sources: [
        {
          evidence: 'terms',
          source: 'terms.example, clause 7',
          dated: null,
          confidence: 'high',
          text: "Source: terms.example, clause 7 — a copy of the carrier's terms, undated, seen November 2026, high confidence.",
        },
      ],
    },
    cures: [
      {
        action: 'send_text',
        price: { amount: '5.00', currency: 'RUB' },
        channels: [],
        from_abroad: true,
        in_person: false,
        text: 'Send a text that costs money.',
      },
      {
        action: 'top_up',
        price: { amount: '1.00', currency: 'RUB' },
        channels: ['app'],
        from_abroad: null,
        in_person: false,
        text: 'Top up.',
      },
    ],
  });
  t.same(JSON.parse(JSON.stringify(json)), json, 'nothing in it is undefined');
});

t.test('what is not known is null', async (t) => {
  const { timeline, records } = lineOf([balance('2026-01-01', '5')], { booked: doubtful });
  const json = timelineJson(timeline, doubtful, 'ru', records);
  t.match(json, { stage: 'unknown', act_by: null, lost_on: null, latest_lost_on: null });
  t.match(json.missing[0], { kind: 'clock', name: 'idle', text: /срок без использования.*«потерян»/ });
});

const reasonContext = (terms: Partial<ReasonContext> = {}): ReasonContext => ({
  booked: north,
  version: '2020-01-01',
  as_of: parseDay('2026-11-23') as number,
  time_zone: 'Europe/Moscow',
  records: [{ id: 'r1', input: toppedUp('2026-10-01T22:30:00Z') }],
  locale: 'en',
  ...terms,
});
const because = (terms: Partial<Because> = {}): Because => ({
  clock: 'law',
  record: 'r1',
  counts_from: 'record',
  fact: '90 days',
  evidence: ['law'],
  ...terms,
});

t.test('the reason is a chain: clock, record, fact, source, how sure', async (t) => {
  t.same(
    LOCALES.map((locale) => becauseText(because(), reasonContext({ locale }))),
    [
      'The law on unused numbers (90 days), counted from the top-up on 2 October 2026. Source: Decree No. 1 — law, dated 24 January 2024, in force from 1 September 2024, high confidence, others disagree.',
      'Закон о неиспользуемых номерах (90 дней); отсчёт ведётся от записи: пополнение, 2 октября 2026. Источник: Decree No. 1 — нормативный акт, дата: 24 января 2024, действует с 1 сентября 2024, надёжность высокая, другие источники пишут иное.',
      '关于闲置号码的法规（90 天），从2026年10月2日的充值算起。来源：Decree No. 1（法规，2024年1月24日，2024年9月1日起生效，可信度高，另有不同说法）。',
    ],
    "a moment has the carrier's date",
  );
  t.equal(
    becauseText(because({ evidence: [], record: null }), reasonContext()),
    'The law on unused numbers (90 days).',
  );
  t.equal(
    becauseText(because({ clock: 'idle', fact: '120 days', evidence: [] }), reasonContext()),
    '120 days without a debit, counted from the top-up on 2 October 2026.',
    'what the name says is not said twice',
  );
  t.equal(
    becauseText(because({ clock: null, evidence: [] }), reasonContext()),
    'As recorded: the top-up on 2 October 2026.',
  );
  t.equal(
    becauseText(because({ clock: null, record: null, evidence: [] }), reasonContext()),
    'Nothing is recorded yet.',
  );
});

t.test('an old source says of when it is', async (t) => {
  const text = (as_of: string) =>
    becauseText(because({ evidence: ['old_news'] }), reasonContext({ as_of: parseDay(as_of) as number }));
  t.match(text('2026-11-23'), 'as of 2015');
  const young = { ...north.carrier.evidence.old_news!, dated: '2026-03-01' };
  const carrier = { ...north.carrier, evidence: { ...north.carrier.evidence, old_news: young } };
  const said = (as_of: string) =>
    becauseText(
      because({ evidence: ['old_news'] }),
      reasonContext({ as_of: parseDay(as_of) as number, booked: { carrier, rule: north.rule } }),
    );
  t.match(said('2028-03-01'), 'dated 1 March 2026', 'two years are not yet old');
  t.match(said('2028-03-02'), 'as of 1 March 2026');
});

t.test('a source that is no address is told by its title', async (t) => {
  const title = { en: 'The terms, clause 7', ru: 'Условия, пункт 7', zh: '条款第 7 条' };
  const terms = { ...north.carrier.evidence.terms!, title };
  const carrier = { ...north.carrier, evidence: { ...north.carrier.evidence, terms } };
  const said = (locale: ReasonContext['locale']) =>
    becauseText(
      because({ evidence: ['terms'] }),
      reasonContext({ locale, booked: { carrier, rule: north.rule } }),
    );
  t.match(said('en'), 'Source: The terms, clause 7 — ');
  t.match(said('ru'), 'Источник: Условия, пункт 7 — ');
  t.match(said('zh'), '来源：条款第 7 条（');
});

t.test('facts and records in words', async (t) => {
  t.same(
    [
      '6 months',
      '1 year',
      'by amount',
      'balance < 0 for 90 days',
      'until 2026-06-30',
      'day 273',
      '90 days, then 1 month',
    ].map((fact) => factPhrase(fact, 'ru')),
    [
      '6 месяцев',
      '1 год',
      'по сумме платежа',
      'при отрицательном балансе: 90 дней',
      'срок — 30 июня 2026',
      '273-й день',
      '90 дней, затем ещё 1 месяц',
    ],
  );
  t.same(
    LOCALES.map((locale) => factPhrase('120 days, then 3.30 RUB a day until the balance is empty', locale)),
    [
      '120 days, then 3.30\u00a0₽ a day until the balance is empty',
      '120 дней, затем по 3,30\u00a0₽ в день, пока не кончатся деньги',
      '120 天，之后每天扣 3.30 卢布，直到余额扣完',
    ],
    'why a balance is empty',
  );
  t.match(
    factPhrase('1 month, then plan_price a day until the balance is empty', 'ru'),
    /по цене тарифа в день/,
  );
  t.equal(factPhrase('something else', 'en'), null, 'what no reader would understand is left out');
  const phrase = (input: Parameters<typeof recordPhrase>[0]['input'], pending?: boolean) =>
    recordPhrase({ id: 'r', input, pending }, 'Asia/Vladivostok', 'en');
  t.equal(
    phrase({ type: 'activity', at: '2026-01-01', kind: 'call', direction: 'incoming' }),
    'the incoming call on 1 January 2026',
  );
  t.equal(
    phrase(toppedUp({ earliest: '2026-03-01', latest: '2026-05-31' })),
    'the top-up on a day between 1 March 2026 and 31 May 2026',
  );
  t.equal(phrase(toppedUp('2026-01-01'), true), 'the top-up on 1 January 2026 (not confirmed yet)');
  t.equal(
    phrase({ type: 'plan_renewed', at: '2026-01-01T23:00:00+03:00' }),
    'the plan renewal on 2 January 2026',
  );
});

t.test('cures that the rule does not know are left out', async (t) => {
  t.same(curesJson(['nothing_such'], north, '2020-01-01', 'en'), []);
  t.match(curesJson(['visit'], north, '1999-01-01', 'zh'), [
    { action: 'visit', from_abroad: false, in_person: true, text: '带护照到营业厅办理。' },
  ]);
  t.notOk('price' in curesJson(['visit'], north, '2020-01-01', 'en')[0]!, 'no price where none is known');
});
