/** A lint that finds nothing proves nothing: each of its findings, in a calendar that is broken in that one way. */
import t from 'tap';
import { item, publishClean } from '../calendar/fixture.ts';
import { lintCalendar } from './ical-lint.ts';

const good = publishClean([
  item({ description: 'Пополните номер, оканчивающийся на 5678; до 1 декабря.' }),
]).body;
const START = 'DTSTART;VALUE=DATE:20261201\r\n';
const END = 'DTEND;VALUE=DATE:20261202\r\n';
const zone = (definition: string) => `BEGIN:VTIMEZONE\r\n${definition}END:VTIMEZONE\r\nBEGIN:VEVENT\r\n`;

t.test('a good calendar has no findings', async (t) => {
  t.same(lintCalendar(good), []);
  t.same(lintCalendar(Buffer.from(good)), []);
});

const BROKEN: [finding: string, broken: string | Buffer][] = [
  ['empty body', ''],
  ['BOM', `\ufeff${good}`],
  ['not valid UTF-8', Buffer.concat([Buffer.from(good.replace(END, '')), Buffer.from([0xff])])],
  ['no final CRLF', good.trimEnd()],
  ['bare LF or CR', good.replace(START, START.replace('\r', ''))],
  ['control character', good.replace('Renew', '\u0007Renew')],
  ['line > 75 octets (77)', good.replace('SUMMARY:', `COMMENT:${'x'.repeat(69)}\r\nSUMMARY:`)],
  ['blank line', good.replace(START, `\r\n${START}`)],
  ['fold inside a UTF-8 sequence', splitInside(good, 'П')],
  ['bad content line: no colon here', good.replace(START, `no colon here\r\n${START}`)],
  ['root VEVENT', good.replace(/^.*?(?=BEGIN:VEVENT)/s, '')],
  ['root VCALENDAR', good + good],
  ['END:VALARM does not match', good.replace('END:VEVENT', 'END:VALARM')],
  ['unclosed VCALENDAR', good.replace('END:VCALENDAR\r\n', '')],
  ['no VCALENDAR', 'VERSION:2.0\r\n'],
  ['property outside component', `VERSION:2.0\r\n${good}`],
  ['calendar property after components: NAME', good.replace('END:VCALENDAR', 'NAME:x\r\nEND:VCALENDAR')],
  ['property after VALARM: STATUS', good.replace('END:VEVENT', 'STATUS:CONFIRMED\r\nEND:VEVENT')],
  ['no components', good.replace(/BEGIN:VEVENT.*END:VEVENT\r\n/s, '')],
  ['VCALENDAR missing PRODID', good.replace(/PRODID.*\r\n/, '')],
  ['VEVENT missing DTSTAMP', good.replace(/DTSTAMP.*\r\n/, '')],
  ['VALARM missing TRIGGER', good.replace(/TRIGGER.*\r\n/, '')],
  ['VEVENT has 2 DTSTART', good.replace(START, START + START)],
  ['duplicate UID', good.replace(/BEGIN:VEVENT.*END:VEVENT\r\n/s, '$&$&')],
  ['DISPLAY alarm without DESCRIPTION', good.replace(/(TRIGGER.*\r\n)DESCRIPTION.*\r\n/, '$1')],
  ['REPEAT/DURATION not paired', good.replace('TRIGGER', 'REPEAT:2\r\nTRIGGER')],
  ['unescaped , or ; in DESCRIPTION', good.replace('номер\\,', 'номер,')],
  ['bad escape in DESCRIPTION', good.replace('номер\\,', 'номер\\x')],
  ['CREATED not UTC DATE-TIME', good.replace(/(CREATED:.*)Z\r/, '$1\r')],
  ['DTSTART bad DATE', good.replace(START, 'DTSTART;VALUE=DATE:20260230\r\n')],
  ['DTSTART bad DATE-TIME', good.replace(START, 'DTSTART:20261201T250000Z\r\n')],
  ['TZID on DATE DTSTART', good.replace(START, 'DTSTART;VALUE=DATE;TZID=Europe/Riga:20261201\r\n')],
  ['TZID on UTC DTSTART', good.replace(START, 'DTSTART;TZID=Europe/Riga:20261201T000000Z\r\n')],
  [
    'TZID without VTIMEZONE: Europe/Riga',
    good.replace(START, 'DTSTART;TZID=Europe/Riga:20261201T000000\r\n'),
  ],
  ['floating DTSTART', good.replace(START, 'DTSTART:20261201T000000\r\n')],
  ['DTSTART/DTEND type mismatch', good.replace(START, 'DTSTART:20261201T000000Z\r\n')],
  ['end not after start', good.replace('20261202', '20261201')],
  ['DTEND and DURATION', good.replace(END, `${END}DURATION:P1D\r\n`)],
  ['DATE start with time DURATION', good.replace(END, 'DURATION:PT1H\r\n')],
  ['bad DURATION', good.replace(END, 'DURATION:PT1D\r\n')],
  ['URL not a URI', good.replace('https://keepline.example/\r\n', 'https://keepline.example/{a b}\r\n')],
  ['TRIGGER bad duration', good.replace('TRIGGER:-PT15H', 'TRIGGER:-P7DT')],
  ['TRIGGER DATE-TIME not UTC', good.replace('TRIGGER:-PT15H', 'TRIGGER;VALUE=DATE-TIME:20261201T090000')],
  ['REFRESH-INTERVAL', good.replace('INTERVAL;VALUE=DURATION', 'INTERVAL')],
  ['COLOR not a CSS3 name', good.replace('COLOR:teal', 'COLOR:#008080')],
  ['STATUS NEEDS-ACTION', good.replace('STATUS:CONFIRMED', 'STATUS:NEEDS-ACTION')],
  ['UID not opaque token (RFC 7986 5.3)', good.replace(/UID:.*\r\n/, 'UID:1@keepline.example\r\n')],
  ['METHOD:PUBLISH without ORGANIZER (RFC 5546 3.2.1)', good.replace('NAME:', 'METHOD:PUBLISH\r\nNAME:')],
  ['VTIMEZONE missing TZID', good.replace('BEGIN:VEVENT\r\n', zone(''))],
];

for (const [finding, broken] of BROKEN) {
  t.test(finding, async (t) => {
    const findings = lintCalendar(broken);
    t.ok(
      findings.some((found) => found.startsWith(finding)),
      JSON.stringify(findings),
    );
  });
}

/** Folds inside a character: the line break comes between its octets. */
function splitInside(calendar: string, character: string): Buffer {
  const bytes = Buffer.from(calendar);
  const middle = bytes.indexOf(character) + 1;
  return Buffer.concat([bytes.subarray(0, middle), Buffer.from('\r\n '), bytes.subarray(middle)]);
}
