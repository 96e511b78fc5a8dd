/**
 * A picture of a timeline: the stages as spans of colour and pattern, today, and the last safe day, with a description
 * in words. Horizontal lengths are percentages, so that the text keeps its size on any screen.
 */
import { html } from 'ghtml';
import { civil } from '../retention/day.ts';
import { addMonths, type Day, plannedFrom } from '../retention/index.ts';
import type { Stage } from '../retention/record.ts';
import type { StageEntry, Timeline } from '../retention/timeline.ts';
import {
  capitalize,
  formatDate,
  formatDayMonth,
  formatFrom,
  formatMonth,
  type Locale,
  PUNCTUATION,
  say,
} from '../wording/index.ts';
import { isSure, type PictureWindow, type Span, spansOf, stagesToList } from './stages.ts';

export type TimelinePicture = {
  /** An HTML id, unique on the page. */
  id: string;
  /** The name of the line, any text. */
  who: string;
  timeline: Pick<Timeline, 'stages'>;
  window: PictureWindow;
  today: Day;
  /** The last safe day as shown beside the picture; null if none is known. */
  actBy: Day | null;
  /** The term for that day; both in the picture and beside the term a diamond marks it. */
  actByTerm: string;
  locale: Locale;
};

const HEIGHT = 118;
const BAR = { top: 24, height: 30 };
const MAY = { top: 58, height: 10 };
const LABEL = 86;
const AXIS = 94;
const MONTHS = 112;

/** A stage in words: its name, from when it holds, and whether the carrier has a choice. */
export function stageLabel(entry: StageEntry, locale: Locale): string {
  const stage = say(locale, `stage.${entry.stage}`);
  const day = plannedFrom(entry);
  if (day <= 0) return capitalize(say(locale, 'page.stage_always', { stage }));
  const key =
    entry.certainty === 'may' ? 'page.stage_may' : isSure(entry) ? 'page.stage' : 'page.stage_unsure';
  return capitalize(say(locale, key, { stage, from: formatFrom(locale, day) }));
}

function description(picture: TimelinePicture): string {
  const { window, today, actBy, actByTerm, locale } = picture;
  const date = (day: Day) => formatDate(locale, day);
  const listed = stagesToList(picture.timeline, window);
  const { colon, stop, space } = PUNCTUATION[locale];
  const stages = listed.length > 0 ? listed.map((entry) => stageLabel(entry, locale)) : [unknown(locale)];
  return [
    say(locale, 'page.picture_span', { from: date(window.from), until: date(window.until - 1) }),
    say(locale, 'page.picture_today', { date: date(today) }),
    ...(actBy === null ? [] : [`${actByTerm}${colon}${date(actBy)}${stop}`]),
    ...stages.map((stage) => `${stage}${stop}`),
  ].join(space);
}

const unknown = (locale: Locale): string => capitalize(say(locale, 'stage.unknown'));

const round = (percent: number): string => `${Math.round(percent * 100) / 100}%`;

/** Beyond this percentage the name of a month would not fit on a narrow screen. */
const MAX_RIGHT = 78;

/** Below this width, in percent, a span has no room for its number on a narrow screen. */
const NARROW = 7;

function drawing({ from, until }: PictureWindow) {
  const at = (day: Day): number => ((day - from) / (until - from)) * 100;

  function span(
    { stage, from: start, until: end, number, isSure: sure }: Span,
    row: typeof BAR,
    isMay: boolean,
  ) {
    const [x, width] = [at(start), at(end) - at(start)];
    const place = `x="${round(x)}" y="${row.top}" width="${round(width)}" height="${row.height}"`;
    const kind = `stage-${stage}${isMay ? ' may' : ''}${sure ? '' : ' unsure'}`;
    const badge =
      number > 0 && !isMay && width >= NARROW
        ? html`<svg x="${round(x)}" y="${row.top + row.height / 2}" overflow="visible"><circle class="badge" cx="14" r="9"/><text class="number" x="14" y="4" text-anchor="middle">${number}</text></svg>`
        : '';
    const edge = html`<line class="edge" x1="${round(x)}" x2="${round(x)}" y1="${row.top}" y2="${row.top + row.height}"/>`;
    return html`<rect class="${kind}" !${place}/><rect class="pattern" fill="url(#pattern-${stage})" !${place}/>!${start > from ? edge : ''}!${badge}`;
  }

  /** Text at a day: to its left, to its right or centred, whichever has room. */
  function text(day: Day, y: number, words: string, kind: string) {
    const x = at(day);
    const anchor = x < 30 ? 'start' : x > 70 ? 'end' : 'middle';
    return html`<text class="${kind}" x="${round(x)}" y="${y}" text-anchor="${anchor}">${words}</text>`;
  }

  const upright = (day: Day, top: number, bottom: number, kind: string) =>
    html`<line class="${kind}" x1="${round(at(day))}" x2="${round(at(day))}" y1="${top}" y2="${bottom}"/>`;

  return { at, span, text, upright };
}

/** First days of months, far enough apart for their names. */
function ticks({ from, until }: PictureWindow): Day[] {
  const step = Math.max(3, Math.ceil((until - from) / 30.4 / 4 / 3) * 3);
  let day = addMonths(from - civil(from).date + 1, 1);
  while (civil(day).month % 3 !== 1) day = addMonths(day, 1);
  const days: Day[] = [];
  for (; day < until; day = addMonths(day, step)) days.push(day);
  return days;
}

export function timelineSvg(picture: TimelinePicture): string {
  const { id, timeline, window, today, actBy, locale } = picture;
  const { certain, may } = spansOf(timeline, stagesToList(timeline, window), window);
  const { at, span, text, upright } = drawing(window);
  const isShown = (day: Day | null): day is Day => day !== null && day >= window.from && day < window.until;
  const months = ticks(window).map((day) => {
    const x = at(day);
    const name =
      x > MAX_RIGHT
        ? ''
        : html`<text class="month" x="${round(x)}" y="${MONTHS}">${formatMonth(locale, day)}</text>`;
    return `${upright(day, AXIS, AXIS + 6, 'tick')}${name}`;
  });
  const last = isShown(actBy)
    ? html`!${upright(actBy, BAR.top - 4, LABEL - 12, 'act-by')}<svg x="${round(at(actBy))}" y="${BAR.top - 4}" overflow="visible"><path class="act-by-mark" d="M0 5L-5 0L0 -5L5 0z"/></svg>!${text(actBy, LABEL, formatDayMonth(locale, actBy), 'act-by-label')}`
    : '';
  return html`<svg class="timeline" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-desc" width="100%" height="${HEIGHT}">
<title id="${id}-title">${say(locale, 'page.picture', { who: picture.who })}</title>
<desc id="${id}-desc">${description(picture)}</desc>
!${certain.map((stage) => span(stage, BAR, false))}!${may.map((stage) => span(stage, MAY, true))}
<line class="axis" x1="0" x2="100%" y1="${AXIS}" y2="${AXIS}"/>!${months}
!${upright(today, BAR.top - 8, MAY.top + MAY.height + 2, 'today')}!${text(today, 12, say(locale, 'page.today'), 'today-label')}
!${last}
</svg>`;
}

const PATTERNS: Record<Stage, string> = {
  unknown: '<path d="M0 10L10 0"/>',
  active: '',
  restricted: '<circle cx="3" cy="3" r="1.2"/><circle cx="8" cy="8" r="1.2"/>',
  fee_running: '<path d="M-2 8L8 -2M2 12L12 2"/>',
  receive_only: '<path d="M0 3H10M0 8H10"/>',
  suspended: '<path d="M0 0L10 10M10 0L0 10"/>',
  lost: '<path d="M0 3H10M0 8H10M3 0V10M8 0V10"/>',
  reissuable: '<path d="M3 0V10M8 0V10"/>',
};

/** The mark of the last safe day, as in pictures. */
export const actByMark = (): string =>
  html`<svg class="swatch" width="12" height="12" aria-hidden="true" focusable="false"><path class="act-by-mark" d="M6 11L1 6L6 1L11 6z"/></svg>`;

/** The fill patterns that the pictures and swatches of a page refer to; a page contains them once. */
export const stagePatterns = (): string =>
  html`<svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false"><defs>!${Object.entries(
    PATTERNS,
  ).map(
    ([stage, marks]) =>
      html`<pattern id="pattern-${stage}" width="10" height="10" patternUnits="userSpaceOnUse"><g class="marks">!${marks}</g></pattern>`,
  )}</defs></svg>`;

/** A small sample of a stage's colour and pattern; without text, because it stands beside the stage's name. */
export const swatch = (entry: StageEntry): string => {
  const { stage } = entry;
  const isMay = entry.certainty === 'may';
  const kind = `stage-${stage}${isMay ? ' may' : ''}${isSure(entry) ? '' : ' unsure'}`;
  const place = isMay ? 'y="5" width="22" height="8"' : 'y="1" width="22" height="16"';
  return html`<svg class="swatch" width="22" height="18" aria-hidden="true" focusable="false"><rect class="${kind}" !${place}/><rect class="pattern" fill="url(#pattern-${stage})" !${place}/></svg>`;
};
