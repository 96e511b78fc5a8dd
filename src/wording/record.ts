import { type Day, parseDay } from '../retention/day.ts';
import type { At, LedgerRecord, RecordInput } from '../retention/record.ts';
import { dateInZone } from '../retention/zone.ts';
import { formatDate } from './format.ts';
import type { Locale } from './locale.ts';
import { type MessageKey, say } from './say.ts';

/** The first and the last day on which a record may have happened, in the line's zone. */
export function recordDays(at: At, zone: string): { earliest: Day; latest: Day } {
  if (typeof at !== 'string') {
    return { earliest: parseDay(at.earliest) as Day, latest: parseDay(at.latest) as Day };
  }
  const day = (parseDay(at) ?? parseDay(dateInZone(new Date(at), zone))) as Day;
  return { earliest: day, latest: day };
}

function messageFor(input: RecordInput, date: string, locale: Locale): [MessageKey, Record<string, string>] {
  switch (input.type) {
    case 'activity':
      return [`record.${input.kind}`, { date, direction: input.direction }];
    case 'validity':
      return ['record.validity', { date, until: formatDate(locale, parseDay(input.until) as Day) }];
    default:
      return [`record.${input.type}`, { date }];
  }
}

/** The day of a record, or the range of days in which it happened. */
export function recordDate({ input }: LedgerRecord, zone: string, locale: Locale): string {
  const { earliest, latest } = recordDays(input.at, zone);
  return earliest === latest
    ? formatDate(locale, earliest)
    : say(locale, 'record.between', {
        earliest: formatDate(locale, earliest),
        latest: formatDate(locale, latest),
      });
}

/** A record by its name and date: `the top-up on 1 April 2026`. Amounts stay out of it. */
export function recordPhrase(record: LedgerRecord, zone: string, locale: Locale): string {
  const phrase = say(locale, ...messageFor(record.input, recordDate(record, zone, locale), locale));
  return record.pending ? say(locale, 'record.pending', { record: phrase }) : phrase;
}
