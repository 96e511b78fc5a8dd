import { parseDay } from '../retention/index.ts';
import type { StageEntry } from '../retention/timeline.ts';
import {
  clockOf,
  formatDate,
  formatFrom,
  inLanguage,
  type Locale,
  recordPhrase,
  say,
  zoneCity,
} from '../wording/index.ts';
import { firstDayOf, plannedFrom } from './deadline.ts';
import type { AgendaEntry, Deadline } from './entry.ts';
import {
  actionTexts,
  generalCautions,
  waysToCheck,
  waysToPay,
  waysToPayBriefly,
  whatToDo,
  whomToAsk,
} from './how.ts';
import { bullets, type Speech, speechOf, type TextOptions } from './speech.ts';
import { neutralTitle, titleOf } from './title.ts';
import * as why from './why.ts';

export type { TextOptions } from './speech.ts';

/** Paragraphs, each of one or more lines. */
type Blocks = readonly (readonly string[])[];

function renewal(entry: AgendaEntry, deadline: Deadline, speech: Speech): Blocks {
  return [
    [...why.numberLine(speech), ...why.dayLine(deadline, speech), ...why.balanceLine(speech)],
    whatToDo(entry.cures, speech),
    entry.kind === 'renew' ? waysToPay(speech) : waysToPayBriefly(speech),
    why.otherwise(deadline, speech),
    [...why.whyLine(entry.because, speech), ...why.doubts(entry, speech)],
    entry.kind === 'renew' ? why.notKnown(speech) : [],
  ];
}

function lead(entry: AgendaEntry, deadline: Deadline, speech: Speech): Blocks {
  return [
    [...why.numberLine(speech), ...why.dayLine(deadline, speech)],
    whatToDo(entry.cures, speech),
    why.whyLine(entry.because, speech),
  ];
}

function done(entry: AgendaEntry, speech: Speech): Blocks {
  const { line, locale } = speech;
  const record = entry.done_by ? recordPhrase(entry.done_by, line.timeline.time_zone, locale) : null;
  return [why.numberLine(speech), record ? [say(locale, 'text.done', { record })] : []];
}

/** A heading for what still helps on a day: until when, or for as long as the carrier has not acted. */
function rescueHeading(day: number, { line, locale }: Speech): string {
  const losses = line.timeline.stages.filter((entry) => entry.stage === 'lost');
  const isOpen = losses.some((entry) => entry.certainty === 'may' && plannedFrom(entry) <= day);
  if (isOpen) return say(locale, 'text.rescue_may');
  const next = losses.find((entry) => plannedFrom(entry) > day);
  if (!next) return say(locale, 'text.rescue');
  return say(locale, 'text.rescue_until', { date: formatDate(locale, plannedFrom(next) - 1) });
}

function rescue(entry: AgendaEntry, day: number, speech: Speech, most?: number): string[] {
  const texts = actionTexts(entry.cures, speech, most);
  if (texts.length === 0) return [say(speech.locale, 'text.no_rescue')];
  return [rescueHeading(day, speech), ...bullets(texts)];
}

const yes = (value: boolean): string => (value ? 'yes' : 'no');

function effectsOf(begins: StageEntry, locale: Locale): string {
  return say(locale, 'text.effects', {
    call: yes(begins.can_call),
    receive: yes(begins.can_receive),
    credit: yes(begins.credit_kept),
  });
}

function stage(entry: AgendaEntry, begins: StageEntry, speech: Speech): Blocks {
  const { line, locale } = speech;
  const from = plannedFrom(begins);
  const on = parseDay(entry.on) as number;
  const here = { city: zoneCity(locale, line.timeline.time_zone), date: formatDate(locale, on) };
  const isGone = begins.stage === 'lost' || begins.stage === 'reissuable';
  return [
    [
      ...why.numberLine(speech),
      why.stageText(begins, speech),
      ...(on === from ? [] : [say(locale, 'text.stage_zones', here)]),
    ],
    isGone ? [] : [effectsOf(begins, locale)],
    begins.stage === 'reissuable' ? [] : rescue(entry, from, speech),
    begins.can_receive ? [] : whomToAsk(speech),
    why.whyLine(entry.because, speech),
  ];
}

/** Short, for it may stand there many times: what is so, what helps, what comes next, whom to ask. */
function overdue(entry: AgendaEntry, deadline: Deadline, speech: Speech): Blocks {
  const { line, locale } = speech;
  const on = parseDay(entry.on) as number;
  const missed = formatDate(locale, parseDay(deadline.safe) as number);
  const present = line.timeline.stages.findLast(
    (one) => one.certainty === 'certain' && one.from !== null && firstDayOf(line, one.from) <= on,
  );
  const [next] = why.stagesAfter(on, deadline.clock, speech, 1);
  return [
    [
      ...why.numberLine(speech),
      say(locale, 'text.overdue', { date: missed }),
      ...(present ? [say(locale, 'text.now', { stage: say(locale, `stage.${present.stage}`) })] : []),
    ],
    rescue(entry, on, speech, 2),
    next ? [say(locale, 'text.next', { next })] : [],
    entry.tone > 1 ? whomToAsk(speech, 1) : [],
  ];
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
    [...why.numberLine(speech), say(locale, 'text.check')],
    waysToCheck(speech),
    why.notKnown(speech),
    [say(locale, 'text.tell')],
    generalCautions(speech),
  ];
}

function backup(entry: AgendaEntry, speech: Speech): Blocks {
  const { locale } = speech;
  const from = entry.stage ? formatFrom(locale, plannedFrom(entry.stage)) : null;
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
    clock ? [say(locale, 'text.identity', { clock: inLanguage(clock.name, locale) })] : [],
    whatToDo(entry.cures, speech),
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
  if (entry.kind === 'stage' && entry.stage) return stage(entry, entry.stage, speech);
  if (entry.kind === 'check_account') return check(entry, speech);
  if (entry.kind === 'backup') return backup(entry, speech);
  if (entry.kind === 'promotions') return promotions(speech);
  if (!deadline) return nothing(speech);
  if (entry.kind === 'lead') return lead(entry, deadline, speech);
  if (entry.kind === 'overdue') return overdue(entry, deadline, speech);
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
