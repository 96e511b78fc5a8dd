/** What a confirmation says about the carrier's account, as records besides that of the payment. */
import { todayOf, zoneOf } from '../ledger.ts';
import { formatDay, readAt } from '../retention/index.ts';
import type { Money, RecordInput } from '../retention/record.ts';
import type { PaymentBody } from '../store/types.ts';
import { checkRecords, type Ledger } from './record-checks.ts';
import type { FieldError } from './refusal.ts';

/** What a user sees at the carrier; all fields are optional. */
export type Confirmation = {
  credited?: Money;
  balance?: Money;
  valid_until?: string;
  of?: 'outgoing' | 'incoming' | 'number';
  seen_on?: string;
  reason?: string;
};

/** A record of something seen, and the field of the confirmation that it comes from. */
export type Seen = { input: RecordInput; field: keyof Confirmation };

/**
 * What the user saw, as records of the day on which they saw it: dates, so that they count after that day's payment.
 */
export function seenRecords({ seen_on, balance, valid_until, of }: Confirmation, today: string): Seen[] {
  const at = seen_on ?? today;
  const seen: Seen[] = [];
  if (balance) seen.push({ field: 'balance', input: { type: 'balance', at, amount: balance } });
  if (valid_until) {
    const input = { type: 'validity' as const, at, until: valid_until, ...(of ? { of } : {}) };
    seen.push({ field: 'valid_until', input });
  }
  return seen;
}

/** The day of what is seen now: today, or the day of the payment if the payer's zone is ahead of the line's. */
export function seenDay({ line, booked, now }: Ledger, { paid_at }: PaymentBody): string {
  const today = todayOf(line, booked, now);
  const paid = formatDay(readAt(paid_at, zoneOf(line, booked)).latest);
  return paid > today ? paid : today;
}

/** Errors for `of` and `seen_on` without the fields that they qualify. */
export function checkQualifiers({ balance, valid_until, of, seen_on }: Confirmation): FieldError[] {
  const errors: FieldError[] = [];
  if (of !== undefined && valid_until === undefined) {
    const mend = 'Give `valid_until`, or leave `of` out.';
    errors.push({ pointer: '/of', detail: 'It says of which date, and there is no date.', mend });
  }
  if (seen_on !== undefined && balance === undefined && valid_until === undefined) {
    const mend = 'Give `balance` or `valid_until`, or leave `seen_on` out.';
    errors.push({ pointer: '/seen_on', detail: 'It says when something was seen, and not what.', mend });
  }
  return errors;
}

const POINTERS: Record<string, string> = { '/at': '/seen_on', '/until': '/valid_until', '/of': '/of' };

/** An error if something was seen before the payment was made: the money would count twice. */
function checkSeenOn({ line, booked }: Ledger, { at }: RecordInput, { paid_at }: PaymentBody): FieldError[] {
  const zone = zoneOf(line, booked);
  if (readAt(at, zone).latest >= readAt(paid_at, zone).latest) return [];
  const mend = 'Give the day on which you saw it; what was seen before is a record of its own.';
  return [{ pointer: '/seen_on', detail: 'It was paid after that day.', mend }];
}

/** Errors in what was seen, one for each place, with pointers into the confirmation. */
export function checkSeen(ledger: Ledger, seen: readonly Seen[], body: PaymentBody): FieldError[] {
  const errors = seen.flatMap(({ input, field }) =>
    checkRecords(ledger, [input], () => '').map((error) => ({
      ...error,
      pointer: POINTERS[error.pointer] ?? error.pointer.replace('/amount', `/${field}`),
    })),
  );
  if (errors.length === 0) errors.push(...seen.flatMap(({ input }) => checkSeenOn(ledger, input, body)));
  return [...new Map(errors.map((error) => [error.pointer, error])).values()];
}
