/**
 * Lints a feed's bytes against RFC 5545 and 7986, narrowed to what this service may write. It is stricter than any
 * parser: tolerant parsers accept most broken files, and clients fail on them silently.
 */
import { lintProperty, type Property, type Report } from './ical-lint-properties.ts';

type Component = {
  name: string;
  properties: Map<string, Property[]>;
  children: number;
  alarmSeen: boolean;
};
type Calendar = {
  uids: Set<string>;
  zonesUsed: Set<string>;
  zonesDefined: Set<string>;
  isPublished: boolean;
};

const AT_MOST_ONCE: Record<string, string | undefined> = {
  VCALENDAR: 'PRODID VERSION CALSCALE METHOD UID LAST-MODIFIED URL REFRESH-INTERVAL SOURCE COLOR',
  VEVENT:
    'DTSTAMP UID DTSTART CLASS CREATED DESCRIPTION GEO LAST-MODIFIED LOCATION ORGANIZER PRIORITY SEQUENCE STATUS ' +
    'SUMMARY TRANSP URL RECURRENCE-ID RRULE DTEND DURATION COLOR',
  VTODO:
    'DTSTAMP UID DTSTART DUE DURATION COMPLETED PERCENT-COMPLETE STATUS SUMMARY SEQUENCE LAST-MODIFIED URL',
  VALARM: 'ACTION TRIGGER DESCRIPTION SUMMARY REPEAT DURATION UID',
  VTIMEZONE: 'TZID LAST-MODIFIED TZURL',
};
const REQUIRED: Record<string, string | undefined> = {
  VCALENDAR: 'PRODID VERSION',
  VEVENT: 'UID DTSTAMP DTSTART SUMMARY',
  VTODO: 'UID DTSTAMP',
  VALARM: 'ACTION TRIGGER',
  VTIMEZONE: 'TZID',
  STANDARD: 'DTSTART TZOFFSETFROM TZOFFSETTO',
  DAYLIGHT: 'DTSTART TZOFFSETFROM TZOFFSETTO',
};

const CONTENT_LINE =
  /^([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"\u0000-\u0008\u000a-\u001f\u007f]*"|[^";:,\u0000-\u0008\u000a-\u001f\u007f]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)$/s;

/** The findings, each once; none for a calendar that may be served. */
export function lintCalendar(body: Uint8Array | string): string[] {
  const bytes = Buffer.from(body);
  if (bytes.length === 0) return ['empty body'];
  const findings = new Set<string>();
  const report: Report = (finding) => findings.add(finding);
  const text = lintBytes(bytes, report);
  lintLines(
    text
      .replace(/\r?\n[ \t]/g, '')
      .split(/\r?\n/)
      .filter(Boolean),
    report,
  );
  return [...findings];
}

function lintBytes(bytes: Buffer, report: Report): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb) report('BOM');
  if (!isUtf8(bytes)) report('not valid UTF-8');
  const text = bytes.toString('utf8');
  if (!text.endsWith('\r\n')) report('no final CRLF');
  if (/[^\r]\n|\r[^\n]/.test(text)) report('bare LF or CR');
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text)) report('control character');
  for (const line of physicalLines(bytes)) {
    if (line.length > 75) report(`line > 75 octets (${line.length})`);
    if (line.length === 0) report('blank line');
    else if (!isUtf8(line)) report('fold inside a UTF-8 sequence');
  }
  return text;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function* physicalLines(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  for (let end = bytes.indexOf('\r\n'); end >= 0; end = bytes.indexOf('\r\n', start)) {
    yield bytes.subarray(start, end);
    start = end + 2;
  }
  if (start < bytes.length) yield bytes.subarray(start);
}

function lintLines(lines: string[], report: Report): void {
  const calendar: Calendar = {
    uids: new Set(),
    zonesUsed: new Set(),
    zonesDefined: new Set(),
    isPublished: false,
  };
  const open: Component[] = [];
  let roots = 0;
  for (const line of lines) {
    const match = CONTENT_LINE.exec(line);
    if (!match) {
      report(`bad content line: ${line.slice(0, 40)}`);
      continue;
    }
    const name = match[1]!.toUpperCase();
    const value = match[3]!;
    const parent = open.at(-1);
    if (name === 'BEGIN') {
      if (parent) parent.children++;
      else if (++roots > 1 || value !== 'VCALENDAR') report(`root ${value}`);
      open.push({ name: value, properties: new Map(), children: 0, alarmSeen: false });
    } else if (name === 'END') {
      const closed = open.pop();
      if (closed?.name !== value) {
        report(`END:${value} does not match`);
        break;
      }
      lintComponent(closed, calendar, report);
      const outer = open.at(-1);
      if (outer && value === 'VALARM') outer.alarmSeen = true;
    } else if (parent) {
      if (parent.name === 'VCALENDAR' && parent.children > 0) {
        report(`calendar property after components: ${name}`);
      }
      if (parent.alarmSeen) report(`property after VALARM: ${name}`);
      const property = { value, parameters: parseParameters(match[2]!) };
      lintProperty(name, property, parent.name, calendar.zonesUsed, report);
      parent.properties.set(name, [...(parent.properties.get(name) ?? []), property]);
      calendar.isPublished ||= name === 'METHOD' && value === 'PUBLISH';
    } else {
      report('property outside component');
    }
  }
  if (open.length > 0) report(`unclosed ${open.map((component) => component.name).join('/')}`);
  if (roots === 0) report('no VCALENDAR');
  for (const zone of calendar.zonesUsed) {
    if (!calendar.zonesDefined.has(zone)) report(`TZID without VTIMEZONE: ${zone}`);
  }
}

function parseParameters(text: string): Property['parameters'] {
  const pairs = text.matchAll(/;([A-Za-z0-9-]+)=("[^"]*"|[^;:]*)/g);
  return Object.fromEntries(
    Array.from(pairs, (pair) => [pair[1]!.toUpperCase(), pair[2]!.replace(/^"|"$/g, '')]),
  );
}

function lintComponent(component: Component, calendar: Calendar, report: Report): void {
  const { name, properties } = component;
  for (const required of REQUIRED[name]?.split(' ') ?? []) {
    if (!properties.has(required)) report(`${name} missing ${required}`);
  }
  for (const single of AT_MOST_ONCE[name]?.split(' ') ?? []) {
    const count = properties.get(single)?.length ?? 0;
    if (count > 1) report(`${name} has ${count} ${single}`);
  }
  if (name === 'VTIMEZONE') calendar.zonesDefined.add(properties.get('TZID')?.[0]?.value ?? '');
  if (name === 'VALARM') lintAlarm(properties, report);
  if (name === 'VEVENT' || name === 'VTODO') lintEntry(properties, calendar, report);
  if (name === 'VCALENDAR' && component.children === 0) report('no components');
}

function lintAlarm(properties: Component['properties'], report: Report): void {
  if (properties.get('ACTION')?.[0]?.value === 'DISPLAY' && !properties.has('DESCRIPTION')) {
    report('DISPLAY alarm without DESCRIPTION');
  }
  if (properties.has('REPEAT') !== properties.has('DURATION')) report('REPEAT/DURATION not paired');
}

function lintEntry(properties: Component['properties'], calendar: Calendar, report: Report): void {
  const uid = properties.get('UID')?.[0]?.value;
  if (uid) {
    if (calendar.uids.has(uid) && !properties.has('RECURRENCE-ID')) report(`duplicate UID ${uid.slice(-6)}`);
    calendar.uids.add(uid);
  }
  const start = properties.get('DTSTART')?.[0];
  const end = (properties.get('DTEND') ?? properties.get('DUE'))?.[0];
  if (start && end) {
    if (kindOf(start) !== kindOf(end)) report('DTSTART/DTEND type mismatch');
    else if (end.value <= start.value) report('end not after start');
  }
  const duration = properties.get('DURATION')?.[0];
  if (end && duration) report('DTEND and DURATION');
  if (start?.parameters.VALUE === 'DATE' && duration?.value.includes('T')) {
    report('DATE start with time DURATION');
  }
  if (calendar.isPublished && !properties.has('ORGANIZER')) {
    report('METHOD:PUBLISH without ORGANIZER (RFC 5546 3.2.1)');
  }
}

function kindOf({ value, parameters }: Property): string {
  return JSON.stringify([parameters.VALUE ?? '', parameters.TZID ?? '', value.endsWith('Z')]);
}
