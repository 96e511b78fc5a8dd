/** The order within one day, and days of other zones: sentences 4 and 5. */
import t from 'tap';
import { formatDay, parseDay, safeDay } from '../../../src/retention/index.ts';
import { activated, balance, renewed, topup, use, validity } from '../../support/records.ts';
import { at, type ClockTerms, clockRule, plus, ruleOf, says } from '../../support/retention.ts';

const idle: ClockTerms = { restarts_on: ['use'], runs: '10 days', ended: [{ stage: 'lost' }] };
const feeAfterIdle: ClockTerms = {
  restarts_on: ['use'],
  runs: '10 days',
  ended: [{ stage: 'fee_running', charge: { take: '3 XTS', every: 'day', partial: 'taken' } }],
};
const prepaidCycle: ClockTerms = {
  restarts_on: ['renewal'],
  runs: '30 days',
  charge: { take: '3 XTS', at_end: true, adds: '30 days', as: 'ordinary' },
  ended: [{ stage: 'suspended' }],
};

t.test('4. within one day: stages that begin and the fee come before records', async (t) => {
  const cured = ruleOf({
    clocks: { idle: { ...idle, ended: [{ stage: 'suspended', cures: ['pay'] }] } },
    actions: { pay: { does: 'credit' } },
  });
  t.equal(at(cured, '2026-01-11', [use('2026-01-01'), use('2026-01-11')]).stage, 'active');
  t.equal(at(cured, '2026-01-12', [use('2026-01-01'), use('2026-01-12')]).stage, 'suspended');

  const seen = [use('2026-01-01'), balance('2026-01-01', 50), balance('2026-01-13', 100)];
  const rule = clockRule(feeAfterIdle);
  says(t, at(rule, '2026-01-12', seen), { balance: 47 });
  says(t, at(rule, '2026-01-13', seen), { balance: 100, drift: [['r2', 44, 100]] });
  says(t, at(rule, '2026-01-14', seen), { balance: 97 });

  const levied = clockRule({ ...idle, charge: { take: '2 XTS', on_day_of_month: 5, as: 'ordinary' } });
  const before = [use('2026-01-04'), balance('2026-01-04', 10)];
  says(t, at(levied, '2026-01-05', before), { balance: 8 });
  says(t, at(levied, '2026-01-05', [...before, topup('2026-01-05', 1)]), { balance: 9 });
  says(t, at(levied, '2026-01-05', [...before, balance('2026-01-05', 10)]), { balance: 10 });
});

t.test(
  '4. within one day: moments in their order, then dates as entered, balance and validity last',
  async (t) => {
    const rule = clockRule({ ...idle, shows: 'number', restarts_on: ['use', 'credit'] });
    const left = (...records: Parameters<typeof at>[2][number][]) => at(rule, '2026-01-05', records).balance;
    const [morning, noon] = ['2026-01-05T08:00:00+03:00', '2026-01-05T12:00:00+03:00'];
    t.equal(left(topup('2026-01-05', 10), balance(noon, 50)), 60, 'a moment before a date');
    t.equal(left(topup(noon, 10), balance(morning, 50)), 60, 'the moments in their order');
    t.equal(left(balance(noon, 50), topup(morning, 10)), 50);
    t.equal(left(balance('2026-01-05', 50), topup('2026-01-05', 10)), 50, 'a balance after the other dates');
    t.equal(left(balance('2026-01-05', 50), topup(noon, 10)), 50);
    t.equal(left(balance('2026-01-05', 50), balance('2026-01-05', 40)), 40, 'two of them as entered');

    const ends = (...records: Parameters<typeof at>[2][number][]) =>
      at(rule, '2026-01-05', records).ends.idle;
    t.equal(ends(validity('2026-01-05', '2026-05-05'), use('2026-01-05')), '2026-05-05', 'a validity last');
    t.equal(ends(validity(morning, '2026-05-05'), use('2026-01-05')), '2026-01-15');

    const tiers = clockRule({
      restarts_on: ['credit'],
      runs: { by: 'amount', tiers: { '10 XTS': '10 days', '50 XTS': '90 days' } },
      ended: [{ stage: 'lost' }],
    });
    const [large, small] = [topup('2026-01-05', 50), topup('2026-01-05', 10)];
    t.equal(at(tiers, '2026-01-05', [large, small]).ends.idle, '2026-01-15', 'dates as entered');
    t.equal(at(tiers, '2026-01-05', [small, large]).ends.idle, '2026-04-05');
  },
);

t.test('4. within one day: clocks end after the records of their last good day', async (t) => {
  const inTime = [use('2026-01-01'), use('2026-01-11')];
  says(t, at(clockRule(idle), '2026-01-11', inTime), { act_by: '2026-01-21', contradicted: [] });
  says(t, at(clockRule(idle), '2026-01-12', [use('2026-01-01'), use('2026-01-12')]), {
    contradicted: ['r1'],
  });

  const rule = clockRule(prepaidCycle);
  const paid = [activated('2026-01-05'), balance('2026-02-04', 3)];
  says(t, at(rule, '2026-02-03', [activated('2026-01-05'), balance('2026-01-05', 3)]), { balance: 3 });
  says(t, at(rule, '2026-02-04', paid), { balance: 0, ends: { idle: '2026-03-06' } }, 'charged that evening');
  const third = [activated('2026-01-05'), balance('2026-01-05', 30), balance('2026-04-05', 24)];
  says(t, at(rule, '2026-04-05', third), { balance: 21, drift: [], ends: { idle: '2026-05-05' } });
  const renewing = [activated('2026-01-05'), balance('2026-01-05', 30), renewed('2026-04-05')];
  says(t, at(clockRule({ ...prepaidCycle, extend: 'from_end' }), '2026-04-05', renewing), {
    balance: 21,
    ends: { idle: '2026-05-05' },
  });
});

const noon = (day: string) => parseDay(day) as number;
const safe = (day: string, carrier: string, person: string) => formatDay(safeDay(noon(day), carrier, person));

t.test("5. D is the carrier's local date, over both changes of the clocks", async (t) => {
  const midnights: [zone: string, utc: string, date: string][] = [
    ['America/New_York', '2026-03-08T05:00:00Z', '2026-03-08'],
    ['America/New_York', '2026-03-09T04:00:00Z', '2026-03-09'],
    ['America/New_York', '2026-11-01T04:00:00Z', '2026-11-01'],
    ['America/New_York', '2026-11-02T05:00:00Z', '2026-11-02'],
    ['Asia/Vladivostok', '2010-03-27T14:00:00Z', '2010-03-28'],
    ['Asia/Vladivostok', '2010-03-28T13:00:00Z', '2010-03-29'],
    ['Asia/Vladivostok', '2010-10-30T13:00:00Z', '2010-10-31'],
    ['Asia/Vladivostok', '2010-10-31T14:00:00Z', '2010-11-01'],
    ['Asia/Vladivostok', '2026-06-29T14:00:00Z', '2026-06-30'],
    ['Pacific/Apia', '2020-09-26T11:00:00Z', '2020-09-27'],
    ['Pacific/Apia', '2020-09-27T10:00:00Z', '2020-09-28'],
    ['Pacific/Apia', '2021-04-03T10:00:00Z', '2021-04-04'],
    ['Pacific/Apia', '2021-04-04T11:00:00Z', '2021-04-05'],
    ['Pacific/Apia', '2028-02-28T11:00:00Z', '2028-02-29'],
  ];
  for (const [zone, utc, date] of midnights) {
    const rule = clockRule({ ...idle, runs: '90 days' }, zone);
    const ends = (shift: number) => {
      const moment = new Date(Date.parse(utc) + shift).toISOString();
      return at(rule, plus(date, 1), [use(moment)]).ends.idle;
    };
    t.equal(ends(-1000), plus(date, 89), `a second before midnight of ${date}, ${zone}`);
    t.equal(ends(0), plus(date, 90), `midnight of ${date}, ${zone}`);
    t.equal(at(rule, date, [use(`${date}T23:59:59`.concat(offsetAt(zone, utc)))]).ends.idle, plus(date, 90));
  }
  const moved = at(clockRule(idle, 'Europe/Moscow'), '2026-01-05', [use('2026-01-01T20:00:00Z')], {
    time_zone: 'Asia/Vladivostok',
  });
  t.equal(moved.ends.idle, '2026-01-12', "the line's own zone goes before the carrier's");
});

/** The offset at the end of the local day that begins at a moment, by the platform's own calendar. */
function offsetAt(zone: string, utc: string): string {
  const evening = new Date(Date.parse(utc) + 22 * 3_600_000);
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    timeZoneName: 'longOffset',
  }).formatToParts(evening);
  return parts.find((part) => part.type === 'timeZoneName')?.value.replace('GMT', '') || 'Z';
}

t.test("5. in the person's own zone, the last day there that ends no later than the deadline", async (t) => {
  const cases: [deadline: string, carrier: string, person: string, safe: string][] = [
    ['2026-06-30', 'Europe/Moscow', 'Asia/Shanghai', '2026-06-30'],
    ['2026-06-30', 'Europe/Moscow', 'America/New_York', '2026-06-29'],
    ['2026-06-30', 'Asia/Vladivostok', 'America/New_York', '2026-06-29'],
    ['2026-06-30', 'Asia/Vladivostok', 'Pacific/Apia', '2026-06-30'],
    ['2026-06-30', 'Pacific/Apia', 'Asia/Vladivostok', '2026-06-29'],
    ['2028-02-29', 'America/New_York', 'Pacific/Apia', '2028-02-29'],
    ['2028-03-01', 'Asia/Vladivostok', 'America/New_York', '2028-02-29'],
    ['2026-03-08', 'America/New_York', 'Asia/Vladivostok', '2026-03-08'],
    ['2026-03-08', 'America/New_York', 'America/Los_Angeles', '2026-03-07'],
    ['2026-11-01', 'America/New_York', 'Asia/Shanghai', '2026-11-01'],
    ['2026-11-01', 'America/New_York', 'America/Los_Angeles', '2026-10-31'],
    ['2026-10-25', 'Europe/London', 'America/New_York', '2026-10-24'],
    ['2011-12-29', 'Pacific/Apia', 'America/New_York', '2011-12-29'],
    // 30 December 2011 did not exist in Apia, and the 31st ended there after New York's 30th.
    ['2011-12-30', 'America/New_York', 'Pacific/Apia', '2011-12-29'],
  ];
  for (const [deadline, carrier, person, expected] of cases) {
    t.equal(safe(deadline, carrier, person), expected, `${deadline} ${carrier} seen from ${person}`);
  }
  for (const zone of ['America/New_York', 'Asia/Vladivostok', 'Pacific/Apia']) {
    for (const day of [
      '2010-03-28',
      '2010-10-31',
      '2020-09-27',
      '2021-04-04',
      '2026-03-08',
      '2026-11-01',
      '2028-02-29',
    ]) {
      t.equal(safe(day, zone, zone), day, `${day} ${zone} at home`);
    }
  }
});
