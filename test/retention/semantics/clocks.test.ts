/** What moves a clock: sentences 6 and 7 of what a timeline means. */
import t from 'tap';
import type { RecordInput } from '../../../src/retention/record.ts';
import { balance, pack, price, renewed, status, topup, use } from '../../support/records.ts';
import { at, type ClockTerms, clockRule } from '../../support/retention.ts';

const ended: ClockTerms['ended'] = [{ stage: 'suspended' }];
const idle: ClockTerms = { restarts_on: ['use'], runs: '30 days', ended };
const ends = (clock: ClockTerms, inputs: readonly RecordInput[], asOf = String(inputs.at(-1)?.at)) =>
  at(clockRule(clock), asOf, inputs).ends.idle;

t.test('6. only a record moves a clock, or a charge that the rule itself takes', async (t) => {
  const rule = clockRule(idle);
  for (const asOf of ['2026-01-01', '2026-01-31', '2026-02-01', '2027-01-01']) {
    t.equal(at(rule, asOf, [use('2026-01-01')]).ends.idle, '2026-01-31', `as of ${asOf}`);
  }
  const others: RecordInput[] = [
    topup('2026-01-10'),
    balance('2026-01-10', 50),
    price('2026-01-10', 5),
    pack('2026-01-10', 'pack'),
    renewed('2026-01-10'),
    status('2026-01-10', 'active'),
    { type: 'identity', at: '2026-01-10' },
    { type: 'hold', at: '2026-01-10', by: 'owner' },
    { type: 'opt_out', at: '2026-01-10' },
    use('2026-01-10', { charged: false }),
  ];
  for (const other of others) t.equal(ends(idle, [use('2026-01-01'), other]), '2026-01-31', other.type);
  t.equal(ends(idle, [use('2026-01-01'), use('2026-01-10')]), '2026-02-09');
  const charged = { ...idle, charge: { take: '3 XTS', at_end: true as const, adds: '10 days' } };
  t.equal(ends(charged, [use('2026-01-01'), balance('2026-01-01', 3)], '2026-01-31'), '2026-02-10');
});

t.test(
  '6. a pattern is asked in full: kind, direction, amount in one payment, method, product',
  async (t) => {
    const on = (pattern: object, record: RecordInput) =>
      ends({ ...idle, restarts_on: ['use', pattern as { type: 'topup' }] }, [use('2026-01-01'), record]) !==
      '2026-01-31';
    const call = { type: 'activity', kind: ['call', 'sms'], direction: 'outgoing' };
    const free = { charged: false };
    t.equal(on(call, use('2026-01-10', free)), true);
    t.equal(on(call, use('2026-01-10', { ...free, kind: 'data' })), false);
    t.equal(on(call, use('2026-01-10', { ...free, direction: 'incoming' })), false);
    t.equal(
      on({ ...call, from_allowance: true }, use('2026-01-10', { ...free, from_allowance: false })),
      false,
    );
    t.equal(on({ ...call, roaming: true }, use('2026-01-10', { ...free, roaming: true })), true);
    t.equal(on({ ...call, direction: 'incoming' }, use('2026-01-10', free)), false);
    for (const asked of ['from_allowance', 'roaming'])
      for (const said of [true, false])
        t.equal(on({ ...call, [asked]: false }, use('2026-01-10', { ...free, [asked]: said })), !said);
    const paid = { type: 'topup', least: '30 XTS', except: { method: ['loan', 'transfer'] } };
    for (const [amount, counts] of [
      ['29.99', false],
      ['30', true],
      ['30.0000', true],
      ['30.01', true],
    ] as const) {
      t.equal(on(paid, topup('2026-01-10', amount)), counts, amount);
    }
    t.equal(on(paid, topup('2026-01-10', 50, { method: 'loan' })), false);
    t.equal(on(paid, topup('2026-01-10', 50, { method: 'cash' })), true);
    t.equal(on({ type: 'purchase', product: ['a', 'b'] }, pack('2026-01-10', 'b')), true);
    t.equal(on({ type: 'purchase', product: ['a', 'b'] }, pack('2026-01-10', 'c')), false);
    t.equal(on({ type: 'purchase', except: { product: 'c' } }, pack('2026-01-10', 'c')), false);
    const inParts = [use('2026-01-01'), topup('2026-01-10', 20), topup('2026-01-10', 20)];
    t.equal(
      ends({ ...idle, restarts_on: ['use', paid as { type: 'topup' }] }, inParts),
      '2026-01-31',
      'in one payment',
    );
  },
);

// 50 runs for 60 days, 10 for 10: from 1 January the last good day is 2 March.
const tiers: ClockTerms = {
  restarts_on: ['credit'],
  runs: { by: 'amount', tiers: { '10 XTS': '10 days', '50 XTS': '60 days' } },
  ended,
};
const paid = (...days: [date: string, amount: number][]) => days.map(([date, amount]) => topup(date, amount));

t.test('7. extend: from the event, from the end, or the later of the two', async (t) => {
  const cases: [extend: ClockTerms['extend'], second: string, amount: number, end: string][] = [
    [undefined, '2026-01-20', 50, '2026-03-21'],
    [undefined, '2026-01-20', 10, '2026-01-30'],
    ['from_event', '2026-01-20', 10, '2026-01-30'],
    ['from_event', '2026-01-20', 9, '2026-03-02'],
    ['from_end', '2026-01-20', 10, '2026-03-12'],
    ['from_end', '2026-01-20', 50, '2026-05-01'],
    ['later', '2026-01-20', 10, '2026-03-02'],
    ['later', '2026-01-20', 50, '2026-03-21'],
    ['raise_to', '2026-01-20', 10, '2026-03-02'],
    ['raise_to', '2026-02-25', 10, '2026-03-07'],
  ];
  for (const [extend, second, amount, end] of cases) {
    const records = paid(['2026-01-01', 50], [second, amount]);
    t.equal(ends({ ...tiers, ...(extend ? { extend } : {}) }, records), end, `${extend} ${second} ${amount}`);
  }
});

t.test('7. extend: later is the default where a clock counts from expires_on or valid_until', async (t) => {
  const bought: ClockTerms = { ...idle, restarts_on: ['use', { type: 'purchase', from: 'expires_on' }] };
  const until = (at: string, expires_on: string) => pack(at, 'pack', { expires_on });
  const first = until('2026-01-01', '2026-06-30');
  t.equal(ends(bought, [first]), '2026-07-30');
  t.equal(ends(bought, [first, until('2026-02-01', '2026-03-31')]), '2026-07-30');
  t.equal(ends(bought, [first, until('2026-02-01', '2026-07-31')]), '2026-08-30');
  t.equal(ends(bought, [first, use('2026-02-01')]), '2026-07-30', 'whichever record comes');
  t.equal(
    ends({ ...bought, extend: 'from_event' }, [first, until('2026-02-01', '2026-03-31')]),
    '2026-04-30',
  );
  const document: ClockTerms = { ...idle, restarts_on: [{ type: 'identity', from: 'valid_until' }] };
  const identity = (at: string, valid_until: string): RecordInput => ({ type: 'identity', at, valid_until });
  t.equal(
    ends(document, [identity('2026-01-01', '2028-02-29'), identity('2026-02-01', '2027-01-01')]),
    '2028-03-30',
  );
});

t.test('7. extend: from_end after the end counts from the event, unless if_expired: refuse', async (t) => {
  const fromEnd: ClockTerms = { ...idle, restarts_on: ['credit'], extend: 'from_end' };
  const refusing: ClockTerms = { ...fromEnd, if_expired: 'refuse' };
  for (const [second, end, refused] of [
    ['2026-01-30', '2026-03-02', '2026-03-02'],
    ['2026-01-31', '2026-03-02', '2026-03-02'],
    ['2026-02-01', '2026-03-03', '2026-01-31'],
    ['2026-02-02', '2026-03-04', '2026-01-31'],
  ] as const) {
    const records = [topup('2026-01-01'), topup(second)];
    t.equal(ends(fromEnd, records), end, second);
    t.equal(ends(refusing, records), refused, `${second}, refused`);
  }
  t.equal(
    at(clockRule(refusing), '2026-02-01', [topup('2026-01-01'), topup('2026-02-01')]).stage,
    'suspended',
  );
});

t.test('7. extend: the cap cuts what a record gives', async (t) => {
  const capped: ClockTerms = { ...idle, restarts_on: ['credit'], extend: 'from_end', cap: '60 days' };
  const three = [topup('2026-01-01'), topup('2026-01-10'), topup('2026-01-11')];
  t.equal(ends(capped, three.slice(0, 2)), '2026-03-02', 'within sixty days of 10 January');
  t.equal(ends(capped, three), '2026-03-12', 'sixty days from 11 January, not 1 April');
  t.equal(ends({ ...capped, runs: '90 days', extend: 'from_event' }, [topup('2026-01-01')]), '2026-03-02');

  const monthly: ClockTerms = { ...capped, runs: '6 months', cap: '12 months' };
  const heaped = [topup('2026-01-31'), topup('2026-02-01'), topup('2026-02-02')];
  t.equal(ends(monthly, heaped.slice(0, 2)), '2027-01-31');
  t.equal(ends(monthly, heaped), '2027-02-02', 'not 31 July 2027');
  t.equal(ends(monthly, [...heaped, topup('2026-12-02')]), '2027-08-02', 'what was cut off is gone');
});
