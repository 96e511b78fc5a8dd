import { plannedFrom } from '../retention/index.ts';
import {
  capitalize,
  clockOf,
  formatDate,
  formatFrom,
  inLanguage,
  type Locale,
  recordPhrase,
  say,
} from '../wording/index.ts';
import { overdueBlocks, stageBlocks } from './aftermath.ts';
import { firstDayOf } from './deadline.ts';
import type { AgendaEntry, Deadline } from './entry.ts';
import { generalCautions, waysToCheck, waysToPay, waysToPayBriefly, whatToDo, whomToAsk } from './how.ts';
import { checkPayment, contactSupport, renewalPaid, saveProof } from './paid.ts';
import { silentFeedText } from './silent.ts';
import { type Blocks, bullets, type TextContext, type TextOptions, textContextOf } from './text-context.ts';
import { neutralTitle, titleOf } from './title.ts';
import * as why from './why.ts';

export type { TextOptions } from './text-context.ts';

function renewal(entry: AgendaEntry, deadline: Deadline, context: TextContext): Blocks {
  return [
    [...why.numberLine(context), ...why.dayLine(deadline, context), ...why.balanceLine(context)],
    whatToDo(entry.asks, context),
    why.consequenceLines(deadline, context),
    entry.kind === 'renew' ? waysToPay(context) : waysToPayBriefly(context),
    [...why.whyLine(entry.because, context), ...why.doubtLines(entry, context)],
    entry.kind === 'renew' ? why.missingSection(context) : why.missingSectionFor(deadline, context),
  ];
}

function lead(entry: AgendaEntry, deadline: Deadline, context: TextContext): Blocks {
  return [
    [...why.numberLine(context), ...why.dayLine(deadline, context)],
    whatToDo(entry.asks, context),
    why.whyLine(entry.because, context),
  ];
}

function done(entry: AgendaEntry, context: TextContext): Blocks {
  const { line, locale } = context;
  const record = entry.done_by ? recordPhrase(entry.done_by, line.timeline.time_zone, locale) : null;
  return [why.numberLine(context), record ? [say(locale, 'text.done', { record })] : []];
}

function check(entry: AgendaEntry, context: TextContext): Blocks {
  const { line, locale } = context;
  const lost = line.timeline.latest_lost_on;
  if (entry.variant === 'lost' && lost !== null) {
    const text = say(locale, 'text.check_lost', { date: formatDate(locale, lost) });
    return [[...why.numberLine(context), text], waysToCheck(context), whomToAsk(context)];
  }
  if (entry.variant === 'missing') {
    return [
      [...why.numberLine(context), say(locale, 'text.check_missing'), ...bullets(why.missingLines(context))],
      waysToCheck(context),
      [say(locale, 'text.tell')],
    ];
  }
  return [
    [...why.numberLine(context), ...why.driftLine(context), say(locale, 'text.check')],
    waysToCheck(context),
    why.missingSection(context),
    [say(locale, 'text.tell')],
    generalCautions(context),
  ];
}

function backup(entry: AgendaEntry, context: TextContext): Blocks {
  const { line, locale } = context;
  const from = entry.stage ? formatFrom(locale, firstDayOf(line, plannedFrom(entry.stage))) : null;
  return [
    why.numberLine(context),
    [say(locale, 'text.backup')],
    [...(from ? [say(locale, 'text.blind', { from })] : []), ...why.whyLine(entry.because, context)],
  ];
}

function identity(entry: AgendaEntry, deadline: Deadline, context: TextContext): Blocks {
  const { line, locale } = context;
  const clock = deadline.clock ? clockOf(line.booked, line.timeline.version, deadline.clock) : undefined;
  return [
    [...why.numberLine(context), ...why.dayLine(deadline, context)],
    clock ? [say(locale, 'text.identity', { clock: capitalize(inLanguage(clock.name, locale)) })] : [],
    whatToDo(entry.asks, context),
    why.consequenceLines(deadline, context),
    why.whyLine(entry.because, context),
  ];
}

function promotions(context: TextContext): Blocks {
  const { line, locale } = context;
  const offers = (line.booked.carrier.promotions ?? []).map(
    ({ text, url }) => `${inLanguage(text, locale)} ${url}`,
  );
  return [why.numberLine(context), [say(locale, 'text.promotions'), ...bullets(offers)]];
}

function nothing(context: TextContext): Blocks {
  const { line, locale } = context;
  const isLost = line.timeline.stage === 'lost' || line.timeline.stage === 'reissuable';
  return [why.numberLine(context), [say(locale, isLost ? 'text.nothing_lost' : 'text.nothing_line')]];
}

function blocksOf(entry: AgendaEntry, context: TextContext): Blocks {
  const { deadline } = entry;
  if (entry.done) return done(entry, context);
  if (entry.kind === 'stage' && entry.stage) return stageBlocks(entry, entry.stage, context);
  if (entry.kind === 'check_account') return check(entry, context);
  if (entry.kind === 'backup') return backup(entry, context);
  if (entry.kind === 'promotions') return promotions(context);
  const { payment } = entry;
  if (payment) {
    if (entry.kind === 'save_proof') return saveProof(payment, context);
    if (entry.kind === 'check_payment') return checkPayment(entry, payment, context);
    if (entry.kind === 'contact_support') return contactSupport(entry, payment, context);
    return renewalPaid(entry, payment, context);
  }
  if (!deadline) return nothing(context);
  if (entry.kind === 'lead') return lead(entry, deadline, context);
  if (entry.kind === 'overdue') return overdueBlocks(entry, deadline, context);
  if (entry.kind === 'identity') return identity(entry, deadline, context);
  return renewal(entry, deadline, context);
}

/**
 * An entry as a person reads it: a title of at most 80 characters, and a text of short paragraphs. It shows at most the
 * last four digits of a number, and a balance only on request; with `neutral` detail neither number nor carrier.
 */
export function entryText(
  entry: AgendaEntry,
  locale: Locale,
  options: TextOptions = {},
): { title: string; text: string } {
  if (options.detail === 'neutral') {
    return { title: neutralTitle(entry, locale), text: say(locale, 'neutral.text') };
  }
  if (entry.feed) return silentFeedText(entry.feed, locale, options);
  if (!entry.line) {
    return { title: say(locale, 'title.nothing_person'), text: say(locale, 'text.nothing_person') };
  }
  const context = textContextOf(entry.line, locale, options);
  const blocks = blocksOf(entry, context).filter((block) => block.length > 0);
  return {
    title: titleOf(entry, context),
    text: blocks.map((block) => block.join('\n')).join('\n\n'),
  };
}
