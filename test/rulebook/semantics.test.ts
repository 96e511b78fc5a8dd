/** What is well-formed and makes no sense: names, clocks, money, dates, texts. */
import t from 'tap';
import { broken, SOUND, wrongWith } from './fixture.ts';

const RUNS = 'runs: { earliest: 180 days, latest: 6 months }';
const IDLE = `restarts_on: [use]\n            ${RUNS}`;
const clock = (...lines: string[]): string => lines.join('\n            ');
const FACTS = 'facts: { nationality: local }';
const CLOCK_CHARGE =
  "A clock's charge is taken at_end, on_day_of_month or `every: month`; one `every: day` belongs to a stage.";

const cases: Record<string, [from: string, to: string, ...problems: string[]][]> = {
  'the carrier': [
    [
      'carrier: gb/acme',
      'carrier: gb/acne',
      '2:10: The carrier is "gb/acne" here and "gb/acme" by the file\'s name: make them the same.',
    ],
    [
      'Europe/London',
      'Europe/Londn',
      '4:12: There is no time zone "Europe/Londn". Did you mean Europe/London? Write an IANA name, such as Europe/Moscow.',
    ],
    ['Europe/London', 'EST', '4:12: There is no time zone "EST". Write an IANA name, such as Europe/Moscow.'],
    [
      'Europe/London',
      '+03:00',
      '4:12: There is no time zone "+03:00". Write an IANA name, such as Europe/Moscow.',
    ],
    [
      'currency: GBP',
      'currency: GBX',
      '5:11: There is no currency "GBX": write its ISO 4217 code, such as RUB.',
    ],
    [
      'support: []',
      'support: [{ from_abroad: true, evidence: [terms] }]',
      '11:11: It does not say how to reach them: add "phone", "url" or "text".',
    ],
  ],
  'what is paid from the balance is bought': [
    [
      'how: topup',
      'how: topup\n            from_balance: true',
      '54:27: Only what is bought is paid from the balance: leave it out, or write `how: buy`.',
    ],
  ],
  'money is in the carrier’s currency, wherever it stands': [
    ['least: 1 GBP', 'least: 1 EUR', '34:41: "1 EUR" is not in the carrier\'s currency: write it in GBP.'],
    ['amount: 5 GBP', 'amount: 5 USD', '63:56: "5 USD" is not in the carrier\'s currency: write it in GBP.'],
    [
      '5 GBP: 90 days',
      '5 USD: 90 days',
      '47:58: "5 USD" is not in the carrier\'s currency: write it in GBP.',
    ],
    ['type: topup, least', 'type: topup, product: 5 USD, least'],
  ],
  'names that nothing explains': [
    [
      'cautions: [slow]',
      'cautions: [slo]',
      '17:16: There is no caution "slo". Did you mean "slow"? Known here: slow.',
    ],
    [
      'restarts_on: [use]',
      'restarts_on: [usage]',
      '38:27: There is no event "usage". Did you mean "use"? Known here: use, credit.',
    ],
    [
      'restarts_on: [use]',
      'restarts_on: [{ doubtful: usage }]',
      '38:39: There is no event "usage". Did you mean "use"? Known here: use, credit.',
    ],
    [
      'cures: [top_up]',
      'cures: [topup]',
      '42:61: There is no action "topup". Did you mean "top_up"? Known here: top_up.',
    ],
    ['does: credit', 'does: constructor', '52:19: There is no event "constructor". Known here: use, credit.'],
    ['channels: [app]', 'channels: [shop]', '54:24: There is no channel "shop". Known here: app.'],
    [
      'evidence: [terms]\nsupport',
      'evidence: [term]\nsupport',
      '10:16: There is no evidence "term". Did you mean "terms"? Known here: terms.',
    ],
    [
      'clocks: { idle: 2026',
      'clocks: { idel: 2026',
      '61:54: There is no clock "idel". Did you mean "idle"? Known here: idle, credit_gone.',
    ],
    [
      '{ stage: lost }\n',
      '{ stage: lost, unless_ended: gone }\n',
      '43:46: There is no clock "gone". Known here: idle, credit_gone.',
    ],
    [
      IDLE,
      'ends_with: { any: [credit_gone, gone] }',
      '38:45: There is no clock "gone". Known here: idle, credit_gone.',
    ],
  ],
  'what is not known names its sources': [
    [
      '    versions:\n',
      '    unknown: [{ what: { en: Fee., ru: Плата., zh: 费用。 }, ask: { en: Ask., ru: Спросите., zh: 请询问。 }, evidence: [term] }]\n    versions:\n',
      '30:113: There is no evidence "term". Did you mean "terms"? Known here: terms.',
    ],
  ],
  'names that lead round in a circle': [
    [
      'charged: true }, credit]',
      'charged: true }, use]',
      '33:16: The event "use" leads back to itself: name patterns of records in it.',
    ],
    [
      IDLE,
      'ends_with: { all: [idle, credit_gone] }',
      '38:32: "idle" itself ends with other clocks: name clocks here that run by themselves.',
    ],
    [
      '{ stage: suspended,',
      '{ stage: suspended, unless_ended: idle,',
      '42:51: This is the clock itself, which has ended here: name another.',
    ],
  ],
  'a clock has one way to end': [
    [
      IDLE,
      'month_end: clamp',
      '36:11: It does not say how the clock ends. Add one of: restarts_on, runs_while, ends_on, ends_with; or "shows" alone, for a date that only the carrier tells.',
      '38:13: "month_end" belongs to a clock with restarts_on or runs_while.',
    ],
    [IDLE, 'restarts_on: [use]', '36:11: It has no "runs": how long does the clock run?'],
    [
      IDLE,
      clock(IDLE, 'ends_on: 2026-01-01'),
      '40:13: A clock ends in one way: keep restarts_on or ends_on.',
    ],
    [
      IDLE,
      clock('ends_on: 2026-01-01', 'extend: later'),
      '39:13: "extend" belongs to a clock with restarts_on.',
    ],
    [
      IDLE,
      clock('runs_while: balance <= 0', 'runs: 3 days', 'cured_by: [use]'),
      '40:13: "cured_by" belongs to a clock with ends_on, or one that only "shows".',
    ],
    [IDLE, clock('runs_while: balance <= 0', 'runs: 3 days')],
    [IDLE, 'charge: { take: 1 GBP, on_day_of_month: 1, as: ordinary }'],
    [
      '            ended: [{ stage: restricted }]\n',
      '',
      '44:11: Nothing follows when this clock has ended: add "ended" with its stages.',
    ],
  ],
  'periods, tiers and conditions': [
    [
      RUNS,
      'runs: { earliest: 7 months, latest: 180 days }',
      '39:31: The earliest reading, 7 months, is longer than the latest, 180 days: swap them.',
    ],
    [
      RUNS,
      clock('runs: 180 days', 'counting: { earliest: exclusive, latest: inclusive }'),
      '40:23: Inclusive counting ends a day sooner: it is the earliest reading.',
    ],
    ['5 GBP: 90 days', '1.00 GBP: 90 days', '47:58: 1.00 GBP is the same amount as 1 GBP: keep one.'],
    ['{ 1 GBP: 30 days, 5 GBP: 90 days }', '{}', '47:40: There is no tier: write at least one.'],
    [RUNS, clock(RUNS, 'applies_if: {}'), '40:25: It has no condition: write one, or leave it out.'],
    [
      RUNS,
      clock(RUNS, 'applies_if: { activated_from: 2026-01-01, activated_before: 2025-01-01 }'),
      '40:43: No day is on or after this one and before "activated_before".',
    ],
    [
      'restarts_on: [credit]',
      'restarts_on: [{ sum: charges, of: [call], over: 30 days }]',
      '46:27: A sum needs one of more_than and at_least.',
    ],
  ],
  charges: [
    [RUNS, clock(RUNS, 'charge: { take: 0 GBP, at_end: true }'), '40:29: A charge takes more than zero.'],
    [RUNS, clock(RUNS, 'charge: { take: 1 GBP }'), `40:13: ${CLOCK_CHARGE}`],
    [
      RUNS,
      clock(RUNS, 'charge: { take: { earliest: 1 GBP, latest: 0.00 GBP }, every: day }'),
      `40:13: ${CLOCK_CHARGE}`,
      '40:56: A charge takes more than zero.',
    ],
    [
      IDLE,
      clock('ends_on: 2026-01-01', 'charge: { take: 1 GBP, at_end: true }'),
      '39:36: "at_end" belongs to a clock with restarts_on.',
    ],
    [
      '{ stage: restricted }',
      '{ stage: fee_running, charge: { take: 1 GBP, at_end: true, adds: 3 days } }',
      "49:43: A stage's charge is taken `every: day`; one at_end or on_day_of_month belongs to the clock.",
      '49:80: "adds" belongs to a charge of the clock.',
    ],
    [
      '{ stage: restricted }',
      '{ stage: fee_running, when_empty: lost }',
      '49:43: "when_empty" belongs to a stage with a charge.',
    ],
    [
      '{ stage: restricted }',
      '{ stage: fee_running, when_empty: lost, charge: { take: 1 GBP, every: day } }',
    ],
  ],
  'stages one after another': [
    [
      '{ stage: lost }\n',
      '{ stage: lost, lasts: 3 days }\n',
      '43:32: Nothing follows this stage: leave "lasts" out, or add the stage after it.',
    ],
    [
      '{ stage: lost }\n',
      '{ stage: lost, on_day: 200 }\n',
      '43:32: The stage before it "lasts" a time already: keep one of the two.',
    ],
    [
      'lasts: 30 days, ',
      '',
      '43:17: This stage never begins: give the one before it "lasts", or this one "on_day".',
    ],
    [
      '[{ stage: restricted }]',
      '[{ stage: restricted, on_day: 10 }, { stage: lost, on_day: 9 }]',
      '49:79: Day 9 comes before this stage can begin: it must be later than day 10.',
    ],
    [
      'lasts: 30 days, cures: [top_up] }\n              - { stage: lost }',
      'cures: [top_up] }\n              - { stage: lost, on_day: 180 }',
      '43:40: Day 180 comes before this stage can begin: it must be later than day 180.',
    ],
    [
      'lasts: 30 days, cures: [top_up] }\n              - { stage: lost }',
      'cures: [top_up] }\n              - { stage: lost, on_day: 181 }',
    ],
  ],
  'texts in three languages': [
    [
      'ru: Пополните счёт.',
      'ru: Top up the account now.',
      '56:38: The Russian text is not in Russian: translate it. Only a name of up to 3 words may stay as it is.',
    ],
    [
      'zh: 请充值。',
      'zh: Пополните счёт прямо сейчас.',
      '56:59: The Chinese text is not in Chinese: translate it. Only a name of up to 3 words may stay as it is.',
    ],
    [
      'en: Top up.',
      'en: Пополните счёт прямо сейчас.',
      '56:25: The English text is not in English: translate it. Only a name of up to 3 words may stay as it is.',
    ],
    ['zh: 请充值。', 'zh: " "', '56:59: The Chinese text is blank: write it.'],
    [
      'en: Prepaid, ru: Предоплата, zh: 预付费',
      'en: Ultra Mobile PayGo, ru: Ultra Mobile PayGo, zh: Ultra Mobile PayGo',
    ],
  ],
  'evidence and facts': [
    [
      'dated: 2026-01-02',
      'dated: 2026-12-02',
      '24:80: It was read on 2026-11, before it was written on 2026-12-02.',
    ],
    [
      'values: [local, foreign], ',
      '',
      '29:7: Say what may be answered: either "values", a list, or "kind", boolean or number.',
    ],
    [
      'values: [local, foreign], ',
      'kind: boolean, ',
      '68:31: "nationality" cannot be "local". Allowed: true or false.',
    ],
    [
      FACTS,
      'facts: { nationality: martian }',
      '68:31: "nationality" cannot be "martian". Allowed: local or foreign.',
    ],
    [
      RUNS,
      clock(RUNS, 'applies_if: { facts: { nationalty: local } }'),
      '40:36: The rule asks no fact "nationalty". Under its "facts": nationality.',
    ],
  ],
  'versions, rules and examples': [
    [
      '    examples:',
      '      - { since: 2020-01-01, events: {}, clocks: {}, actions: {} }\n    examples:',
      '57:18: Versions stand in the order of their dates: 2020-01-01 does not come after 2020-01-01.',
      '57:42: There is no clock: without one, nothing ever happens to a line.',
    ],
    [
      'rules:\n',
      `rules:\n${SOUND.slice(SOUND.indexOf('  - id: prepaid'))}`,
      '71:9: Another rule of this file has the id "prepaid" already: give this one another.',
    ],
    [FACTS, 'until: 2025-01-01', '68:16: 2025-01-01 is before "as_of", 2026-01-02.'],
    [
      FACTS,
      'time_zone: Mars/Olympus',
      '68:20: There is no time zone "Mars/Olympus". Write an IANA name, such as Europe/Moscow.',
    ],
    [
      'given: []',
      'given: [{ type: void, at: 2026-01-01, record: "9" }]',
      '67:55: There is no record "9" to void: name its external_id, or its place, as "1".',
    ],
    [
      'given: []',
      'given: [{ type: topup, at: { earliest: 2026-02-01, latest: 2026-01-01 }, amount: 5 GBP }]',
      '67:48: 2026-02-01 is after "latest", 2026-01-01.',
    ],
  ],
};

t.test('a clock that another one watches may end in nothing', async (t) => {
  const quiet = broken('            ended: [{ stage: restricted }]\n', '');
  t.same(
    await wrongWith(t, broken('{ stage: lost }\n', '{ stage: lost, unless_ended: credit_gone }\n', quiet)),
    [],
  );
});

for (const [what, list] of Object.entries(cases)) {
  t.test(what, async (t) => {
    for (const [from, to, ...problems] of list) t.same(await wrongWith(t, broken(from, to)), problems, to);
  });
}
