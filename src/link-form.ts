/** The form of an action link, shared by its page and the service: what it asks, its input, and its errors. */
import type { MessageKey } from './wording/index.ts';

/** One way in which the entry's obligation may have been met. */
export type Way = { name: string; text: string; amount: { amount: string; currency: string } | null };
/** The observations that the form asks for: the balance's currency, and whether the account shows a validity date. */
export type AccountFields = { currency: string; validity: boolean };
/** The submitted fields, unvalidated. */
export type FormInput = {
  way?: string;
  on?: string;
  amount?: string;
  channel?: string;
  /** Confirms that this is a different payment from one of the same day and amount. */
  another?: string;
  balance?: string;
  valid_until?: string;
};
export type Field = 'way' | 'on' | 'amount' | 'another' | 'balance' | 'valid_until' | 'file';
/** An error in a form: the field, if it concerns one, and the key of its message. */
export type FormError = { field: Field | null; key: MessageKey };
