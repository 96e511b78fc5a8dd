/** Converts moments to days and days to moments: the only part of the engine that knows of zones and offsets. */
import { DateTime, IANAZone } from 'luxon';
import { civil, type Day, parseDay } from './day.ts';

const zones = new Map<string, IANAZone>();

function zoneOf(name: string): IANAZone {
  const known = zones.get(name);
  if (known) return known;
  const zone = IANAZone.create(name);
  if (!zone.isValid) throw new RangeError(`"${name}" is no time zone: write it as "Europe/Moscow"`);
  zones.set(name, zone);
  return zone;
}

/** The zones whose dates are ahead of and behind all others: in them a moment falls on its latest and earliest day. */
export const ZONE_AHEAD = 'Etc/GMT-14';
export const ZONE_BEHIND = 'Etc/GMT+12';

/** Before this moment a zone's date may fall in a year before Christ, and Intl counts those backwards. */
const INTL_MINIMUM = Date.parse('0001-01-02T00:00:00Z');

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const calendar = new Intl.DateTimeFormat('en-US', {
    timeZone: zoneOf(zone).name,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  });
  formatters.set(zone, calendar);
  return calendar;
}

/**
 * The calendar date, as `2026-03-01`, that a moment has in a zone. Throws a RangeError on an unknown zone. It is called
 * for every moment of a ledger, and Luxon would take ten times as long as Intl.
 */
export function dateInZone(moment: Date | number, zone: string): string {
  if (Number(moment) < INTL_MINIMUM)
    return DateTime.fromMillis(Number(moment), { zone: zoneOf(zone) }).toISODate() as string;
  const [month = '', date = '', year = ''] = formatterOf(zone).format(moment).split('/');
  return `${year.padStart(4, '0')}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
}

/** Moments that `Date.parse` reads in the same way as Luxon. */
const COMMON_MOMENT =
  /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,3})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Reads a moment as milliseconds since the epoch and its day in a zone; null if the text is no moment. */
export function readMoment(text: string, zone: string): { day: Day; moment: number } | null {
  const date = COMMON_MOMENT.exec(text)?.[1];
  const moment =
    date !== undefined && parseDay(date) !== null
      ? Date.parse(text)
      : DateTime.fromISO(text, { zone: zoneOf(zone) }).toMillis();
  return Number.isNaN(moment) ? null : { day: parseDay(dateInZone(moment, zone)) as Day, moment };
}

/** The time of day, as `09:30`, that a moment has in a zone. Throws a RangeError on an unknown zone. */
export function timeInZone(moment: Date, zone: string): string {
  const { hour, minute } = DateTime.fromJSDate(moment, { zone: zoneOf(zone) });
  return [hour, minute].map((part) => String(part).padStart(2, '0')).join(':');
}

/** The first moment of a local day; for a day that the zone skipped, the first moment of the next one. */
export function instantOf(day: Day, zone: string): Date {
  const { year, month, date } = civil(day);
  const midnight = DateTime.fromObject({ year, month, day: date }, { zone: zoneOf(zone) });
  // A clock set back at 01:00 shows midnight twice: the day begins with the first.
  return midnight.getPossibleOffsets()[0]!.toJSDate();
}

const MAX_CACHED = 50_000;
const safeDays = new Map<string, Map<Day, Day>>();
let cachedCount = 0;

function computeSafeDay(day: Day, carrierZone: string, personZone: string): Day {
  const end = instantOf(day + 1, carrierZone);
  let safe = parseDay(dateInZone(end, personZone))! - 1;
  // A day that the zone skipped is no day to act on.
  while (instantOf(safe, personZone).getTime() === instantOf(safe + 1, personZone).getTime()) safe -= 1;
  return safe;
}

/**
 * The last day of the person's zone that ends no later than the carrier's day, so that acting on it is in time: the end
 * of 30 June in Moscow is still 30 June in Shanghai, but 29 June in New York.
 */
export function safeDay(day: Day, carrierZone: string, personZone: string): Day {
  // Cached: reading an offset from Intl takes tens of microseconds, and an agenda asks for the same few days
  // repeatedly.
  const pair = `${carrierZone} ${personZone}`;
  const known = safeDays.get(pair)?.get(day);
  if (known !== undefined) return known;
  const safe = computeSafeDay(day, carrierZone, personZone);
  if (cachedCount++ >= MAX_CACHED) {
    safeDays.clear();
    cachedCount = 0;
  }
  const days = safeDays.get(pair) ?? new Map<Day, Day>();
  safeDays.set(pair, days.set(day, safe));
  return safe;
}
