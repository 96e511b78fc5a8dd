/**
 * Refusals of the service, independent of the caller: every wrong place with its reason and `mend`. HTTP turns them
 * into problems, an import reports their places, and the command line their texts.
 */
import type { Mend } from './mend.ts';

/** An error at a place: a JSON pointer into the input. */
export type FieldError = { pointer: string; detail: string; mend: Mend };

/** The most errors reported at once. */
export const MAX_ERRORS = 100;

/** What to do about a refusal as a whole, by code; for `invalid`, each error has a `mend` of its own. */
export const MENDS = {
  external_id_taken: 'Use another external_id, or change what has this one.',
  already_voided: 'Nothing needs to be done.',
  record_of_payment:
    'Record what became of the payment: cancel it if it was a mistake; where the balance or date was misread, `reopen` it and confirm it again.',
  payment_state: 'Read the payment again; `reopen` takes its last step back.',
  too_many_steps: 'Leave it as it is, and make another payment.',
  too_many_proofs: 'Delete a proof that is not needed.',
  rule_gone: 'Put its file back into the rulebook, or erase the line.',
} as const;

type RefusalCode = 'invalid' | keyof typeof MENDS;

export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly errors: FieldError[];
  /** Further details, by name. */
  readonly about: Record<string, unknown>;

  constructor(code: RefusalCode, errors: FieldError[], about: Record<string, unknown> = {}) {
    super(errors.map(({ detail }) => detail).join(' '));
    this.name = 'Refusal';
    this.code = code;
    this.errors = errors;
    this.about = about;
  }
}

/** A refusal of the request as a whole. */
export const refusal = (code: keyof typeof MENDS, detail: string, about: Record<string, unknown> = {}) =>
  new Refusal(code, [{ pointer: '', detail, mend: MENDS[code] }], about);
