/**
 * All errors at once: what a schema found wrong with one field does not hide what makes no sense in another. A route
 * with `attachValidation` asks for the errors of the form here, and looks for the others in what is sound.
 */
import type { FastifyRequest } from 'fastify';
import { isObject } from '../lib/is-object.ts';
import { MAX_ERRORS } from '../service/refusal.ts';
import { type FieldError, Problem } from './errors.ts';

/**
 * What the schema of its body found wrong with a request.
 * @throws Problem where the body as a whole, or another part of the request, is wrong
 */
export function schemaErrors({ validationError: problem }: FastifyRequest): FieldError[] {
  if (!problem) return [];
  if (!(problem instanceof Problem)) throw problem;
  const { errors } = problem;
  if (errors.some((error) => error.in !== undefined || error.pointer === '')) throw problem;
  return errors;
}

/** The first part of a JSON pointer that leads on from another, as a field is called. */
const fieldAt = (pointer: string, at: string) =>
  (pointer.slice(at.length + 1).split('/', 1)[0] as string).replaceAll('~1', '/').replaceAll('~0', '~');

/** The fields of an object in and around which nothing was found wrong; `at` is where it stands. */
export function validFields<T>(value: T, wrong: readonly FieldError[], at = ''): Partial<T> {
  const pointers = wrong.map(({ pointer }) => pointer);
  if (!isObject(value) || pointers.some((pointer) => pointer === at || at.startsWith(`${pointer}/`)))
    return {};
  const within = pointers.filter((pointer) => pointer.startsWith(`${at}/`));
  const unsound = new Set(within.map((pointer) => fieldAt(pointer, at)));
  return Object.fromEntries(Object.entries(value).filter(([name]) => !unsound.has(name))) as Partial<T>;
}

/**
 * Refuses a body for everything that is wrong with it, a hundred places at the most: for what its schema found and
 * what `look` finds in the sound rest. So many errors of the form that not all were told leave nothing sound.
 * @throws Problem invalid
 */
export function refuseIfWrong(wrong: readonly FieldError[], look: () => FieldError[]) {
  const named = (pointer: string) =>
    wrong.some((error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`));
  const others = wrong.length < MAX_ERRORS ? look().filter(({ pointer }) => !named(pointer)) : [];
  const all = [...wrong, ...others].slice(0, MAX_ERRORS);
  if (all.length > 0) throw new Problem('invalid', all);
}
