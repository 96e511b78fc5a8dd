/** What a user has seen in the carrier's account and enters in a link's form. */
import { todayOf } from '../../ledger.ts';
import type { AccountFields, FormInput } from '../../link-form.ts';
import type { ActName } from '../../publication/index.ts';
import { isDate } from '../../retention/index.ts';
import type { ActEffect, Queries } from '../../store/types.ts';
import type { FeedDetail } from '../../vocabulary.ts';
import { versionOf } from '../../wording/index.ts';
import { readAmount } from '../amounts.ts';
import { enterRecords } from '../enter-records.ts';
import { type Confirmation, seenRecords } from '../payment-seen.ts';
import { checkRecords, ledgerFor } from '../record-checks.ts';
import { Refusal } from '../refusal.ts';
import { type ActContext, FormRefused } from './context.ts';
import { mark } from './mark.ts';

/**
 * The account fields that an act's form offers: for an entry that asks to check the account, and for a payment that
 * went through; null for other acts. Also null in a calendar that names no carrier, because the currency would hint at
 * it.
 */
export function accountFieldsOf(
  { booked, entry }: Pick<ActContext, 'booked' | 'entry'>,
  act: ActName,
  detail: FeedDetail,
): AccountFields | null {
  const isAsked = act === 'went_through' || (act === 'done' && entry.kind === 'check_account');
  if (!isAsked || !entry.line || detail === 'neutral') return null;
  const { clocks } = versionOf(booked, entry.line.timeline.version);
  const shown = Object.values(clocks).filter(({ shows }) => shows !== undefined);
  // With several dates, the form would have to ask which one is meant.
  return { currency: booked.carrier.currency, validity: shown.length === 1 };
}

/** Parses a form's account fields; empty ones are left out. @throws FormRefused */
export function parseAccount(
  { booked }: ActContext,
  { balance = '', valid_until = '' }: FormInput,
): Confirmation {
  const amount = balance.trim() === '' ? null : readAmount(balance, { decimal: null });
  if (amount && ('detail' in amount || amount.value.currency !== null))
    throw new FormRefused({ field: 'balance', key: 'act.wrong_balance' });
  if (valid_until !== '' && !isDate(valid_until))
    throw new FormRefused({ field: 'valid_until', key: 'act.wrong_valid_until' });
  const { currency } = booked.carrier;
  return {
    ...(amount ? { balance: { amount: amount.value.amount, currency } } : {}),
    ...(valid_until === '' ? {} : { valid_until }),
  };
}

/** Records what the user has seen, and marks the entry that asked for it as done. */
export async function recordAccount(
  context: ActContext,
  q: Queries,
  confirmation: Confirmation,
): Promise<ActEffect> {
  const { app, line, booked } = context;
  const seen = seenRecords(confirmation, todayOf(line, booked, app.clock()));
  const inputs = seen.map(({ input }) => input);
  const ledger = await ledgerFor({ app, q, line });
  const errors = checkRecords(ledger, inputs, (index) => `/${seen[index]?.field}`);
  if (errors.length > 0) throw new Refusal('invalid', errors);
  const stored = await enterRecords(app, q, ledger, inputs);
  const { mark: ticked } = await mark(context, q, 'done');
  return { seen: stored.map(({ id }) => id), ticked };
}
