/** What all pages share: the frame, the style sheet, the script, and the content security policies. */
import { hash } from 'node:crypto';
import { html } from 'ghtml';
import { LANGUAGE_TAGS, LOCALES, type Locale, say } from '../wording/index.ts';
import { STYLE } from './style.ts';

/**
 * Shows the copy button, and copies the address. Without clipboard access (as over http) it selects the field instead.
 * Everything else works without the script.
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

/** Allows nothing but this style sheet and the given scripts; `forms` is the value of `form-action`. */
const contentSecurityPolicy = (forms: string, ...scripts: string[]): string =>
  [
    "default-src 'none'",
    `style-src ${sha256(STYLE)}`,
    ...scripts.map((script) => `script-src ${sha256(script)}`),
    "base-uri 'none'",
    `form-action ${forms}`,
    "frame-ancestors 'none'",
  ].join('; ');

/** The content security policies of a {@link page} and of a {@link linkPage}. */
export const POLICY = contentSecurityPolicy("'none'", SCRIPT);
export const LINK_POLICY = contentSecurityPolicy("'self'");

const NAMES: Record<Locale, string> = { en: 'English', ru: 'Русский', zh: '中文' };

const languageLink = (locale: Locale, current: Locale): string => {
  const tag = LANGUAGE_TAGS[locale];
  const here = locale === current ? ' aria-current="true"' : '';
  return html`<li><a href="?lang=${locale}" lang="${tag}" hreflang="${tag}"!${here}>${NAMES[locale]}</a></li>`;
};

const languages = (locale: Locale): string =>
  html`<nav aria-label="${say(locale, 'page.language')}"><ul>!${LOCALES.map((other) => languageLink(other, locale))}</ul></nav>`;

/** The parts around `main`, as markup: `aside` in the header, `body` attributes of the body, `end` after `main`. */
type FrameParts = { aside: string; body: string; end: string };

const frame = (
  locale: Locale,
  title: string,
  main: string,
  { aside, body, end }: FrameParts,
): string => html`<!doctype html>
<html lang="${LANGUAGE_TAGS[locale]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex, nofollow">
<title>${title === 'Keepline' ? title : `${title} · Keepline`}</title>
<style>!${STYLE}</style>
</head>
<body!${body}>
<header>
<p class="brand">Keepline</p>
!${aside}
</header>
<main>
<h1><bdi>${title}</bdi></h1>
!${main}
</main>
!${end}</body>
</html>
`;

/** A page with a choice of language. `title` is any text; `main` is markup. */
export const page = (locale: Locale, title: string, main: string): string =>
  frame(locale, title, main, {
    aside: languages(locale),
    body: '',
    end: html`<script>!${SCRIPT}</script>
`,
  });

/**
 * The page of a link in a calendar, in the calendar's language, without a script. `title` and `main` as for {@link
 * page}.
 */
export const linkPage = (locale: Locale, title: string, main: string): string =>
  frame(locale, title, main, { aside: '', body: ' class="link"', end: '' });
