/** Parts of texts that explain a date: why it is so, what follows it, and what is uncertain. */
import {
  missedWithoutPending,
  parseAmount,
  parseDay,
  plannedFrom,
  readAt,
  standingRecords,
} from '../retention/index.ts';
import type { Amount } from '../retention/money.ts';
import type { LedgerRecord } from '../retention/record.ts';
import type { Because, Missing, StageEntry } from '../retention/timeline.ts';
import {
  becauseText,
  capitalize,
  clockOf,
  doubtText,
  formatDate,
  formatFrom,
  formatMoney,
  missingText,
  PUNCTUATION,
  say,
  zoneCity,
} from '../wording/index.ts';
import { firstDayOf, followsLoss, safeOf, trackOf } from './deadline.ts';
import type { AgendaEntry, AgendaLine, AgendaPayment, Deadline } from './entry.ts';
import {
  bullets,
  carrierName,
  isNamedAfterCarrier,
  meaningOf,
  nameOf,
  type TextContext,
  truncate,
} from './text-context.ts';

const MAX_STAGES = 5;

/** `Number: …1234 · the carrier · grandmother's SIM` */
export function numberLine(context: TextContext): string[] {
  const { line, locale, full } = context;
  const label = full && line.number ? truncate(line.label, 40) : '';
  const carrier = isNamedAfterCarrier(context) ? '' : carrierName(context);
  const number = [nameOf(context), carrier, label].filter(Boolean).join(' · ');
  return [say(locale, 'text.number', { number })];
}

/** The last safe day; in both zones if the person's day differs from the carrier's. */
export function dayLine(
  deadline: Pick<Deadline, 'act_by' | 'safe'>,
  { line, locale }: TextContext,
): string[] {
  const date = formatDate(locale, parseDay(deadline.safe) as number);
  if (deadline.safe === deadline.act_by) return [say(locale, 'text.last_day', { date })];
  return [
    say(locale, 'text.last_day_zones', {
      date,
      deadline: formatDate(locale, parseDay(deadline.act_by) as number),
      city: zoneCity(locale, line.timeline.time_zone),
    }),
  ];
}

/** A stage as a sentence: from when, what it means, how sure. */
export function stageText(entry: StageEntry, context: TextContext): string {
  const { locale } = context;
  const then = say(locale, entry.certainty === 'may' ? 'text.then_may' : 'text.then', {
    from: formatFrom(locale, plannedFrom(entry)),
    meaning: meaningOf(entry, context),
  });
  return [capitalize(then), doubtText(entry, locale) ?? []].flat().join(PUNCTUATION[locale].space);
}

/** If a stage begins on another day in the person's zone than in the carrier's: that day, and the carrier's city. */
export function zonesOf(entry: StageEntry, { line, locale }: TextContext): string[] {
  const from = plannedFrom(entry);
  const here = firstDayOf(line, from);
  if (here === from) return [];
  const city = zoneCity(locale, line.timeline.time_zone);
  return [say(locale, 'text.stage_zones', { city, date: formatDate(locale, here) })];
}

/** The next stages of the same track, at most `max`; `follows` decides by the day on which a stage begins. */
export function stagesAhead(
  follows: (from: number) => boolean,
  clock: string | null,
  context: TextContext,
  max: number = MAX_STAGES,
): StageEntry[] {
  const { line } = context;
  const track = trackOf(line, clock);
  return line.timeline.stages
    .filter((entry) => follows(plannedFrom(entry)) && trackOf(line, entry.because.clock) === track)
    .filter(({ stage }) => stage !== 'active' && stage !== 'unknown' && stage !== 'reissuable')
    .filter((entry) => !followsLoss(line, entry))
    .slice(0, max);
}

export function consequenceLines(deadline: Deadline, context: TextContext): string[] {
  const last = parseDay(deadline.act_by) as number;
  const stages = stagesAhead((from) => from > last, deadline.clock, context);
  return stages.length === 0
    ? []
    : [say(context.locale, 'text.otherwise'), ...bullets(stages.map((stage) => stageText(stage, context)))];
}

export function whyLine(because: Because | null, context: TextContext): string[] {
  if (!because) return [];
  return [say(context.locale, 'text.why', { because: becauseText(because, context.reasonContext) })];
}

/** Whether the last safe day depends on several pending payments. */
export const countsOnSeveral = (payments: readonly Pick<AgendaPayment, 'state' | 'saves'>[] = []): boolean =>
  payments.filter(({ state, saves }) => state === 'pending' && saves !== false).length > 1;

/** What makes the deadline uncertain: an assumed charge, a later latest reading, or pending payments. */
export function doubtLines(entry: AgendaEntry, { line, locale }: TextContext): string[] {
  const { provisional, confirmed_act_by } = line.timeline;
  const stage = entry.deadline?.stage;
  const lines: string[] = [];
  if (stage?.assumed) lines.push(say(locale, 'text.assumed'));
  if (stage?.from != null && stage.latest_from !== null && stage.latest_from > stage.from) {
    lines.push(say(locale, 'text.doubt', { date: formatDate(locale, safeOf(line, stage.latest_from - 1)) }));
  }
  // Pending payments matter only if without them the deadline would be earlier than the entry's.
  const last = parseDay(entry.deadline?.act_by ?? '');
  const missedOn = missedWithoutPending(line.timeline);
  const several = countsOnSeveral(line.payments) ? 'yes' : 'no';
  if (missedOn !== null && last !== null && missedOn < last) {
    const date = formatDate(locale, safeOf(line, missedOn));
    lines.push(say(locale, 'text.provisional_missed', { several, date }));
  } else if (provisional && confirmed_act_by !== null && last !== null && confirmed_act_by < last) {
    const date = formatDate(locale, safeOf(line, confirmed_act_by));
    lines.push(say(locale, 'text.provisional', { several, date }));
  }
  return lines;
}

/** What is not known of a line, and which dates depend on it. */
export function missingLines({ line, locale }: TextContext): string[] {
  const { missing, version } = line.timeline;
  const isMissing = (fact: string): boolean =>
    missing.some((item) => item.kind === 'fact' && item.name === fact);
  // A clock whose length is a missing fact may well have been started by a record: then ask for the fact alone.
  const lacksLength = ({ kind, name }: Missing): boolean => {
    const runs = kind === 'clock' ? clockOf(line.booked, version, name)?.runs : undefined;
    return typeof runs === 'object' && 'by' in runs && runs.by === 'fact' && isMissing(runs.fact);
  };
  return missing
    .filter((item) => line.records.length === 0 || !lacksLength(item))
    .map((item) => missingText(item, line.booked, version, locale));
}

/** The missing facts, if only one of the readings has this deadline: which one is right depends on them. */
export const missingSectionFor = ({ stage }: Deadline, context: TextContext): string[] =>
  stage !== null && (stage.from === null || stage.latest_from === null) ? missingSection(context) : [];

export function missingSection(context: TextContext): string[] {
  const lines = missingLines(context);
  return lines.length === 0 ? [] : [say(context.locale, 'text.missing'), ...bullets(lines)];
}

/** The sum of the pending top-ups on the days that `isMeant` selects. */
const pendingAmount = (
  isMeant: (day: number) => boolean,
  standing: readonly LedgerRecord[],
  zone: string,
): Amount =>
  standing.reduce(
    (sum, { input, pending }) =>
      pending && input.type === 'topup' && isMeant(readAt(input.at, zone).latest)
        ? sum + parseAmount(input.amount.amount)
        : sum,
    0,
  );

const pendingSince = (seenOn: number, { records, timeline }: AgendaLine): Amount =>
  pendingAmount((day) => day > seenOn, standingRecords(records), timeline.time_zone);

/**
 * The day of the last balance record (−Infinity if none): earlier payments are either in that balance, or did not
 * arrive.
 */
const balanceSeenOn = ({ records, timeline }: AgendaLine): number =>
  Math.max(
    ...standingRecords(records).flatMap(({ input }) =>
      input.type === 'balance' ? [readAt(input.at, timeline.time_zone).latest] : [],
    ),
  );

/** Says that the last balance seen is less than the records explain; without the amount if balances are not shown. */
export function driftLine({ line, locale, showBalance }: TextContext): string[] {
  const { drift, time_zone } = line.timeline;
  const last = drift.at(-1);
  const standing = standingRecords(line.records);
  const seen = standing.filter(({ input }) => input.type === 'balance');
  const record = seen.find(({ id }) => id === last?.record);
  if (!last || !record) return [];
  const dayOf = ({ input }: LedgerRecord) => readAt(input.at, time_zone).latest;
  // Pending money may not have arrived, so its absence needs no explanation.
  const expected = last.expected - pendingAmount((day) => day <= dayOf(record), standing, time_zone);
  if (last.seen >= expected) return [];
  // A later balance that the records explain settles it.
  if (seen.some((other) => dayOf(other) > dayOf(record))) return [];
  const amount = formatMoney(locale, expected - last.seen, line.booked.carrier.currency);
  return [
    say(locale, 'text.drift', {
      date: formatDate(locale, dayOf(record)),
      shown: showBalance ? 'yes' : 'no',
      amount: showBalance ? amount : '',
    }),
  ];
}

export function balanceLine(context: TextContext): string[] {
  const { line, locale, showBalance } = context;
  const { balance } = line.timeline;
  const drift = driftLine(context);
  if (!showBalance || balance === null) return drift;
  const money = (sum: Amount): string => formatMoney(locale, sum, line.booked.carrier.currency);
  const amount = money(balance);
  const awaited = Math.min(pendingSince(balanceSeenOn(line), line), balance);
  const balanceText =
    awaited > 0
      ? say(locale, 'text.balance_awaited', { amount, awaited: money(awaited) })
      : say(locale, 'text.balance', { amount });
  return [balanceText, ...drift];
}
