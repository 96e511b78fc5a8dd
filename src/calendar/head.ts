import { utcMoment } from './stamp.ts';
import { cleanLine, cleanText, cleanUrl, escapeText, foldLines } from './text.ts';

/**
 * The calendar's own properties. It has no UID, though RFC 7986 5.3 allows one: when vdirsyncer splits a calendar into
 * entries, it takes the first UID it finds in each for the entry's, and would keep a single entry.
 */
export type FeedHead = {
  /** Any text; shown as the calendar's name. */
  name: string;
  /** Any text, with newlines; none if empty. */
  description: string;
  /** A page of the service, never the feed itself: clients show it and people forward it. */
  url?: string;
};

const OPENING = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'PRODID:-//Keepline//Keepline 1//EN',
  'CALSCALE:GREGORIAN',
  '',
].join('\r\n');

// The same for everybody: intervals that differ by user would identify users (RFC 7986 8).
const AFTER_URL = [
  'REFRESH-INTERVAL;VALUE=DURATION:PT6H',
  'X-PUBLISHED-TTL:PT6H',
  'COLOR:teal',
  'X-APPLE-CALENDAR-COLOR:#008080',
];

// RFC 5545 3.6 asks for at least one component.
const EMPTY = [
  'BEGIN:VTIMEZONE',
  'TZID:Etc/UTC',
  'BEGIN:STANDARD',
  'DTSTART:19700101T000000',
  'TZNAME:UTC',
  'TZOFFSETFROM:+0000',
  'TZOFFSETTO:+0000',
  'END:STANDARD',
  'END:VTIMEZONE',
  '',
].join('\r\n');

/** The calendar's folded properties after LAST-MODIFIED. */
type RenderedHead = string;

export function renderHead(head: FeedHead): RenderedHead {
  const name = escapeText(cleanLine(head.name));
  const description = escapeText(cleanText(head.description));
  // Most clients read the X- names only.
  const rest = [`NAME:${name}`, `X-WR-CALNAME:${name}`];
  if (description !== '') rest.push(`DESCRIPTION:${description}`, `X-WR-CALDESC:${description}`);
  if (head.url !== undefined) rest.push(`URL;VALUE=URI:${cleanUrl(head.url)}`);
  rest.push(...AFTER_URL, '');
  return foldLines(rest.join('\r\n'));
}

/** Assembles a calendar from its head, LAST-MODIFIED (RFC 3339 in UTC) and the entries' final texts. */
export function calendarText(head: RenderedHead, changedAt: string, items: readonly string[]): string {
  const components = items.length === 0 ? EMPTY : items.join('');
  return `${OPENING}LAST-MODIFIED:${utcMoment(changedAt)}\r\n${head}${components}END:VCALENDAR\r\n`;
}

/** Extracts the entries' final texts from the output of {@link calendarText}. */
export const eventTexts = (calendar: string): string[] =>
  calendar.match(/^BEGIN:VEVENT\r\n.*?^END:VEVENT\r\n/gms) ?? [];
