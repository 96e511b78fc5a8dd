/** When calendars last fetched a feed, as its page tells it: a reminder that nobody reads fails without a word. */
import { html } from 'ghtml';
import { formatMoment, type Locale, PUNCTUATION, say } from '../wording/index.ts';

export type Fetched = {
  /** When which family of programs, as it is kept, last did; the latest first. */
  by: readonly { client: string | null; last_fetched_at: string }[];
  /** The person's. */
  time_zone: string;
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

export function fetchedNote({ by, time_zone, isSilent }: Fetched, locale: Locale): string {
  const times = by.map(({ client, last_fetched_at }) => ({
    name: client === null ? undefined : NAMES[client],
    at: formatMoment(locale, new Date(last_fetched_at), time_zone),
  }));
  // One that fetches hides none that no longer does; of one without a name an older time says nothing.
  const shown = times.filter(({ name }, index) => index === 0 || name !== undefined);
  const when = shown
    .map(({ at, name }) => [at, name].filter(Boolean).join(' · '))
    .join(PUNCTUATION[locale].semicolon);
  const told = when === '' ? say(locale, 'page.never_fetched') : say(locale, 'page.fetched', { when });
  return isSilent
    ? html`<p class="note silent">${told} ${say(locale, 'page.silent')}</p>`
    : html`<p class="quiet">${told}</p>`;
}
