/** The pages behind links in a calendar: a form to confirm what the link says, and the result with a way to undo it. */
import { html } from 'ghtml';
import type { AccountFields, Field, FormError, FormInput, Way } from '../link-form.ts';
import { parseDay } from '../retention/index.ts';
import { type Locale, PAYMENT_CHANNELS } from '../vocabulary.ts';
import { formatDate, type MessageKey, say } from '../wording/index.ts';
import { linkPage } from './document.ts';

/**
 * What a form asks for: in which way and when a deadline was met (`ways`), what the carrier's account shows (`look`),
 * the file of a proof (`proof`), a top-up in this currency (`topUp`), or nothing.
 */
export type FormQuestions = {
  ways: readonly Way[];
  today: string;
  earliest: string;
  look: AccountFields | null;
  proof: boolean;
  topUp: string | null;
};

const idOf = (field: Field): string => `wrong-${field}`;

/** Markup: the attributes of a field that was refused, which lead screen readers to the error message. */
const errorAttributes = (field: Field, errors: readonly FormError[]): string =>
  errors.some((one) => one.field === field)
    ? html` aria-invalid="true" aria-describedby="${idOf(field)}"`
    : '';

/** Markup: a field below its label. */
const labelledField = (label: string, field: string): string =>
  html`<label><span class="asked">${label}</span>!${field}</label>`;

/** A field for an amount in a given currency. */
const sumField = (
  label: string,
  name: 'amount' | 'balance',
  { amount, currency }: { amount: string; currency: string },
  errors: readonly FormError[],
): string =>
  labelledField(
    label,
    html`<input name="${name}" inputmode="decimal" autocomplete="off" value="${amount}"!${errorAttributes(name, errors)}> ${currency}`,
  );

function wayFields(
  { ways }: FormQuestions,
  input: FormInput,
  errors: readonly FormError[],
  locale: Locale,
): string {
  // Preselected only if there is a single way.
  const chosen = input.way ?? (ways.length === 1 ? ways[0]?.name : undefined);
  const radio = ({ name, text }: Way) =>
    html`<label class="choice"><input type="radio" name="way" value="${name}" required!${name === chosen ? ' checked' : ''}> <span>${text}</span></label>`;
  return html`<fieldset role="radiogroup" aria-labelledby="what"!${errorAttributes('way', errors)}><legend id="what">${say(locale, 'act.what')}</legend>!${ways.map(radio)}</fieldset>`;
}

/** The confirmation that this is another payment than a recorded one; shown only after such a payment was found. */
function anotherField(input: FormInput, errors: readonly FormError[], locale: Locale): string {
  if (input.another === undefined && !errors.some(({ field }) => field === 'another')) return '';
  const checked = input.another === undefined ? '' : ' checked';
  return html`<label class="choice"><input type="checkbox" name="another" value="yes"!${checked}!${errorAttributes('another', errors)}> <span>${say(locale, 'act.another')}</span></label>`;
}

/** How much was paid, and by which channel; `supposed` is the amount to prefill. */
function paymentFields(
  supposed: { amount: string; currency: string },
  input: FormInput,
  errors: readonly FormError[],
  locale: Locale,
): string {
  const option = (channel: (typeof PAYMENT_CHANNELS)[number]) =>
    html`<option value="${channel}"!${channel === input.channel ? ' selected' : ''}>${say(locale, `channel.${channel}`)}</option>`;
  const sum = { ...supposed, amount: input.amount ?? supposed.amount };
  const channel = html`<select name="channel">!${PAYMENT_CHANNELS.map(option)}</select>`;
  return html`!${sumField(say(locale, 'act.amount'), 'amount', sum, errors)}
!${labelledField(say(locale, 'act.channel'), channel)}
!${anotherField(input, errors, locale)}`;
}

function dayField(
  { today, earliest }: FormQuestions,
  input: FormInput,
  errors: readonly FormError[],
  locale: Locale,
): string {
  const field = html`<input type="date" name="on" value="${input.on ?? today}" min="${earliest}" max="${today}" required!${errorAttributes('on', errors)}>`;
  return labelledField(say(locale, 'act.on'), field);
}

function wayPaymentFields(
  { ways }: FormQuestions,
  input: FormInput,
  errors: readonly FormError[],
  locale: Locale,
): string {
  const paid = ways.find(({ amount }) => amount !== null)?.amount;
  if (!paid) return '';
  // With several ways nothing is prefilled: the amount would be sent along with a way that takes none.
  const amount = ways.length === 1 ? paid.amount : '';
  const inputs = paymentFields({ ...paid, amount }, input, errors, locale);
  return ways.every((way) => way.amount !== null)
    ? inputs
    : html`<fieldset><legend>${say(locale, 'act.paid_only')}</legend>!${inputs}</fieldset>`;
}

function accountFields(
  look: AccountFields,
  input: FormInput,
  errors: readonly FormError[],
  locale: Locale,
): string {
  const sum = { amount: input.balance ?? '', currency: look.currency };
  const until = html`<input type="date" name="valid_until" value="${input.valid_until ?? ''}"!${errorAttributes('valid_until', errors)}>`;
  return html`<fieldset><legend>${say(locale, 'act.look')}</legend>
!${sumField(say(locale, 'act.balance'), 'balance', sum, errors)}
!${look.validity ? labelledField(say(locale, 'act.valid_until'), until) : ''}</fieldset>`;
}

/** The types that the file picker offers; the actual type is detected from the bytes. */
const ACCEPTED = 'image/jpeg,image/png,image/webp,image/heic,application/pdf,text/plain';

const proofField = (errors: readonly FormError[], locale: Locale): string =>
  html`!${labelledField(say(locale, 'act.file'), html`<input type="file" name="file" accept="${ACCEPTED}"!${errorAttributes('file', errors)}>`)}
<p>${say(locale, 'act.file_elsewhere')}</p>`;

function fields(
  questions: FormQuestions,
  input: FormInput,
  errors: readonly FormError[],
  locale: Locale,
): string {
  const { look, topUp } = questions;
  if (look) return accountFields(look, input, errors, locale);
  if (questions.proof) return proofField(errors, locale);
  if (topUp !== null) {
    const paid = paymentFields({ amount: '', currency: topUp }, input, errors, locale);
    return html`!${dayField(questions, input, errors, locale)}!${paid}<p>${say(locale, 'act.topped_up')}</p>`;
  }
  if (questions.ways.length === 0) return '';
  return html`!${wayFields(questions, input, errors, locale)}
!${dayField(questions, input, errors, locale)}
!${wayPaymentFields(questions, input, errors, locale)}`;
}

function errorSummary(errors: readonly FormError[], locale: Locale): string {
  if (errors.length === 0) return '';
  const sentences = errors.map(
    ({ field, key }) => html`<p!${field ? html` id="${idOf(field)}"` : ''}>${say(locale, key)}</p>`,
  );
  return html`<div class="wrong" role="alert"><p>${say(locale, 'act.wrong')}</p>!${sentences}</div>`;
}

/** The form of a link, after a refusal with the submitted values and the errors. Showing it changes nothing. */
export function formPage(
  locale: Locale,
  act: MessageKey,
  title: string,
  questions: FormQuestions,
  { given: input = {}, wrong: errors = [] }: { given?: FormInput; wrong?: readonly FormError[] } = {},
): string {
  const actText = say(locale, act);
  return linkPage(
    locale,
    say(locale, 'act.title', { act: actText }),
    html`<p>${say(locale, 'act.about')}</p>
<blockquote>${title}</blockquote>
!${errorSummary(errors, locale)}
<form method="post"!${questions.proof ? ' enctype="multipart/form-data"' : ''}>
!${fields(questions, input, errors, locale)}
<p><button>${say(locale, 'act.send', { act: actText })}</button></p>
</form>`,
  );
}

/**
 * What was done. `at`: when, RFC 3339; `until`: until when it can be undone, as text; `again`: the day, `yyyy-mm-dd`,
 * to which the entry was snoozed, null if it was not.
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

/** A page with a message only. */
const notice = (locale: Locale, title: MessageKey, text: MessageKey): string =>
  linkPage(locale, say(locale, title), html`<p>${say(locale, text)}</p>`);

export const settledPage = (locale: Locale): string => notice(locale, 'act.settled_title', 'act.settled');
export const keptPage = (locale: Locale): string => notice(locale, 'act.kept_title', 'act.kept');
export const undonePage = (locale: Locale): string => notice(locale, 'act.undone', 'act.back');
export const unknownPage = (locale: Locale): string => notice(locale, 'act.unknown_title', 'act.unknown');
