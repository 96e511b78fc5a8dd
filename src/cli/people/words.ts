/** What a records file may write shorter than the API: money as `300 RUB`, and dates seen from today. */
import type { TProperties, TSchema } from 'typebox';
import { addMonths, type Day, formatDay, parseDay } from '../../retention/day.ts';
import { recordSchemas } from '../../retention/record.ts';

const RELATIVE =
  /^(?:(today|yesterday|tomorrow)|(\d{1,5}) (day|week|month|year)s? ago|in (\d{1,5}) (day|week|month|year)s?)$/i;
const MONEY = /^(-?\d+(?:\.\d+)?) ([A-Z]{3})$/;

const named: Record<string, number> = { yesterday: -1, today: 0, tomorrow: 1 };

function shift(today: Day, count: number, unit: string): Day {
  if (unit === 'day' || unit === 'week') return today + count * (unit === 'week' ? 7 : 1);
  return addMonths(today, count * (unit === 'year' ? 12 : 1));
}

/** `40 days ago` as a date, counted from `today`, both as `2026-03-01`; any other text stays as it is. */
export function settleDate(value: unknown, today: string): unknown {
  if (typeof value !== 'string') return value;
  const match = RELATIVE.exec(value.trim());
  if (!match) return value;
  const [, name, ago, agoUnit = '', ahead, aheadUnit = ''] = match;
  const from = parseDay(today) as Day;
  if (name) return formatDay(from + (named[name.toLowerCase()] as number));
  if (ago) return formatDay(shift(from, -Number(ago), agoUnit.toLowerCase()));
  return formatDay(shift(from, Number(ahead), aheadUnit.toLowerCase()));
}

/** `300 RUB` as the API takes it; anything else stays as it is. */
export function settleMoney(value: unknown): unknown {
  const match = typeof value === 'string' ? MONEY.exec(value.trim()) : null;
  return match ? { amount: match[1], currency: match[2] } : value;
}

const properties = Object.values(recordSchemas).flatMap(
  (schema) => Object.entries(schema.properties as TProperties) as [string, TSchema][],
);
const fieldsWhere = (test: (schema: { properties?: object; format?: string }) => boolean) =>
  new Set(properties.filter(([, schema]) => test(schema as object)).map(([name]) => name));

/** Fields of records that hold money, and those that hold a date (`at` apart, which may be a span). */
export const MONEY_FIELDS = fieldsWhere((schema) => Object.hasOwn(schema.properties ?? {}, 'currency'));
export const DATE_FIELDS = fieldsWhere((schema) => schema.format === 'date');

/** A record as the API takes it; what is wrong in it stays, to be told by the same checks. */
export function settleRecord(record: Record<string, unknown>, today: string): Record<string, unknown> {
  const settled = Object.entries(record).map(([field, value]) => {
    if (MONEY_FIELDS.has(field)) return [field, settleMoney(value)];
    if (DATE_FIELDS.has(field)) return [field, settleDate(value, today)];
    if (field !== 'at') return [field, value];
    if (value === null || typeof value !== 'object') return [field, settleDate(value, today)];
    const span = Object.entries(value).map(([end, day]) => [end, settleDate(day, today)]);
    return [field, Object.fromEntries(span)];
  });
  return Object.fromEntries(settled);
}
