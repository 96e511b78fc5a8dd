export type Parameters = Record<string, string | undefined>;
export type Property = { value: string; parameters: Parameters };
export type Report = (finding: string) => void;

const TEXT_PROPERTIES = new Set(
  'SUMMARY DESCRIPTION LOCATION NAME X-WR-CALNAME X-WR-CALDESC COMMENT CONTACT'.split(' '),
);
const UTC_PROPERTIES = new Set('DTSTAMP CREATED LAST-MODIFIED COMPLETED ACKNOWLEDGED'.split(' '));
const DATE_PROPERTIES = new Set(['DTSTART', 'DTEND', 'DUE']);
// Their DTSTART is local time by definition.
const ZONE_RULES = new Set(['STANDARD', 'DAYLIGHT']);
const STATUS: Record<string, string[] | undefined> = {
  VEVENT: ['TENTATIVE', 'CONFIRMED', 'CANCELLED'],
  VTODO: ['NEEDS-ACTION', 'COMPLETED', 'IN-PROCESS', 'CANCELLED'],
};

const TIME = 'T(?=\\d)(?:\\d+H(?:\\d+M(?:\\d+S)?)?|\\d+M(?:\\d+S)?|\\d+S)';
const DURATION = new RegExp(`^[+-]?P(?:\\d+W|\\d+D(?:${TIME})?|${TIME})$`);
const URI = /^[a-z][a-z0-9+.-]*:[^\s"<>\\^`{|}]+$/i;

/** Checks one property's value and parameters; names of time zones that it uses are added to `zonesUsed`. */
export function lintProperty(
  name: string,
  property: Property,
  component: string,
  zonesUsed: Set<string>,
  report: Report,
): void {
  const { value, parameters } = property;
  if (TEXT_PROPERTIES.has(name)) lintText(name, value, report);
  if (UTC_PROPERTIES.has(name) && (parameters.VALUE || !isMoment(value) || !value.endsWith('Z'))) {
    report(`${name} not UTC DATE-TIME`);
  }
  if (DATE_PROPERTIES.has(name)) lintDate(name, property, component, zonesUsed, report);
  const isUri = name === 'URL' || name === 'SOURCE' || (name === 'ATTACH' && parameters.VALUE !== 'BINARY');
  if (isUri && !URI.test(value)) report(`${name} not a URI`);
  if (name === 'TRIGGER') lintTrigger(property, report);
  if (name === 'REFRESH-INTERVAL' && (parameters.VALUE !== 'DURATION' || !DURATION.test(value))) report(name);
  if (name === 'COLOR' && !/^[a-z]+$/i.test(value)) report('COLOR not a CSS3 name');
  if (name === 'STATUS' && STATUS[component]?.includes(value) === false) report(`STATUS ${value}`);
  if (name === 'DURATION' && !DURATION.test(value)) report('bad DURATION');
  if (name === 'UID' && component !== 'VALARM' && !/^[A-Za-z0-9-]{1,254}$/.test(value)) {
    report('UID not opaque token (RFC 7986 5.3)');
  }
}

function lintText(name: string, value: string, report: Report): void {
  if (/(^|[^\\])(\\\\)*[,;]/.test(value)) report(`unescaped , or ; in ${name}`);
  if (/(^|[^\\])(\\\\)*\\([^\\;,nN]|$)/.test(value)) report(`bad escape in ${name}`);
}

function lintDate(
  name: string,
  { value, parameters }: Property,
  component: string,
  zonesUsed: Set<string>,
  report: Report,
): void {
  if (parameters.VALUE === 'DATE') {
    if (!isDate(value)) report(`${name} bad DATE`);
    if (parameters.TZID) report(`TZID on DATE ${name}`);
  } else if (!isMoment(value)) {
    report(`${name} bad DATE-TIME`);
  } else if (parameters.TZID) {
    if (value.endsWith('Z')) report(`TZID on UTC ${name}`);
    zonesUsed.add(parameters.TZID);
  } else if (!value.endsWith('Z') && !ZONE_RULES.has(component)) {
    report(`floating ${name}`);
  }
}

function lintTrigger({ value, parameters }: Property, report: Report): void {
  if (parameters.VALUE === 'DATE-TIME') {
    if (!isMoment(value) || !value.endsWith('Z')) report('TRIGGER DATE-TIME not UTC');
  } else if (!DURATION.test(value)) {
    report('TRIGGER bad duration');
  }
}

function isDate(value: string): boolean {
  const match = /^(\d{4})(\d\d)(\d\d)$/.exec(value);
  if (!match) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() + 1 === month && date.getUTCDate() === day;
}

function isMoment(value: string): boolean {
  const match = /^(\d{8})T([01]\d|2[0-3])([0-5]\d)([0-5]\d|60)(Z?)$/.exec(value);
  return match !== null && isDate(match[1]!);
}
