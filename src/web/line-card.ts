/**
 * One line on a feed's page: its state, its last safe day, its timeline as a picture, and each stage with its reason.
 */
import { html } from 'ghtml';
import {
  type AgendaLine,
  carrierName,
  countsOnSeveral,
  displayName,
  isNamedAfterCarrier,
  isStageSure,
  missingLines,
  nameOf,
  stageText,
  type TextContext,
  textContextOf,
  truncate,
} from '../agenda/index.ts';
import { formatDay, isOverdue, parseDay, safeDay } from '../retention/index.ts';
import type { StageEntry } from '../retention/timeline.ts';
import type { FeedDetail } from '../vocabulary.ts';
import { capitalize, formatDate, type Locale, provisionalText, say, zoneCity } from '../wording/index.ts';
import { isOver, type PictureWindow, pictureWindow, possibleWorseStage, stagesToList } from './stages.ts';
import { displayText } from './text.ts';
import { actByMark, stageLabel, swatch, timelineSvg } from './timeline-svg.ts';
import { whyList } from './why.ts';

/**
 * `detail`: how much personal data the page may show, as in its feed. `today`: the date in the person's zone,
 * `yyyy-mm-dd`.
 */
export type CardOptions = { locale: Locale; detail: FeedDetail; today: string };

const MAX_LABEL_LENGTH = 60;

/** A line's name on the page, and as markup what stands beside it; `number`: its place on the page, from 1. */
function namesOf(
  context: TextContext,
  number: number,
  { locale, detail }: CardOptions,
): { name: string; about: string } {
  if (detail === 'neutral') return { name: say(locale, 'page.number', { count: number }), about: '' };
  const { line, full } = context;
  const label = full && line.number ? truncate(line.label, MAX_LABEL_LENGTH) : '';
  const carrier = isNamedAfterCarrier(context) ? '' : carrierName(context);
  const names = [carrier, label].map(displayText).filter(Boolean);
  return {
    name: displayText(nameOf(context) ?? capitalize(displayName(context))),
    about: names.map((name) => html`<bdi>${name}</bdi>`).join(' · '),
  };
}

const definition = (term: string, text: string, more = ''): string =>
  html`<div><dt>${term}</dt><dd>${text}!${more}</dd></div>`;

/** The term for `act_by`: once a last safe day is missed, the next one is only the day before it gets worse. */
const actByTerm = (line: AgendaLine, locale: Locale): string =>
  say(locale, isOverdue(line.timeline) ? 'page.worse' : 'page.act_by');

function stateRow(line: AgendaLine, locale: Locale): string {
  const { timeline } = line;
  const worseStage = possibleWorseStage(timeline);
  const maybe = worseStage
    ? say(locale, 'page.state_maybe', { stage: say(locale, `stage.${worseStage}`) })
    : isStageSure(line)
      ? null
      : say(locale, 'page.state_unsure');
  return definition(
    say(locale, 'page.state'),
    capitalize(say(locale, `stage.${timeline.stage}`)),
    maybe ? html` <span class="left">${maybe}</span>` : '',
  );
}

/** The missing facts because of which there is no last safe day, for the reader to look up. */
function missingList(context: TextContext, { locale, detail }: CardOptions): string {
  const lines = detail === 'neutral' ? [] : missingLines(context);
  if (lines.length === 0) return '';
  const items = lines.map((line) => html`<li>${line}</li>`);
  return html`<p class="quiet">${say(locale, 'text.missing')}</p><ul class="quiet">!${items}</ul>`;
}

function actByRow(context: TextContext, options: CardOptions): string {
  const { locale, detail, today } = options;
  const { line } = context;
  const { act_by, at_risk_since, time_zone, stage } = line.timeline;
  const day = parseDay(today) as number;
  const term = actByTerm(line, locale);
  const zone = line.time_zone;
  const overdue =
    at_risk_since === null || !isOverdue(line.timeline)
      ? ''
      : definition(
          say(locale, 'kind.overdue'),
          say(locale, 'page.days_over', { days: day - safeDay(at_risk_since, time_zone, zone) }),
          html` <span class="quiet">${say(locale, 'text.overdue', { date: formatDate(locale, safeDay(at_risk_since, time_zone, zone)) })}</span>`,
        );
  // A lost number has no later deadline.
  if (act_by === null && (stage === 'lost' || stage === 'reissuable')) return overdue;
  if (act_by === null) {
    const notKnown = capitalize(say(locale, 'page.not_known'));
    return `${overdue}${definition(term, notKnown, missingList(context, options))}`;
  }
  const safe = safeDay(act_by, time_zone, zone);
  const days = safe - day;
  // West of the carrier's zone the safe day may already be past while the carrier's last day still runs.
  const remaining =
    days === 0
      ? say(locale, 'page.last_day')
      : say(locale, days > 0 ? 'page.days_left' : 'page.days_over', { days: Math.abs(days) });
  const left = html` <span class="left">${remaining}</span>`;
  const zones =
    safe === act_by || detail === 'neutral'
      ? ''
      : html`<p class="quiet">${say(locale, 'text.last_day_zones', {
          date: formatDate(locale, safe),
          deadline: formatDate(locale, act_by),
          city: zoneCity(locale, time_zone),
        })}</p>`;
  const several = countsOnSeveral(line.payments);
  const provisional = provisionalText(line.timeline, locale, several, (day) => safeDay(day, time_zone, zone));
  const uncertainty = provisional === null ? '' : html`<p class="quiet">${provisional}</p>`;
  const date = html`<time datetime="${formatDay(safe)}">${formatDate(locale, safe)}</time>`;
  return `${overdue}${html`<div class="act-by-row"><dt>${term} !${actByMark()}</dt><dd>!${date}!${left}!${uncertainty}!${zones}</dd></div>`}`;
}

function stageItem(
  entry: StageEntry,
  context: TextContext,
  number: number,
  { locale, detail }: CardOptions,
): string {
  const isNeutral = detail === 'neutral';
  // Once a stage is over, its meaning and its cures no longer matter.
  const isPast = isOver(context.line.timeline, entry);
  const text = isNeutral || isPast ? '' : html`<p>${stageText(entry, context)}</p>`;
  return html`<li><details>
<summary><span class="count">${number}</span>!${swatch(entry)}<span>${stageLabel(entry, locale)}</span></summary>
<div class="unfolded">!${text}!${whyList(entry.because, context, isNeutral)}</div>
</details></li>`;
}

function stageList(context: TextContext, window: PictureWindow, options: CardOptions): string {
  const stages = stagesToList(context.line.timeline, window);
  if (stages.length === 0) return '';
  const items = stages.map((entry, index) => stageItem(entry, context, index + 1, options));
  return html`<h4>${say(options.locale, 'page.stages')}</h4>
<ol class="stages">!${items}</ol>`;
}

/** The card of a line as of today; `number`: its place on the page, from 1. */
export function lineCard(line: AgendaLine, number: number, options: CardOptions): string {
  const { locale, detail } = options;
  const context = textContextOf(line, locale, { detail });
  const { timeline } = line;
  const today = parseDay(options.today) as number;
  const actBy =
    timeline.act_by === null ? null : safeDay(timeline.act_by, timeline.time_zone, line.time_zone);
  const window = pictureWindow(today, actBy);
  const { name, about } = namesOf(context, number, options);
  const named = { id: `timeline-${number}`, who: name, actByTerm: actByTerm(line, locale) };
  const picture = { ...named, timeline, window, today, actBy, locale };
  return html`<article class="card line" aria-labelledby="line-${number}">
<h3 id="line-${number}"><bdi>${name}</bdi>!${about ? html` <span class="quiet">!${about}</span>` : ''}</h3>
<dl class="facts">
!${stateRow(line, locale)}
!${actByRow(context, options)}
</dl>
!${timelineSvg(picture)}
!${stageList(context, window, options)}
</article>`;
}
