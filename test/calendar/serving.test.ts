import t from 'tap';
import { entryUid, feedWindow, httpDate, isNotModified, subscribeLinks } from '../../src/calendar/index.ts';
import { SECRET } from './fixture.ts';

const LATER = new Date('2026-12-01T00:00:00Z');

t.test('UIDs: opaque UUIDs of version 8, one for each obligation', async (t) => {
  const uid = entryUid(SECRET, 'renew', 'line', '2026');
  t.equal(uid, '3316c90f-99f5-8cbf-b96d-5805d4b3a02c', 'for ever: subscribers know entries by it');
  const others = [
    entryUid(SECRET, 'lost', 'line', '2026'),
    entryUid(SECRET, 'renew', 'other', '2026'),
    entryUid(SECRET, 'renew', 'line', '2027'),
    entryUid('another secret of thirty-two chars', 'renew', 'line', '2026'),
    entryUid(SECRET, 'renewline', '', '2026'),
    entryUid(SECRET, 'renew', 'line2026', ''),
  ];
  t.equal(new Set([uid, ...others]).size, others.length + 1);
  for (const other of others)
    t.match(other, /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});

t.test('the window: whole months, at least 90 days back and 400 ahead', async (t) => {
  t.same(feedWindow('2026-11-15', 'Europe/Moscow'), {
    from: '2026-08-01',
    until: '2028-02-01',
    stale_at: '2026-11-30T21:00:00.000Z',
  });
  for (let day = Date.parse('2026-01-01'); day < Date.parse('2029-01-01'); day += 86_400_000) {
    const today = iso(day);
    const window = feedWindow(today, 'UTC');
    if (window.from > iso(day - 90 * 86_400_000) || window.until <= iso(day + 400 * 86_400_000))
      t.fail(today);
    if (!window.from.endsWith('-01') || !window.until.endsWith('-01')) t.fail(today);
    // Until it is stale it stays as it is; from then on it is another.
    const yesterday = feedWindow(iso(day - 86_400_000), 'UTC');
    const rolled = today.endsWith('-01');
    if (rolled !== (yesterday.stale_at === `${today}T00:00:00.000Z`)) t.fail(`${today}: stale`);
    if (rolled === (yesterday.from === window.from && yesterday.until === window.until))
      t.fail(`${today}: rolled`);
  }
});

t.test('the window rolls at midnight of the zone, or when its day begins where it has none', async (t) => {
  const stale = (today: string, zone: string) => feedWindow(today, zone).stale_at;
  t.equal(stale('2026-12-31', 'Asia/Shanghai'), '2026-12-31T16:00:00.000Z');
  t.equal(stale('2026-10-31', 'America/New_York'), '2026-11-01T04:00:00.000Z', 'the day the clocks go back');
  t.equal(stale('2026-11-30', 'America/New_York'), '2026-12-01T05:00:00.000Z');
  t.equal(stale('2017-09-30', 'America/Asuncion'), '2017-10-01T04:00:00.000Z', 'a day without midnight');
  t.throws(() => feedWindow('2026-11-15', 'Mars/Olympus'), { name: 'RangeError', message: /time zone/ });
  t.throws(() => feedWindow('2026-15-15', 'UTC'), RangeError);
});

t.test('subscribe links', async (t) => {
  const feed = 'https://keepline.example/cal/kl_cal_T-0_k/sim-renewals.ics';
  t.same(subscribeLinks(feed, 'Мои SIM & co\ud800'), {
    https: feed,
    webcal: 'webcal://keepline.example/cal/kl_cal_T-0_k/sim-renewals.ics',
    google:
      'https://calendar.google.com/calendar/u/0/r?cid=webcal%3A%2F%2Fkeepline.example%2Fcal%2Fkl_cal_T-0_k%2Fsim-renewals.ics',
    outlook:
      'https://outlook.live.com/calendar/0/addfromweb/?url=webcal%3A%2F%2Fkeepline.example%2Fcal%2Fkl_cal_T-0_k%2Fsim-renewals.ics' +
      '&name=%D0%9C%D0%BE%D0%B8%20SIM%20%26%20co%EF%BF%BD',
    page: 'https://keepline.example/cal/kl_cal_T-0_k',
  });
  const home = subscribeLinks('http://127.0.0.1:3000/cal/T/sim.ics', 'x');
  t.equal(home.webcal, 'webcal://127.0.0.1:3000/cal/T/sim.ics');
  t.equal(home.page, 'http://127.0.0.1:3000/cal/T');
});

t.test('If-None-Match: weak, in lists, any; and it wins', async (t) => {
  const current = { etag: '"sha256-abc"', lastModified: Date.parse('2026-11-01T10:00:00.000Z') };
  const matching = [
    '"sha256-abc"',
    'W/"sha256-abc"',
    '"x", "sha256-abc"',
    '"x",W/"sha256-abc" , "y"',
    '"a,b", "sha256-abc"',
    '*',
    ' * ',
  ];
  for (const ifNoneMatch of matching) t.ok(isNotModified({ ifNoneMatch }, current), ifNoneMatch);
  const others = [
    '"sha256-ABC"',
    '"sha256-ab"',
    'sha256-abc',
    '"x", "y"',
    '"*"',
    '',
    '"sha256-abc',
    '"x,sha256-abc,"',
  ];
  for (const ifNoneMatch of others) {
    t.notOk(isNotModified({ ifNoneMatch }, current), ifNoneMatch);
    t.notOk(
      isNotModified({ ifNoneMatch, ifModifiedSince: httpDate(current.lastModified, LATER) }, current),
      'it wins',
    );
  }
  t.ok(
    isNotModified(
      { ifNoneMatch: '"sha256-abc"', ifModifiedSince: httpDate(Date.parse('2000-01-01T00:00:00Z'), LATER) },
      current,
    ),
  );
  t.notOk(isNotModified({}, current));
});

t.test('If-Modified-Since: the three forms of HTTP dates, in whole seconds', async (t) => {
  const current = { etag: '"x"', lastModified: Date.parse('2026-11-01T10:00:00.000Z') };
  t.equal(httpDate(current.lastModified, LATER), 'Sun, 01 Nov 2026 10:00:00 GMT');
  const sooner = new Date('2026-11-01T09:59:58.900Z');
  t.equal(
    httpDate(current.lastModified, sooner),
    'Sun, 01 Nov 2026 09:59:58 GMT',
    'never ahead of the clock',
  );
  const notModified = (ifModifiedSince: string) => isNotModified({ ifModifiedSince }, current);
  for (const date of [
    'Sun, 01 Nov 2026 10:00:00 GMT',
    'Sun, 01 Nov 2026 10:00:01 GMT',
    'Sunday, 01-Nov-26 10:00:00 GMT',
    'Sun Nov  1 10:00:00 2026',
  ]) {
    t.ok(notModified(date), date);
  }
  for (const date of [
    'Sun, 01 Nov 2026 09:59:59 GMT',
    'Sun Nov  1 09:59:59 2026',
    'Sun, 01 Nov 2026 12:00:00 +0100',
    '2027-01-01',
    '2027-01-01T00:00:00Z',
    'Sun, 99 Nov 2026 10:00:00 GMT',
    '9999999999999',
    'tomorrow',
    '',
  ]) {
    t.notOk(notModified(date), date);
  }
});

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}
