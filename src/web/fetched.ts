/** When calendars last fetched a feed, as its page tells it: a reminder that nobody reads fails without a word. */
import { html } from 'ghtml';
import { parseDay } from '../retention/index.ts';
import { formatDate, type Locale, say } from '../wording/index.ts';

export type Fetched = {
  /** The date of the person's zone, `yyyy-mm-dd`; null where it was never fetched. */
  on: string | null;
  /** The family of programs, as it is kept. */
  client: string | null;
  isSilent: boolean;
};

/** Families that readers know by a name; it is the same in all languages. */
const NAMES: Readonly<Record<string, string>> = {
  apple: 'Apple',
  evolution: 'GNOME',
  fastmail: 'Fastmail',
  google: 'Google',
  home_assistant: 'Home Assistant',
  icsx5: 'ICSx⁵',
  kde: 'KDE',
  nextcloud: 'Nextcloud',
  outlook: 'Outlook',
  proton: 'Proton',
  thunderbird: 'Thunderbird',
  vdirsyncer: 'vdirsyncer',
  yahoo: 'Yahoo',
};

export function fetchedNote({ on, client, isSilent }: Fetched, locale: Locale): string {
  const name = client === null ? undefined : NAMES[client];
  const day = on === null ? null : formatDate(locale, parseDay(on) as number);
  const when = [day, name].filter(Boolean).join(' · ');
  const told = day === null ? say(locale, 'page.never_fetched') : say(locale, 'page.fetched', { when });
  return isSilent
    ? html`<p class="note silent">${told} ${say(locale, 'page.silent')}</p>`
    : html`<p class="quiet">${told}</p>`;
}
