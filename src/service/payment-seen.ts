/** What a confirmation tells of the carrier's own account: records beside that of the payment which it confirms. */
import { todayOf, zoneOf } from '../ledger.ts';
import { formatDay, readAt } from '../retention/index.ts';
import type { Money, RecordInput } from '../retention/record.ts';
import type { PaymentBody } from '../store/types.ts';
import { checkRecords, type Ledger } from './record-checks.ts';
import type { FieldError } from './refusal.ts';

/** What a person sees at the carrier; all of it may be left out. */
export type Confirmation = {
  credited?: Money;
  balance?: Money;
  valid_until?: string;
  of?: 'outgoing' | 'incoming' | 'number';
  seen_on?: string;
  reason?: string;
};

/** A record of something seen, and the field of the confirmation that it was made of. */
export type Seen = { input: RecordInput; field: keyof Confirmation };

/** What the person saw, as records of the day on which they saw it: a date, so that they count after that day's payment. */
export function seenIn({ seen_on, balance, valid_until, of }: Confirmation, today: string): Seen[] {
  const at = seen_on ?? today;
  const seen: Seen[] = [];
  if (balance) seen.push({ field: 'balance', input: { type: 'balance', at, amount: balance } });
  if (valid_until) {
    const input = { type: 'validity' as const, at, until: valid_until, ...(of ? { of } : {}) };
    seen.push({ field: 'valid_until', input });
  }
  return seen;
}

/** The day of what is seen now: today, or that of the payment where its payer's calendar is ahead of the line's. */
export function seenNow({ line, booked, now }: Ledger, { paid_at }: PaymentBody): string {
  const today = todayOf(line, booked, now);
  const paid = formatDay(readAt(paid_at, zoneOf(line, booked)).latest);
  return paid > today ? paid : today;
}

/** What is said of something seen where nothing seen is told. */
export function saidOfNothing({ balance, valid_until, of, seen_on }: Confirmation): FieldError[] {
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

const FIELD: Record<string, string> = { '/at': '/seen_on', '/until': '/valid_until', '/of': '/of' };

/** What a confirmation shows was seen after the payment was made, or else it would count the money twice. */
function checkSeenOn({ line, booked }: Ledger, { at }: RecordInput, { paid_at }: PaymentBody): FieldError[] {
  const zone = zoneOf(line, booked);
  if (readAt(at, zone).latest >= readAt(paid_at, zone).latest) return [];
  const mend = 'Give the day on which you saw it; what was seen before is a record of its own.';
  return [{ pointer: '/seen_on', detail: 'It was paid after that day.', mend }];
}

/** What is wrong with what was seen of a payment, each place once, in the words of the confirmation. */
export function checkSeen(ledger: Ledger, seen: readonly Seen[], body: PaymentBody): FieldError[] {
  const errors = seen.flatMap(({ input, field }) =>
    checkRecords(ledger, [input], () => '').map((error) => ({
      ...error,
      pointer: FIELD[error.pointer] ?? error.pointer.replace('/amount', `/${field}`),
    })),
  );
  if (errors.length === 0) errors.push(...seen.flatMap(({ input }) => checkSeenOn(ledger, input, body)));
  return [...new Map(errors.map((error) => [error.pointer, error])).values()];
}
