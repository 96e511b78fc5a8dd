/** JSON merge patch (RFC 7396): omitted fields stay, null clears, objects are merged. */
import { isObject } from '../lib/is-object.ts';
import { type Check, compileBody } from '../schemas/check.ts';
import { fieldErrors, unknownField } from '../schemas/field-errors.ts';
import { refuseIfInvalid, validFields } from './all-errors.ts';
import { type FieldError, Problem } from './errors.ts';

type Json = Record<string, unknown>;

function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: Json = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

type SchemaNode = { properties?: Record<string, SchemaNode> };

/** Errors for unknown fields set to null, so that a misspelt name does not seem to clear a field. */
function unknownNulls({ properties }: SchemaNode, patch: Json, at = ''): FieldError[] {
  if (!properties) return [];
  return Object.entries(patch).flatMap(([name, value]) => {
    const shape = Object.hasOwn(properties, name) ? properties[name] : undefined;
    // No known name needs to be escaped in a pointer.
    if (shape) return isObject(value) ? unknownNulls(shape, value, `${at}/${name}`) : [];
    return value === null ? [unknownField(at, name, Object.keys(properties))] : [];
  });
}

/** An object without its null fields, which a merge patch treats as absent. */
const withoutNulls = (object: Json) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));

/**
 * Returns a function that merges a patch into an object and checks the result against the schema of a new one. It
 * throws a Problem with all errors of the patch; `checkSemantics` returns the semantic errors in those fields of the
 * result that are valid.
 */
export function patcher<T>(schema: object) {
  const check: Check = compileBody(schema);
  return (
    present: Json,
    patch: unknown,
    checkSemantics: (fields: Partial<T>) => FieldError[] = () => [],
  ): T => {
    if (!isObject(patch)) {
      const mend = 'Send an object with the fields to change.';
      throw new Problem('invalid', [{ pointer: '', detail: 'A merge patch is an object.', mend }]);
    }
    const next = mergePatch(withoutNulls(present), patch);
    const errors = [...unknownNulls(schema, patch), ...fieldErrors(check(next) ?? [])];
    refuseIfInvalid(errors, () => checkSemantics(validFields(next as T, errors)));
    return next as T;
  };
}
