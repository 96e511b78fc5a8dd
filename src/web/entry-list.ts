/** The next entries of a feed on its page; each unfolds into its text and its reason. */
import { html } from 'ghtml';
import { type AgendaEntry, agendaState, byDay, entryText, textContextOf } from '../agenda/index.ts';
import { parseDay } from '../retention/index.ts';
import { becauseText, formatDate, say } from '../wording/index.ts';
import type { CardOptions } from './line-card.ts';
import { displayText } from './text.ts';
import { whyList } from './why.ts';

const MAX_ENTRIES = 10;

/**
 * The entries that are still open, from `today` on, by date. Of the repeats of an overdue entry only one is kept: the
 * last one up to `today`, or else the next.
 */
export function comingEntries(entries: readonly AgendaEntry[], today: string): AgendaEntry[] {
  const open = entries.filter(({ done, kind }) => !done && kind !== 'nothing').sort(byDay);
  const overdue = new Map<string, AgendaEntry>();
  for (const entry of open) {
    if (entry.kind !== 'overdue') continue;
    const duty = `${entry.key.line} ${entry.variant}`;
    if (entry.on <= today || !overdue.has(duty)) overdue.set(duty, entry);
  }
  const kept = new Set(overdue.values());
  return open.filter((entry) => (entry.kind === 'overdue' ? kept.has(entry) : entry.on >= today));
}

type ListOptions = CardOptions & { showBalance: boolean };

function item(entry: AgendaEntry, { locale, detail, showBalance, today }: ListOptions): string {
  const { title, text } = entryText(entry, locale, { detail, showBalance });
  const { line, because } = entry;
  const context = line ? textContextOf(line, locale, { detail }) : null;
  const isWhyInText =
    because && context && detail !== 'neutral' && text.includes(becauseText(because, context.reasonContext));
  const why = because && context && !isWhyInText ? whyList(because, context, detail === 'neutral') : '';
  // The neutral text adds nothing to the reason.
  const textMarkup =
    why !== '' && detail === 'neutral' ? '' : html`<p class="entry-text">${displayText(text)}</p>`;
  const isLate = agendaState(entry, today) === 'overdue';
  const late = isLate ? html` <span class="late">${say(locale, 'kind.overdue')}</span>` : '';
  return html`<li><details>
<summary><time datetime="${entry.on}">${formatDate(locale, parseDay(entry.on) as number)}</time> <span class="title">${displayText(title)}!${late}</span></summary>
<div class="unfolded">!${textMarkup}!${why}</div>
</details></li>`;
}

/** `entries` from {@link comingEntries}. */
export function entryList(entries: readonly AgendaEntry[], options: ListOptions): string {
  const { locale } = options;
  if (entries.length === 0) return html`<p>${say(locale, 'page.next_none')}</p>`;
  const rest = entries.length - MAX_ENTRIES;
  const more =
    rest > 0 ? html`<p class="quiet">${say(locale, 'page.more_entries', { count: rest })}</p>` : '';
  return html`<ol class="entries card">!${entries.slice(0, MAX_ENTRIES).map((entry) => item(entry, options))}</ol>!${more}`;
}
