/** What stands in a feed: its languages, its options, its edges, and what somebody may have typed. No store. */
import t from 'tap';
import { agendaOf } from '../../src/agenda/index.ts';
import { feedWindow } from '../../src/calendar/index.ts';
import { agendaLineOf } from '../../src/ledger.ts';
import {
  actsOf,
  buildFeed,
  type FeedOptions,
  type FeedSource,
  farewell,
  uidOf,
} from '../../src/publication/index.ts';
import type { RecordInput } from '../../src/retention/record.ts';
import type { Line, StoredRecord } from '../../src/store/types.ts';
import { ENTRY_KINDS } from '../../src/vocabulary.ts';
import { HOSTILE } from '../calendar/fixture.ts';
import { headLine, readFeed } from '../support/feeds.ts';
import { call, rulebook, SECRET, START } from './fixture.ts';

const NOW = new Date(START);
const WINDOW = feedWindow('2026-03-10', 'Asia/Shanghai');

function lineOf(rule: string, given: Partial<Line> = {}): Line {
  return {
    id: `line-${rule}`,
    user: 'anna',
    rule,
    label: 'Wardrobe',
    number: '+79525550134',
    time_zone: null,
    plan_price: null,
    facts: {},
    external_id: null,
    created_at: '2026-01-05T08:00:00.000Z',
    updated_at: '2026-01-05T08:00:00.000Z',
    ...given,
  };
}

const recordOf = (body: RecordInput, id = 'r1'): StoredRecord => ({
  id,
  line: 'line',
  seq: 1,
  type: body.type,
  at: body.at,
  body,
  external_id: null,
  recorded_at: START,
  voided_by: null,
  payment: null,
  pending: false,
});

const OPTIONS: FeedOptions = {
  id: 'feed',
  name: 'Phones',
  lines: null,
  kinds: null,
  locale: null,
  detail: 'full',
  alarms: 'valarm',
  lead_days: [30, 7, 1],
  show_balance: false,
};
const USER: FeedSource['user'] = {
  id: 'anna',
  locale: 'zh',
  time_zone: 'Asia/Shanghai',
  created_at: '2026-01-05T08:00:00.000Z',
};
const T2 = { line: lineOf('ru/t2/prepaid'), records: [recordOf(call('2026-01-20'))] };
const GIFFGAFF = { line: lineOf('gb/giffgaff/prepaid'), records: [recordOf(call('2026-01-20'))] };

async function build(options: Partial<FeedOptions> = {}, lines: FeedSource['lines'] = [T2, GIFFGAFF]) {
  const context = { rulebook, secret: SECRET, site: null };
  const { calendar } = await buildFeed(context, { user: USER, lines }, { ...OPTIONS, ...options }, null, NOW);
  return { body: calendar.body, items: calendar.items, events: readFeed(calendar.body) };
}
const texts = (body: string) =>
  [...readFeed(body).values()].map((one) => `${one.summary}\n${one.description}`);

t.test('three languages', async (t) => {
  const built = await Promise.all((['en', 'ru', 'zh'] as const).map((locale) => build({ locale })));
  const [en, ru, zh] = built as [(typeof built)[0], (typeof built)[0], (typeof built)[0]];
  t.same([...en.events.keys()], [...ru.events.keys()], 'the same entries');
  t.same([...en.events.keys()], [...zh.events.keys()]);
  t.ok(texts(ru.body).every((text) => /\p{Script=Cyrillic}/u.test(text)));
  t.ok(texts(zh.body).every((text) => /\p{Script=Han}/u.test(text)));
  const titles = [...en.events.values()].map(({ summary }) => summary);
  t.notOk(titles.some((title) => /[\p{Script=Cyrillic}\p{Script=Han}]/u.test(title)));
  t.equal((await build()).body, zh.body, "by default its owner's");
});

t.test('another language or detail is a revision of every entry it changes', async (t) => {
  const context = { rulebook, secret: SECRET, site: null };
  const source = { user: USER, lines: [T2] };
  const first = (await buildFeed(context, source, OPTIONS, null, NOW)).calendar;
  const later = new Date('2026-03-11T00:00:00Z');
  const second = (await buildFeed(context, source, { ...OPTIONS, locale: 'en' }, first, later)).calendar;
  const before = readFeed(first.body);
  for (const [uid, event] of readFeed(second.body)) {
    t.same([event.sequence, event.stamp], [1, '2026-03-11T00:00:00Z'], `was ${before.get(uid)?.summary}`);
  }
});

t.test('only the lines and kinds that are chosen', async (t) => {
  const one = await build({ lines: [T2.line.id] });
  t.ok(one.items.length > 0);
  t.ok(one.items.every(({ line }) => line === T2.line.id));
  const all = await build();
  t.ok(all.items.some(({ line }) => line === GIFFGAFF.line.id));
  const kinds = await build({ kinds: ['last_safe_day'] });
  t.ok(kinds.events.size > 0 && kinds.events.size < all.events.size);
  for (const [uid, event] of kinds.events) t.equal(event.text, all.events.get(uid)?.text);
  const each = await Promise.all(ENTRY_KINDS.map((kind) => build({ kinds: [kind] })));
  const sum = each.map(({ events }) => events.size).reduce((a, b) => a + b);
  t.equal(sum, all.events.size, 'every entry is of one kind');
});

t.test('a feed that names no stage tells once what begins on a day', async (t) => {
  const balance = { type: 'balance' as const, at: '2026-03-01', amount: { amount: '-5', currency: 'RUB' } };
  const indebted = { ...T2, records: [recordOf(call('2026-03-01')), recordOf(balance, 'r2')] };
  const said = async (detail: FeedOptions['detail']) =>
    [...(await build({ locale: 'en', kinds: ['stage'], detail }, [indebted])).events.values()].map(
      ({ summary, date }) => `${date} ${summary}`,
    );
  const [full, neutral] = [await said('full'), await said('neutral')];
  t.ok(full.length > neutral.length);
  t.equal(new Set(neutral).size, neutral.length);
  t.same(new Set(neutral.map((one) => one.slice(0, 10))), new Set(full.map((one) => one.slice(0, 10))));
});

t.test('detail', async (t) => {
  const full = (await build({ locale: 'en' })).body.replaceAll('\r\n ', '');
  const masked = (await build({ locale: 'en', detail: 'masked' })).body.replaceAll('\r\n ', '');
  const neutral = (await build({ locale: 'en', detail: 'neutral' })).body.replaceAll('\r\n ', '');
  t.match(full, '0134');
  for (const body of [full, masked, neutral]) t.notMatch(body, '9525550134', 'never a whole number');
  t.match(
    (await build({ locale: 'en' }, [{ ...T2, line: lineOf('ru/t2/prepaid', { number: null }) }])).body,
    'Wardrobe',
  );
  t.notMatch(masked, 'Wardrobe');
  for (const telling of ['0134', 'Wardrobe', 'T2', 'giffgaff']) t.notMatch(neutral, telling);
});

/** The renewal of a line that was used last in January. */
function renewalOf(rule: string) {
  const stored = { line: lineOf(rule), records: [recordOf(call('2026-01-20'))] };
  const line = agendaLineOf(rulebook.rules.get(rule)!, stored.line, stored, USER.time_zone);
  return agendaOf(line).find(({ kind }) => kind === 'renew')!;
}

t.test('a calendar that names no carrier asks by no link for a sum in its currency', async (t) => {
  const renewal = renewalOf('ru/t2/prepaid');
  t.same(actsOf(renewal, 'full'), ['done', 'topped_up', 'later']);
  t.same(actsOf(renewal, 'neutral'), ['later']);
  t.same(actsOf({ ...renewal, asks: [] }, 'neutral'), ['done', 'later'], 'nor where no way need be named');
});

t.test('a top-up is told where there is one, and where it may be what is missing', async (t) => {
  t.same(actsOf(renewalOf('gb/three/prepaid'), 'full'), ['done', 'later'], 'a carrier without top-ups');
  const overdue = { ...renewalOf('ru/t2/prepaid'), kind: 'overdue' } as const;
  t.same(actsOf(overdue, 'full'), ['done', 'topped_up', 'later']);
  t.same(
    actsOf({ ...overdue, variant: 'identity' }, 'full'),
    ['done', 'later'],
    'no money proves who one is',
  );
});

t.test('what can be said of an entry by its kind', async (t) => {
  const renewal = renewalOf('gb/three/prepaid');
  const said = (kind: (typeof ENTRY_KINDS)[number]) => actsOf({ ...renewal, kind }, 'full');
  for (const kind of [
    'overdue',
    'renew',
    'lead',
    'identity',
    'backup',
    'check_account',
    'promotions',
  ] as const)
    t.same(said(kind), ['done', 'later'], kind);
  t.same(
    ENTRY_KINDS.filter((kind) => said(kind).length === 0),
    ['stage', 'silent_feed', 'nothing'],
  );
  for (const kind of ENTRY_KINDS) t.same(actsOf({ ...renewal, kind, done: true }, 'full'), [], kind);
});

t.test('alarms, or entries in their place', async (t) => {
  const ringing = (body: string) => [...readFeed(body).values()].filter(({ alarms }) => alarms > 0).length;
  const body = async (alarms: FeedOptions['alarms']) => (await build({ alarms })).body;
  const [valarm, events] = [await body('valarm'), await body('events')];
  const [both, none] = [await body('both'), await body('none')];
  t.ok(ringing(valarm) > 0);
  t.equal(ringing(events), 0);
  t.equal(ringing(none), 0);
  t.equal(ringing(both), ringing(valarm));
  t.ok(readFeed(events).size > readFeed(none).size);
  t.equal(readFeed(both).size, readFeed(events).size);
});

t.test('what the renewal of the same day says already is not said twice', async (t) => {
  const told = async (given: Partial<FeedOptions>, lines = [T2]) =>
    (await build({ locale: 'en', ...given }, lines)).body.replaceAll('\r\n ', '');
  const events = await told({ alarms: 'events' });
  t.match(events, /SUMMARY:Renew …0134/);
  t.match(events, /SUMMARY:⏳ 30 days left/);
  t.notMatch(events, /SUMMARY:⏳ 7 days left/);
  t.match(
    await told({ alarms: 'events', kinds: ['lead'] }),
    /SUMMARY:⏳ 7 days left/,
    'with no renewal shown',
  );

  const last = '2026-03-31T08:00:00.000Z';
  const onTheDay = await told({}, [
    {
      ...T2,
      line: { ...T2.line, created_at: last },
      records: [
        recordOf({ type: 'activity', at: '2025-12-31', kind: 'sms', direction: 'outgoing', charged: true }),
      ],
    },
  ]);
  t.match(onTheDay, /SUMMARY:Renew …0134 by 31 March/);
  t.notMatch(onTheDay, /SUMMARY:Last safe day/);
});

t.test('what was done is ticked and rings no more', async (t) => {
  // Used again within the last days of its ninety: a renewal.
  const records = [recordOf(call('2026-01-20')), recordOf(call('2026-04-10'), 'r2')];
  const { events } = await build({ locale: 'en' }, [{ ...T2, records }]);
  const done = [...events.values()].filter(({ summary }) => summary.startsWith('✅'));
  t.equal(done.length, 1);
  t.equal(done[0]?.alarms, 0);
});

t.test('nobody has a line, or none with a rule', async (t) => {
  const empty = await build({ locale: 'en' }, []);
  t.equal(empty.events.size, 1, 'an entry says so');
  const uid = uidOf(SECRET, { key: { line: '', kind: 'nothing', cycle: '0' } }, 'anna');
  t.ok(empty.events.has(uid));
  t.ok((await build({ locale: 'en', kinds: ['renew'] }, [])).events.has(uid), 'whatever was chosen');
  t.not(uid, uidOf(SECRET, { key: { line: '', kind: 'nothing', cycle: '0' } }, 'boris'), "a reader's own");

  const gone = await build({ locale: 'en' }, [T2, { ...GIFFGAFF, line: lineOf('xx/gone/prepaid') }]);
  t.match(headLine(gone.body, 'DESCRIPTION'), /One line has no dates here/);
  t.equal(gone.events.size, (await build({}, [T2])).events.size, 'the other line is all there');
});

t.test('within the window, and what lies beyond it is told', async (t) => {
  for (const { date } of (await build()).events.values())
    t.ok(date >= WINDOW.from && date < WINDOW.until, date);
  // A call planned for next spring: what is to be done after it lies beyond the window.
  const planned = [recordOf(call('2027-05-01'))];
  const far = await build({ locale: 'en', kinds: ['last_safe_day'] }, [{ ...T2, records: planned }]);
  t.equal(far.events.size, 0);
  t.match(headLine(far.body, 'DESCRIPTION'), /the first date after that is/);
  const none = await build({ locale: 'en', kinds: ['identity'] }, [GIFFGAFF]);
  t.equal(none.events.size, 0);
  t.match(
    headLine(none.body, 'DESCRIPTION'),
    /This calendar has no entry at present/,
    'nor does it look broken',
  );
  t.notMatch(headLine((await build({ locale: 'en' })).body, 'DESCRIPTION'), /no entry/);
  t.match(none.body, 'BEGIN:VTIMEZONE', 'a calendar without entries is still one');
});

t.test('a hundred lines fit, or it is said what does not', async (t) => {
  const lines = Array.from({ length: 100 }, (_, index) => ({
    line: lineOf('ru/t2/prepaid', { id: `line-${index}`, label: `Line ${index}` }),
    records: [recordOf(call('2026-01-20'))],
  }));
  const { body, events } = await build({ locale: 'en' }, lines);
  t.ok(Buffer.byteLength(body) <= 500_000 && events.size <= 500);
  t.match(headLine(body, 'DESCRIPTION'), /Not everything fits: .* left out/);
});

t.test('what somebody typed breaks nothing', async (t) => {
  const clean = await build({ locale: 'en' });
  for (const text of [
    HOSTILE,
    'BEGIN:VEVENT',
    '\r\n',
    '👨‍👩‍👧‍👦'.repeat(40),
    '</script>',
    '{name} {0} %s',
    '‮evil',
  ]) {
    const lines = [T2, GIFFGAFF].map(({ line, records }) => ({
      line: { ...line, label: text, number: null },
      records,
    }));
    const hostile = await build({ locale: 'en', name: text }, lines);
    t.same([...hostile.events.keys()], [...clean.events.keys()], 'the same entries');
    t.notMatch(hostile.body, /[\u202a-\u202e\u2066-\u2069]/);
  }
});

t.test('a farewell holds nothing of what was', async (t) => {
  const at = new Date('2026-03-10T10:00:00.000Z');
  for (const locale of ['en', 'ru', 'zh'] as const) {
    const { body } = farewell(SECRET, 'feed', locale, at);
    t.equal(readFeed(body).size, 1);
    t.equal(body, farewell(SECRET, 'feed', locale, at).body);
  }
});
