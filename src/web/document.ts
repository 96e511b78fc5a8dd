/** What all pages have in common: the frame, the one style, the one small script, and what a browser may load. */
import { hash } from 'node:crypto';
import { html } from 'ghtml';
import { LANGUAGE_TAGS, LOCALES, type Locale, say } from '../wording/index.ts';
import { STYLE } from './style.ts';

/**
 * Shows the button that copies, and copies. Where the browser hands out no clipboard (as over http), it selects the
 * field. Everything else works without it.
 */
const SCRIPT = `
const button = document.getElementById('copy');
const field = document.getElementById('address');
const status = document.getElementById('copy-status');
if (button && field && status) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      status.textContent = button.dataset.copied;
    } catch {
      field.select();
      status.textContent = button.dataset.selected;
    }
  });
}
`;

const sha256 = (text: string): string => `'sha256-${hash('sha256', text, 'base64')}'`;

/** Nothing from elsewhere, and nothing of its own but this style and this script. */
export const POLICY = [
  "default-src 'none'",
  `style-src ${sha256(STYLE)}`,
  `script-src ${sha256(SCRIPT)}`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const NAMES: Record<Locale, string> = { en: 'English', ru: 'Русский', zh: '中文' };

const languageLink = (locale: Locale, current: Locale): string => {
  const tag = LANGUAGE_TAGS[locale];
  const here = locale === current ? ' aria-current="true"' : '';
  return html`<li><a href="?lang=${locale}" lang="${tag}" hreflang="${tag}"!${here}>${NAMES[locale]}</a></li>`;
};

/** A page. `title` is any text; `main` is markup. */
export const page = (locale: Locale, title: string, main: string): string => html`<!doctype html>
<html lang="${LANGUAGE_TAGS[locale]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex, nofollow">
<title>${title === 'Keepline' ? title : `${title} · Keepline`}</title>
<style>!${STYLE}</style>
</head>
<body>
<header>
<p class="brand">Keepline</p>
<nav aria-label="${say(locale, 'page.language')}"><ul>!${LOCALES.map((one) => languageLink(one, locale))}</ul></nav>
</header>
<main>
<h1><bdi>${title}</bdi></h1>
!${main}
</main>
<script>!${SCRIPT}</script>
</body>
</html>
`;
