/** The pages behind links in a calendar: what is meant, a form that says it, and what was said, to be undone. */
import { html } from 'ghtml';
import type { AccountFields, Field, FormError, FormInput, Way } from '../link-form.ts';
import { parseDay } from '../retention/index.ts';
import { type Locale, PAYMENT_CHANNELS } from '../vocabulary.ts';
import { formatDate, type MessageKey, say } from '../wording/index.ts';
import { linkPage } from './document.ts';

/**
 * What a form asks: how a deadline was met and when, what is seen at the carrier, the file of a proof, a top-up in the
 * currency that is given, or nothing.
 */
export type Asked = {
  ways: readonly Way[];
  today: string;
  earliest: string;
  look: AccountFields | null;
  proof: boolean;
  topUp: string | null;
};

const idOf = (field: Field): string => `wrong-${field}`;

/** Attributes, as markup, of a field that was refused: readers are led to the sentence that says why. */
const refused = (field: Field, wrong: readonly FormError[]): string =>
  wrong.some((one) => one.field === field)
    ? html` aria-invalid="true" aria-describedby="${idOf(field)}"`
    : '';

/** A field, as markup, below what it asks. */
const labelled = (asked: string, field: string): string =>
  html`<label><span class="asked">${asked}</span>!${field}</label>`;

/** A sum of money, in a currency that is not asked. */
const sumField = (
  asked: string,
  name: 'amount' | 'balance',
  { amount, currency }: { amount: string; currency: string },
  wrong: readonly FormError[],
): string =>
  labelled(
    asked,
    html`<input name="${name}" inputmode="decimal" autocomplete="off" value="${amount}"!${refused(name, wrong)}> ${currency}`,
  );

function wayFields({ ways }: Asked, given: FormInput, wrong: readonly FormError[], locale: Locale): string {
  // Only where there is no choice is it made for the reader.
  const chosen = given.way ?? (ways.length === 1 ? ways[0]?.name : undefined);
  const radio = ({ name, text }: Way) =>
    html`<label class="choice"><input type="radio" name="way" value="${name}" required!${name === chosen ? ' checked' : ''}> <span>${text}</span></label>`;
  return html`<fieldset role="radiogroup" aria-labelledby="what"!${refused('way', wrong)}><legend id="what">${say(locale, 'act.what')}</legend>!${ways.map(radio)}</fieldset>`;
}

/** Whether it is another payment than the one that is there; asked once that is known, and nothing before. */
function anotherField(given: FormInput, wrong: readonly FormError[], locale: Locale): string {
  if (given.another === undefined && !wrong.some(({ field }) => field === 'another')) return '';
  const checked = given.another === undefined ? '' : ' checked';
  return html`<label class="choice"><input type="checkbox" name="another" value="yes"!${checked}!${refused('another', wrong)}> <span>${say(locale, 'act.another')}</span></label>`;
}

/** How much was paid, and by which way; `supposed` is the amount that stands there at first. */
function paymentFields(
  supposed: { amount: string; currency: string },
  given: FormInput,
  wrong: readonly FormError[],
  locale: Locale,
): string {
  const option = (channel: (typeof PAYMENT_CHANNELS)[number]) =>
    html`<option value="${channel}"!${channel === given.channel ? ' selected' : ''}>${say(locale, `channel.${channel}`)}</option>`;
  const sum = { ...supposed, amount: given.amount ?? supposed.amount };
  const channel = html`<select name="channel">!${PAYMENT_CHANNELS.map(option)}</select>`;
  return html`!${sumField(say(locale, 'act.amount'), 'amount', sum, wrong)}
!${labelled(say(locale, 'act.channel'), channel)}
!${anotherField(given, wrong, locale)}`;
}

function dayField(
  { today, earliest }: Asked,
  given: FormInput,
  wrong: readonly FormError[],
  locale: Locale,
): string {
  const field = html`<input type="date" name="on" value="${given.on ?? today}" min="${earliest}" max="${today}" required!${refused('on', wrong)}>`;
  return labelled(say(locale, 'act.on'), field);
}

function paidFields({ ways }: Asked, given: FormInput, wrong: readonly FormError[], locale: Locale): string {
  const paid = ways.find(({ amount }) => amount !== null)?.amount;
  if (!paid) return '';
  // An amount that is there already would be sent along with a way that takes none.
  const amount = ways.length === 1 ? paid.amount : '';
  const inputs = paymentFields({ ...paid, amount }, given, wrong, locale);
  return ways.every((way) => way.amount !== null)
    ? inputs
    : html`<fieldset><legend>${say(locale, 'act.paid_only')}</legend>!${inputs}</fieldset>`;
}

function lookFields(
  look: AccountFields,
  given: FormInput,
  wrong: readonly FormError[],
  locale: Locale,
): string {
  const sum = { amount: given.balance ?? '', currency: look.currency };
  const until = html`<input type="date" name="valid_until" value="${given.valid_until ?? ''}"!${refused('valid_until', wrong)}>`;
  return html`<fieldset><legend>${say(locale, 'act.look')}</legend>
!${sumField(say(locale, 'act.balance'), 'balance', sum, wrong)}
!${look.validity ? labelled(say(locale, 'act.valid_until'), until) : ''}</fieldset>`;
}

/** What browsers offer to choose; what a file is, its bytes say. */
const ACCEPTED = 'image/jpeg,image/png,image/webp,image/heic,application/pdf,text/plain';

const proofField = (wrong: readonly FormError[], locale: Locale): string =>
  html`!${labelled(say(locale, 'act.file'), html`<input type="file" name="file" accept="${ACCEPTED}"!${refused('file', wrong)}>`)}
<p>${say(locale, 'act.file_elsewhere')}</p>`;

function fields(asked: Asked, given: FormInput, wrong: readonly FormError[], locale: Locale): string {
  const { look, topUp } = asked;
  if (look) return lookFields(look, given, wrong, locale);
  if (asked.proof) return proofField(wrong, locale);
  if (topUp !== null) {
    const paid = paymentFields({ amount: '', currency: topUp }, given, wrong, locale);
    return html`!${dayField(asked, given, wrong, locale)}!${paid}<p>${say(locale, 'act.topped_up')}</p>`;
  }
  if (asked.ways.length === 0) return '';
  return html`!${wayFields(asked, given, wrong, locale)}
!${dayField(asked, given, wrong, locale)}
!${paidFields(asked, given, wrong, locale)}`;
}

function whatIsWrong(wrong: readonly FormError[], locale: Locale): string {
  if (wrong.length === 0) return '';
  const sentences = wrong.map(
    ({ field, key }) => html`<p!${field ? html` id="${idOf(field)}"` : ''}>${say(locale, key)}</p>`,
  );
  return html`<div class="wrong" role="alert"><p>${say(locale, 'act.wrong')}</p>!${sentences}</div>`;
}

/** What is about to be said, or was said and refused: then with what was given. A reading of it changes nothing. */
export function formPage(
  locale: Locale,
  act: MessageKey,
  title: string,
  asked: Asked,
  { given = {}, wrong = [] }: { given?: FormInput; wrong?: readonly FormError[] } = {},
): string {
  const said = say(locale, act);
  return linkPage(
    locale,
    say(locale, 'act.title', { act: said }),
    html`<p>${say(locale, 'act.about')}</p>
<blockquote>${title}</blockquote>
!${whatIsWrong(wrong, locale)}
<form method="post"!${asked.proof ? ' enctype="multipart/form-data"' : ''}>
!${fields(asked, given, wrong, locale)}
<p><button>${say(locale, 'act.send', { act: said })}</button></p>
</form>`,
  );
}

/**
 * What was said at a moment (RFC 3339), and until when, in words, it can be taken back; `again`: the day, `yyyy-mm-dd`,
 * on which the entry stands once more, null for none.
 */
export const donePage = (
  locale: Locale,
  act: MessageKey,
  { at, until, again }: { at: string; until: string; again: string | null },
): string =>
  linkPage(
    locale,
    say(locale, 'act.did', { act: say(locale, act) }),
    html`!${again === null ? '' : html`<p>${say(locale, 'act.again', { date: formatDate(locale, parseDay(again) as number) })}</p>`}
<p>${say(locale, 'act.back')}</p>
<form method="post">
<p>${say(locale, 'act.undo_until', { date: until })}</p>
<p><button class="quieter" name="undo" value="${at}">${say(locale, 'act.undo')}</button></p>
</form>`,
  );

/** A page that only tells something. */
const notice = (locale: Locale, title: MessageKey, text: MessageKey): string =>
  linkPage(locale, say(locale, title), html`<p>${say(locale, text)}</p>`);

export const settledPage = (locale: Locale): string => notice(locale, 'act.settled_title', 'act.settled');
export const keptPage = (locale: Locale): string => notice(locale, 'act.kept_title', 'act.kept');
export const undonePage = (locale: Locale): string => notice(locale, 'act.undone', 'act.back');
export const unknownPage = (locale: Locale): string => notice(locale, 'act.unknown_title', 'act.unknown');
