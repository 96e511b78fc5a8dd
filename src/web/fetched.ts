/** Says when calendars last fetched a feed, because nobody notices when a calendar stops fetching. */
import { html } from 'ghtml';
import { formatMoment, type Locale, PUNCTUATION, say } from '../wording/index.ts';

export type Fetched = {
  /** The last fetch of each family of clients, latest first; `client` is the stored name of the family. */
  by: readonly { client: string | null; last_fetched_at: string }[];
  /** The person's zone. */
  time_zone: string;
  isSilent: boolean;
};

/** Display names of known families, the same in all languages. */
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
  // All named clients are shown, so that one that fetches hides none that stopped; an unnamed one only if it is the
  // latest.
  const shown = times.filter(({ name }, index) => index === 0 || name !== undefined);
  const when = shown
    .map(({ at, name }) => [at, name].filter(Boolean).join(' · '))
    .join(PUNCTUATION[locale].semicolon);
  const text = when === '' ? say(locale, 'page.never_fetched') : say(locale, 'page.fetched', { when });
  return isSilent
    ? html`<p class="note silent">${text} ${say(locale, 'page.silent')}</p>`
    : html`<p class="quiet">${text}</p>`;
}
