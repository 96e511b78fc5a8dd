import { parseDay } from '../retention/index.ts';
import type { Stage } from '../retention/record.ts';
import type { StageEntry } from '../retention/timeline.ts';
import {
  capitalize,
  clockOf,
  formatDayMonth,
  formatFrom,
  inLanguage,
  type Locale,
  type MessageKey,
  recordDays,
  say,
} from '../wording/index.ts';
import type { AgendaEntry } from './entry.ts';
import { paidText } from './paid.ts';
import {
  carrierName,
  displayName,
  isNamedAfterCarrier,
  nameOf,
  type TextContext,
  truncate,
} from './text-context.ts';

const MAX_LENGTH = 80;
const SHORTEST_NAME = 8;
/** A sign before the first word of a title, such as ⏳. */
const SIGN = /^[⏳⚠✅🆘]+ /u;

/** Whether the stage comes for certain on the day that the title names, in both readings. */
const isSure = ({ certainty, from, latest_from }: StageEntry): boolean =>
  certainty === 'certain' && from === latest_from;

/** A loss on which the readings differ gets another title than one that the carrier may choose on the same day. */
function stageKey(entry: StageEntry, stage: Exclude<Stage, 'unknown' | 'active'>): MessageKey {
  if (isSure(entry)) return `title.certain.${stage}`;
  return stage === 'lost' && entry.certainty === 'certain' ? 'title.perhaps.lost' : `title.may.${stage}`;
}

function keyOf({ kind, done, done_by, stage, tone, variant }: AgendaEntry): MessageKey {
  switch (kind) {
    case 'renew':
    case 'last_safe_day':
      if (variant === 'pending') return 'title.renew_pending';
      // If it was only ticked, no record says that the line was renewed.
      return done && done_by ? 'title.renewed' : `title.${kind}`;
    case 'identity':
      return done
        ? 'title.identity_done'
        : variant === 'first'
          ? 'title.identity_first'
          : 'title.identity_last';
    case 'overdue':
      return variant === 'identity' ? 'title.identity_overdue' : `title.overdue_${tone as 1 | 2 | 3}`;
    case 'check_account':
      return variant === 'missing'
        ? 'title.check_missing'
        : variant === 'lost'
          ? 'title.check_lost'
          : 'title.check_account';
    case 'stage':
      return stage && stage.stage !== 'unknown' && stage.stage !== 'active'
        ? stageKey(stage, stage.stage)
        : 'title.check_account';
    case 'check_payment':
      return tone > 1 ? 'title.check_payment_again' : 'title.check_payment';
    case 'contact_support':
      return variant === 'failed' ? 'title.support_failed' : 'title.support_unconfirmed';
    case 'nothing':
    case 'silent_feed':
      return 'title.nothing_line';
    default:
      return `title.${kind}`;
  }
}

/** The day that a title names: when a done entry was done, else the last safe day, else the entry's own day. */
function dayOf(entry: AgendaEntry): number {
  if (entry.done && entry.done_by && entry.line) {
    return recordDays(entry.done_by.input.at, entry.line.timeline.time_zone).latest;
  }
  return parseDay(entry.deadline?.safe ?? entry.on) as number;
}

const datesOf = (entry: AgendaEntry, locale: Locale) => ({
  date: formatDayMonth(locale, dayOf(entry)),
  from: formatFrom(locale, parseDay(entry.on) as number, formatDayMonth),
  days: entry.days,
  amount: entry.payment ? paidText(entry.payment, locale) : '',
});

/** The end of a title: the carrier, or for `alike` entries the clock; may be empty. */
function suffixOf({ variant, because, line }: AgendaEntry, context: TextContext): string {
  const clock =
    variant === 'alike' && because?.clock && line
      ? clockOf(line.booked, line.timeline.version, because.clock)
      : null;
  if (clock) return ` · ${inLanguage(clock.name, context.locale)}`;
  return isNamedAfterCarrier(context) ? '' : ` · ${carrierName(context)}`;
}

/** One line of at most 80 characters, number and date first, because lists cut titles off at the end. */
export function titleOf(entry: AgendaEntry, context: TextContext): string {
  const { locale } = context;
  const values = datesOf(entry, locale);
  const key = keyOf(entry);
  const name = displayName(context);
  const isOwnersName = nameOf(context) !== null;
  const titleFor = (name: string, carrier = '') => {
    const text = say(locale, key, { ...values, who: name, carrier });
    const sign = SIGN.exec(text)?.[0] ?? '';
    const words = text.slice(sign.length);
    // The owner's name for the line keeps its case: «eSIM», not «ESIM».
    return isOwnersName && words.startsWith(name) ? text : `${sign}${capitalize(words)}`;
  };
  const end = suffixOf(entry, context);
  const title = titleFor(name, end);
  const fits = Array.from(title).length <= MAX_LENGTH;
  if (fits) return title;
  // If too long, drop the carrier first, then shorten the name: a date at the end of a title matters more.
  const kept = entry.variant === 'alike' ? end : '';
  const over = Array.from(titleFor(name, kept)).length - MAX_LENGTH;
  const room = Array.from(name).length - Math.max(over, 0);
  return truncate(titleFor(truncate(name, Math.max(SHORTEST_NAME, room)), kept), MAX_LENGTH);
}

/** A title that reveals neither number nor carrier. */
export function neutralTitle(entry: AgendaEntry, locale: Locale): string {
  const renewed = entry.done && entry.done_by && ['renew', 'last_safe_day'].includes(entry.kind);
  if (entry.variant === 'pending') return say(locale, 'neutral.renew_pending');
  if (entry.kind === 'identity' && entry.done && entry.done_by) return say(locale, 'neutral.identity_done');
  if (entry.kind === 'overdue' && entry.variant === 'identity') {
    return say(locale, 'neutral.identity_overdue', datesOf(entry, locale));
  }
  return say(locale, renewed ? 'neutral.renewed' : `neutral.${entry.kind}`, datesOf(entry, locale));
}
