/** Performs the act of a link. */
import { type AgendaEntry, actionsAsked, isObligation } from '../../agenda/index.ts';
import { todayOf, zoneOf } from '../../ledger.ts';
import type { FormInput, Way } from '../../link-form.ts';
import { recordsFor } from '../../planning/index.ts';
import type { ActName } from '../../publication/index.ts';
import { addMonths, formatDay, isDate, parseAmount, parseDay } from '../../retention/index.ts';
import type { RecordInput } from '../../retention/record.ts';
import type { Timeline } from '../../retention/timeline.ts';
import type { ActEffect, PaymentBody, Queries, StoredRecord } from '../../store/types.ts';
import { LINK_REASONS, PAYMENT_CHANNELS, type PaymentChannel } from '../../vocabulary.ts';
import { actionOf, inLanguage, type Locale } from '../../wording/index.ts';
import { readAmount } from '../amounts.ts';
import { enterRecords } from '../enter-records.ts';
import { beginPayment, checkPayment, movePayment, requireStepLeft } from '../payment-life.ts';
import type { Confirmation } from '../payment-seen.ts';
import { twinFinder } from '../payment-twins.ts';
import { checkRecords, ledgerFor } from '../record-checks.ts';
import { Refusal } from '../refusal.ts';
import { accountFieldsOf, parseAccount, recordAccount } from './account.ts';
import { type ActContext, FormRefused } from './context.ts';
import { mark } from './mark.ts';

type PaidRecord = Extract<RecordInput, { type: PaymentBody['makes'] }>;
const isPaidRecord = (record: RecordInput): record is PaidRecord =>
  record.type === 'topup' || record.type === 'purchase' || record.type === 'plan_renewed';

/** The minimal record that an action makes in the ledger; null if it makes none. */
function minimalRecord(
  { line, booked }: Pick<ActContext, 'line' | 'booked'>,
  timeline: Timeline,
  action: string,
) {
  const terms = { plan_price: line.plan_price, currency: booked.carrier.currency };
  return recordsFor(booked.rule.versions, timeline, action, terms)[0] ?? null;
}

/** The actions by which a deadline may have been met; none for an entry that asks for no record. */
export function waysOf(
  { line, booked, entry }: Pick<ActContext, 'line' | 'booked' | 'entry'>,
  locale: Locale,
): Way[] {
  if (!entry.line || !isObligation(entry.kind)) return [];
  const { timeline } = entry.line;
  return actionsAsked(entry.asks).flatMap((name): Way[] => {
    const action = actionOf(booked, timeline.version, name);
    const made = minimalRecord({ line, booked }, timeline, name);
    if (!action || !made) return [];
    const unknown = { amount: '', currency: booked.carrier.currency };
    const amount = isPaidRecord(made) ? (made.amount ?? unknown) : null;
    return [{ name, text: inLanguage(action.text, locale), amount }];
  });
}

/** Parses the amount that was paid; null if it is missing, ambiguous, or not more than zero. */
function parsePaid(text: string): string | null {
  const read = readAmount(text, { decimal: null });
  if ('detail' in read || read.value.currency !== null || parseAmount(read.value.amount) <= 0) return null;
  return read.value.amount;
}

const isChannel = (text: string): text is PaymentChannel =>
  PAYMENT_CHANNELS.some((channel) => channel === text);

/** How many months back a form accepts dates: an earlier date most likely has a mistyped year. */
const MONTHS_BACK = 12;

/** The range of dates that a form accepts, in the line's zone: up to today, and not long past. */
export function acceptedDays({ app, line, booked }: Pick<ActContext, 'app' | 'line' | 'booked'>) {
  const today = todayOf(line, booked, app.clock());
  return { today, earliest: formatDay(addMonths(parseDay(today) as number, -MONTHS_BACK)) };
}

/** The date of a form. @throws FormRefused if it is outside {@link acceptedDays} */
function parseDate(context: ActContext, { on = '' }: FormInput): string {
  const { today, earliest } = acceptedDays(context);
  if (isDate(on) && on >= earliest && on <= today) return on;
  throw new FormRefused({ field: 'on', key: 'act.wrong_on' });
}

/** Creates the payment that a form reports, pending until it is confirmed. @throws FormRefused, Refusal */
async function reportPayment(
  context: ActContext,
  q: Queries,
  input: FormInput,
  target: Pick<PaymentBody, 'makes' | 'product'>,
): Promise<ActEffect> {
  const { app, line, booked, feed } = context;
  const paid_at = parseDate(context, input);
  const sum = parsePaid(input.amount ?? '');
  if (sum === null) throw new FormRefused({ field: 'amount', key: 'act.wrong_amount' });
  const { channel = '' } = input;
  const body: PaymentBody = {
    paid_at,
    amount: { amount: sum, currency: booked.carrier.currency },
    channel: isChannel(channel) ? channel : 'official_site',
    ...target,
  };
  const ledger = await ledgerFor({ app, q, line });
  const errors = checkPayment(ledger, body);
  if (errors.length > 0) throw new Refusal('invalid', errors);
  // Several entries of a line may ask for the same top-up, each with a link of its own.
  const payments = (await q.payments.ofLines([line.id])).get(line.id);
  const findDuplicate = twinFinder(ledger.records, zoneOf(line, booked), payments);
  if (input.another === undefined && findDuplicate(body))
    throw new FormRefused({ field: 'another', key: 'act.wrong_twice' });
  const payment = await beginPayment({ app, q, line, by: feed, link: 'said' }, body, null);
  return { payment: { id: payment.id, was: null, became: 'pending', steps: payment.changes.length } };
}

/** Records the action that a form reports; if money was paid, creates a pending payment instead. */
async function recordAction(context: ActContext, q: Queries, input: FormInput): Promise<ActEffect> {
  const { app, line, entry } = context;
  const { timeline } = entry.line as NonNullable<AgendaEntry['line']>;
  const name = input.way ?? '';
  const minimal = actionsAsked(entry.asks).includes(name) ? minimalRecord(context, timeline, name) : null;
  if (!minimal) throw new FormRefused({ field: 'way', key: 'act.wrong_way' });
  if (isPaidRecord(minimal)) {
    const product = 'product' in minimal && minimal.product ? { product: minimal.product } : {};
    return reportPayment(context, q, input, { makes: minimal.type, ...product });
  }
  const at = parseDate(context, input);
  if (input.amount?.trim()) throw new FormRefused({ field: 'amount', key: 'act.wrong_not_paid' });
  const record: RecordInput = { ...minimal, at };
  const ledger = await ledgerFor({ app, q, line });
  const errors = checkRecords(ledger, [record], () => '');
  if (errors.length > 0) throw new Refusal('invalid', errors);
  const [stored] = (await enterRecords(app, q, ledger, [record])) as [StoredRecord];
  return { record: stored.id };
}

async function moveEntryPayment(
  context: ActContext,
  q: Queries,
  to: 'confirmed' | 'failed' | 'refunded',
  confirmation: Confirmation = {},
): Promise<ActEffect> {
  const { app, line, entry, feed } = context;
  const payment = entry.payment && (await q.payments.get(entry.payment.id));
  if (!payment) throw new FormRefused({ field: null, key: 'act.wrong_other' });
  requireStepLeft(payment);
  const step = to === 'confirmed' ? { to, ...confirmation } : { to, reason: LINK_REASONS.said };
  const moved = await movePayment({ app, q, line, by: feed, link: 'said' }, payment, step);
  return { payment: { id: payment.id, was: payment.state, became: to, steps: moved.changes.length } };
}

/** Performs a link's act. @throws FormRefused for the form, Refusal by the ledger or the payment */
export async function perform(
  context: ActContext,
  q: Queries,
  act: ActName,
  input: FormInput,
): Promise<ActEffect> {
  const { entry } = context;
  switch (act) {
    case 'went_through':
      return moveEntryPayment(context, q, 'confirmed', parseAccount(context, input));
    case 'did_not':
      return moveEntryPayment(context, q, 'failed');
    case 'came_back':
      return moveEntryPayment(context, q, 'refunded');
    case 'proof_saved': {
      const id = (entry.payment as NonNullable<AgendaEntry['payment']>).id;
      await q.payments.update(id, { proof_elsewhere: true });
      return { proof_elsewhere: id };
    }
    case 'topped_up':
      return reportPayment(context, q, input, { makes: 'topup' });
    case 'later':
      return mark(context, q, 'later');
    case 'done':
      if (accountFieldsOf(context, act, 'full')) {
        const confirmation = parseAccount(context, input);
        if (confirmation.balance || confirmation.valid_until) return recordAccount(context, q, confirmation);
      }
      return waysOf(context, 'en').length > 0 ? recordAction(context, q, input) : mark(context, q, 'done');
  }
}
