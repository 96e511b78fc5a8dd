import t from 'tap';
import { renderItem } from '../../src/calendar/index.ts';
import { HEAD, HOSTILE, item, linesOf, publishClean, read, uidOf } from './fixture.ts';

const { body } = publishClean([
  item({ url: 'https://keepline.example/entries?a=1;b=2,3' }),
  item({ uid: uidOf('two'), date: '2026-12-02', done: true }),
]);
const lines = linesOf(body);

t.test('names and descriptions of the calendar are not escaped', async (t) => {
  const head = { ...HEAD, name: 'x\r\nBEGIN:VEVENT, y; z', description: 'x\r\nBEGIN:VEVENT, y; z' };
  const seen = linesOf(publishClean([], { head }).body);
  for (const line of [
    'NAME:x BEGIN:VEVENT\\, y\\; z',
    'X-WR-CALNAME:x BEGIN:VEVENT\\, y\\; z',
    'DESCRIPTION:x\\nBEGIN:VEVENT\\, y\\; z',
    'X-WR-CALDESC:x\\nBEGIN:VEVENT\\, y\\; z',
  ]) {
    t.ok(seen.includes(line), line);
  }
});

t.test('URLs and UIDs are written raw', async (t) => {
  const url = 'https://keepline.example/\r\nBEGIN:VEVENT';
  const seen = publishClean([item({ url })], { head: { ...HEAD, url } });
  t.equal(linesOf(seen.body).filter((line) => line === 'BEGIN:VEVENT').length, 1);
  t.throws(() => renderItem(item({ uid: 'x\r\nBEGIN:VEVENT' })), RangeError);
});

t.test('stamps are local time where a calendar has a zone', async (t) => {
  const stamps = lines.filter((line) => /^(DTSTAMP|CREATED|LAST-MODIFIED)/.test(line));
  t.equal(stamps.length, 1 + 2 * 3);
  t.ok(stamps.every((line) => /^[A-Z-]+:\d{8}T\d{6}Z$/.test(line)));
});

t.test('absolute triggers are local time; positive ones count from the end', async (t) => {
  const triggers = lines.filter((line) => line.startsWith('TRIGGER'));
  t.same(triggers, ['TRIGGER:-PT15H', 'TRIGGER:-P7DT15H']);
  t.throws(() => renderItem(item({ alarms: [-9] })), RangeError);
});

t.test('no line break after END:VCALENDAR', async (t) => {
  t.ok(body.endsWith('END:VCALENDAR\r\n'));
});

t.test('properties come after alarms and after components', async (t) => {
  const inAlarm = lines.lastIndexOf('END:VALARM');
  t.equal(lines[inAlarm + 1], 'END:VEVENT');
  const firstEvent = lines.indexOf('BEGIN:VEVENT');
  t.same(
    lines.slice(0, firstEvent).map((line) => line.split(/[:;]/)[0]),
    'BEGIN VERSION PRODID CALSCALE LAST-MODIFIED NAME X-WR-CALNAME DESCRIPTION X-WR-CALDESC URL REFRESH-INTERVAL X-PUBLISHED-TTL COLOR X-APPLE-CALENDAR-COLOR'.split(
      ' ',
    ),
  );
  t.ok(lines.slice(firstEvent).every((line) => !line.startsWith('X-WR-')));
});

t.test('URLs are escaped as if they were text', async (t) => {
  t.ok(lines.includes('URL;VALUE=URI:https://keepline.example/entries?a=1%3Bb=2%2C3'));
});

t.test('an end on or before the start is swapped or kept', async (t) => {
  for (const event of read(body).events) t.ok(event.end > event.start, `${event.start} to ${event.end}`);
});

t.test('control characters pass through', async (t) => {
  const hostile = publishClean([item({ summary: HOSTILE, description: HOSTILE, alarmText: HOSTILE })]);
  t.notMatch(hostile.body, /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f]/);
});

t.test('two X- lines for all-day entries are always written', async (t) => {
  t.notMatch(body, 'ALLDAYEVENT');
  t.ok(lines.includes('X-MICROSOFT-CDO-BUSYSTATUS:FREE'));
});

t.test('an unset UID is random and an unset stamp is now', async (t) => {
  const again = publishClean([
    item({ url: 'https://keepline.example/entries?a=1;b=2,3' }),
    item({ uid: uidOf('two'), date: '2026-12-02', done: true }),
  ]);
  t.equal(again.body, body);
  t.notMatch(renderItem(item()).content, /DTSTAMP|19700101/, 'the placeholder does not stay');
});

t.test('the profile has none of what the library offers and clients trip over', async (t) => {
  t.notMatch(body, /METHOD|SOURCE|TZID|VTIMEZONE|TIMEZONE|ORGANIZER|ATTENDEE|ATTACH|RRULE/);
});
