import { hash } from 'node:crypto';
import {
  ICalAlarmType,
  ICalCalendar,
  ICalEvent,
  ICalEventBusyStatus,
  ICalEventClass,
  ICalEventStatus,
  ICalEventTransparency,
} from 'ical-generator';
import { DAY } from '../lib/durations.ts';
import { cleanLine, cleanText, cleanUrl } from './text.ts';
import { checkUid } from './uid.ts';

/** One all-day entry of a feed, as plain data in its reader's language. */
export type CalendarItem = {
  /** The line it is about; null for none. Stored with the entry, never shown. */
  line: string | null;
  /** From {@link entryUid}; letters, digits and hyphens (RFC 7986 5.3). */
  uid: string;
  /** The day it stands on, `yyyy-mm-dd`; floating, since the caller has converted it to the reader's zone. */
  date: string;
  /** One line, preferably under 80 characters. Any text; it is cleaned here. */
  summary: string;
  /** Any text, with newlines; none if empty. */
  description: string;
  /** A page about it, http or https, with no token in it. */
  url?: string;
  categories: string[];
  /** Whole hours before 00:00 of the day, at most 3; the most important first, since Outlook keeps only that one. */
  alarms: number[];
  /** The text of the alarms; the summary if empty. */
  alarmText: string;
  /** A done entry is ticked and has no alarms. */
  done: boolean;
};

/** An entry without its stamps, to be compared by `uid` and `hash` with the one published before. */
export type RenderedItem = {
  line: string | null;
  uid: string;
  date: string;
  /** Its VEVENT, unfolded, without DTSTAMP, CREATED, LAST-MODIFIED and SEQUENCE. */
  content: string;
  /** SHA-256 of the content, base64url. */
  hash: string;
};

const MAX_ALARMS = 3;
const TICK = '✅';

// Shared by all: rendering an event only needs a calendar without a time zone.
const calendar = new ICalCalendar();
const placeholder = new Date(0);

/**
 * Renders one entry, its lines in the order of RFC 5545's grammar, alarms last.
 * @throws RangeError if its uid, date, alarms or URL are not what {@link CalendarItem} says.
 */
export function renderItem(item: CalendarItem): RenderedItem {
  checkUid(item.uid);
  const start = startOfDay(item);
  const description = cleanText(item.description);
  const summary = cleanLine(item.summary);
  const event = new ICalEvent(
    {
      id: item.uid,
      stamp: placeholder,
      // Without a time zone set anywhere, dates at 00:00 UTC are written as their UTC day in any process.
      start,
      end: new Date(start.getTime() + DAY),
      allDay: true,
      summary: item.done && !summary.startsWith(TICK) ? `${TICK} ${summary}` : summary,
      description: description === '' ? null : description,
      url: item.url === undefined ? null : cleanUrl(item.url),
      status: ICalEventStatus.CONFIRMED,
      transparency: ICalEventTransparency.TRANSPARENT,
      class: ICalEventClass.PRIVATE,
      busystatus: ICalEventBusyStatus.FREE,
      categories: categories(item),
      alarms: item.done ? [] : alarms(item),
    },
    calendar,
  );
  const content = inProfileOrder(event.toString());
  return {
    line: item.line,
    uid: item.uid,
    date: item.date,
    content,
    hash: hash('sha256', content, 'base64url'),
  };
}

function startOfDay({ uid, date }: CalendarItem): Date {
  const start = new Date(`${date}T00:00:00Z`);
  // 9999-12-31 has no next day that four digits could write.
  const isDay =
    /^\d{4}-\d\d-\d\d$/.test(date) && date < '9999-12-31' && start.getUTCDate() === Number(date.slice(8));
  if (!isDay) {
    throw new RangeError(
      `Entry ${uid}: ${JSON.stringify(date)} is not a day of the calendar, written yyyy-mm-dd.`,
    );
  }
  return start;
}

function categories(item: CalendarItem): { name: string }[] {
  // Some parsers take the list's next comma for an escaped one after a backslash, even a correctly escaped one.
  const names = new Set(item.categories.map((name) => cleanLine(name).replaceAll('\\', '/')));
  names.delete('');
  return Array.from(names, (name) => ({ name }));
}

function alarms(item: CalendarItem) {
  const description = cleanText(item.alarmText);
  return item.alarms.slice(0, MAX_ALARMS).map((hours) => {
    // Outlook takes a trigger's absolute value, so one after the start would ring before it.
    if (!Number.isInteger(hours) || hours < 1) {
      throw new RangeError(
        `Entry ${item.uid}: an alarm rings a whole number of hours before the day, not ${hours}.`,
      );
    }
    return { type: ICalAlarmType.display, triggerBefore: hours * 3600, description };
  });
}

// The profile's order. Other properties are dropped: the placeholder stamps, and the two X- lines for all-day entries,
// which MS-OXCICAL asks not to export.
const ORDER = [
  'UID:',
  'DTSTART;',
  'DTEND;',
  'SUMMARY:',
  'DESCRIPTION:',
  'URL;',
  'STATUS:',
  'TRANSP:',
  'CLASS:',
  'X-MICROSOFT-CDO-BUSYSTATUS:',
  'CATEGORIES:',
];
const ALARMS_BEGIN = '\r\nBEGIN:VALARM\r\n';
const ALARMS_END = '\r\nEND:VALARM\r\n';

function inProfileOrder(vevent: string): string {
  const from = vevent.indexOf(ALARMS_BEGIN);
  const to = from < 0 ? from : vevent.lastIndexOf(ALARMS_END) + ALARMS_END.length;
  const lines = (from < 0 ? vevent : vevent.slice(0, from + 2) + vevent.slice(to)).split('\r\n');
  let ordered = 'BEGIN:VEVENT\r\n';
  for (const property of ORDER) {
    const line = lines.find((candidate) => candidate.startsWith(property));
    if (line !== undefined) ordered += `${line}\r\n`;
  }
  return `${ordered}${from < 0 ? '' : vevent.slice(from + 2, to)}END:VEVENT\r\n`;
}
