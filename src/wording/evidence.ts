import { formatDay, parseDay } from '../retention/day.ts';
import type { Evidence } from '../rulebook/schema.ts';
import { inLanguage } from './booked.ts';
import { formatFrom, formatPartialDate, PUNCTUATION } from './format.ts';
import type { Locale } from './locale.ts';
import { say } from './say.ts';

const OLD_AFTER_YEARS = 2;

/** A law stands until it is changed; all else ages. */
function isOld(evidence: Evidence, asOf: string): boolean {
  if (!evidence.dated || evidence.kind === 'law') return false;
  const limit = `${Number(asOf.slice(0, 4)) - OLD_AFTER_YEARS}${asOf.slice(4)}`;
  return evidence.dated < limit.slice(0, evidence.dated.length);
}

function dateOf(evidence: Evidence, locale: Locale, asOf: string): string {
  const { dated, seen } = evidence;
  if (!dated) return say(locale, 'source.undated', { date: formatPartialDate(locale, seen) });
  const key = isOld(evidence, asOf > seen ? asOf : seen) ? 'source.as_of' : 'source.dated';
  return say(locale, key, { date: formatPartialDate(locale, dated) });
}

/** One source in a sentence: what it is, its date, how sure. Dates older than two years before `asOf` say so. */
export const sourceSentence = (evidence: Evidence, locale: Locale, asOf: number): string =>
  say(locale, 'because.source', { source: sourceText(evidence, locale, asOf) });

/** The same for a list of sources: it need not be said of each that it is one. */
export function sourceText(evidence: Evidence, locale: Locale, asOf: number): string {
  const inForce = evidence.in_force ? parseDay(evidence.in_force) : null;
  const about = [
    say(locale, `source.${evidence.kind}`),
    dateOf(evidence, locale, formatDay(asOf)),
    ...(inForce === null ? [] : [say(locale, 'source.in_force', { from: formatFrom(locale, inForce) })]),
    say(locale, `source.${evidence.confidence}`),
    ...(evidence.disagrees?.length ? [say(locale, 'source.disputed')] : []),
  ];
  return say(locale, 'source.about', {
    source: evidence.title ? inLanguage(evidence.title, locale) : evidence.source,
    about: about.join(PUNCTUATION[locale].comma),
  });
}
