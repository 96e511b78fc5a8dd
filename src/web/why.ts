/** Why a date is what it is, to unfold: the record it counts from, the clock, its fact, and the sources. */
import { html } from 'ghtml';
import type { Speech } from '../agenda/index.ts';
import { namesFee } from '../retention/index.ts';
import type { Because } from '../retention/timeline.ts';
import {
  becauseJson,
  clockOf,
  countedPhrase,
  factPhrase,
  inLanguage,
  type MessageKey,
  say,
  sentence,
} from '../wording/index.ts';

type Row = [term: MessageKey, text: string];

function recordRow(because: Because, { telling }: Speech): Row[] {
  const record = telling.records.find(({ id }) => id === because.record);
  return record ? [['page.why_record', sentence(countedPhrase(record, because.counts_from, telling))]] : [];
}

function factRow({ fact }: Because, { locale }: Speech): Row[] {
  const phrase = fact === null ? null : factPhrase(fact, locale);
  return phrase === null ? [] : [['page.why_fact', phrase]];
}

function clockRow({ clock }: Because, { telling, locale }: Speech): Row[] {
  const ruled = clock === null ? undefined : clockOf(telling.booked, telling.version, clock);
  return ruled ? [['page.why_clock', inLanguage(ruled.name, locale)]] : [];
}

/**
 * The chain from a record to its source, as a list of terms. A neutral page tells the record and a plain length, and
 * not the clock, the fee and the sources, by which a carrier can be told.
 */
export function whyList(because: Because, speech: Speech, isNeutral: boolean): string {
  const { locale } = speech;
  const rows = isNeutral
    ? [...recordRow(because, speech), ...(namesFee(because.fact ?? '') ? [] : factRow(because, speech))]
    : [...recordRow(because, speech), ...clockRow(because, speech), ...factRow(because, speech)];
  const sources = isNeutral ? [] : becauseJson(because, speech.telling).sources;
  const list = rows.map(([term, text]) => html`<div><dt>${say(locale, term)}</dt><dd>${text}</dd></div>`);
  const none = rows.length === 0 && !isNeutral ? html`<p>${say(locale, 'page.why_nothing')}</p>` : '';
  const hidden = isNeutral ? html`<p>${say(locale, 'page.why_hidden')}</p>` : '';
  return html`!${list.length > 0 ? html`<dl class="why">!${list}</dl>` : ''}!${sources.map(({ text }) => html`<p>${text}</p>`)}!${none}!${hidden}`;
}
