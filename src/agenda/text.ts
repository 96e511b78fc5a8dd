import { plannedFrom } from '../retention/index.ts';
import {
  clockOf,
  formatDate,
  formatFrom,
  inLanguage,
  type Locale,
  recordPhrase,
  say,
  sentence,
} from '../wording/index.ts';
import { afterDeadline, atStage } from './aftermath.ts';
import { firstDayOf } from './deadline.ts';
import type { AgendaEntry, Deadline } from './entry.ts';
import { generalCautions, waysToCheck, waysToPay, waysToPayBriefly, whatToDo, whomToAsk } from './how.ts';
import { checkPayment, contactSupport, renewalPaid, saveProof } from './paid.ts';
import { silentFeedText } from './silent.ts';
import { type Blocks, bullets, type Speech, speechOf, type TextOptions } from './speech.ts';
import { neutralTitle, titleOf } from './title.ts';
import * as why from './why.ts';

export type { TextOptions } from './speech.ts';

function renewal(entry: AgendaEntry, deadline: Deadline, speech: Speech): Blocks {
  return [
    [...why.numberLine(speech), ...why.dayLine(deadline, speech), ...why.balanceLine(speech)],
    whatToDo(entry.asks, speech),
    why.otherwise(deadline, speech),
    entry.kind === 'renew' ? waysToPay(speech) : waysToPayBriefly(speech),
    [...why.whyLine(entry.because, speech), ...why.doubts(entry, speech)],
    entry.kind === 'renew' ? why.notKnown(speech) : why.notKnownOf(deadline, speech),
  ];
}

function lead(entry: AgendaEntry, deadline: Deadline, speech: Speech): Blocks {
  return [
    [...why.numberLine(speech), ...why.dayLine(deadline, speech)],
    whatToDo(entry.asks, speech),
    why.whyLine(entry.because, speech),
  ];
}

function done(entry: AgendaEntry, speech: Speech): Blocks {
  const { line, locale } = speech;
  const record = entry.done_by ? recordPhrase(entry.done_by, line.timeline.time_zone, locale) : null;
  return [why.numberLine(speech), record ? [say(locale, 'text.done', { record })] : []];
}

function check(entry: AgendaEntry, speech: Speech): Blocks {
  const { line, locale } = speech;
  const lost = line.timeline.latest_lost_on;
  if (entry.variant === 'lost' && lost !== null) {
    const text = say(locale, 'text.check_lost', { date: formatDate(locale, lost) });
    return [[...why.numberLine(speech), text], waysToCheck(speech), whomToAsk(speech)];
  }
  if (entry.variant === 'missing') {
    return [
      [...why.numberLine(speech), say(locale, 'text.check_missing'), ...bullets(why.missingLines(speech))],
      waysToCheck(speech),
      [say(locale, 'text.tell')],
    ];
  }
  return [
    [...why.numberLine(speech), ...why.driftLine(speech), say(locale, 'text.check')],
    waysToCheck(speech),
    why.notKnown(speech),
    [say(locale, 'text.tell')],
    generalCautions(speech),
  ];
}

function backup(entry: AgendaEntry, speech: Speech): Blocks {
  const { line, locale } = speech;
  const from = entry.stage ? formatFrom(locale, firstDayOf(line, plannedFrom(entry.stage))) : null;
  return [
    why.numberLine(speech),
    [say(locale, 'text.backup')],
    [...(from ? [say(locale, 'text.blind', { from })] : []), ...why.whyLine(entry.because, speech)],
  ];
}

function identity(entry: AgendaEntry, deadline: Deadline, speech: Speech): Blocks {
  const { line, locale } = speech;
  const clock = deadline.clock ? clockOf(line.booked, line.timeline.version, deadline.clock) : undefined;
  return [
    [...why.numberLine(speech), ...why.dayLine(deadline, speech)],
    clock ? [say(locale, 'text.identity', { clock: sentence(inLanguage(clock.name, locale)) })] : [],
    whatToDo(entry.asks, speech),
    why.otherwise(deadline, speech),
    why.whyLine(entry.because, speech),
  ];
}

function promotions(speech: Speech): Blocks {
  const { line, locale } = speech;
  const offers = (line.booked.carrier.promotions ?? []).map(
    ({ text, url }) => `${inLanguage(text, locale)} ${url}`,
  );
  return [why.numberLine(speech), [say(locale, 'text.promotions'), ...bullets(offers)]];
}

function nothing(speech: Speech): Blocks {
  const { line, locale } = speech;
  const isLost = line.timeline.stage === 'lost' || line.timeline.stage === 'reissuable';
  return [why.numberLine(speech), [say(locale, isLost ? 'text.nothing_lost' : 'text.nothing_line')]];
}

function blocksOf(entry: AgendaEntry, speech: Speech): Blocks {
  const { deadline } = entry;
  if (entry.done) return done(entry, speech);
  if (entry.kind === 'stage' && entry.stage) return atStage(entry, entry.stage, speech);
  if (entry.kind === 'check_account') return check(entry, speech);
  if (entry.kind === 'backup') return backup(entry, speech);
  if (entry.kind === 'promotions') return promotions(speech);
  const { payment } = entry;
  if (payment) {
    if (entry.kind === 'save_proof') return saveProof(payment, speech);
    if (entry.kind === 'check_payment') return checkPayment(entry, payment, speech);
    if (entry.kind === 'contact_support') return contactSupport(entry, payment, speech);
    return renewalPaid(entry, payment, speech);
  }
  if (!deadline) return nothing(speech);
  if (entry.kind === 'lead') return lead(entry, deadline, speech);
  if (entry.kind === 'overdue') return afterDeadline(entry, deadline, speech);
  if (entry.kind === 'identity') return identity(entry, deadline, speech);
  return renewal(entry, deadline, speech);
}

/**
 * An entry as a person reads it: a title of at most 80 characters, and a text of short paragraphs. No more of a
 * number than its last four digits, no balance unless asked for; `neutral` names neither number nor carrier.
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
  const speech = speechOf(entry.line, locale, options);
  const blocks = blocksOf(entry, speech).filter((block) => block.length > 0);
  return {
    title: titleOf(entry, speech),
    text: blocks.map((block) => block.join('\n')).join('\n\n'),
  };
}
