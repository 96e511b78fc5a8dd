import fc from 'fast-check';
import t from 'tap';
import {
  type CalendarItem,
  eventTexts,
  MAX_ITEMS,
  MAX_OCTETS,
  type PublishedCalendar,
  tombstone,
} from '../../src/calendar/index.ts';
import { assertClean, HEAD, item, linesOf, NOW, publishClean, read, TODAY, uidOf } from './fixture.ts';

const LATER = new Date('2026-11-02T08:00:00Z');
const textOf = ({ body }: PublishedCalendar, uid: string) =>
  eventTexts(body).find((text) => text.includes(`UID:${uid}\r\n`));
const one = item();
const two = item({ uid: uidOf('two'), date: '2027-01-15', summary: 'Renew …1234 by 15 January' });
const first = publishClean([two, one]);

t.test('a first publication', async (t) => {
  t.same(
    read(first.body).events.map((event) => event.uid),
    [one.uid, two.uid],
    'by day, whatever the order given',
  );
  t.equal(first.changed_at, '2026-11-01T10:00:00.000Z', 'whole seconds');
  t.match(first.etag, /^"sha256-[\w-]{27}"$/);
  t.same(
    first.items.map(({ line, sequence, created_at, revised_at }) => ({
      line,
      sequence,
      created_at,
      revised_at,
    })),
    Array(2).fill({ line: 'line', sequence: 0, created_at: first.changed_at, revised_at: first.changed_at }),
  );
  t.same(JSON.parse(JSON.stringify(first)), first, 'plain data');
});

t.test('the same again is the same, whenever and in whatever order', async (t) => {
  t.same(publishClean([one, two], {}, first, LATER), first);
  t.same(publishClean([two, one]), first, 'from nothing too');
  const sameDay = { ...two, date: one.date };
  t.same(publishClean([one, sameDay]), publishClean([sameDay, one]), 'within one day by uid');
});

t.test('a changed entry alone changes: SEQUENCE + 1, a later revision, the same creation', async (t) => {
  const changed = { ...one, summary: 'Renew …5678 by 30 November', date: '2026-11-30' };
  const second = publishClean([changed, two], {}, first, LATER);
  t.same(second.items[1], first.items[1], 'the other keeps its stamps');
  t.equal(textOf(second, two.uid), textOf(first, two.uid), 'and its bytes');
  t.match(second.items[0], {
    sequence: 1,
    created_at: '2026-11-01T10:00:00.000Z',
    revised_at: '2026-11-02T08:00:00.000Z',
  });
  const revised = linesOf(textOf(second, one.uid)!);
  for (const line of [
    'DTSTAMP:20261102T080000Z',
    'LAST-MODIFIED:20261102T080000Z',
    'CREATED:20261101T100000Z',
    'SEQUENCE:1',
  ]) {
    t.ok(revised.includes(line), line);
  }
  t.equal(second.changed_at, '2026-11-02T08:00:00.000Z');
  t.not(second.etag, first.etag);

  const back = publishClean([one, two], {}, second, LATER);
  t.equal(back.items[0]!.sequence, 2, 'changed back is changed again');
  t.equal(back.items[0]!.revised_at, '2026-11-02T08:00:01.000Z', 'a second later, though the clock stands');
  t.not(back.etag, first.etag);
});

t.test('a clock that goes back moves no stamp back', async (t) => {
  const earlier = new Date('2026-10-01T00:00:00Z');
  const second = publishClean([{ ...one, summary: 'x' }, two], {}, first, earlier);
  t.equal(second.items[0]!.revised_at, '2026-11-01T10:00:01.000Z');
  t.equal(second.changed_at, '2026-11-01T10:00:01.000Z');
});

t.test('an entry that goes leaves the feed, and returns with a higher SEQUENCE', async (t) => {
  const without = publishClean([two], {}, first, LATER);
  t.same(
    read(without.body).events.map((event) => event.uid),
    [two.uid],
  );
  t.equal(without.changed_at, '2026-11-02T08:00:00.000Z', 'the calendar has changed, though no entry has');
  t.match(without.items[1], { uid: one.uid, hash: '', sequence: 0, line: 'line' });
  t.same(publishClean([two], {}, without, LATER), without, 'and stays gone');

  const returned = publishClean([one, two], {}, without, LATER);
  t.match(returned.items[0], {
    sequence: 1,
    created_at: first.changed_at,
    revised_at: '2026-11-02T08:00:01.000Z',
  });

  const nextYear = publishClean([two], {}, without, new Date('2027-11-01T00:00:00Z'));
  t.equal(nextYear.items.length, 1, 'after a month it is forgotten');
  t.equal(nextYear.body, without.body);
});

t.test('name and description change the calendar and no entry', async (t) => {
  const renamed = publishClean([one, two], { head: { ...HEAD, name: 'Мои номера' } }, first, LATER);
  t.same(renamed.items, first.items);
  t.equal(renamed.changed_at, '2026-11-02T08:00:00.000Z');
  t.equal(read(renamed.body).name, 'Мои номера');
});

t.test('a body that is gone, or has not come along, is made anew as it was', async (t) => {
  const emptied: PublishedCalendar = { ...first, body: '', etag: '' };
  t.same(publishClean([one, two], {}, emptied, LATER), first);
  const erased: PublishedCalendar = { ...first, body: '', etag: '', hash: '' };
  const again = publishClean([one, two], {}, erased, LATER);
  t.equal(read(again.body).events.length, 2);
  t.equal(again.changed_at, '2026-11-02T08:00:00.000Z');
});

t.test('an empty feed is a valid calendar', async (t) => {
  const { body } = publishClean([], { head: { name: 'Empty', description: '' } });
  t.match(body, 'BEGIN:VTIMEZONE\r\nTZID:Etc/UTC\r\n');
  t.notMatch(body, 'DESCRIPTION');
  t.same(read(body).events, []);
});

t.test('over 500 entries the oldest past go, then those farthest ahead, and the feed says so', async (t) => {
  const on = (offset: number): CalendarItem =>
    item({
      uid: uidOf(String(offset)),
      date: new Date(Date.parse(TODAY) + offset * 86_400_000).toISOString().slice(0, 10),
      alarms: [],
    });
  const range = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => on(from + index));

  t.notMatch(publishClean(range(-100, 400)).body, 'Left out', 'exactly 500 fit');
  const many = publishClean(range(-120, 400));
  const seen = read(many.body);
  t.equal(seen.events.length, MAX_ITEMS);
  t.equal(seen.events[0]!.uid, uidOf('-100'));
  t.equal(seen.events.at(-1)!.uid, uidOf('399'));
  t.equal(seen.description, 'Deadlines of your numbers\nLeft out: 20 past, 0 ahead.');

  const ahead = read(publishClean(range(-20, 600)).body);
  t.equal(ahead.events[0]!.uid, uidOf('0'), 'today is not past');
  t.equal(ahead.events.at(-1)!.uid, uidOf('499'));
  t.match(ahead.description, 'Left out: 20 past, 100 ahead.');
});

t.test('over 500 KB as many as fit stay', async (t) => {
  const big = (index: number) =>
    item({
      uid: uidOf(String(index)),
      date: `2027-01-${String(10 + index)}`,
      description: 'Пополните номер. '.repeat(3000 + index),
    });
  const all = Array.from({ length: 12 }, (_, index) => big(index));
  const full = publishClean(all);
  const octets = Buffer.byteLength(full.body);
  t.ok(octets <= MAX_OCTETS);
  const kept = read(full.body).events.length;
  t.ok(octets + Buffer.byteLength(eventTexts(full.body).at(-1)!) > MAX_OCTETS, 'no other would have fitted');
  t.same(
    read(full.body).events.map((event) => event.uid),
    all.slice(0, kept).map((entry) => entry.uid),
  );
  t.match(read(full.body).description, `Left out: 0 past, ${12 - kept} ahead.`);
  t.same(publishClean(all, {}, full, LATER), full, 'and it keeps still');

  const hopeless = publishClean([item({ description: 'x'.repeat(MAX_OCTETS) })]);
  t.same(read(hopeless.body).events, [], 'one entry that is too big alone');
  t.match(read(hopeless.body).description, 'Left out: 0 past, 1 ahead.');
});

t.test('a tombstone is the same calendar with one entry that says so', async (t) => {
  const lastWord = {
    uid: uidOf('tombstone'),
    date: '2026-11-02',
    summary: 'This link was revoked',
    description: 'Get a new one from the service.',
    url: 'https://keepline.example/',
  };
  const stone = tombstone({ ...HEAD, description: '' }, lastWord, LATER);
  assertClean(stone.body);
  t.match(read(stone.body).events, [{ summary: 'This link was revoked', start: '2026-11-02', alarms: [] }]);
  t.not(stone.etag, first.etag);
  t.same(tombstone({ ...HEAD, description: '' }, lastWord, LATER), stone);
});

t.test('any history: stamps only grow, and only with content', async () => {
  const uids = ['a', 'b', 'c'].map(uidOf);
  const state = fc.array(
    fc.record({ uid: fc.constantFrom(...uids), summary: fc.constantFrom('x', 'y'), done: fc.boolean() }),
    { maxLength: 3 },
  );
  const step = fc.record({ state, seconds: fc.integer({ min: -5, max: 90_000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let previous: PublishedCalendar | null = null;
      let now = NOW.getTime();
      const highest = new Map<string, { sequence: number; revised: string }>();
      for (const { state, seconds } of steps) {
        now += seconds * 1000;
        const items = [...new Map(state.map((given) => [given.uid, item(given)])).values()];
        const next: PublishedCalendar = publishClean(items, {}, previous, new Date(now));
        for (const entry of next.items) {
          const before = previous?.items.find(({ uid }) => uid === entry.uid);
          const text = textOf(next, entry.uid);
          const was = previous ? textOf(previous, entry.uid) : undefined;
          if (before && before.hash === entry.hash && was !== text) return false;
          if (text === undefined || was === text) continue;
          const peak = highest.get(entry.uid);
          if (peak && (entry.sequence <= peak.sequence || entry.revised_at <= peak.revised)) return false;
          highest.set(entry.uid, { sequence: entry.sequence, revised: entry.revised_at });
        }
        const sameBody = previous?.body === next.body;
        if (previous && sameBody !== (previous.etag === next.etag)) return false;
        if (previous && !sameBody && next.changed_at <= previous.changed_at) return false;
        previous = next;
      }
      return true;
    }),
    { numRuns: 100 },
  );
});
