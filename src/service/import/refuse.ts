import type { App } from '../context.ts';
import { type FieldError, Refusal } from '../refusal.ts';

/** An error in a row: the text counts rows from 1, the pointer from 0. */
export const inRow = (number: number, error: FieldError): FieldError => ({
  ...error,
  pointer: `/${number - 1}${error.pointer}`,
  detail: `Line ${number}: ${error.detail}`,
});

export const refuseRow = (number: number, ...errors: FieldError[]) =>
  new Refusal(
    'invalid',
    errors.map((error) => inRow(number, error)),
  );

/**
 * Runs `work` and returns whether it succeeded; the errors of a Refusal are added to `errors`, so that all errors are
 * reported at once.
 */
export async function collectErrors(errors: FieldError[], work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    errors.push(...error.errors);
    return false;
  }
}

export const CONFLICTING_IDS: FieldError = {
  pointer: '/external_id',
  detail: 'The `id` is of one that is here, and the `external_id` of another.',
  mend: 'Leave out the one that is wrong.',
};

/**
 * A past moment in the store's format; undefined if none is given.
 * @throws Refusal invalid for a future one
 */
export function pastMoment(app: App, given: string | undefined, number: number, field: string) {
  if (given === undefined) return undefined;
  const moment = new Date(given).toISOString();
  if (moment <= app.clock().toISOString()) return moment;
  const mend = 'Give a moment that has passed, or leave it out.';
  throw refuseRow(number, { pointer: `/${field}`, detail: 'It has not come yet.', mend });
}
