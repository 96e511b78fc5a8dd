/** The page of a feed: how to subscribe, in the feed's language, with no script and nothing from elsewhere. */
import { hash } from 'node:crypto';
import { cleanLine } from '../../calendar/index.ts';
import { type Html, html, trusted } from '../../html.ts';
import type { Locale } from '../../store/types.ts';
import { say } from '../../wording/index.ts';
import { feedLinks } from './address.ts';
import { type Answer, PRIVATE, written } from './answer.ts';

const STYLE = `
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 38rem; padding: 1.5rem }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere }
ul { list-style: none; padding: 0; display: grid; gap: .75rem }
li a { display: block; padding: .75rem 1rem; border: 1px solid; border-radius: .5rem; text-decoration: none }
li a:hover, li a:focus-visible { text-decoration: underline }
code { display: block; padding: .75rem; border: 1px dashed; border-radius: .5rem; overflow-wrap: anywhere; user-select: all }
`;

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const document = (locale: Locale, title: string, main: Html): Html => html`<!doctype html>
<html lang="${locale}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title} · Keepline</title>
<style>${trusted(STYLE)}</style>
<main>
<h1>${title}</h1>
${main}
</main>
</html>
`;

function pageAnswer(status: 200 | 410, page: Html, security: Readonly<Record<string, string>>): Answer {
  const body = Buffer.from(page.markup);
  return {
    status,
    headers: written({
      'content-type': 'text/html; charset=utf-8',
      'content-length': `${body.length}`,
      'cache-control': 'private, no-store',
      'content-security-policy': POLICY,
      ...PRIVATE,
      ...security,
    }),
    body: body.toString('latin1'),
    known: null,
  };
}

type Shown = { publicUrl: string; token: string; name: string; locale: Locale };

/** The page of a feed in force. */
export function subscribePage(
  { publicUrl, token, name, locale }: Shown,
  security: Readonly<Record<string, string>>,
): Answer {
  const links = feedLinks(publicUrl, token, name);
  const button = (href: string, text: string) => html`<li><a href="${href}">${text}</a></li>`;
  const main = html`<p>${say(locale, 'page.lead')}</p>
<ul>
${button(links.google, say(locale, 'page.google'))}
${button(links.webcal, say(locale, 'page.apple'))}
${button(links.outlook, say(locale, 'page.outlook'))}
</ul>
<p>${say(locale, 'page.copy')}</p>
<p><code>${links.https}</code></p>
<p>${say(locale, 'page.late')}</p>
<p>${say(locale, 'page.private')}</p>`;
  return pageAnswer(200, document(locale, cleanLine(name) || 'Keepline', main), security);
}

/** The page of a link that has ended. */
export const endedPage = (locale: Locale, security: Readonly<Record<string, string>>): Answer =>
  pageAnswer(
    410,
    document(locale, say(locale, 'ended.title'), html`<p>${say(locale, 'ended.text')}</p>`),
    security,
  );
