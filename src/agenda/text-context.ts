import type { StageEntry } from '../retention/timeline.ts';
import type { FeedDetail } from '../vocabulary.ts';
import {
  type Booked,
  capitalize,
  clockOf,
  inLanguage,
  type Locale,
  maskNumber,
  memoized,
  type ReasonContext,
  say,
} from '../wording/index.ts';
import type { AgendaLine } from './entry.ts';

export type TextOptions = {
  /** `masked` leaves out what its owner called the line, `neutral` also its number and carrier. */
  detail?: FeedDetail;
  /** Off by default: a feed lies on other people's servers. */
  showBalance?: boolean;
};

/** A line as it is spoken of in one language and at one level of detail. */
export type TextContext = {
  line: AgendaLine;
  locale: Locale;
  reasonContext: ReasonContext;
  full: boolean;
  showBalance: boolean;
};

export function textContextOf(line: AgendaLine, locale: Locale, options: TextOptions): TextContext {
  const { booked, timeline, records } = line;
  const { version, as_of, time_zone } = timeline;
  const full = (options.detail ?? 'full') === 'full';
  return {
    line,
    locale,
    reasonContext: { booked, version, as_of, time_zone, records, locale },
    full,
    showBalance: full && options.showBalance === true,
  };
}

/** What all lines of a rule have in common, in one language. */
type RuleContext = { booked: Booked; version: string; locale: Locale };

const textCache = new WeakMap<Booked, Map<string, readonly string[]>>();

/**
 * What is said alike of all lines of a rule, in one language: made once, and kept while the rule is in use; so nothing
 * of the line itself goes into it. `about` tells it apart.
 */
export function memoizedTexts(
  { line, locale }: TextContext,
  about: string,
  make: (ruled: RuleContext) => readonly string[],
): readonly string[] {
  const { booked, timeline } = line;
  const { version } = timeline;
  return memoized(textCache, booked, `${locale} ${version} ${about}`, () =>
    make({ booked, version, locale }),
  );
}

/** A text's paragraphs, each of one or more lines. */
export type Blocks = readonly (readonly string[])[];

/** At most so many characters, on one line; what is cut off is shown to be. */
export function truncate(text: string, most: number): string {
  const characters = Array.from(text.replace(/[\s\u0085]+/g, ' ').trim());
  return characters.length <= most ? characters.join('') : `${characters.slice(0, most - 1).join('')}…`;
}

const MAX_NAME_LENGTH = 28;

/** The end of its number, or what its owner calls it; null where neither may be told. */
export function nameOf({ line, full }: TextContext): string | null {
  if (line.number) return maskNumber(line.number);
  return (full && truncate(line.label, MAX_NAME_LENGTH)) || null;
}

/** The line in a title. */
export const displayName = (context: TextContext): string =>
  nameOf(context) ?? say(context.locale, 'text.the_number');

export const carrierName = ({ line, locale }: TextContext): string =>
  truncate(inLanguage(line.booked.carrier.names, locale), MAX_NAME_LENGTH);

/** Is a line called as its carrier is? Then that need not be said twice. */
export const isNamedAfterCarrier = (context: TextContext): boolean =>
  nameOf(context)?.toLowerCase() === carrierName(context).toLowerCase();

/** A text with remarks after it: `Send a text. (Works from abroad.)` */
export function withRemarks(text: string, marks: readonly string[], locale: Locale): string {
  if (marks.length === 0) return text;
  if (locale === 'zh') return `${text}（${marks.join('，')}）`;
  // A mark may end in a word cut short, as «долл.».
  const all = capitalize(marks.join('; ')).replace(/\.$/, '');
  return `${text} (${all}.)`;
}

export const bullets = (items: readonly string[]): string[] => items.map((item) => `• ${item}`);

/** What the rule itself says of a stage. */
export function ruledStage(entry: StageEntry, line: AgendaLine) {
  const clock = entry.because.clock
    ? clockOf(line.booked, line.timeline.version, entry.because.clock)
    : undefined;
  const alike = (clock?.ended ?? []).filter((stage) => stage.stage === entry.stage);
  return alike.find((stage) => (stage.certainty ?? 'certain') === entry.certainty) ?? alike[0];
}

/** What a stage means, in the rule's own words where it has some. */
export function meaningOf(entry: StageEntry, { line, locale }: TextContext): string {
  const rule = ruledStage(entry, line);
  if (rule?.note) return inLanguage(rule.note, locale);
  if (entry.stage === 'unknown' || entry.stage === 'active') return say(locale, `stage.${entry.stage}`);
  return say(locale, `meaning.${entry.stage}`, { receive: entry.can_receive ? 'yes' : 'no' });
}
