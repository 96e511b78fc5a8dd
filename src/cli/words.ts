/** A timeline in sentences for a terminal, from the same texts as feeds. */
import { dayLine, isStageSure, numberLine, stageText, stateLine, textContextOf } from '../agenda/index.ts';
import { type Day, formatDay, plannedFrom, safeDay, stageThatHolds } from '../retention/index.ts';
import type { LedgerRecord } from '../retention/record.ts';
import type { StageEntry, Timeline } from '../retention/timeline.ts';
import type { BookedRule } from '../rulebook/index.ts';
import type { Line, User } from '../store/types.ts';
import {
  becauseText,
  curesJson,
  formatDate,
  formatMoney,
  type Locale,
  missingText,
  PUNCTUATION,
  say,
} from '../wording/index.ts';
import { displayWidth, printable } from './table.ts';

type Told = {
  user: User;
  line: Line;
  booked: BookedRule;
  timeline: Timeline;
  ledger: readonly LedgerRecord[];
};

export function personHeading({ name }: User): string[] {
  const shown = printable(name);
  return [shown, '═'.repeat(displayWidth(shown)), ''];
}

function speak({ user, line, booked, timeline, ledger }: Told, locale: Locale) {
  const { id, label, number } = line;
  const spoken = { id, label: printable(label), number, timeline, records: ledger, booked };
  return textContextOf({ ...spoken, time_zone: user.time_zone, created_on: '' }, locale, {});
}

/** A stage to come, with its reason and what saves the number in it, each remark indented below. */
function stageLines(entry: StageEntry, told: Told, locale: Locale): string[] {
  const context = speak(told, locale);
  const why = say(locale, 'text.why', { because: becauseText(entry.because, context.reasonContext) });
  return [
    `• ${stageText(entry, context)}`,
    `    ${why}`,
    ...cureLines(entry, told, locale).map((text) => `    ${text}`),
  ];
}

function cureLines({ cures }: StageEntry, { booked, timeline }: Told, locale: Locale): string[] {
  const texts = curesJson(cures, booked, timeline.version, locale).map(({ text }) => `– ${text}`);
  return texts.length > 0 ? [say(locale, 'text.rescue', { all: 'no' }), ...texts] : [];
}

function presentLines(told: Told, locale: Locale): string[] {
  const { timeline, booked } = told;
  const { as_of, at_risk_since, act_by, balance } = timeline;
  const context = speak(told, locale);
  // As feeds tell it: the day of the person's zone on which whoever acts is still in time.
  const safe = (day: Day) => safeDay(day, timeline.time_zone, context.line.time_zone);
  const lines = [stateLine({ stage: timeline.stage, isSure: isStageSure(context.line) }, locale)];
  if (at_risk_since !== null) {
    const present = stageThatHolds(timeline.stages, (from) => from <= as_of);
    lines.push(say(locale, 'text.overdue', { date: formatDate(locale, safe(at_risk_since)) }));
    if (act_by !== null) {
      const { colon, stop } = PUNCTUATION[locale];
      lines.push(`${say(locale, 'page.worse')}${colon}${formatDate(locale, safe(act_by))}${stop}`);
    }
    if (present) lines.push(...cureLines(present, told, locale));
  } else if (act_by !== null) {
    lines.push(...dayLine({ act_by: formatDay(act_by), safe: formatDay(safe(act_by)) }, context));
  }
  if (balance !== null) {
    const amount = formatMoney(locale, balance, booked.carrier.currency);
    lines.push(say(locale, 'text.balance', { amount }));
  }
  return lines;
}

/** What follows from the records of one line. */
export function timelineInWords(told: Told, locale: Locale): string {
  const { timeline, booked, line } = told;
  // Of an overdue line, all that may have begun since the day was missed.
  const after = timeline.at_risk_since ?? timeline.as_of;
  const ahead = timeline.stages.filter(
    (entry) =>
      (plannedFrom(entry) > after || (entry.latest_from ?? 0) > timeline.as_of) &&
      entry.stage !== 'active' &&
      entry.stage !== 'unknown',
  );
  const missing = timeline.missing.map((one) => missingText(one, booked, timeline.version, locale));
  const blocks = [
    presentLines(told, locale),
    ahead.length > 0
      ? [say(locale, 'text.otherwise'), ...ahead.flatMap((entry) => stageLines(entry, told, locale))]
      : [],
    missing.length > 0 ? [say(locale, 'text.missing'), ...missing.map((text) => `• ${text}`)] : [],
  ];
  const heading = [...numberLine(speak(told, locale)), line.rule].join(' · ');
  return [heading, ...blocks.flat().map((text) => `  ${text}`), ''].join('\n');
}
