/**
 * Validates requests against their schemas. Nothing is coerced, dropped or filled in, except in the query, where all is
 * text, and lower-case letters in moments. All errors are reported at once, one for each place.
 */
import type { FastifySchemaCompiler } from 'fastify';
import { type Check, compileBody, compileQuery } from '../schemas/check.ts';
import { fieldErrors } from '../schemas/field-errors.ts';
import { Problem } from './errors.ts';

const PLAIN_ID = /^[\w.~-]*$/;

/** Answers an id that can never be valid like any id that does not exist. */
function checkParameters(parameters: unknown) {
  for (const [name, value] of Object.entries(parameters as Record<string, string>)) {
    if (!PLAIN_ID.test(value)) {
      const mend = 'Check the id.';
      const error = { pointer: `/${name}`, in: 'path', detail: `There is no such ${name}.`, mend } as const;
      return { error: new Problem('not_found', [error]) };
    }
  }
  return { value: parameters };
}

/** Parsers for query values by schema type; text that cannot be parsed is returned as it is. */
const PARSERS: Record<string, (text: string) => unknown> = {
  integer: (text) => (/^-?\d+$/.test(text) ? Number(text) : text),
  boolean: (text) => (text === 'true' ? true : text === 'false' ? false : text),
};

type Query = { properties?: Record<string, { type?: string }> };

/** A query with its integers and booleans parsed; text that cannot be parsed stays, and the schema refuses it. */
const parseQuery =
  ({ properties = {} }: Query) =>
  (query: unknown): unknown =>
    Object.fromEntries(
      Object.entries(query as Record<string, unknown>).map(([name, value]) => {
        const read = Object.hasOwn(properties, name) ? PARSERS[properties[name]?.type ?? ''] : undefined;
        return [name, read && typeof value === 'string' ? read(value) : value];
      }),
    );

type Branches = { anyOf?: object[]; 'x-one-or-many'?: true };

/**
 * A check for one object or `{items}`: uses the one branch that the body's shape implies, so that errors are specific.
 */
function oneOrMany(schema: Branches): Check {
  const [one, many] = (schema.anyOf ?? []).map(compileBody) as [Check, Check];
  const isMany = (data: unknown) => data !== null && typeof data === 'object' && Object.hasOwn(data, 'items');
  return (data) => (isMany(data) ? many(data) : one(data));
}

type Part = { contentType?: string };

/**
 * Fastify's validator compiler; its errors are Problems. A merge patch is checked by its result (`patcher`), and a
 * stream by the code that reads it.
 */
export const validatorCompiler: FastifySchemaCompiler<object> = ({ schema, httpPart, method, ...part }) => {
  if (httpPart === 'params') return checkParameters;
  const { contentType } = part as Part;
  if (httpPart === 'body' && (method === 'PATCH' || contentType)) return (value: unknown) => ({ value });
  const read = httpPart === 'querystring' ? parseQuery(schema as Query) : (data: unknown) => data;
  const where = httpPart === 'body' ? {} : ({ in: httpPart === 'headers' ? 'header' : 'query' } as const);
  const check =
    httpPart !== 'body'
      ? compileQuery(schema)
      : 'x-one-or-many' in schema
        ? oneOrMany(schema as Branches)
        : compileBody(schema);
  return (given: unknown) => {
    const data = read(given);
    const errors = check(data);
    if (!errors) return { value: data };
    return {
      error: new Problem(
        'invalid',
        fieldErrors(errors).map((error) => ({ ...error, ...where })),
      ),
    };
  };
};
