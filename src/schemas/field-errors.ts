/** Turns schema errors into field errors in words: the place, the reason and what to do. */
import type { ErrorObject } from 'ajv';
import { closestMatches } from '../lib/spelling.ts';
import { type FieldError, MAX_ERRORS } from '../service/refusal.ts';
import { formatTexts, isMissingDay } from './formats.ts';
import { NOT_BLANK } from './shapes.ts';

type Schema = {
  type?: string | string[];
  description?: string;
  format?: string;
  pattern?: string;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
  oneOf?: Schema[];
};

/** A key escaped for a JSON Pointer (RFC 6901, 3). */
export const pointerPart = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
const quote = (value: unknown) => `\`${String(value).slice(0, 60)}\``;
const list = (values: unknown[]) => values.map(quote).join(', ');
const article = (noun: string) => (/^[aeio]/.test(noun) ? `an ${noun}` : `a ${noun}`);

function kindOf(value: unknown): string {
  if (value === null) return '`null`';
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return 'an infinite number';
  return article(Array.isArray(value) ? 'array' : typeof value);
}

/** A type in words; booleans by their values, because in a query there are no types. */
const typeText = (type: string): string => (type === 'boolean' ? '`true` or `false`' : article(type));

/** What a schema expects, in a few words. */
function expectationOf(schema: Schema | undefined): string {
  if (!schema) return 'a value';
  if (schema.enum) return `one of ${list(schema.enum)}`;
  if (schema.const !== undefined) return quote(schema.const);
  if (schema.anyOf) return schema.anyOf.map(expectationOf).join(' or ');
  if (schema.type === 'null') return '`null`';
  return [schema.type ?? 'value'].flat().map(typeText).join(' or ');
}

const mendFor = (schema: Schema | undefined, instead = `Give ${expectationOf(schema)}.`): string =>
  schema?.description ? `${instead} ${schema.description}` : instead;

const LIMIT_TEXTS: Record<string, (limit: number) => [string, string]> = {
  minLength: (n) => [
    n === 1 ? 'It is empty.' : `It is shorter than ${n} characters.`,
    `Give at least ${n} character${n === 1 ? '' : 's'}.`,
  ],
  maxLength: (n) => [`It is longer than ${n} characters.`, `Give at most ${n} characters.`],
  minimum: (n) => [`It is less than ${n}.`, `Give ${n} or more.`],
  maximum: (n) => [`It is more than ${n}.`, `Give ${n} or less.`],
  minItems: (n) => [n === 1 ? 'It is empty.' : `It has fewer than ${n} items.`, `Give at least ${n}.`],
  maxItems: (n) => [`It has more than ${n} items.`, `Give at most ${n}, or send several requests.`],
  minProperties: (n) => [n === 1 ? 'It is empty.' : `It has fewer than ${n} fields.`, `Give at least ${n}.`],
  maxProperties: (n) => [`It has more than ${n} fields.`, `Give at most ${n}.`],
};

const describeUnknownField = ({ params, parentSchema, instancePath }: ErrorObject): FieldError =>
  unknownField(
    instancePath,
    String(params.additionalProperty),
    Object.keys((parentSchema as Schema).properties ?? {}),
  );

/** The error for an unknown field of the object at `pointer`; `known` are the object's fields. */
export function unknownField(pointer: string, field: string, known: string[]): FieldError {
  const meant = closestMatches(field, known)[0];
  const all = known.length > 0 ? `The fields here are ${list(known)}.` : 'Leave it out.';
  return {
    pointer: `${pointer}/${pointerPart(field.slice(0, 60))}`,
    detail: `There is no field ${quote(field)} here.`,
    mend: `${meant ? `Did you mean ${quote(meant)}? ` : ''}${all}`,
  };
}

function describeForm({ instancePath: pointer, parentSchema }: ErrorObject): FieldError {
  const { description, pattern } = parentSchema as Schema;
  if (pattern === NOT_BLANK) {
    return { pointer, detail: 'It is blank.', mend: 'Write something into it, or leave it out.' };
  }
  return { pointer, detail: 'It has the wrong form.', mend: description ?? 'Correct its form.' };
}

function describeFormat(error: ErrorObject): FieldError {
  const pointer = error.instancePath;
  const text = formatTexts[String((error.parentSchema as Schema).format)];
  if (typeof error.data === 'string' && isMissingDay(error.data)) {
    const mend = 'Give a date that exists, such as `2026-03-01`.';
    return { pointer, detail: `There is no ${error.data.slice(0, 10)} in the calendar.`, mend };
  }
  return {
    pointer,
    detail: text?.wrong ?? 'It has the wrong form.',
    mend: text?.mend ?? 'Correct its form.',
  };
}

function describe(error: ErrorObject): FieldError {
  const pointer = error.instancePath;
  const schema = error.parentSchema as Schema;
  switch (error.keyword) {
    case 'required': {
      const field = String(error.params.missingProperty);
      const detail = `${quote(field)} is missing.`;
      return {
        pointer: `${pointer}/${pointerPart(field)}`,
        detail,
        mend: mendFor(schema.properties?.[field]),
      };
    }
    case 'additionalProperties':
      return describeUnknownField(error);
    case 'discriminator': {
      const kinds = (schema.oneOf ?? []).map((kind) => kind.properties?.type?.const);
      const detail =
        error.params.error === 'tag' ? '`type` is missing or is not a string.' : 'There is no such type.';
      return { pointer: `${pointer}/${error.params.tag}`, detail, mend: `Give one of ${list(kinds)}.` };
    }
    case 'format':
      return describeFormat(error);
    case 'pattern':
      return schema.format ? describeFormat(error) : describeForm(error);
    case 'type':
      return {
        pointer,
        detail: `It is ${kindOf(error.data)}, not ${expectationOf(schema)}.`,
        mend: mendFor(schema),
      };
    case 'enum':
    case 'const':
      return {
        pointer,
        detail: 'It is none of the values known here.',
        mend: `Give ${expectationOf(schema)}.`,
      };
    case 'uniqueItems':
      return { pointer, detail: 'It names something twice.', mend: 'Name each once.' };
    case 'propertyNames':
      return {
        pointer,
        detail: 'A name in it has the wrong form.',
        mend: mendFor(schema, 'Correct the names.'),
      };
    default: {
      const limit = LIMIT_TEXTS[error.keyword]?.(Number(error.params.limit));
      if (limit) return { pointer, detail: limit[0], mend: limit[1] };
      return describeForm(error);
    }
  }
}

/** The errors of the one branch of an `anyOf` that has the value's type; a single error if there is none or several. */
function describeUnion(union: ErrorObject, branches: readonly ErrorObject[]): FieldError[] {
  const at = union.instancePath;
  const branchOf = (error: ErrorObject) => error.schemaPath.slice(union.schemaPath.length).split('/')[1];
  const otherTypes = new Set(
    branches.filter(({ keyword, instancePath }) => keyword === 'type' && instancePath === at).map(branchOf),
  );
  const rest = branches.filter((error) => !otherTypes.has(branchOf(error)));
  if (new Set(rest.map(branchOf)).size === 1) return [...describeAll(rest)];
  const missing = rest.find(
    ({ keyword, data }) => keyword === 'format' && typeof data === 'string' && isMissingDay(data),
  );
  if (missing) return [describe(missing)];
  const schema = union.parentSchema as Schema;
  const detail =
    rest.length === 0
      ? `It is ${kindOf(union.data)}, which it cannot be.`
      : 'It has none of the forms known here.';
  return [
    { pointer: at, detail, mend: mendFor(schema, schema.description ? 'Give one of these:' : undefined) },
  ];
}

const isUnder = (path: string, under: string) => path.startsWith(`${under}/`);

/** All prefixes of a JSON Pointer, from the empty one to itself. */
function* pointersTo(pointer: string): Generator<string> {
  yield '';
  for (let end = pointer.indexOf('/', 1); end > 0; end = pointer.indexOf('/', end + 1))
    yield pointer.slice(0, end);
  if (pointer !== '') yield pointer;
}

/** Returns a function that finds the outermost union that contains an error, if any. */
function unionFinder(errors: readonly ErrorObject[]) {
  const unions = new Map<string, Map<string, ErrorObject>>();
  for (const error of errors) {
    if (error.keyword !== 'anyOf') continue;
    const places = unions.get(error.schemaPath) ?? new Map<string, ErrorObject>();
    // A union reached in two ways counts once: the first represents the errors of both.
    if (!places.has(error.instancePath)) places.set(error.instancePath, error);
    unions.set(error.schemaPath, places);
  }
  // Cached by schema path: there are few, and each has many errors.
  const pathsCache = new Map<string, string[]>();
  const pathsAbove = (schemaPath: string) => {
    const paths =
      pathsCache.get(schemaPath) ??
      [...unions.keys()]
        .filter((path) => isUnder(schemaPath, path))
        .sort((one, other) => one.length - other.length);
    pathsCache.set(schemaPath, paths);
    return paths;
  };
  return (error: ErrorObject): ErrorObject | undefined => {
    const { schemaPath, instancePath } = error;
    const first = unions.get(schemaPath)?.get(instancePath);
    if (error.keyword === 'anyOf' && first !== error) return first;
    for (const path of pathsAbove(schemaPath)) {
      for (const pointer of pointersTo(instancePath)) {
        const union = unions.get(path)?.get(pointer);
        if (union) return union;
      }
    }
    return undefined;
  };
}

/** Describes each error in order, except those within a union, which are described by the union. */
function* describeAll(errors: readonly ErrorObject[]): Generator<FieldError> {
  const unionOf = unionFinder(errors);
  const within = Map.groupBy(errors, unionOf);
  for (const error of within.get(undefined) ?? []) {
    if (error.keyword === 'anyOf') yield* describeUnion(error, within.get(error) ?? []);
    else if (error.keyword !== 'if') yield describe(error);
  }
}

/** One error for each place, in the order found; at most `MAX_ERRORS`. */
export function fieldErrors(errors: readonly ErrorObject[]): FieldError[] {
  const byPointer = new Map<string, FieldError>();
  for (const error of describeAll(errors)) {
    if (!byPointer.has(error.pointer)) byPointer.set(error.pointer, error);
    if (byPointer.size === MAX_ERRORS) break;
  }
  return [...byPointer.values()];
}
