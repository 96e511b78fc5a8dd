import { foldLines, utcMoment } from './stamp.ts';
import { cleanLine, cleanText, cleanUrl, escapeText } from './text.ts';
import { checkUid } from './uid.ts';

/** What a calendar says of itself. */
export type FeedHead = {
  /** From {@link feedUid}. */
  uid: string;
  /** Any text; shown as the calendar's name. */
  name: string;
  /** Any text, with newlines; none if empty. */
  description: string;
  /** A page of the service, never the feed itself: clients show it and people forward it. */
  url?: string;
};

const BEFORE_UID = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'PRODID:-//Keepline//Keepline 1//EN',
  'CALSCALE:GREGORIAN',
];

// The same for everybody: intervals that differ by user would tell users apart (RFC 7986 8).
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

/**
 * A whole calendar from its head and its entries' final texts, last changed at `changedAt` (RFC 3339 in UTC);
 * null leaves LAST-MODIFIED out, which is the text by which two publications are compared.
 */
export function calendarText(head: FeedHead, changedAt: string | null, items: readonly string[]): string {
  return `${headText(head, changedAt)}${items.length === 0 ? EMPTY : items.join('')}END:VCALENDAR\r\n`;
}

function headText(head: FeedHead, changedAt: string | null): string {
  checkUid(head.uid);
  const name = escapeText(cleanLine(head.name));
  const description = escapeText(cleanText(head.description));
  const lines = [...BEFORE_UID, `UID:${head.uid}`];
  if (changedAt !== null) lines.push(`LAST-MODIFIED:${utcMoment(changedAt)}`);
  // Most clients read the X- names only.
  lines.push(`NAME:${name}`, `X-WR-CALNAME:${name}`);
  if (description !== '') lines.push(`DESCRIPTION:${description}`, `X-WR-CALDESC:${description}`);
  if (head.url !== undefined) lines.push(`URL;VALUE=URI:${cleanUrl(head.url)}`);
  lines.push(...AFTER_URL, '');
  return foldLines(lines.join('\r\n'));
}
