/** The shorthand of a records file: money as `300 RUB`, and dates relative to today. */
import type { TProperties, TSchema } from 'typebox';
import { addMonths, type Day, formatDay, parseDay } from '../../retention/day.ts';
import { recordSchemas } from '../../retention/record.ts';

const RELATIVE =
  /^(?:(today|yesterday|tomorrow)|(\d{1,5}) (day|week|month|year)s? ago|in (\d{1,5}) (day|week|month|year)s?)$/i;
const MONEY = /^(-?\d+(?:\.\d+)?) ([A-Z]{3})$/;

const NAMED_DAYS: Record<string, number> = { yesterday: -1, today: 0, tomorrow: 1 };

function shift(today: Day, count: number, unit: string): Day {
  if (unit === 'day' || unit === 'week') return today + count * (unit === 'week' ? 7 : 1);
  return addMonths(today, count * (unit === 'year' ? 12 : 1));
}

/** `40 days ago` as a date, relative to `today`, both as `2026-03-01`; any other value is returned as it is. */
export function expandDate(value: unknown, today: string): unknown {
  if (typeof value !== 'string') return value;
  const match = RELATIVE.exec(value.trim());
  if (!match) return value;
  const [, name, ago, agoUnit = '', ahead, aheadUnit = ''] = match;
  const from = parseDay(today) as Day;
  if (name) return formatDay(from + (NAMED_DAYS[name.toLowerCase()] as number));
  if (ago) return formatDay(shift(from, -Number(ago), agoUnit.toLowerCase()));
  return formatDay(shift(from, Number(ahead), aheadUnit.toLowerCase()));
}

/** `300 RUB` as the API's money object; any other value is returned as it is. */
export function expandMoney(value: unknown): unknown {
  const match = typeof value === 'string' ? MONEY.exec(value.trim()) : null;
  return match ? { amount: match[1], currency: match[2] } : value;
}

const properties = Object.values(recordSchemas).flatMap(
  (schema) => Object.entries(schema.properties as TProperties) as [string, TSchema][],
);
const fieldsWhere = (test: (schema: { properties?: object; format?: string }) => boolean) =>
  new Set(properties.filter(([, schema]) => test(schema as object)).map(([name]) => name));

/** Fields of records that hold money, and fields that hold a date (except `at`, which may be a range). */
export const MONEY_FIELDS = fieldsWhere((schema) => Object.hasOwn(schema.properties ?? {}, 'currency'));
export const DATE_FIELDS = fieldsWhere((schema) => schema.format === 'date');

/** A record in the API's form; invalid values stay as they are, for the API's checks to report. */
export function expandRecord(record: Record<string, unknown>, today: string): Record<string, unknown> {
  const expanded = Object.entries(record).map(([field, value]) => {
    if (MONEY_FIELDS.has(field)) return [field, expandMoney(value)];
    if (DATE_FIELDS.has(field)) return [field, expandDate(value, today)];
    if (field !== 'at') return [field, value];
    if (value === null || typeof value !== 'object') return [field, expandDate(value, today)];
    const span = Object.entries(value).map(([end, day]) => [end, expandDate(day, today)]);
    return [field, Object.fromEntries(span)];
  });
  return Object.fromEntries(expanded);
}
