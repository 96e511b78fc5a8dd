/**
 * Wording: Keepline's own texts in English, Russian and Chinese, the formats of dates and money in each, and timelines
 * and plans in the API's form. No I/O, no clock, no Intl formatting: the same input gives the same bytes on any
 * machine. Carriers' names and texts come with the rules.
 */

export { becauseText, capitalize, factPhrase, isEmptied, type ReasonContext } from './because.ts';
export {
  actionOf,
  actionsIn,
  actionsThatRestart,
  type Booked,
  clockOf,
  inLanguage,
  versionOf,
} from './booked.ts';
export { countedPhrase } from './counted.ts';
export { type CureJson, curesJson } from './cures.ts';
export { differencesBetween } from './difference.ts';
export { doubtText } from './doubt.ts';
export { sourceText } from './evidence.ts';
export {
  formatDate,
  formatDayMonth,
  formatFrom,
  formatList,
  formatMoment,
  formatMoney,
  formatMonth,
  formatPhone,
  maskNumber,
  PUNCTUATION,
} from './format.ts';
export { LANGUAGE_TAGS, LOCALES, type Locale } from './locale.ts';
export { memoized } from './memoize.ts';
export { missingText } from './missing.ts';
export { planInWords, planJson } from './plan-json.ts';
export { provisionalText } from './provisional.ts';
export { recordDays, recordPhrase } from './record.ts';
export { catalogues, type MessageKey, say } from './say.ts';
export {
  type BecauseJson,
  becauseJson,
  type TimelineJson,
  timelineJson,
} from './timeline-json.ts';
export { zoneCity } from './zones.ts';
