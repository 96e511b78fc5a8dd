/** What starts a clock: sentences 8 and 9 of what a timeline means. */
import t from 'tap';
import type { RecordInput } from '../../../src/retention/record.ts';
import { activated, spend, topup, use } from '../../support/records.ts';
import { at, type ClockTerms, clockRule, edge, plus, ruleOf, says } from '../../support/retention.ts';

const ended: ClockTerms['ended'] = [{ stage: 'suspended' }];
const idle: ClockTerms = { restarts_on: ['use'], runs: '30 days', ended };
const ends = (clock: ClockTerms, inputs: readonly RecordInput[], asOf = String(inputs.at(-1)?.at)) =>
  at(clockRule(clock), asOf, inputs).ends.idle;

// 50 runs for 60 days, 10 for 10: from 1 January the last good day is 2 March.
const tiers: ClockTerms = {
  restarts_on: ['credit'],
  runs: { by: 'amount', tiers: { '10 XTS': '10 days', '50 XTS': '60 days' } },
  ended,
};

t.test(
  '8. the activation starts every clock that records restart, unless a record of that day does',
  async (t) => {
    const rule = ruleOf({
      clocks: {
        idle,
        first: { ...idle, first_period: '7 days' },
        none: { ...idle, first_period: false },
        tiered: tiers,
        begun: { ...tiers, first_period: '5 days' },
        dated: { ends_on: '2026-06-30', cured_by: [{ type: 'identity' }], ended },
      },
    });
    const seen = at(rule, '2026-01-01', [activated('2026-01-01')]);
    t.strictSame(seen.ends, {
      idle: '2026-01-31',
      first: '2026-01-08',
      none: null,
      tiered: null,
      begun: '2026-01-06',
      dated: '2026-06-30',
    });
    t.strictSame(seen.missing, ['none', 'tiered']);

    const fromEnd: ClockTerms = { ...tiers, extend: 'from_end', first_period: '90 days' };
    const sameDay = [activated('2026-01-01'), topup('2026-01-01', 50)];
    t.equal(ends(fromEnd, sameDay), '2026-03-02', 'the record of that day, and not both');
    t.equal(ends(fromEnd, sameDay.toReversed()), '2026-03-02', 'in either order');
    t.equal(ends({ ...fromEnd, extend: 'later' }, sameDay), '2026-03-02');
    t.equal(ends({ ...fromEnd, extend: 'later' }, sameDay.toReversed()), '2026-03-02');
    t.equal(
      ends(fromEnd, [activated('2026-01-01'), topup('2026-01-01', 5)]),
      '2026-04-01',
      'one that starts nothing',
    );
    t.equal(
      ends(fromEnd, [activated('2026-01-01'), topup('2026-01-02', 50)]),
      '2026-05-31',
      'the day after adds',
    );
  },
);

t.test(
  '8. a clock that nothing has started is missing; with none started, the stage is unknown',
  async (t) => {
    const two = ruleOf({ clocks: { idle, airtime: { ...idle, restarts_on: ['credit'] } } });
    says(t, at(two, '2026-01-01', []), {
      stage: 'unknown',
      missing: ['idle', 'airtime'],
      act_by: null,
      lost_on: null,
      stages: [],
    });
    says(t, at(two, '2026-01-01', [use('2026-01-01')]), { stage: 'active', missing: ['airtime'] });
    says(t, at(two, '2026-01-01', [use('2026-01-01'), topup('2026-01-01')]), {
      stage: 'active',
      missing: [],
    });
    says(t, at(two, '2025-12-31', [use('2026-01-01')]), { stage: 'unknown', missing: ['idle', 'airtime'] });
    const joined = ruleOf({
      clocks: {
        idle: { ...idle, ended: [] },
        airtime: { ...idle, restarts_on: ['credit'], ended: [] },
        both: { ends_with: { all: ['idle', 'airtime'] }, ended },
      },
    });
    t.strictSame(
      at(joined, '2026-01-01', [use('2026-01-01')]).missing,
      ['airtime'],
      'one that another asks for',
    );
  },
);

t.test('9. a sum in a window runs from the oldest charge still needed to meet it', async (t) => {
  const sum = (limit: object): ClockTerms => ({
    restarts_on: [{ sum: 'charges', of: ['call', 'sms'], over: '180 days', ...limit }],
    runs: '180 days',
    ended,
  });
  const more = sum({ more_than: '660 XTS' });
  const spent = (...charges: [date: string, amount: number][]) =>
    charges.map(([date, amount]) => spend(date, amount));
  const cases: [charges: [date: string, amount: number][], end: string | null][] = [
    [[['2026-04-01', 400]], null],
    [
      [
        ['2026-04-01', 400],
        ['2026-08-01', 260],
      ],
      null,
    ],
    [
      [
        ['2026-04-01', 400],
        ['2026-08-01', 261],
      ],
      '2026-09-28',
    ],
    [
      [
        ['2026-04-01', 400],
        ['2026-08-01', 300],
      ],
      '2026-09-28',
    ],
    [
      [
        ['2026-04-01', 400],
        ['2026-09-28', 300],
      ],
      '2026-09-28',
    ],
    [
      [
        ['2026-04-01', 400],
        ['2026-09-29', 300],
      ],
      null,
    ],
    [
      [
        ['2026-04-01', 400],
        ['2026-08-01', 300],
        ['2026-09-01', 400],
      ],
      '2027-01-28',
    ],
    [
      [
        ['2026-04-01', 400],
        ['2026-08-01', 300],
        ['2026-09-01', 300],
      ],
      '2026-09-28',
    ],
    [
      [
        ['2026-04-01', 661],
        ['2026-08-01', 1],
      ],
      '2026-09-28',
    ],
    [
      [
        ['2026-04-01', 100],
        ['2026-08-01', 661],
      ],
      '2027-01-28',
    ],
    [
      [
        ['2026-04-01', 330],
        ['2026-04-01', 331],
      ],
      '2026-09-28',
    ],
  ];
  for (const [charges, end] of cases) {
    t.equal(
      ends(more, spent(...charges)),
      end,
      charges.map(([date, amount]) => `${amount} on ${date}`).join(', '),
    );
  }
  edge(t, clockRule(more), spent(['2026-04-01', 400], ['2026-08-01', 300]), '2026-09-29', [
    'active',
    'suspended',
  ]);
  t.equal(ends(sum({ at_least: '660 XTS' }), spent(['2026-04-01', 660])), '2026-09-28');
  t.equal(ends(more, [spend('2026-04-01', 700, 'data')]), null, 'only of calls and messages');
  t.equal(ends(more, [use('2026-04-01'), spend('2026-04-02', 661, 'sms')]), plus('2026-04-02', 180));
});
