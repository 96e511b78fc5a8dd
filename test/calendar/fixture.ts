import fc from 'fast-check';
import ICAL from 'ical.js';
import {
  type CalendarItem,
  type Edition,
  entryUid,
  type FeedHead,
  type PublishedCalendar,
  publishCalendar,
  renderItem,
} from '../../src/calendar/index.ts';
import { lintCalendar } from '../support/ical-lint.ts';

export const SECRET = 'a-secret-of-thirty-two-characters';
export const NOW = new Date('2026-11-01T10:00:00.250Z');
export const TODAY = '2026-11-01';
export const HEAD: FeedHead = {
  name: 'SIM renewals',
  description: 'Deadlines of your numbers',
  url: 'https://keepline.example/',
};

export function uidOf(name: string): string {
  return entryUid(SECRET, 'renew', 'line', name);
}

/** A plain entry, with the given fields replaced. */
export function item(given: Partial<CalendarItem> = {}): CalendarItem {
  return {
    line: 'line',
    uid: uidOf('one'),
    date: '2026-12-01',
    summary: 'Renew …5678 by 1 December',
    description: 'Top up the number that ends in 5678.',
    url: 'https://keepline.example/entries/one',
    categories: ['Keepline'],
    alarms: [15, 183],
    alarmText: 'Renew …5678',
    done: false,
    ...given,
  };
}

export function edition(items: CalendarItem[], given: Partial<Edition> = {}): Edition {
  return {
    head: HEAD,
    items: items.map(renderItem),
    today: TODAY,
    describeLeftOut: ({ past, future }) => `Left out: ${past} past, ${future} ahead.`,
    ...given,
  };
}

/** Publishes and lints; tests make feeds only through this. */
export function publishClean(
  items: CalendarItem[],
  given: Partial<Edition> = {},
  previous: PublishedCalendar | null = null,
  now: Date = NOW,
): PublishedCalendar {
  const published = publishCalendar(previous, edition(items, given), now);
  assertClean(published.body);
  return published;
}

export function assertClean(body: string): void {
  const findings = lintCalendar(body);
  if (findings.length > 0) throw new Error(`The lint finds: ${findings.join('; ')}\n${body.slice(0, 4000)}`);
}

export type ReadEvent = {
  uid: string;
  start: string;
  end: string;
  summary: string;
  description: string | null;
  url: string | null;
  categories: string[];
  alarms: { trigger: string; description: string }[];
};

/** A calendar as an independent parser reads it. */
export function read(body: string): { name: string | null; description: string | null; events: ReadEvent[] } {
  const calendar = new ICAL.Component(ICAL.parse(body));
  return {
    name: text(calendar, 'x-wr-calname'),
    description: text(calendar, 'description'),
    events: calendar.getAllSubcomponents('vevent').map((event) => ({
      uid: String(event.getFirstPropertyValue('uid')),
      start: String(event.getFirstPropertyValue('dtstart')),
      end: String(event.getFirstPropertyValue('dtend')),
      summary: String(event.getFirstPropertyValue('summary')),
      description: text(event, 'description'),
      url: text(event, 'url'),
      categories: (event.getFirstProperty('categories')?.getValues() ?? []).map(String),
      alarms: event.getAllSubcomponents('valarm').map((alarm) => ({
        trigger: String(alarm.getFirstPropertyValue('trigger')),
        description: String(alarm.getFirstPropertyValue('description')),
      })),
    })),
  };
}

function text(component: InstanceType<typeof ICAL.Component>, property: string): string | null {
  const value = component.getFirstPropertyValue(property);
  if (value === null) return null;
  // ical.js knows no type for X- properties and leaves their escapes in place.
  return property.startsWith('x-')
    ? String(value).replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped))
    : String(value);
}

/** The unfolded lines of a calendar. */
export function linesOf(body: string): string[] {
  return body.replaceAll('\r\n ', '').split('\r\n');
}

/** Hostile text: it attacks line structure, escaping and text direction. */
export const HOSTILE =
  'a\r\nBEGIN:VEVENT\r\nUID:x\rb\nEND:VCALENDAR\u2028c\u2029d\u0085e\tf\u0000g\u0007h\u001bi\u007fj\u202ek\u2066l\u2069' +
  'm\ufeffn\ud800o\udc00p;q,r\\s\\nt\\;u"v:w^x\'y=z';

/** Any string, including unpaired surrogates, biased towards characters that break calendars. */
export function anyText(): fc.Arbitrary<string> {
  const awkward = [...HOSTILE, '\r\n', '\ud83d', '\ude00', '👨‍👩‍👧‍👦', 'и', 'й', 'й', '好', 'é', '\u0958'];
  const unit = fc.oneof(
    fc.constantFrom(...awkward),
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  );
  return fc.array(unit, { maxLength: 60 }).map((parts) => parts.join(''));
}
