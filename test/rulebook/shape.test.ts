/** What the schema refuses, in the words that a person reads, each with its line and column. */
import t from 'tap';
import { broken, SOUND, wrongWith } from './fixture.ts';

const RUNS = 'runs: { earliest: 180 days, latest: 6 months }';
const USE = '[{ type: activity, charged: true }, credit]';
const TOPUP = '{ type: topup, at: 2026-01-01, amount: 5 GBP }';
const PERIODS =
  'a length of time: `90 days`, `6 months`, `1 year`, or the keys `earliest` and `latest`, or the keys `by: fact` and `fact`, or the keys `by` and `tiers`, or the keys `by: product` and `tiers`';
const RECORDS =
  'activated, topup, activity, purchase, plan_renewed, plan, balance, validity, identity, hold, opt_out, status or void';

/** What is replaced, by what, and every problem that it makes. */
const cases: Record<string, [from: string, to: string, ...problems: string[]][]> = {
  'an unknown key: the nearest, and all that are allowed': [
    [
      '    cautions: [slow]',
      '    caution: [slow]',
      '17:5: "caution" is not known here. Did you mean "cautions"? Allowed: kind, name, url, from_abroad, posting, text, cautions, evidence.',
    ],
    [
      'carrier: gb/acme',
      'carrier: gb/acme\nconstructor: x',
      '3:1: "constructor" is not known here. Allowed: carrier, names, time_zone, currency, number_prefix, checks, support, channels, cautions, promotions, evidence, rules.',
    ],
    [
      USE,
      '[{ typo: activity }, credit]',
      '33:26: "typo" is not known here. Did you mean "type"? Allowed: type, kind, direction, charged, from_allowance, roaming, method, product, stage, in, least, except, from, sum, of, over, more_than, at_least.',
    ],
    [
      '    cautions: [slow]',
      '    __proto__: { kind: app }\n    cautions: [slow]',
      '17:5: "__proto__" is not known here. Allowed: kind, name, url, from_abroad, posting, text, cautions, evidence.',
    ],
    [
      '  slow:\n    text:',
      '  slow:\n    <<: { evidence: [terms] }\n    text:',
      '21:5: "<<" is not known here. ("<<" merges nothing here: write the keys themselves.) Allowed: kind, text, evidence.',
    ],
  ],
  'a key of the writer’s own that is not formed as such keys are': [
    [
      '  slow:\n',
      '  Slow One:\n',
      '17:16: There is no caution "slow". Known here: Slow One.',
      '20:3: "Slow One" cannot be a key of "cautions". Allowed: small letters, digits and "_", a letter first, at most 40.',
    ],
    [
      '5 GBP: 90 days',
      '5: 90 days',
      '47:58: "5" cannot be a key of "tiers". Allowed: an amount and its currency, such as `3.50 EUR`.',
    ],
  ],
  'a missing key: where it belongs, and what it would be': [
    ['confidence: high, ', '', '24:3: "terms" has no "confidence". Add it: high, medium or low.'],
    [', zh: 阿克梅 }', ' }', '3:1: "names" has no "zh". Add it: a text.'],
    [
      TOPUP,
      '{ at: 2026-01-01, amount: 5 GBP }',
      `63:17: An item of "given" has no "type". Add it: ${RECORDS}.`,
    ],
    [
      RUNS,
      'runs: { earliest: 180 days }',
      '39:13: "runs" has no "latest". Add it: a length of time: `90 days`, `6 months`, `1 year`.',
    ],
    [
      'support: []\n',
      '',
      '2:1: This file has no "support". Add it: a list, each item the keys `from_abroad` and `evidence`.',
    ],
  ],
  'a value that is none of a few': [
    [
      'confidence: high',
      'confidence: hihg',
      '24:101: "confidence" cannot be "hihg". Did you mean high? Allowed: high, medium or low.',
    ],
    [
      'confidence: high',
      'confidence: faint',
      '24:101: "confidence" cannot be "faint". Allowed: high, medium or low.',
    ],
    [
      'by: amount',
      'by: amonut',
      '47:25: "by" cannot be "amonut". Did you mean amount? Allowed: amount, balance or product.',
    ],
    [
      'type: topup, at',
      'type: topupp, at',
      `63:25: "type" cannot be "topupp". Did you mean topup? Allowed: ${RECORDS}.`,
    ],
    [
      'from_abroad: true\n    text',
      'from_abroad: maybe\n    text',
      '15:18: "from_abroad" cannot be "maybe". Allowed: true or false, or unknown.',
    ],
  ],
  'a value of another kind': [
    [RUNS, 'runs: 180', `39:19: "runs" cannot be 180. Allowed: ${PERIODS}.`],
    [RUNS, 'runs: [180 days]', `39:19: "runs" cannot be a list. Allowed: ${PERIODS}.`],
    ['charged: true', 'charged: yes', '33:51: "charged" cannot be "yes". Allowed: true or false.'],
    [
      'names: { en: Acme, ru: Акме, zh: 阿克梅 }',
      'names:',
      '3:7: "names" cannot be nothing. Allowed: the keys `en`, `ru` and `zh`.',
    ],
    [
      'ussd: "*100#"',
      'phone: 611',
      '8:12: "phone" cannot be 611. Allowed: a number to dial in quotes, without spaces: `"611"`, `"+79515200611"`. To write 611 as a text, put it in quotes: "611".',
    ],
    [
      'seen: 2026-11',
      'seen: 2026',
      '24:80: "seen" cannot be 2026. Allowed: when it was looked at: `2026-03-01`, `2026-03`, or in quotes `"2026"`. To write 2026 as a text, put it in quotes: "2026".',
    ],
    [
      SOUND.slice(SOUND.indexOf('carrier:')),
      'nothing',
      '2:1: This file cannot be "nothing". Allowed: the keys `carrier`, `names`, `time_zone`, `currency`, `checks`, `support`, `channels`, `evidence` and `rules`.',
    ],
  ],
  'a text of another form': [
    [RUNS, 'runs: half a year', `39:19: "runs" cannot be "half a year". Allowed: ${PERIODS}.`],
    [
      'lasts: 30 days',
      'lasts: 0 days',
      '42:44: "lasts" cannot be "0 days". Allowed: a length of time: `90 days`, `6 months`, `1 year`, or the keys `earliest` and `latest`.',
    ],
    [
      'carrier: gb/acme',
      'carrier: acme',
      '2:10: "carrier" cannot be "acme". Allowed: the country and the carrier as the file is named: `gb/acme`.',
    ],
    [
      'amount: 5 GBP',
      'amount: 5',
      '63:56: "amount" cannot be 5. Allowed: an amount and its ISO 4217 currency: `300 RUB`.',
    ],
    [
      'source: acme.example/terms',
      'source: ab',
      '24:35: "source" is too short: write at least 3 characters.',
    ],
  ],
  'a date that does not exist': [
    ['since: 2020-01-01', 'since: 2026-02-30', '31:16: "since": there is no day 2026-02-30 in the calendar.'],
    [
      'at: 2026-01-01, kind',
      'at: 2027-02-29, kind',
      '59:39: "at": there is no day 2027-02-29 in the calendar.',
    ],
    ['dated: 2026-01-02', 'dated: "2026-13"', '24:62: "dated": there is no day 2026-13 in the calendar.'],
    [
      'act_by: 2026-06-30',
      'act_by: 2026-06-31',
      '61:26: "act_by": there is no day 2026-06-31 in the calendar.',
    ],
    [
      'at: 2026-01-01, kind',
      'at: 2026-01-01T25:00:00Z, kind',
      '59:39: "at" cannot be "2026-01-01T25:00:00Z". Allowed: a calendar date in the line\'s zone, such as 2026-03-01, or a moment, RFC 3339, or the keys `earliest` and `latest`.',
    ],
  ],
  'lists too short, or with the same twice': [
    [
      'evidence: [terms]\nsupport',
      'evidence: []\nsupport',
      '10:15: "evidence" has no items: it needs at least one item.',
    ],
    [
      'evidence: [terms]\nsupport',
      'evidence: [terms, terms]\nsupport',
      '10:23: "terms" stands twice in "evidence": keep one.',
    ],
    [
      SOUND.slice(SOUND.indexOf('      - name: Nothing')),
      '',
      '58:7: "examples" has 2 items: it needs at least 3 items.',
    ],
    [
      'gives: { stage: unknown, lost_on: null }',
      'gives: {}',
      '70:16: "gives" is empty. Allowed: stage, act_by, at_risk_since, lost_on, latest_lost_on, missing, clocks, stages.',
    ],
  ],
};

t.test('a sound file has no problems', async (t) => {
  t.same(await wrongWith(t, SOUND), []);
  t.same(await wrongWith(t, SOUND.replaceAll('\n', '\r\n')), []);
  t.same(await wrongWith(t, `\ufeff${SOUND}`), []);
});

for (const [what, list] of Object.entries(cases)) {
  t.test(what, async (t) => {
    for (const [from, to, ...problems] of list) t.same(await wrongWith(t, broken(from, to)), problems, to);
  });
}

t.test('everything wrong with a file is told at once, in the order of its lines', async (t) => {
  const file = broken(
    'confidence: high',
    'confidence: faint',
    broken('since: 2020-01-01', 'since: soon', broken('time_zone: Europe/London', 'time_zone: London')),
  );
  t.same(await wrongWith(t, broken('cures: [top_up]', 'cures: [topup]', file)), [
    '4:12: There is no time zone "London". Write an IANA name, such as Europe/Moscow.',
    '24:101: "confidence" cannot be "faint". Allowed: high, medium or low.',
    '31:16: "since" cannot be "soon". Allowed: a calendar date in the line\'s zone, such as 2026-03-01.',
    '42:61: There is no action "topup". Did you mean "top_up"? Known here: top_up.',
  ]);
});
