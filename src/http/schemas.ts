/** The shapes that several routes share. A schema with an `$id` becomes a component of the API description. */
import { type TObject, type TProperties, type TSchema, type TSchemaOptions, Type } from 'typebox';
import { Money } from '../retention/record.ts';
import { LOCALES } from '../vocabulary.ts';
import { catalogue } from './errors.ts';

/** An object that takes no other fields. */
export const strictObject = <P extends TProperties>(
  properties: P,
  options: TSchemaOptions = {},
): TObject<P> => Type.Object(properties, { additionalProperties: false, ...options });

export const nullable = <T extends TSchema>(schema: T, options: TSchemaOptions = {}) =>
  Type.Union([schema, Type.Null()], options);

/** The pattern of a text that is not of spaces alone. */
export const NOT_BLANK = '\\S';

export const Id = Type.String({ description: 'Given out here; opaque.' });
/** Of an address under a person. */
export const UserParams = Type.Object({ user: Id });
export const Timestamp = Type.String({ format: 'date-time', description: 'A moment, RFC 3339 in UTC.' });
export const TimeZone = Type.String({
  format: 'time-zone',
  maxLength: 60,
  description: 'A zone of the IANA database, as `Europe/Moscow`.',
});
export const ExternalId = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'Your own id; unique under its owner.',
});
export const Locale = Type.Enum(LOCALES, { description: 'The language of texts: en, ru or zh.' });
export const RuleId = Type.String({
  minLength: 1,
  maxLength: 120,
  description: 'The id of a rule, as `gb/acme/prepaid`; `GET /v1/rules` lists them.',
});
export const CarrierId = Type.String({ description: 'As `gb/acme`.' });
/** Of an address under a carrier. */
export const CarrierParams = Type.Object({
  country: Type.String({ description: 'Two letters, as `ru`.' }),
  carrier: Type.String({ description: 'As `acme`.' }),
});
/** Of an address under a rule. */
export const RuleParams = Type.Object({
  ...CarrierParams.properties,
  rule: Type.String({ description: 'As `prepaid`.' }),
});
export const PlanPrice = Type.Object(Money.properties, {
  additionalProperties: false,
  description: "What the plan costs per period, in the rule's currency.",
});
export const Facts = Type.Record(
  Type.String({ pattern: '^[a-z][a-z0-9_]{0,39}$' }),
  Type.Union([Type.String({ maxLength: 200 }), Type.Boolean(), Type.Number()]),
  {
    additionalProperties: false,
    description: 'What the rule asks of the owner: `facts` of the rule says which.',
  },
);

const FieldErrorSchema = strictObject(
  {
    pointer: Type.String({ description: 'A JSON pointer to the place that is wrong; empty for the whole.' }),
    in: Type.Optional(
      Type.Enum(['header', 'path', 'query'], {
        description: 'Where the pointer leads, if not into the body.',
      }),
    ),
    detail: Type.String({ description: 'What is wrong there.' }),
    mend: Type.String({ description: 'What to do about it.' }),
  },
  { $id: 'FieldError' },
);

const ProblemSchema = Type.Object(
  {
    type: Type.String({ format: 'uri' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.Enum(Object.keys(catalogue) as (keyof typeof catalogue)[]),
    detail: Type.String(),
    mend: Type.String({ description: 'What to do about it.' }),
    errors: Type.Array(FieldErrorSchema),
    error_id: Type.Optional(Type.String({ description: '`internal`: stands in the log too.' })),
    payment: Type.Optional(Type.String({ description: '`payment_state`, `too_many_steps`: which payment.' })),
    state: Type.Optional(Type.String({ description: '`payment_state`: what it is.' })),
    problems: Type.Optional(Type.Integer({ description: '`rules_refused`: how many there are in all.' })),
    imported: Type.Optional(
      Type.Object(
        {},
        { additionalProperties: true, description: 'Of an import: what went in all the same.' },
      ),
    ),
  },
  { $id: 'Problem', description: 'RFC 9457, with `code`, `mend` and `errors`.' },
);

const text = (description: string) => ({ type: 'string', description });

type Headers = Record<string, object>;

/** The headers of problems. */
const HEADERS: Record<string, Headers> = {
  '4xx': {
    Allow: text('405: what the address takes.'),
    'WWW-Authenticate': text('401: how to say who asks.'),
    ETag: text('412: that of what is there now.'),
    'Retry-After': text('429, and 409 of a request that is under way: seconds to wait.'),
  },
  '5xx': { 'Retry-After': text('503: seconds to wait.') },
};

/** Of an answer with what was made. */
export const LOCATION: Headers = { Location: text('The address of what was made.') };
/** Of an answer with what may be changed with `If-Match`. */
export const ETAG: Headers = { ETag: text('Changes if and only if what is shown does; for `If-Match`.') };
/** Of an answer with texts in a language. */
export const LANGUAGE: Headers = { 'Content-Language': text('The language of its texts.') };
/** Of an answer that is a file. */
export const ATTACHMENT: Headers = { 'Content-Disposition': text('An attachment, with a name for it.') };
/** Of every answer to a POST. */
export const REPLAYED: Headers = {
  'Idempotent-Replayed': text('`true`: the answer of the first request with this `Idempotency-Key`.'),
};

const SAID: Record<string, string> = { 200: 'What was asked for.', 201: 'What was made.' };

/** Answers of a route: its good ones, with headers of their own, and a problem for all others. */
export function answers(good: Record<number, object>, headers?: Headers): Record<string, unknown> {
  const own = headers && { headers };
  const described = Object.entries(good).map(([status, schema]) => {
    const description = SAID[status];
    if (!description || 'content' in schema) return [status, { ...schema, ...own }];
    return [status, { description, content: { 'application/json': { schema } }, ...own }];
  });
  const problem = (status: string, description: string) => ({
    description,
    headers: HEADERS[status],
    content: { 'application/problem+json': { schema: ProblemSchema } },
  });
  return {
    ...Object.fromEntries(described),
    '4xx': problem('4xx', 'A problem: what is wrong, where, and what to do.'),
    '5xx': problem('5xx', 'A problem of the service: send the same again later.'),
  };
}

/** The answers of a GET that gives an ETag, and 304 to whoever has it. */
export function tagged(good: Record<number, object>, headers?: Headers): Record<string, unknown> {
  const tag = { ETag: text('Changes if and only if the answer does.') };
  // Without a body, which the description has as null.
  const unchanged = { type: 'null', description: 'You have it.', headers: tag };
  return { ...answers(good, { ...headers, ...tag }), 304: unchanged };
}

/** 204. */
export const Nothing = Type.Null({ description: 'Done; there is nothing to say.' });
