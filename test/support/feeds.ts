/** Reads feeds for tests: lints their bytes, and parses them with an independent parser. */
import ICAL from 'ical.js';
import { lintCalendar } from './ical-lint.ts';

export type FeedEvent = {
  uid: string;
  /** Its VEVENT, byte for byte. */
  text: string;
  date: string;
  summary: string;
  description: string;
  sequence: number;
  stamp: string;
  modified: string;
  alarms: number;
};

/**
 * The events of a calendar by UID, in its order.
 * @throws Error if the lint finds anything, the parser reads another number of events, or a UID occurs twice
 */
export function readFeed(body: string | Uint8Array): Map<string, FeedEvent> {
  const findings = lintCalendar(body);
  if (findings.length > 0) throw new Error(`the lint finds: ${findings.join('; ')}`);
  const text = Buffer.from(body).toString('utf8');
  const blocks = text.match(/BEGIN:VEVENT\r\n[\s\S]*?END:VEVENT\r\n/g) ?? [];
  const parsed = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent');
  if (parsed.length !== blocks.length) throw new Error('the parser reads another number of events');
  const value = (event: InstanceType<typeof ICAL.Component>, name: string) =>
    String(event.getFirstPropertyValue(name) ?? '');
  const events = parsed.map((event, index) => ({
    uid: value(event, 'uid'),
    text: blocks[index] as string,
    date: value(event, 'dtstart'),
    summary: value(event, 'summary'),
    description: value(event, 'description'),
    sequence: Number(value(event, 'sequence')),
    stamp: value(event, 'dtstamp'),
    modified: value(event, 'last-modified'),
    alarms: event.getAllSubcomponents('valarm').length,
  }));
  const byUid = new Map(events.map((event) => [event.uid, event]));
  if (byUid.size !== events.length) throw new Error('a uid stands twice');
  return byUid;
}

/** The value of one of the calendar's own properties, unfolded. */
export function headLine(body: string | Uint8Array, name: string): string | undefined {
  const text = Buffer.from(body).toString('utf8').replaceAll('\r\n ', '');
  return text
    .slice(0, text.search(/BEGIN:V(EVENT|TIMEZONE)/))
    .split('\r\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.slice(name.length + 1);
}
