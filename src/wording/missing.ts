import type { Missing } from '../retention/timeline.ts';
import { type Booked, clockOf, inLanguage } from './booked.ts';
import { formatList, PUNCTUATION } from './format.ts';
import type { Locale } from './locale.ts';
import { say } from './say.ts';

function questionFor(missing: Missing, booked: Booked, version: string, locale: Locale): string {
  switch (missing.kind) {
    case 'clock': {
      const clock = clockOf(booked, version, missing.name);
      const isOnlyShown = clock?.shows !== undefined && clock.restarts_on === undefined;
      return say(locale, isOnlyShown ? 'missing.shown' : 'missing.clock', {
        clock: clock ? inLanguage(clock.name, locale) : missing.name,
      });
    }
    case 'fact': {
      const fact = booked.rule.facts?.[missing.name];
      if (fact) return say(locale, 'missing.fact', { question: inLanguage(fact.text, locale) });
      return say(locale, 'missing.activated');
    }
    case 'balance':
    case 'charged':
    case 'plan_price':
      return say(locale, `missing.${missing.kind}`);
  }
}

/** What is not known, as a sentence, and which stages' dates depend on it. */
export function missingText(missing: Missing, booked: Booked, version: string, locale: Locale): string {
  const question = questionFor(missing, booked, version, locale);
  const stages = missing.changes.filter((stage) => stage !== 'unknown' && stage !== 'active');
  if (stages.length === 0) return question;
  const [open, close] = locale === 'ru' ? '«»' : '“”';
  const names = stages.map((stage) => `${open}${say(locale, `stage.${stage}`)}${close}`);
  const changes = say(locale, 'missing.changes', {
    several: names.length > 1 ? 'yes' : 'no',
    stages: formatList(locale, names),
  });
  return `${question}${PUNCTUATION[locale].space}${changes}`;
}
