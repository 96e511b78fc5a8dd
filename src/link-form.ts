/** The form behind a link of an entry, as its page and the service both know it: what it asks, gives, and gets wrong. */
import type { MessageKey } from './wording/index.ts';

/** One way in which the entry's obligation may have been met. */
export type Way = { name: string; text: string; amount: { amount: string; currency: string } | null };
/** What may be told of the carrier's account; whether it shows a date. */
export type AccountFields = { currency: string; validity: boolean };
/** What a form gave, as it came. */
export type FormInput = {
  way?: string;
  on?: string;
  amount?: string;
  channel?: string;
  /** It is another payment than one of the same day and sum. */
  another?: string;
  balance?: string;
  valid_until?: string;
};
export type Field = 'way' | 'on' | 'amount' | 'another' | 'balance' | 'valid_until' | 'file';
/** Something wrong with a form: where, if it is one field, and the sentence that says it. */
export type FormError = { field: Field | null; key: MessageKey };
