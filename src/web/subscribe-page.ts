/** The page of a feed: how to subscribe, what comes next, and each line with its timeline. */
import { html } from 'ghtml';
import type { AgendaEntry, AgendaLine } from '../agenda/index.ts';
import { cleanLine, type SubscribeLinks } from '../calendar/index.ts';
import type { FeedAlarms, FeedDetail } from '../vocabulary.ts';
import { type Locale, type MessageKey, say } from '../wording/index.ts';
import type { Device } from './device.ts';
import { page } from './document.ts';
import { entryList } from './entry-list.ts';
import { type Fetched, fetchedNote } from './fetched.ts';
import { lineCard } from './line-card.ts';
import { qrCode } from './qr.ts';
import { stagePatterns } from './timeline-svg.ts';
import { reminderText, type SubscribeWay, waysFor } from './ways.ts';

type ShownFeed = {
  /** As its owner typed it. */
  name: string;
  detail: FeedDetail;
  alarms: FeedAlarms;
  show_balance: boolean;
};

export type SubscribePage = {
  links: SubscribeLinks;
  feed: ShownFeed;
  fetched: Fetched;
  locale: Locale;
  device: Device;
  /** The date in the person's zone, `yyyy-mm-dd`. */
  today: string;
  /** The lines that the page shows, with their timelines as of today. */
  lines: readonly AgendaLine[];
  /** How many lines the calendar has, and how many of them have no rule in the service. */
  all: number;
  withoutRule: number;
  /** The coming entries, by date. */
  entries: readonly AgendaEntry[];
};

function wayCard(
  { name, href, label, delay, rings, note }: SubscribeWay,
  locale: Locale,
  isFirst: boolean,
): string {
  const tag = isFirst ? html`<span class="tag">${say(locale, 'page.yours')}</span>` : '';
  return html`<li class="card!${isFirst ? ' first' : ''}">!${tag}
<a class="button" id="to-${name}" href="${href}">${label}</a>
<dl>
<div><dt>${say(locale, 'page.delay')}</dt><dd>${delay}</dd></div>
<div><dt>${say(locale, 'page.reminders')}</dt><dd>${rings}</dd></div>
</dl>
!${note ? html`<p>${note}</p>` : ''}</li>`;
}

function addressSection({ links, feed, locale }: SubscribePage): string {
  return html`<section class="card address" aria-labelledby="any">
<h3 id="any">${say(locale, 'page.copy')}</h3>
<p><label for="address">${say(locale, 'page.address')}</label></p>
<div class="copying"><input id="address" readonly value="${links.https}" autocomplete="off" spellcheck="false"><button id="copy" type="button" hidden data-copied="${say(locale, 'page.copied')}" data-selected="${say(locale, 'page.copy_by_hand')}">${say(locale, 'page.copy_button')}</button></div>
<p role="status" id="copy-status"></p>
<dl>
<div><dt>${say(locale, 'page.delay')}</dt><dd>${say(locale, 'page.delay_other')}</dd></div>
<div><dt>${say(locale, 'page.reminders')}</dt><dd>${reminderText('other', { alarms: feed.alarms, locale })}</dd></div>
</dl>
<p>${say(locale, 'page.private')}</p>
</section>`;
}

/** Whether an address is a loopback address, which on every machine means itself. */
const isThisMachine = (url: string): boolean =>
  /^(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1\])$/.test(new URL(url).hostname);

/** A note about who cannot reach the address; null if anybody can. */
function reachabilityNote(url: string): MessageKey | null {
  if (isThisMachine(url)) return 'page.note_this_machine';
  return url.startsWith('https:') ? null : 'page.note_local';
}

/** The address as a QR code for a phone; none for a loopback address, which would lead the phone to itself. */
function qrSection({ links, locale }: SubscribePage): string {
  if (isThisMachine(links.page)) return '';
  return html`<section class="card" aria-labelledby="scan">
<h3 id="scan">${say(locale, 'page.another_device')}</h3>
<div class="scan"><p>${say(locale, 'page.scan')}</p>!${qrCode(links.page, say(locale, 'page.qr'))}</div>
</section>`;
}

function subscribeSection(input: SubscribePage): string {
  const { links, feed, fetched, locale, device } = input;
  const ways = waysFor({ links, name: feed.name, alarms: feed.alarms, device, locale });
  const reach = reachabilityNote(links.https);
  const note = (text: string) => html`<p class="note">${text}</p>`;
  return html`<section class="subscribe" aria-labelledby="subscribe">
<h2 id="subscribe">${say(locale, 'page.subscribe')}</h2>
!${device.isInApp ? note(say(locale, 'page.note_in_app')) : ''}!${reach === null ? '' : note(say(locale, reach))}
!${fetchedNote(fetched, locale)}
<ul class="ways">
!${ways.map((way, index) => wayCard(way, locale, index === 0))}
</ul>
<h2>${say(locale, 'page.others')}</h2>
!${addressSection(input)}
!${qrSection(input)}
</section>`;
}

function nextSection({ entries, feed, locale, today }: SubscribePage): string {
  const options = { locale, detail: feed.detail, showBalance: feed.show_balance, today };
  return html`<section aria-labelledby="next">
<h2 id="next">${say(locale, 'page.next')}</h2>
!${entryList(entries, options)}
</section>`;
}

function numbersSection({ lines, all, withoutRule, feed, locale, today }: SubscribePage): string {
  const notes = [
    ...(all === 0 ? [say(locale, 'page.no_numbers')] : []),
    ...(all > lines.length + withoutRule
      ? [say(locale, 'page.more_numbers', { shown: lines.length, all })]
      : []),
    ...(withoutRule > 0 ? [say(locale, 'feed.without_rule', { count: withoutRule })] : []),
  ].map((text) => html`<p>${text}</p>`);
  const cards = lines.map((line, index) => lineCard(line, index + 1, { locale, detail: feed.detail, today }));
  return html`<section aria-labelledby="numbers">
<h2 id="numbers">${say(locale, 'page.numbers')}</h2>
!${notes}!${stagePatterns()}
!${cards}
</section>`;
}

/** The page as HTML. */
export function subscribePage(input: SubscribePage): string {
  const { feed, locale } = input;
  const main = html`<p class="lead">${say(locale, 'page.lead')}</p>
<div class="columns">
!${subscribeSection(input)}
<div>
!${input.all === 0 ? '' : nextSection(input)}
!${numbersSection(input)}
</div>
</div>`;
  return page(locale, cleanLine(feed.name) || 'Keepline', main);
}

/** The page of a link that has ended. */
export const endedPage = (locale: Locale): string =>
  page(locale, say(locale, 'ended.title'), html`<p class="lead">${say(locale, 'ended.text')}</p>`);

/** The page for an address without a calendar. */
export const unknownPage = (locale: Locale): string =>
  page(locale, say(locale, 'unknown.title'), html`<p class="lead">${say(locale, 'unknown.text')}</p>`);
