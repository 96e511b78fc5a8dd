import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { cleanLine, cleanText, renderItem, stampItem } from '../../src/calendar/index.ts';
import { anyText, HOSTILE, item, linesOf, publishClean, read, uidOf } from './fixture.ts';

t.test('an entry has the lines of the profile, in its order, alarms last', async (t) => {
  const rendered = renderItem(item({ summary: 'Renew, now; …5678', categories: ['Keepline', 'a,b'] }));
  t.same(rendered.content.split('\r\n'), [
    'BEGIN:VEVENT',
    `UID:${uidOf('one')}`,
    'DTSTART;VALUE=DATE:20261201',
    'DTEND;VALUE=DATE:20261202',
    'SUMMARY:Renew\\, now\\; …5678',
    'DESCRIPTION:Top up the number that ends in 5678.',
    'URL;VALUE=URI:https://keepline.example/entries/one',
    'STATUS:CONFIRMED',
    'TRANSP:TRANSPARENT',
    'CLASS:PRIVATE',
    'X-MICROSOFT-CDO-BUSYSTATUS:FREE',
    'CATEGORIES:Keepline,a\\,b',
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    'TRIGGER:-PT15H',
    'DESCRIPTION:Renew …5678',
    'END:VALARM',
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    'TRIGGER:-P7DT15H',
    'DESCRIPTION:Renew …5678',
    'END:VALARM',
    'END:VEVENT',
    '',
  ]);
  const stamps = {
    created_at: '2026-10-31T23:59:59.000Z',
    revised_at: '2026-11-01T10:00:00.000Z',
    sequence: 12,
  };
  t.same(linesOf(stampItem(rendered, stamps)).slice(0, 7), [
    'BEGIN:VEVENT',
    `UID:${uidOf('one')}`,
    'DTSTAMP:20261101T100000Z',
    'CREATED:20261031T235959Z',
    'LAST-MODIFIED:20261101T100000Z',
    'SEQUENCE:12',
    'DTSTART;VALUE=DATE:20261201',
  ]);
});

t.test('what is empty is left out, what is done is ticked and silent', async (t) => {
  const bare = item({ description: '\u0007', url: undefined, categories: ['', '\u202e'], alarms: [] });
  const { content } = renderItem(bare);
  for (const line of ['DESCRIPTION', 'URL', 'CATEGORIES', 'VALARM']) t.notMatch(content, line);

  const done = renderItem(item({ done: true })).content;
  t.match(done, '\r\nSUMMARY:✅ Renew …5678');
  t.notMatch(done, 'VALARM');
  t.match(
    renderItem(item({ done: true, summary: '✅ Renewed' })).content,
    '\r\nSUMMARY:✅ Renewed\r\n',
    'once',
  );

  const silent = read(publishClean([item({ alarmText: '' })]).body).events[0]!;
  t.equal(silent.alarms[0]!.description, silent.summary, 'an alarm without words says the summary');
  const many = read(publishClean([item({ alarms: [15, 183, 735, 1000] })]).body).events[0]!;
  t.same(
    many.alarms.map((alarm) => alarm.trigger),
    ['-PT15H', '-P7DT15H', '-P30DT15H'],
    'three alarms at most, the first first',
  );
});

t.test(
  'days: the end is the next day over months, years and leap days; days that do not exist are refused',
  async (t) => {
    const cases = [
      ['2026-12-31', '2027-01-01'],
      ['2028-02-28', '2028-02-29'],
      ['2028-02-29', '2028-03-01'],
      ['2027-02-28', '2027-03-01'],
      ['2026-03-29', '2026-03-30'],
      ['0099-12-31', '0100-01-01'],
    ] as const;
    for (const [date, next] of cases) {
      const { content } = renderItem(item({ date }));
      t.match(content, `DTSTART;VALUE=DATE:${date.replaceAll('-', '')}\r\n`, date);
      t.match(content, `DTEND;VALUE=DATE:${next.replaceAll('-', '')}\r\n`, `${date}, its end`);
    }
    for (const date of [
      '2026-02-29',
      '2026-02-30',
      '2026-13-01',
      '2026-1-1',
      '20261201',
      '',
      'x',
      '9999-12-31',
      '+002026-12-01',
    ]) {
      t.throws(() => renderItem(item({ date })), { name: 'RangeError', message: /yyyy-mm-dd/ }, date);
    }
  },
);

t.test('what no calendar may hold is refused with the reason', async (t) => {
  for (const uid of ['', 'a@b.example', 'a b', 'a\r\nBEGIN:VEVENT', 'ü', 'x'.repeat(255)]) {
    t.throws(() => renderItem(item({ uid })), { name: 'RangeError', message: /UID/ }, JSON.stringify(uid));
  }
  for (const hours of [0, -15, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    t.throws(
      () => renderItem(item({ alarms: [hours] })),
      { name: 'RangeError', message: /alarm/ },
      `${hours}`,
    );
  }
  t.throws(() => renderItem(item({ url: 'javascript:alert(1)' })), RangeError);
});

t.test('any text: clean to the lint, and an independent parser reads back what went in', async () => {
  const texts = fc.record({
    summary: anyText(),
    description: anyText(),
    alarmText: anyText(),
    categories: fc.array(anyText(), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(texts, anyText(), anyText(), (given, name, about) => {
      const head = { uid: uidOf('feed'), name, description: about };
      const summary = cleanLine(given.summary);
      const alarm = { trigger: '-PT15H', description: cleanText(given.alarmText) || summary };
      assert.deepEqual(read(publishClean([item({ ...given, alarms: [15] })], { head }).body), {
        name: cleanLine(name),
        description: cleanText(about) || null,
        events: [
          {
            uid: uidOf('one'),
            start: '2026-12-01',
            end: '2026-12-02',
            summary,
            description: cleanText(given.description) || null,
            url: 'https://keepline.example/entries/one',
            categories: [
              ...new Set(given.categories.map((name) => cleanLine(name).replaceAll('\\', '/'))),
            ].filter(Boolean),
            alarms: [alarm],
          },
        ],
      });
    }),
    { numRuns: 300 },
  );
});

t.test('hostile and endless text', async (t) => {
  const endless = HOSTILE.repeat(40).slice(0, 5000);
  const entry = item({ summary: endless, description: endless, alarmText: endless, categories: [endless] });
  const { body } = publishClean([entry], {
    head: { name: endless, description: endless },
  });
  const seen = read(body);
  t.equal(seen.events.length, 1, 'nothing typed becomes an entry');
  t.equal(seen.events[0]!.summary, cleanLine(endless));
  t.equal(seen.events[0]!.description, cleanText(endless));
  t.equal(
    linesOf(body).filter((line) => line.startsWith('BEGIN:')).length,
    4,
    'one calendar, one entry, two alarms',
  );
});

t.test('the hash tells entries apart by what can be seen of them', async (t) => {
  const hash = (given: Parameters<typeof item>[0]) => renderItem(item(given)).hash;
  t.equal(hash({}), hash({}));
  t.equal(hash({ summary: 'a\u0007' }), hash({ summary: 'a' }), 'what is cleaned away cannot be seen');
  t.equal(hash({ line: 'another' }), hash({}), 'whose line it is cannot be seen');
  const changes = [
    { summary: 'x' },
    { description: 'x' },
    { date: '2026-12-02' },
    { url: 'https://a.example/' },
    { categories: [] },
    { alarms: [15] },
    { alarms: [183, 15] },
    { alarmText: 'x' },
    { done: true },
  ];
  const hashes = changes.map(hash);
  t.equal(new Set([hash({}), ...hashes]).size, changes.length + 1);
});
