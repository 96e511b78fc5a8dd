/** A payment's body, as given and as stored. */
import type { PaymentBody } from '../store/types.ts';
import type { FieldError } from './refusal.ts';

/** The fields of a body, in the order in which they are stored and returned. */
const FIELDS = [
  'paid_at',
  'amount',
  'channel',
  'reference',
  'makes',
  'product',
  'credited',
  'note',
] as const satisfies (keyof PaymentBody)[];

/** A body as given by the caller; `makes` is optional. */
export type GivenPayment = Omit<PaymentBody, 'makes'> & Partial<Pick<PaymentBody, 'makes'>>;

/**
 * The stored body of a payment, without any other fields. The order of the fields is fixed, so that equal
 * bodies are stored as equal bytes.
 */
export function bodyOf({ makes = 'topup', ...fields }: GivenPayment): PaymentBody {
  const body: PaymentBody = { ...fields, makes };
  const kept = FIELDS.filter((name) => body[name] !== undefined).map((name) => [name, body[name]]);
  return Object.fromEntries(kept) as PaymentBody;
}

/** The error if both `no_proof` and `proof_elsewhere` are set. */
export const CONFLICTING_PROOF_FLAGS: FieldError = {
  pointer: '/proof_elsewhere',
  detail: 'A proof of which there is none is kept nowhere.',
  mend: 'Say one of `no_proof` and `proof_elsewhere`.',
};
