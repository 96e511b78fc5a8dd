/** The pages behind links in a calendar: what is meant, a form that says it, and what was said, to be undone. */
import { hash } from 'node:crypto';
import { html } from 'ghtml';
import { type Locale, PAYMENT_CHANNELS } from '../../vocabulary.ts';
import { type MessageKey, say } from '../../wording/index.ts';

const STYLE = `
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 34rem; padding: 1.5rem }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere }
blockquote { margin: 1rem 0; padding: .5rem 1rem; border-left: .25rem solid; white-space: pre-line; overflow-wrap: anywhere }
fieldset { border: 1px solid; border-radius: .5rem; margin: 1rem 0; padding: .75rem 1rem }
label { display: block; margin: .5rem 0 }
input:not([type=radio]), select { font: inherit; padding: .5rem; max-width: 100%; box-sizing: border-box }
button { font: inherit; font-weight: 600; padding: .75rem 1.25rem; border-radius: .5rem; border: 1px solid; cursor: pointer }
.wrong { border-left: .25rem solid; padding-left: 1rem; font-weight: 600 }
`;

export const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const document = (locale: Locale, title: string, main: string): string =>
  html`<!doctype html>
<html lang="${locale}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${title} · Keepline</title>
<style>!${STYLE}</style>
<main>
<h1>${title}</h1>
!${main}
</main>
</html>
`;

/** One way in which the entry's obligation may have been met. */
export type Way = { name: string; text: string; amount: { amount: string; currency: string } | null };
export type Asked = { ways: readonly Way[]; today: string; earliest: string };

function fields({ ways, today, earliest }: Asked, locale: Locale): string {
  const paid = ways.find(({ amount }) => amount !== null)?.amount;
  const radio = ({ name, text }: Way, index: number) =>
    html`<label><input type="radio" name="way" value="${name}"!${index === 0 ? ' checked' : ''}> ${text}</label>`;
  return html`<fieldset><legend>${say(locale, 'act.what')}</legend>!${ways.map(radio)}</fieldset>
<label>${say(locale, 'act.on')} <input type="date" name="on" value="${today}" min="${earliest}" max="${today}" required></label>
!${
    paid
      ? html`<label>${say(locale, 'act.amount')} <input name="amount" inputmode="decimal" value="${paid.amount}"> ${paid.currency}</label>
<label>${say(locale, 'act.channel')} <select name="channel">!${PAYMENT_CHANNELS.map((channel) => html`<option value="${channel}">${say(locale, `channel.${channel}`)}</option>`)}</select></label>`
      : ''
  }`;
}

/** What is about to be said. A reading of this page changes nothing. */
export function formPage(
  locale: Locale,
  act: MessageKey,
  title: string,
  asked: Asked | null,
  wrong: readonly string[] = [],
): string {
  const said = say(locale, act);
  return document(
    locale,
    say(locale, 'act.title', { act: said }),
    html`<p>${say(locale, 'act.about')}</p>
<blockquote>${title}</blockquote>
!${wrong.length > 0 ? html`<div class="wrong" role="alert"><p>${say(locale, 'act.wrong')}</p>!${wrong.map((one) => html`<p>${one}</p>`)}</div>` : ''}
<form method="post">
!${asked ? fields(asked, locale) : ''}
<p><button>${say(locale, 'act.send', { act: said })}</button></p>
</form>`,
  );
}

/** What was said, and until when it can be taken back. */
export const donePage = (locale: Locale, act: MessageKey, until: string): string =>
  document(
    locale,
    say(locale, 'act.did', { act: say(locale, act) }),
    html`<p>${say(locale, 'act.back')}</p>
<form method="post">
<p>${say(locale, 'act.undo_until', { date: until })}</p>
<p><button name="undo" value="1">${say(locale, 'act.undo')}</button></p>
</form>`,
  );

export const settledPage = (locale: Locale): string =>
  document(locale, 'Keepline', html`<p>${say(locale, 'act.settled')}</p>`);
export const keptPage = (locale: Locale): string =>
  document(locale, 'Keepline', html`<p>${say(locale, 'act.kept')}</p>`);
export const undonePage = (locale: Locale): string =>
  document(locale, say(locale, 'act.undone'), html`<p>${say(locale, 'act.back')}</p>`);
export const unknownPage = (locale: Locale): string =>
  document(locale, 'Keepline', html`<p>${say(locale, 'act.unknown')}</p>`);
