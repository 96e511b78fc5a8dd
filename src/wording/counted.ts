/** What a clock counts from, as a phrase; it need not be the day of the record that set it. */
import { type Day, parseDay } from '../retention/day.ts';
import type { LedgerRecord, RecordInput } from '../retention/record.ts';
import type { CountsFrom } from '../retention/timeline.ts';
import { formatDate } from './format.ts';
import type { Locale } from './locale.ts';
import { recordPhrase } from './record.ts';
import { say } from './say.ts';

/** The last valid day that a purchase or an identity document states. */
function lastDayIn(input: RecordInput): Day | null {
  if (input.type === 'purchase') return parseDay(input.expires_on ?? '');
  return input.type === 'identity' ? parseDay(input.valid_until ?? '') : null;
}

/** The record that a clock counts from, or the part of it that counts: the sum it completes, the end it states. */
export function countedPhrase(
  record: LedgerRecord,
  from: CountsFrom,
  { time_zone, locale }: { time_zone: string; locale: Locale },
): string {
  const phrase = recordPhrase(record, time_zone, locale);
  if (from === 'sum') return say(locale, 'record.in_sum', { record: phrase });
  const last = from === 'told_day' ? lastDayIn(record.input) : null;
  if (last === null) return phrase;
  const key = record.input.type === 'identity' ? 'record.document_ends' : 'record.ends';
  return say(locale, key, { record: phrase, date: formatDate(locale, last) });
}
