import type { RenderedItem } from './item.ts';
import { foldLines } from './text.ts';

/** When an entry was first published, when it last changed (RFC 3339 in UTC), and how often (from 0). */
export type Stamps = { created_at: string; revised_at: string; sequence: number };

/** The entry's final VEVENT: stamped, folded, every line ended by CRLF. */
export function stampItem(rendered: RenderedItem, { created_at, revised_at, sequence }: Stamps): string {
  const uidLine = `UID:${rendered.uid}\r\n`;
  const afterUid = rendered.content.indexOf(uidLine) + uidLine.length;
  const revised = utcMoment(revised_at);
  // Without METHOD, DTSTAMP means the same as LAST-MODIFIED (RFC 5545 3.8.7.2).
  const stamps = [
    `DTSTAMP:${revised}`,
    `CREATED:${utcMoment(created_at)}`,
    `LAST-MODIFIED:${revised}`,
    `SEQUENCE:${sequence}`,
    '',
  ];
  return foldLines(
    rendered.content.slice(0, afterUid) + stamps.join('\r\n') + rendered.content.slice(afterUid),
  );
}

/** `2026-12-01T09:00:00.000Z` as iCalendar writes it, `20261201T090000Z`. */
export function utcMoment(moment: string): string {
  return `${moment.slice(0, 19).replace(/[-:]/g, '')}Z`;
}

/** Now, but at least a second after `last`; in whole seconds, the resolution of iCalendar. */
export function nextMoment(now: Date, last?: string): string {
  const earliest = last === undefined ? Number.NEGATIVE_INFINITY : Date.parse(last) + 1000;
  return new Date(Math.max(Math.floor(now.getTime() / 1000) * 1000, earliest)).toISOString();
}
