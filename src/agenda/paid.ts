/** Texts about a payment. Its reference, which the owner typed, appears only in full detail. */
import { parseAmount, parseDay } from '../retention/index.ts';
import { formatDate, formatMoney, type Locale, recordDays, say } from '../wording/index.ts';
import type { AgendaEntry, AgendaPayment } from './entry.ts';
import { waysToCheck, whomToAsk } from './how.ts';
import { type Blocks, displayName, type TextContext, truncate } from './text-context.ts';
import * as why from './why.ts';

const MAX_REFERENCE_LENGTH = 60;
const MAX_CONTACTS = 4;

/** The amount paid, in the payment's own currency. */
export const paidText = ({ amount }: AgendaPayment, locale: Locale): string =>
  formatMoney(locale, parseAmount(amount.amount), amount.currency);

const referenceOf = ({ reference }: AgendaPayment, { full }: TextContext): string | null =>
  full && reference !== null ? truncate(reference, MAX_REFERENCE_LENGTH) : null;

const dateOf = ({ paid_at }: AgendaPayment, { line, locale }: TextContext): string =>
  formatDate(locale, recordDays(paid_at, line.timeline.time_zone).latest);

function paymentLine(payment: AgendaPayment, context: TextContext): string[] {
  const { locale } = context;
  const channel = say(locale, `channel.${payment.channel}`);
  const reference = referenceOf(payment, context);
  const values = { amount: paidText(payment, locale), date: dateOf(payment, context), channel };
  return [
    say(locale, 'text.payment', values),
    ...(reference === null ? [] : [say(locale, 'text.reference', { reference })]),
  ];
}

/**
 * By when the line must be used if the pending payment fails (if the day depends on several: if all of them fail). An
 * entry after that day says that it has passed.
 */
function withoutPaymentLine({ deadline, on }: AgendaEntry, { line, locale }: TextContext): string[] {
  if (!deadline) return [];
  const date = formatDate(locale, parseDay(deadline.safe) as number);
  const [text, past] = why.countsOnSeveral(line.payments)
    ? (['text.payments_without', 'text.payments_without_missed'] as const)
    : (['text.payment_without', 'text.payment_without_missed'] as const);
  return [say(locale, deadline.missed || on > deadline.safe ? past : text, { date })];
}

export const saveProof = (payment: AgendaPayment, context: TextContext): Blocks => [
  [...why.numberLine(context), ...paymentLine(payment, context)],
  [say(context.locale, 'text.save_proof')],
];

export const checkPayment = (entry: AgendaEntry, payment: AgendaPayment, context: TextContext): Blocks => [
  [...why.numberLine(context), ...paymentLine(payment, context), ...withoutPaymentLine(entry, context)],
  [say(context.locale, 'text.check_payment')],
  waysToCheck(context),
];

export const renewalPaid = (entry: AgendaEntry, payment: AgendaPayment, context: TextContext): Blocks => [
  [...why.numberLine(context), ...paymentLine(payment, context), ...withoutPaymentLine(entry, context)],
  [say(context.locale, 'text.renewal_paid')],
  waysToCheck(context),
];

/** What to say, what to have at hand, and whom to call; contacts that can be reached from abroad come first. */
export function contactSupport(entry: AgendaEntry, payment: AgendaPayment, context: TextContext): Blocks {
  const { line, locale } = context;
  const contacts = whomToAsk(context, MAX_CONTACTS);
  const failed = entry.variant === 'failed';
  const values = {
    date: dateOf(payment, context),
    amount: paidText(payment, locale),
    end: line.number ? displayName(context).replace('…', '') : 'none',
    channel: payment.channel,
    reference: referenceOf(payment, context) ?? 'none',
  };
  return [
    [
      ...why.numberLine(context),
      say(locale, failed ? 'text.support_failed' : 'text.support_unconfirmed'),
      ...withoutPaymentLine(entry, context),
    ],
    [say(locale, 'text.support_say', values), say(locale, 'text.support_hand')],
    payment.channel === 'third_party' ? [say(locale, 'text.support_seller')] : [],
    contacts.length > 0 ? contacts : [say(locale, 'text.support_unknown')],
  ];
}
