/** What a form takes of the carrier's account, beside what its link says. */
import { todayOf } from '../../ledger.ts';
import type { AccountFields, FormInput } from '../../link-form.ts';
import type { ActName } from '../../publication/index.ts';
import { isDate } from '../../retention/index.ts';
import type { ActEffect, Queries } from '../../store/types.ts';
import type { FeedDetail } from '../../vocabulary.ts';
import { versionOf } from '../../wording/index.ts';
import { readAmount } from '../amounts.ts';
import { enterRecords } from '../enter-records.ts';
import { type Confirmation, seenIn } from '../payment-seen.ts';
import { checkRecords, ledgerFor } from '../record-checks.ts';
import { Refusal } from '../refusal.ts';
import { type Bound, FormRefused } from './bound.ts';
import { mark } from './mark.ts';

/**
 * What of the carrier's account can be told with an act: with that an entry's wish to look is met, and with that a payment
 * has come; null for any other. In a calendar that names no carrier neither does the page, and a currency would.
 */
export function lookOf(
  { booked, entry }: Pick<Bound, 'booked' | 'entry'>,
  act: ActName,
  detail: FeedDetail,
): AccountFields | null {
  const isAsked = act === 'went_through' || (act === 'done' && entry.kind === 'check_account');
  if (!isAsked || !entry.line || detail === 'neutral') return null;
  const { clocks } = versionOf(booked, entry.line.timeline.version);
  const shown = Object.values(clocks).filter(({ shows }) => shows !== undefined);
  // Of several dates a form would have to ask which.
  return { currency: booked.carrier.currency, validity: shown.length === 1 };
}

/** What a form says of the carrier's account; nothing where its fields are empty. */
export function toldOf({ booked }: Bound, { balance = '', valid_until = '' }: FormInput): Confirmation {
  const read = balance.trim() === '' ? null : readAmount(balance, { decimal: null });
  if (read && ('detail' in read || read.value.currency !== null))
    throw new FormRefused({ field: 'balance', key: 'act.wrong_balance' });
  if (valid_until !== '' && !isDate(valid_until))
    throw new FormRefused({ field: 'valid_until', key: 'act.wrong_valid_until' });
  const { currency } = booked.carrier;
  return {
    ...(read ? { balance: { amount: read.value.amount, currency } } : {}),
    ...(valid_until === '' ? {} : { valid_until }),
  };
}

/** Records what the person has seen, and ticks the entry that asked for it. */
export async function look(bound: Bound, q: Queries, told: Confirmation): Promise<ActEffect> {
  const { app, line, booked } = bound;
  const seen = seenIn(told, todayOf(line, booked, app.clock()));
  const inputs = seen.map(({ input }) => input);
  const ledger = await ledgerFor({ app, q, line });
  const wrong = checkRecords(ledger, inputs, (index) => `/${seen[index]?.field}`);
  if (wrong.length > 0) throw new Refusal('invalid', wrong);
  const kept = await enterRecords(app, q, ledger, inputs);
  const { mark: ticked } = await mark(bound, q, 'done');
  return { seen: kept.map(({ id }) => id), ticked };
}
