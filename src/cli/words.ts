/** A timeline in sentences for a terminal, made of the same texts as feeds. */
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

type FoldedLine = {
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

function textContextFor({ user, line, booked, timeline, ledger }: FoldedLine, locale: Locale) {
  const { id, label, number } = line;
  const agendaLine = { id, label: printable(label), number, timeline, records: ledger, booked };
  return textContextOf({ ...agendaLine, time_zone: user.time_zone, created_on: '' }, locale, {});
}

/** A coming stage, with its reason and its cures indented below. */
function stageLines(entry: StageEntry, folded: FoldedLine, locale: Locale): string[] {
  const context = textContextFor(folded, locale);
  const why = say(locale, 'text.why', { because: becauseText(entry.because, context.reasonContext) });
  return [
    `• ${stageText(entry, context)}`,
    `    ${why}`,
    ...cureLines(entry, folded, locale).map((text) => `    ${text}`),
  ];
}

function cureLines({ cures }: StageEntry, { booked, timeline }: FoldedLine, locale: Locale): string[] {
  const texts = curesJson(cures, booked, timeline.version, locale).map(({ text }) => `– ${text}`);
  return texts.length > 0 ? [say(locale, 'text.rescue', { all: 'no' }), ...texts] : [];
}

function presentLines(folded: FoldedLine, locale: Locale): string[] {
  const { timeline, booked } = folded;
  const { as_of, at_risk_since, act_by, balance } = timeline;
  const context = textContextFor(folded, locale);
  // As in feeds: the last day of the person's zone on which acting is still in time.
  const safe = (day: Day) => safeDay(day, timeline.time_zone, context.line.time_zone);
  const lines = [stateLine({ stage: timeline.stage, isSure: isStageSure(context.line) }, locale)];
  if (at_risk_since !== null) {
    const present = stageThatHolds(timeline.stages, (from) => from <= as_of);
    lines.push(say(locale, 'text.overdue', { date: formatDate(locale, safe(at_risk_since)) }));
    if (act_by !== null) {
      const { colon, stop } = PUNCTUATION[locale];
      lines.push(`${say(locale, 'page.worse')}${colon}${formatDate(locale, safe(act_by))}${stop}`);
    }
    if (present) lines.push(...cureLines(present, folded, locale));
  } else if (act_by !== null) {
    lines.push(...dayLine({ act_by: formatDay(act_by), safe: formatDay(safe(act_by)) }, context));
  }
  if (balance !== null) {
    const amount = formatMoney(locale, balance, booked.carrier.currency);
    lines.push(say(locale, 'text.balance', { amount }));
  }
  return lines;
}

/** A line's state, the stages that follow, and what is not known, as text. */
export function timelineInWords(folded: FoldedLine, locale: Locale): string {
  const { timeline, booked, line } = folded;
  // For an overdue line also the stages that may have begun since the missed day.
  const after = timeline.at_risk_since ?? timeline.as_of;
  const ahead = timeline.stages.filter(
    (entry) =>
      (plannedFrom(entry) > after || (entry.latest_from ?? 0) > timeline.as_of) &&
      entry.stage !== 'active' &&
      entry.stage !== 'unknown',
  );
  const missing = timeline.missing.map((item) => missingText(item, booked, timeline.version, locale));
  const blocks = [
    presentLines(folded, locale),
    ahead.length > 0
      ? [say(locale, 'text.otherwise'), ...ahead.flatMap((entry) => stageLines(entry, folded, locale))]
      : [],
    missing.length > 0 ? [say(locale, 'text.missing'), ...missing.map((text) => `• ${text}`)] : [],
  ];
  const heading = [...numberLine(textContextFor(folded, locale)), line.rule].join(' · ');
  return [heading, ...blocks.flat().map((text) => `  ${text}`), ''].join('\n');
}
