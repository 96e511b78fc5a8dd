/** What is said of a payment: as it is given, and as it is kept. */
import type { PaymentBody } from '../store/types.ts';
import type { FieldError } from './refusal.ts';

/** What is said of a payment, in the one order in which it is kept and told. */
const SAID = [
  'paid_at',
  'amount',
  'channel',
  'reference',
  'makes',
  'product',
  'credited',
  'note',
] as const satisfies (keyof PaymentBody)[];

/** As it is given: what it makes need not be said. */
export type GivenPayment = Omit<PaymentBody, 'makes'> & Partial<Pick<PaymentBody, 'makes'>>;

/**
 * A payment as the store keeps it, out of whatever else stands beside it: the same bytes in whatever order, and at
 * whatever step, its fields were said.
 */
export function bodyOf({ makes = 'topup', ...said }: GivenPayment): PaymentBody {
  const body: PaymentBody = { ...said, makes };
  const kept = SAID.filter((name) => body[name] !== undefined).map((name) => [name, body[name]]);
  return Object.fromEntries(kept) as PaymentBody;
}

/** What is wrong with one who says both of a proof. */
export const NONE_AND_ELSEWHERE: FieldError = {
  pointer: '/proof_elsewhere',
  detail: 'A proof of which there is none is kept nowhere.',
  mend: 'Say one of `no_proof` and `proof_elsewhere`.',
};
