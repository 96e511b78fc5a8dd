/**
 * Reports all errors at once, so that a schema error in one field does not hide a semantic error in another. A route
 * with `attachValidation` gets the schema errors here, and runs its semantic checks on the fields that are valid.
 */
import type { FastifyRequest } from 'fastify';
import { isObject } from '../lib/is-object.ts';
import { MAX_ERRORS } from '../service/refusal.ts';
import { type FieldError, Problem } from './errors.ts';

/**
 * The schema errors of a request's body.
 * @throws Problem if the body as a whole, or another part of the request, is wrong
 */
export function schemaErrorsOf({ validationError: problem }: FastifyRequest): FieldError[] {
  if (!problem) return [];
  if (!(problem instanceof Problem)) throw problem;
  const { errors } = problem;
  if (errors.some((error) => error.in !== undefined || error.pointer === '')) throw problem;
  return errors;
}

/** The name of the field that follows the prefix `at` in a JSON pointer. */
const fieldAt = (pointer: string, at: string) =>
  (pointer.slice(at.length + 1).split('/', 1)[0] as string).replaceAll('~1', '/').replaceAll('~0', '~');

/** The fields of an object without errors in them or in the object as a whole; `at` is the object's JSON pointer. */
export function validFields<T>(value: T, errors: readonly FieldError[], at = ''): Partial<T> {
  const pointers = errors.map(({ pointer }) => pointer);
  if (!isObject(value) || pointers.some((pointer) => pointer === at || at.startsWith(`${pointer}/`)))
    return {};
  const within = pointers.filter((pointer) => pointer.startsWith(`${at}/`));
  const invalidNames = new Set(within.map((pointer) => fieldAt(pointer, at)));
  return Object.fromEntries(Object.entries(value).filter(([name]) => !invalidNames.has(name))) as Partial<T>;
}

/**
 * Refuses a body with all its errors, a hundred at most: those of its schema, and those that `checkSemantics` finds in
 * the valid fields. It is not called if the schema errors were cut off at the limit, because no field is then known to
 * be valid.
 * @throws Problem invalid
 */
export function refuseIfInvalid(schemaErrors: readonly FieldError[], checkSemantics: () => FieldError[]) {
  const isReported = (pointer: string) =>
    schemaErrors.some((error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`));
  const semanticErrors =
    schemaErrors.length < MAX_ERRORS ? checkSemantics().filter(({ pointer }) => !isReported(pointer)) : [];
  const all = [...schemaErrors, ...semanticErrors].slice(0, MAX_ERRORS);
  if (all.length > 0) throw new Problem('invalid', all);
}
