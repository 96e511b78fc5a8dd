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
  /** `masked` leaves out the owner's name for the line, `neutral` also its number and carrier. */
  detail?: FeedDetail;
  /** False by default, because calendar providers store feeds on their servers. */
  showBalance?: boolean;
};

/** What the texts about a line need: the line, a language, a level of detail. */
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

/** What texts need that are the same for all lines of a rule. */
type RuleContext = { booked: Booked; version: string; locale: Locale };

const textCache = new WeakMap<Booked, Map<string, readonly string[]>>();

/**
 * Texts that are the same for all lines of a rule, memoized by language, version and `about` as long as the rule is in
 * use. `make` does not get the line, so nothing of it can leak into texts of others.
 */
export function memoizedTexts(
  { line, locale }: TextContext,
  about: string,
  make: (context: RuleContext) => readonly string[],
): readonly string[] {
  const { booked, timeline } = line;
  const { version } = timeline;
  return memoized(textCache, booked, `${locale} ${version} ${about}`, () =>
    make({ booked, version, locale }),
  );
}

/** A text's paragraphs, each of one or more lines. */
export type Blocks = readonly (readonly string[])[];

/** A text on one line, with at most `max` characters; a longer one ends in an ellipsis. */
export function truncate(text: string, max: number): string {
  const characters = Array.from(text.replace(/[\s\u0085]+/g, ' ').trim());
  return characters.length <= max ? characters.join('') : `${characters.slice(0, max - 1).join('')}…`;
}

const MAX_NAME_LENGTH = 28;

/** The masked number, or without one the owner's name for the line; null if neither may be shown. */
export function nameOf({ line, full }: TextContext): string | null {
  if (line.number) return maskNumber(line.number);
  return (full && truncate(line.label, MAX_NAME_LENGTH)) || null;
}

/** What a title calls the line. */
export const displayName = (context: TextContext): string =>
  nameOf(context) ?? say(context.locale, 'text.the_number');

export const carrierName = ({ line, locale }: TextContext): string =>
  truncate(inLanguage(line.booked.carrier.names, locale), MAX_NAME_LENGTH);

/** Whether the line has the same name as its carrier, so that the carrier need not be named as well. */
export const isNamedAfterCarrier = (context: TextContext): boolean =>
  nameOf(context)?.toLowerCase() === carrierName(context).toLowerCase();

/** A text with remarks after it: `Send a text. (Works from abroad.)` */
export function withRemarks(text: string, marks: readonly string[], locale: Locale): string {
  if (marks.length === 0) return text;
  if (locale === 'zh') return `${text}（${marks.join('，')}）`;
  // A remark may end in an abbreviation with its own full stop, such as «долл.».
  const all = capitalize(marks.join('; ')).replace(/\.$/, '');
  return `${text} (${all}.)`;
}

export const bullets = (items: readonly string[]): string[] => items.map((item) => `• ${item}`);

/** The rule's own description of a stage, of the same certainty if there is one. */
export function ruledStage(entry: StageEntry, line: AgendaLine) {
  const clock = entry.because.clock
    ? clockOf(line.booked, line.timeline.version, entry.because.clock)
    : undefined;
  const alike = (clock?.ended ?? []).filter((stage) => stage.stage === entry.stage);
  return alike.find((stage) => (stage.certainty ?? 'certain') === entry.certainty) ?? alike[0];
}

/** What a stage means: the rule's note on it if it has one, else a general text. */
export function meaningOf(entry: StageEntry, { line, locale }: TextContext): string {
  const rule = ruledStage(entry, line);
  if (rule?.note) return inLanguage(rule.note, locale);
  if (entry.stage === 'unknown' || entry.stage === 'active') return say(locale, `stage.${entry.stage}`);
  return say(locale, `meaning.${entry.stage}`, { receive: entry.can_receive ? 'yes' : 'no' });
}
