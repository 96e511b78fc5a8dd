/** The page at the service's own address, which calendars name as their origin; it shows nothing personal. */
import { html } from 'ghtml';
import { type Locale, say } from '../wording/index.ts';
import { page } from './document.ts';

export const homePage = (locale: Locale): string =>
  page(
    locale,
    'Keepline',
    html`<p class="lead">${say(locale, 'home.lead')}</p>
<p>${say(locale, 'home.calendar')}</p>
<p>${say(locale, 'home.entries')}</p>
<p><a href="docs">${say(locale, 'home.api')}</a></p>`,
  );
