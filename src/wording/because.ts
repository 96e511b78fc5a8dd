import { parseDay, parseSpan } from '../retention/day.ts';
import { dailyFeeOf, endsWithDailyFee, FACT_SEPARATOR, readChargedFact } from '../retention/index.ts';
import { parsePrice } from '../retention/money.ts';
import type { LedgerRecord } from '../retention/record.ts';
import type { Because } from '../retention/timeline.ts';
import { type Booked, clockOf, inLanguage } from './booked.ts';
import { countedPhrase } from './counted.ts';
import { sourceSentence } from './evidence.ts';
import { formatDate, formatMoney, PUNCTUATION } from './format.ts';
import type { Locale } from './locale.ts';
import { recordDate } from './record.ts';
import { say } from './say.ts';

/** What is needed to put the reasons of one timeline into sentences. */
export type ReasonContext = {
  booked: Booked;
  /** The `since` of the version in force. */
  version: string;
  as_of: number;
  time_zone: string;
  records: readonly LedgerRecord[];
  locale: Locale;
};

const MAX_SOURCES = 2;

/** Whether the reason is that a daily fee has used up the balance. */
export const isEmptied = ({ fact }: Because): boolean => fact !== null && endsWithDailyFee(fact);

function period(text: string, locale: Locale): string {
  const span = parseSpan(text);
  if (span.unit === 'day') return say(locale, 'fact.days', { count: span.count });
  return span.count % 12 === 0
    ? say(locale, 'fact.years', { count: span.count / 12 })
    : say(locale, 'fact.months', { count: span.count });
}

/** A fact in the rule's notation (`120 days`) as a phrase; null if it means nothing to a reader. */
export function factPhrase(fact: string, locale: Locale): string | null {
  const [first = '', ...later] = fact.split(FACT_SEPARATOR);
  return later.reduce<string | null>(
    (before, next) => {
      if (before && endsWithDailyFee(next)) {
        const fee = feePhrase(dailyFeeOf(next), locale);
        return say(locale, 'fact.then_fee', { first: before, fee });
      }
      const phrase = simpleFact(next, locale);
      return before && phrase
        ? say(locale, 'fact.then', { first: before, next: phrase })
        : (before ?? phrase);
    },
    simpleFact(first, locale),
  );
}

function feePhrase(fee: string, locale: Locale): string {
  if (fee === 'plan_price') return say(locale, 'fact.plan_price');
  const { amount, currency } = parsePrice(fee);
  return formatMoney(locale, amount, currency);
}

function simpleFact(fact: string, locale: Locale): string | null {
  if (/^\d+ (day|month|year)s?$/.test(fact)) return period(fact, locale);
  const by = /^by (amount|balance|product|fact)$/.exec(fact);
  if (by) return say(locale, `fact.by_${by[1] as 'amount' | 'balance' | 'product' | 'fact'}`);
  const balance = /^balance (<=|<) 0 for (.+)$/.exec(fact);
  if (balance?.[2] === '0 days' && balance[1] === '<=') return say(locale, 'fact.at_zero');
  if (balance) {
    const key = balance[1] === '<' ? 'fact.below_zero' : 'fact.empty';
    return say(locale, key, { period: period(balance[2] as string, locale) });
  }
  const charged = readChargedFact(fact);
  if (charged) {
    return say(locale, 'fact.charged', { count: charged.times, period: period(charged.span, locale) });
  }
  const day = /^day (\d+)$/.exec(fact);
  if (day) return say(locale, 'fact.day', { count: Number(day[1]) });
  const until = parseDay(/^until (.+)$/.exec(fact)?.[1] ?? '');
  return until === null ? null : say(locale, 'fact.until', { date: formatDate(locale, until) });
}

/** Raises the first letter and leaves the rest, since carriers' names have a case of their own. */
export const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * The reason of a clock that a `validity` record set: the date that the carrier showed, and what was counted from it.
 */
function shownPhrase(
  clock: string,
  fact: string | null,
  record: LedgerRecord,
  context: ReasonContext,
): string | null {
  const { locale, time_zone } = context;
  const { input } = record;
  if (input.type !== 'validity') return null;
  const until = formatDate(locale, parseDay(input.until) as number);
  const values = { clock, until, date: recordDate(record, time_zone, locale) };
  return fact ? say(locale, 'because.shown_then', { ...values, fact }) : say(locale, 'because.shown', values);
}

function reasonPhrase(because: Because, context: ReasonContext): string {
  const { booked, locale, records } = context;
  const known = records.find((candidate) => candidate.id === because.record);
  const clock = because.clock ? clockOf(booked, context.version, because.clock) : undefined;
  const record = known ? countedPhrase(known, because.counts_from, context) : null;
  if (!clock) return record ? say(locale, 'because.record', { record }) : say(locale, 'because.nothing');
  const name = inLanguage(clock.name, locale);
  const phrase = because.fact ? factPhrase(because.fact, locale) : null;
  const shown = known && shownPhrase(name, phrase, known, context);
  if (shown) return shown;
  // A clock is often named after its own period, which is then not repeated.
  const number = phrase && !because.fact?.includes(FACT_SEPARATOR) ? /\d+/.exec(phrase)?.[0] : undefined;
  const fact = phrase && !(number && name.includes(number)) ? phrase : null;
  if (record && because.counts_from === 'end') {
    return fact
      ? say(locale, 'because.clock_fact_added', { clock: name, fact, record })
      : say(locale, 'because.clock_added', { clock: name, record });
  }
  if (record) {
    return fact
      ? say(locale, 'because.clock_fact_record', { clock: name, fact, record })
      : say(locale, 'because.clock_record', { clock: name, record });
  }
  return fact
    ? say(locale, 'because.clock_fact', { clock: name, fact })
    : say(locale, 'because.clock', { clock: name });
}

/** Says that the clock is paused while another runs; null if it never is. */
function pause({ clock: name }: Because, { booked, version, locale }: ReasonContext): string | null {
  const other = name ? clockOf(booked, version, name)?.paused_while : undefined;
  const clock = other ? clockOf(booked, version, other) : undefined;
  return clock ? say(locale, 'because.paused', { clock: inLanguage(clock.name, locale) }) : null;
}

/** Sentences by reason and language: a reason belongs to one timeline, and several entries share it. */
const reasonCache = new WeakMap<Because, Partial<Record<Locale, string>>>();

/** A reason in sentences: the clock, the record it counts from, and the sources with their dates and confidence. */
export function becauseText(because: Because, context: ReasonContext): string {
  const byLocale = reasonCache.get(because) ?? {};
  reasonCache.set(because, byLocale);
  byLocale[context.locale] ??= buildReason(because, context);
  return byLocale[context.locale] as string;
}

function buildReason(because: Because, context: ReasonContext): string {
  const sources = because.evidence
    .flatMap((name) => context.booked.carrier.evidence[name] ?? [])
    .slice(0, MAX_SOURCES)
    .map((evidence) => sourceSentence(evidence, context.locale, context.as_of));
  return [capitalize(reasonPhrase(because, context)), pause(because, context) ?? [], sources]
    .flat()
    .join(PUNCTUATION[context.locale].space);
}
