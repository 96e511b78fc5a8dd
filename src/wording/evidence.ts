import { formatDay, parseDay } from '../retention/day.ts';
import type { Evidence } from '../rulebook/schema.ts';
import { inLanguage } from './booked.ts';
import { formatFrom, formatPartialDate, PUNCTUATION } from './format.ts';
import type { Locale } from './locale.ts';
import { say } from './say.ts';

const OLD_AFTER_YEARS = 2;

/** Whether a source is older than two years; a law never counts as old, because it holds until it is changed. */
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

/**
 * A source as a sentence: what it is, its date, its confidence. A date more than two years before `asOf` is worded as
 * old.
 */
export const sourceSentence = (evidence: Evidence, locale: Locale, asOf: number): string =>
  say(locale, 'because.source', { source: sourceText(evidence, locale, asOf) });

/** A source as an item of a list of sources, without the words that introduce it. */
export function sourceText(evidence: Evidence, locale: Locale, asOf: number): string {
  const inForceFrom = evidence.in_force ? parseDay(evidence.in_force) : null;
  const about = [
    say(locale, `source.${evidence.kind}`),
    dateOf(evidence, locale, formatDay(asOf)),
    ...(inForceFrom === null
      ? []
      : [say(locale, 'source.in_force', { from: formatFrom(locale, inForceFrom) })]),
    say(locale, `source.${evidence.confidence}`),
    ...(evidence.disagrees?.length ? [say(locale, 'source.disputed')] : []),
  ];
  return say(locale, 'source.about', {
    source: evidence.title ? inLanguage(evidence.title, locale) : evidence.source,
    about: about.join(PUNCTUATION[locale].comma),
  });
}
