/** Compiles schemas to checks. Bodies are never coerced, stripped or defaulted; queries get their defaults. */
import { Ajv, type ErrorObject, type FuncKeywordDefinition } from 'ajv';
import { formats, isMoment } from './formats.ts';

const options = {
  allErrors: true,
  verbose: true,
  discriminator: true,
  strict: false,
  // JSON.parse reads 1e999 as Infinity, which JSON cannot represent: refused.
  strictNumbers: true,
  formats,
} as const;
const bodies = new Ajv({ ...options, coerceTypes: false, removeAdditional: false, useDefaults: false });
const queries = new Ajv({ ...options, coerceTypes: false, useDefaults: true });

/** Moments are compared and sorted as text, so `t` and `z`, which RFC 3339 allows, are turned into capital letters. */
const CAPITALS = 'x-capitals';
const capitalsKeyword: FuncKeywordDefinition = {
  keyword: CAPITALS,
  type: 'string',
  schema: false,
  modifying: true,
  errors: false,
  validate(
    moment: string,
    at?: { parentData: Record<string, unknown>; parentDataProperty: string | number },
  ) {
    if (at && isMoment(moment)) at.parentData[at.parentDataProperty] = moment.toUpperCase();
    return true;
  },
};
for (const ajv of [bodies, queries]) ajv.addKeyword(capitalsKeyword);

/** The schema without its `$id`s, which only name components in the API description, and with capitals in moments. */
function prepareSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(prepareSchema);
  if (schema === null || typeof schema !== 'object') return schema;
  const entries = Object.entries(schema).filter(([key, value]) => key !== '$id' || typeof value !== 'string');
  const plain = Object.fromEntries(entries.map(([key, value]) => [key, prepareSchema(value)]));
  return plain.format === 'date-time' ? { ...plain, [CAPITALS]: true } : plain;
}

export type Check = (data: unknown) => ErrorObject[] | null;

function compile(ajv: Ajv, schema: object): Check {
  const validate = ajv.compile(prepareSchema(schema) as object);
  return (data) => (validate(data) ? null : (validate.errors ?? []));
}

/**
 * Compiles a check of bodies; also for schemas that no route declares, such as parts of an import or a merged patch.
 */
export const compileBody = (schema: object): Check => compile(bodies, schema);
/** Compiles the schema of a query. */
export const compileQuery = (schema: object): Check => compile(queries, schema);
