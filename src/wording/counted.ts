/** What a clock counts from: not always the day of the record that set it. */
import { type Day, parseDay } from '../retention/day.ts';
import type { Clock, Version } from '../retention/language.ts';
import type { LedgerRecord, RecordInput } from '../retention/record.ts';
import { type Matcher, matchersOf } from './booked.ts';
import { formatDate } from './format.ts';
import type { Locale } from './locale.ts';
import { once } from './once.ts';
import { recordDays, recordPhrase } from './record.ts';
import { say } from './say.ts';

type Restart = { matcher: Matcher; extend: Clock['extend'] };

const restarts = new WeakMap<Version, Map<Clock, readonly Restart[]>>();

/** What restarts a clock, and how; found once for each clock of the rulebook. */
const restartsOf = (clock: Clock, version: Version): readonly Restart[] =>
  once(restarts, version, clock, () => lookUpRestarts(clock, version));

function lookUpRestarts(clock: Clock, version: Version): Restart[] {
  return (clock.restarts_on ?? []).flatMap((one) => {
    const own = typeof one === 'object' && 'on' in one;
    const extend = (own ? one.extend : undefined) ?? clock.extend;
    const references = own ? [one.on].flat() : [one];
    return references.flatMap((each) => matchersOf(each, version)).map((matcher) => ({ matcher, extend }));
  });
}

/** Is a record of the kind that a pattern names? What else the pattern asks for is left to the engine. */
function isOfKind(matcher: Matcher, input: RecordInput): boolean {
  if ('sum' in matcher) return input.type === 'activity' && matcher.of.includes(input.kind);
  if (matcher.type !== input.type) return false;
  if (input.type === 'activity') return !matcher.kind || [matcher.kind].flat().includes(input.kind);
  if (input.type !== 'purchase' || !matcher.product) return true;
  return input.product !== undefined && [matcher.product].flat().includes(input.product);
}

const restartBy = (input: RecordInput, ways: readonly Restart[]): Restart | undefined =>
  ways.find(({ matcher }) => isOfKind(matcher, input));

/** The last day that a record itself tells, where the clock counts from that. */
function lastDayIn(input: RecordInput, { matcher }: Restart): Day | null {
  if ('sum' in matcher || !matcher.from) return null;
  if (input.type === 'purchase') return parseDay(input.expires_on ?? '');
  return input.type === 'identity' ? parseDay(input.valid_until ?? '') : null;
}

type Place = { version: Version; time_zone: string; locale: Locale };

/** What a clock counts from, as a phrase: the record, or what of it counts. */
export function countedPhrase(record: LedgerRecord, clock: Clock | undefined, place: Place): string {
  const { version, time_zone, locale } = place;
  const phrase = recordPhrase(record, time_zone, locale);
  const restart = clock && restartBy(record.input, restartsOf(clock, version));
  if (!restart) return phrase;
  if ('sum' in restart.matcher) return say(locale, 'record.in_sum', { record: phrase });
  const last = lastDayIn(record.input, restart);
  if (last === null) return phrase;
  const key = record.input.type === 'identity' ? 'record.document_ends' : 'record.ends';
  return say(locale, key, { record: phrase, date: formatDate(locale, last) });
}

/** Did a record add to a clock's end, which an earlier one had set, rather than start it anew? */
export function isAdded(
  record: LedgerRecord,
  clock: Clock,
  { version, time_zone }: Place,
  records: readonly LedgerRecord[],
): boolean {
  const ways = restartsOf(clock, version);
  if (restartBy(record.input, ways)?.extend !== 'from_end') return false;
  const day = recordDays(record.input.at, time_zone).earliest;
  return records.some(
    ({ id, input }) =>
      id !== record.id &&
      (restartBy(input, ways) !== undefined || input.type === 'validity') &&
      recordDays(input.at, time_zone).latest <= day,
  );
}
