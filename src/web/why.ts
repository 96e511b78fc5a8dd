/** The reason of a date, to unfold: the record it counts from, the clock, its fact, and the sources. */
import { html } from 'ghtml';
import type { TextContext } from '../agenda/index.ts';
import { namesFee } from '../retention/index.ts';
import type { Because } from '../retention/timeline.ts';
import {
  becauseJson,
  capitalize,
  clockOf,
  countedPhrase,
  factPhrase,
  inLanguage,
  type MessageKey,
  say,
} from '../wording/index.ts';

type Row = [term: MessageKey, text: string];

function recordRow(because: Because, { reasonContext }: TextContext): Row[] {
  const record = reasonContext.records.find(({ id }) => id === because.record);
  return record
    ? [['page.why_record', capitalize(countedPhrase(record, because.counts_from, reasonContext))]]
    : [];
}

function factRow({ fact }: Because, { locale }: TextContext): Row[] {
  const phrase = fact === null ? null : factPhrase(fact, locale);
  return phrase === null ? [] : [['page.why_fact', phrase]];
}

function clockRow({ clock }: Because, { reasonContext, locale }: TextContext): Row[] {
  const ruled = clock === null ? undefined : clockOf(reasonContext.booked, reasonContext.version, clock);
  return ruled ? [['page.why_clock', inLanguage(ruled.name, locale)]] : [];
}

/**
 * The chain from a record to its source, as a list of terms. A neutral page shows the record and a plain period, but
 * not the clock, the fee and the sources, which would reveal the carrier.
 */
export function whyList(because: Because, context: TextContext, isNeutral: boolean): string {
  const { locale } = context;
  const rows = isNeutral
    ? [...recordRow(because, context), ...(namesFee(because.fact ?? '') ? [] : factRow(because, context))]
    : [...recordRow(because, context), ...clockRow(because, context), ...factRow(because, context)];
  const sources = isNeutral ? [] : becauseJson(because, context.reasonContext).sources;
  const list = rows.map(([term, text]) => html`<div><dt>${say(locale, term)}</dt><dd>${text}</dd></div>`);
  const none = rows.length === 0 && !isNeutral ? html`<p>${say(locale, 'because.nothing')}</p>` : '';
  const hidden = isNeutral ? html`<p>${say(locale, 'page.why_hidden')}</p>` : '';
  return html`!${list.length > 0 ? html`<dl class="why">!${list}</dl>` : ''}!${sources.map(({ text }) => html`<p>${text}</p>`)}!${none}!${hidden}`;
}
