import { DateTime } from 'luxon';
import t from 'tap';
import { type Day, formatDay, parseDay } from '../../src/retention/day.ts';
import { dateInZone, instantOf, readMoment, safeDay } from '../../src/retention/zone.ts';

const day = (text: string): Day => parseDay(text)!;
const safe = (date: string, carrier: string, person: string) =>
  formatDay(safeDay(day(date), carrier, person));
const start = (date: string, zone: string) => instantOf(day(date), zone).toISOString();

t.test('a moment has the date of its zone', async (t) => {
  t.equal(dateInZone(new Date('2026-06-30T20:59:59Z'), 'Europe/Moscow'), '2026-06-30');
  t.equal(dateInZone(new Date('2026-06-30T21:00:00Z'), 'Europe/Moscow'), '2026-07-01');
  t.equal(dateInZone(new Date('2026-06-30T13:59:59Z'), 'Asia/Vladivostok'), '2026-06-30');
  t.equal(dateInZone(new Date('2026-06-30T14:00:00Z'), 'Asia/Vladivostok'), '2026-07-01');
  t.equal(dateInZone(new Date('2011-12-30T09:59:59Z'), 'Pacific/Apia'), '2011-12-29');
  t.equal(dateInZone(new Date('2011-12-30T10:00:00Z'), 'Pacific/Apia'), '2011-12-31');
  t.throws(() => dateInZone(new Date(0), 'Mars/Olympus'), /"Mars\/Olympus" is no time zone/);
  t.throws(() => dateInZone(new Date(Number.NaN), 'Europe/Moscow'), RangeError);
});

t.test('a local day begins at its first moment', async (t) => {
  t.equal(start('2026-03-08', 'America/New_York'), '2026-03-08T05:00:00.000Z');
  t.equal(start('2026-03-09', 'America/New_York'), '2026-03-09T04:00:00.000Z', 'a day of 23 hours');
  t.equal(start('2026-11-01', 'America/New_York'), '2026-11-01T04:00:00.000Z');
  t.equal(start('2026-11-02', 'America/New_York'), '2026-11-02T05:00:00.000Z', 'a day of 25 hours');
  t.equal(start('2011-12-29', 'Pacific/Apia'), '2011-12-29T10:00:00.000Z');
  t.equal(start('2011-12-30', 'Pacific/Apia'), '2011-12-30T10:00:00.000Z', 'skipped');
  t.equal(start('2011-12-31', 'Pacific/Apia'), '2011-12-30T10:00:00.000Z');
  t.equal(
    start('2026-03-29', 'Asia/Beirut'),
    '2026-03-28T22:00:00.000Z',
    'midnight skipped: it begins at 01:00',
  );
  t.equal(start('2026-11-01', 'America/Havana'), '2026-11-01T04:00:00.000Z', 'midnight twice: the first');
  t.equal(start('2010-03-28', 'Asia/Vladivostok'), '2010-03-27T14:00:00.000Z');
  t.equal(start('2010-03-29', 'Asia/Vladivostok'), '2010-03-28T13:00:00.000Z');
});

t.test("a deadline stands on the person's last day that ends no later", async (t) => {
  t.equal(safe('2026-06-30', 'Europe/Moscow', 'Europe/Moscow'), '2026-06-30');
  t.equal(safe('2026-06-30', 'Europe/Moscow', 'Asia/Shanghai'), '2026-06-30');
  t.equal(safe('2026-06-30', 'Europe/Moscow', 'America/New_York'), '2026-06-29');
  t.equal(safe('2026-06-30', 'Asia/Vladivostok', 'Europe/Moscow'), '2026-06-29');
  t.equal(safe('2026-06-30', 'America/New_York', 'Asia/Vladivostok'), '2026-06-30');
  t.equal(safe('2026-06-30', 'America/New_York', 'Pacific/Apia'), '2026-06-30');
  t.equal(safe('2026-06-30', 'Pacific/Apia', 'America/New_York'), '2026-06-29');
});

t.test('through both clock changes of New York', async (t) => {
  for (const date of ['2026-03-07', '2026-03-08', '2026-03-09', '2026-10-31', '2026-11-01', '2026-11-02']) {
    t.equal(safe(date, 'America/New_York', 'America/New_York'), date);
    t.equal(safe(date, 'America/New_York', 'America/Toronto'), date, 'the same offsets all year');
    t.equal(safe(date, 'America/New_York', 'Asia/Shanghai'), date);
  }
  // Bogotá keeps UTC-5 all year: level with New York in winter, an hour behind it in summer.
  t.equal(safe('2026-03-07', 'America/New_York', 'America/Bogota'), '2026-03-07');
  t.equal(safe('2026-03-08', 'America/New_York', 'America/Bogota'), '2026-03-07');
  t.equal(safe('2026-10-31', 'America/New_York', 'America/Bogota'), '2026-10-30');
  t.equal(safe('2026-11-01', 'America/New_York', 'America/Bogota'), '2026-11-01');
});

t.test('around the day that Apia skipped', async (t) => {
  t.equal(safe('2011-12-28', 'Pacific/Apia', 'Pacific/Apia'), '2011-12-28');
  t.equal(safe('2011-12-29', 'Pacific/Apia', 'Pacific/Apia'), '2011-12-29');
  t.equal(safe('2011-12-30', 'Pacific/Apia', 'Pacific/Apia'), '2011-12-29', 'that day never was');
  t.equal(safe('2011-12-31', 'Pacific/Apia', 'Pacific/Apia'), '2011-12-31');
  t.equal(safe('2011-12-30', 'Europe/Moscow', 'Pacific/Apia'), '2011-12-29');
  t.equal(safe('2011-12-31', 'Europe/Moscow', 'Pacific/Apia'), '2011-12-31');
  t.equal(safe('2011-12-29', 'Pacific/Apia', 'Asia/Shanghai'), '2011-12-29');
  t.equal(safe('2011-12-30', 'Pacific/Apia', 'Asia/Shanghai'), '2011-12-29');
});

t.test('never later than the deadline, and never a whole day too early', async (t) => {
  const zones = ['Asia/Vladivostok', 'America/New_York', 'Pacific/Apia', 'Asia/Kathmandu'];
  const wrong: string[] = [];
  for (const carrier of zones) {
    for (const person of zones) {
      for (let d = day('2026-03-01'); d < day('2026-11-10'); d += 1) {
        const deadline = instantOf(d + 1, carrier);
        const found = safeDay(d, carrier, person);
        if (instantOf(found + 1, person) > deadline || instantOf(found + 2, person) <= deadline)
          wrong.push(`${formatDay(d)} ${carrier} ${person}: ${formatDay(found)}`);
      }
    }
  }
  t.strictSame(wrong, []);
});

t.test(
  'a moment is read as Luxon reads it, in any zone, and its zone is asked for next to nothing',
  async (t) => {
    const zones = [
      'Europe/Moscow',
      'America/New_York',
      'Asia/Kathmandu',
      'Pacific/Apia',
      'Africa/Monrovia',
      'UTC',
    ];
    const offsets = ['Z', '+00:00', '+05:45', '-03:30', '+14:00'];
    const texts = Array.from({ length: 3000 }, (_, i) => {
      const at = new Date(Date.UTC(1970, 0, 1) + i * 7_919_311_777).toISOString();
      const seconds = [at.slice(10, 16), at.slice(10, 19), at.slice(10, 23)][i % 3];
      return `${at.slice(0, 10)}${seconds}${offsets[i % offsets.length]}`;
    });
    const odd = [
      '2026-02-30T10:00:00Z',
      '2026-03-01T24:00:00Z',
      '2026-03-01T10:00:60Z',
      '2026-03-01T10:00',
      '2026-03-01t10:00:00z',
      '2026-3-1T10:00:00Z',
      'T',
      '2026-03-01T10:00:00.123456Z',
      '9999-12-31T23:59:59Z',
      '0001-01-01T00:00:00Z',
    ];
    for (const zone of zones) {
      const wrong = [...texts, ...odd].filter((text) => {
        const luxon = DateTime.fromISO(text, { zone });
        const own = readMoment(text, zone);
        return luxon.isValid
          ? own?.moment !== luxon.toMillis() || own.day !== parseDay(luxon.toFormat('yyyy-MM-dd'))
          : own !== null;
      });
      t.same(wrong, [], zone);
    }
    const { formatToParts } = Intl.DateTimeFormat.prototype;
    let asked = 0;
    Intl.DateTimeFormat.prototype.formatToParts = function (...given) {
      asked += 1;
      return formatToParts.apply(this, given);
    };
    t.teardown(() => {
      Intl.DateTimeFormat.prototype.formatToParts = formatToParts;
    });
    for (const text of texts) readMoment(text, 'Europe/Moscow');
    t.equal(asked, 0, 'its parts are dear');
  },
);
