/** What is said of a payment. What its owner typed, the reference, stands in a full text only. */
import { parseAmount, parseDay } from '../retention/index.ts';
import { formatDate, formatMoney, type Locale, recordDays, say } from '../wording/index.ts';
import type { AgendaEntry, AgendaPayment } from './entry.ts';
import { waysToCheck, whomToAsk } from './how.ts';
import { type Blocks, cut, type Speech, who } from './speech.ts';
import * as why from './why.ts';

const MAX_REFERENCE_LENGTH = 60;
const MAX_CONTACTS = 4;

/** The sum as it was paid, in its own currency. */
export const paidText = ({ amount }: AgendaPayment, locale: Locale): string =>
  formatMoney(locale, parseAmount(amount.amount), amount.currency);

const referenceOf = ({ reference }: AgendaPayment, { full }: Speech): string | null =>
  full && reference !== null ? cut(reference, MAX_REFERENCE_LENGTH) : null;

const dateOf = ({ paid_at }: AgendaPayment, { line, locale }: Speech): string =>
  formatDate(locale, recordDays(paid_at, line.timeline.time_zone).latest);

function paymentLine(payment: AgendaPayment, speech: Speech): string[] {
  const { locale } = speech;
  const channel = say(locale, `channel.${payment.channel}`);
  const reference = referenceOf(payment, speech);
  const told = { amount: paidText(payment, locale), date: dateOf(payment, speech), channel };
  return [
    say(locale, 'text.payment', told),
    ...(reference === null ? [] : [say(locale, 'text.reference', { reference })]),
  ];
}

/**
 * By when the line must be used without it, or, where each of several may do, without them all; an entry that stands after
 * that day says that it is past.
 */
function withoutIt({ deadline, on }: AgendaEntry, { line, locale }: Speech): string[] {
  if (!deadline) return [];
  const date = formatDate(locale, parseDay(deadline.safe) as number);
  const [text, past] = why.countsOnSeveral(line.payments)
    ? (['text.payments_without', 'text.payments_without_missed'] as const)
    : (['text.payment_without', 'text.payment_without_missed'] as const);
  return [say(locale, deadline.missed || on > deadline.safe ? past : text, { date })];
}

export const saveProof = (payment: AgendaPayment, speech: Speech): Blocks => [
  [...why.numberLine(speech), ...paymentLine(payment, speech)],
  [say(speech.locale, 'text.save_proof')],
];

export const checkPayment = (entry: AgendaEntry, payment: AgendaPayment, speech: Speech): Blocks => [
  [...why.numberLine(speech), ...paymentLine(payment, speech), ...withoutIt(entry, speech)],
  [say(speech.locale, 'text.check_payment')],
  waysToCheck(speech),
];

export const renewalPaid = (entry: AgendaEntry, payment: AgendaPayment, speech: Speech): Blocks => [
  [...why.numberLine(speech), ...paymentLine(payment, speech), ...withoutIt(entry, speech)],
  [say(speech.locale, 'text.renewal_paid')],
  waysToCheck(speech),
];

/** What to say, what to have in hand, and whom to call, those who can be reached from abroad first. */
export function contactSupport(entry: AgendaEntry, payment: AgendaPayment, speech: Speech): Blocks {
  const { line, locale } = speech;
  const contacts = whomToAsk(speech, MAX_CONTACTS);
  const failed = entry.variant === 'failed';
  const spoken = {
    date: dateOf(payment, speech),
    amount: paidText(payment, locale),
    end: line.number ? who(speech).replace('…', '') : 'none',
    channel: payment.channel,
    reference: referenceOf(payment, speech) ?? 'none',
  };
  return [
    [
      ...why.numberLine(speech),
      say(locale, failed ? 'text.support_failed' : 'text.support_unconfirmed'),
      ...withoutIt(entry, speech),
    ],
    [say(locale, 'text.support_say', spoken), say(locale, 'text.support_hand')],
    payment.channel === 'third_party' ? [say(locale, 'text.support_seller')] : [],
    contacts.length > 0 ? contacts : [say(locale, 'text.support_unknown')],
  ];
}
