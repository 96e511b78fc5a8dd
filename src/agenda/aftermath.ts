/** Texts for the time after a missed deadline: the state of the line, what still saves it, what comes next. */
import { parseDay, plannedFrom } from '../retention/index.ts';
import type { Stage } from '../retention/record.ts';
import type { StageEntry } from '../retention/timeline.ts';
import { formatDate, isEmptied, type Locale, say } from '../wording/index.ts';
import { actionsAsked } from './asks.ts';
import { firstDayOf, isDisputed, isReachedBy, presentOn, trackOf } from './deadline.ts';
import type { AgendaEntry, AgendaLine, Deadline } from './entry.ts';
import { asksBullets, asksTexts, whomToAsk } from './how.ts';
import { type Blocks, ruledStage, type TextContext } from './text-context.ts';
import * as why from './why.ts';

const yesOrNo = (value: boolean): string => (value ? 'yes' : 'no');

/**
 * The heading above the cures that still help on a day of the person's zone: it says until when they help, or that they
 * help as long as the carrier has not acted.
 */
function rescueHeading(entry: AgendaEntry, day: number, all: string, { line, locale }: TextContext): string {
  const isCertainBy = (stage: StageEntry): boolean =>
    stage.certainty === 'certain' && isReachedBy(line, stage, day);
  const begins = (loss: StageEntry): number => firstDayOf(line, plannedFrom(loss));
  const track = trackOf(line, entry.because?.clock ?? null);
  if (entry.stage?.stage === 'lost' && isCertainBy(entry.stage))
    return say(locale, 'text.rescue_lost', { all });
  // A certain loss no longer counts once the line has been active again after it.
  const healed = line.timeline.stages.findLastIndex(
    (stage) => stage.stage === 'active' && stage.from !== null && isCertainBy(stage),
  );
  const losses = line.timeline.stages.filter(
    ({ stage, certainty, because }, index) =>
      stage === 'lost' && trackOf(line, because.clock) === track && (certainty === 'may' || index > healed),
  );
  const isOpen = losses.some(
    (loss) => begins(loss) <= day && (!isCertainBy(loss) || isDisputed(line, loss, day)),
  );
  if (isOpen) return say(locale, 'text.rescue_may', { all });
  // An action that helps now may not be a cure of a later stage: it then helps only until that stage begins.
  const ends = ({ certainty, cures }: StageEntry): boolean =>
    certainty === 'certain' && actionsAsked(entry.asks).some((cure) => !cures.includes(cure));
  const next = line.timeline.stages.find(
    (stage) =>
      begins(stage) > day &&
      trackOf(line, stage.because.clock) === track &&
      (stage.stage === 'lost' || ends(stage)),
  );
  if (!next) return say(locale, 'text.rescue', { all });
  return say(locale, 'text.rescue_until', { all, date: formatDate(locale, begins(next) - 1) });
}

function rescue(entry: AgendaEntry, day: number, context: TextContext, max?: number): string[] {
  const lists = asksTexts(entry.asks, context, max);
  if (lists.length === 0) return [say(context.locale, 'text.no_rescue')];
  return [
    rescueHeading(entry, day, yesOrNo(lists.length > 1), context),
    ...asksBullets(lists, context.locale),
  ];
}

/** What happens to the credit. `kept` only if the rule states it: without a source it is `not_known`. */
function creditOf(begins: StageEntry, line: AgendaLine): string {
  if (isEmptied(begins.because)) return 'used_up';
  if (!begins.credit_kept) return 'lost';
  return ruledStage(begins, line)?.credit_kept ? 'kept' : 'not_known';
}

/** Whether the stage's own text already says whether the line can receive, and that it cannot call. */
const impliesEffects = (begins: StageEntry, line: AgendaLine): boolean =>
  !begins.can_call &&
  (begins.stage === 'suspended' || (begins.stage === 'receive_only' && begins.can_receive)) &&
  !ruledStage(begins, line)?.note;

function effectsOf(begins: StageEntry, { line, locale }: TextContext): string[] {
  const credit = creditOf(begins, line);
  if (impliesEffects(begins, line))
    return credit === 'not_known' ? [] : [say(locale, 'text.credit', { credit })];
  const works = { call: yesOrNo(begins.can_call), receive: yesOrNo(begins.can_receive) };
  return [say(locale, 'text.effects', { ...works, credit })];
}

/** The text of an entry for a stage that begins: what the stage means, what still works, what still saves the line. */
export function stageBlocks(entry: AgendaEntry, begins: StageEntry, context: TextContext): Blocks {
  const { locale } = context;
  const on = parseDay(entry.on) as number;
  const isGone = begins.stage === 'lost' || begins.stage === 'reissuable';
  return [
    [
      ...why.numberLine(context),
      why.stageText(begins, context),
      ...(begins.assumed ? [say(locale, 'text.assumed')] : []),
      ...why.zonesOf(begins, context),
    ],
    isGone ? [] : effectsOf(begins, context),
    begins.stage === 'reissuable' ? [] : rescue(entry, on, context),
    begins.can_receive ? [] : whomToAsk(context),
    why.whyLine(entry.because, context),
  ];
}

/** The stage that a line is in; where the readings differ, the sentence says that it is not certain. */
export function stateLine({ stage, isSure }: { stage: Stage; isSure: boolean }, locale: Locale): string {
  const stageName = say(locale, `stage.${stage}`);
  if (isSure) return say(locale, 'text.now', { stage: stageName });
  return say(locale, 'text.now_maybe', { stage: stageName, worse: yesOrNo(stage !== 'active') });
}

function presentState(on: number, { line, locale }: TextContext): string[] {
  const present = presentOn(line, on);
  if (!present) return [];
  return [stateLine(present, locale)];
}

/** Kept short, because it repeats every week: the state, what helps, what comes next, whom to ask. */
export function overdueBlocks(entry: AgendaEntry, deadline: Deadline, context: TextContext): Blocks {
  const { line, locale } = context;
  const on = parseDay(entry.on) as number;
  const missed = formatDate(locale, parseDay(deadline.safe) as number);
  const [next] = why.stagesAhead((from) => firstDayOf(line, from) > on, deadline.clock, context, 1);
  return [
    [...why.numberLine(context), say(locale, 'text.overdue', { date: missed }), ...presentState(on, context)],
    rescue(entry, on, context, 2),
    next
      ? [say(locale, 'text.next', { next: why.stageText(next, context) }), ...why.zonesOf(next, context)]
      : [],
    why.missingSectionFor(deadline, context),
    entry.tone > 1 ? whomToAsk(context, 1) : [],
  ];
}
