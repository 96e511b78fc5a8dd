/** What routes share: path parameters, problems, headers and responses. */
import { Type } from 'typebox';
import { Id, strictObject } from '../schemas/shapes.ts';
import { catalogue } from './errors.ts';

/** Path parameters of routes under a user. */
export const UserParams = Type.Object({ user: Id });
/** Path parameters of routes under a carrier. */
export const CarrierParams = Type.Object({
  country: Type.String({ description: 'Two letters: `ru`.' }),
  carrier: Type.String({ description: 'For example `acme`.' }),
});
/** Path parameters of routes under a rule. */
export const RuleParams = Type.Object({
  ...CarrierParams.properties,
  rule: Type.String({ description: 'For example `prepaid`.' }),
});
const FieldErrorSchema = strictObject(
  {
    pointer: Type.String({ description: 'A JSON pointer to the place that is wrong; empty for the whole.' }),
    in: Type.Optional(
      Type.Enum(['header', 'path', 'query'], {
        description: 'What the pointer refers to, if not the body.',
      }),
    ),
    detail: Type.String({ description: 'What is wrong there.' }),
    mend: Type.String({ description: 'How to fix it.' }),
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
    mend: Type.String({ description: 'How to fix it.' }),
    errors: Type.Array(FieldErrorSchema),
    error_id: Type.Optional(
      Type.String({ description: 'For `internal`: the id under which the error is logged.' }),
    ),
    payment: Type.Optional(
      Type.String({ description: 'For `payment_state` and `too_many_steps`: the payment.' }),
    ),
    state: Type.Optional(Type.String({ description: 'For `payment_state`: its state.' })),
    problems: Type.Optional(
      Type.Integer({ description: 'For `rules_refused`: the total number of problems.' }),
    ),
    imported: Type.Optional(
      Type.Object(
        {},
        { additionalProperties: true, description: 'For an import: what was imported all the same.' },
      ),
    ),
  },
  { $id: 'Problem', description: 'A problem document (RFC 9457) with `code`, `mend` and `errors`.' },
);

const header = (description: string) => ({ type: 'string', description });

type Headers = Record<string, object>;

/** The headers of problems. */
const PROBLEM_HEADERS: Record<string, Headers> = {
  '4xx': {
    Allow: header('For 405: the methods that the address takes.'),
    'WWW-Authenticate': header('For 401: how to authenticate.'),
    ETag: header('For 412: the present ETag.'),
    'Retry-After': header('For 429, and for 409 while the same request is under way: seconds to wait.'),
  },
  '5xx': { 'Retry-After': header('For 503: seconds to wait.') },
};

/** Headers of a response to a creation. */
export const LOCATION: Headers = { Location: header('The address of what was created.') };
/** Headers of a response whose object may be changed with `If-Match`. */
export const ETAG: Headers = { ETag: header('Changes if and only if what is shown does; for `If-Match`.') };
/** Headers of a response with texts in a negotiated language. */
export const LANGUAGE: Headers = { 'Content-Language': header('The language of its texts.') };
/** Headers of a response that is a file. */
export const ATTACHMENT: Headers = { 'Content-Disposition': header('An attachment with a file name.') };
/** Headers of every response to a POST. */
export const REPLAYED: Headers = {
  'Idempotent-Replayed': header('`true`: the answer of the first request with this `Idempotency-Key`.'),
};

const SUCCESS_DESCRIPTIONS: Record<string, string> = { 200: 'The answer.', 201: 'What was created.' };

/** The response schemas of a route: the given successes, with their headers, and a problem for all others. */
export function responses(successes: Record<number, object>, headers?: Headers): Record<string, unknown> {
  const ownHeaders = headers && { headers };
  const described = Object.entries(successes).map(([status, schema]) => {
    const description = SUCCESS_DESCRIPTIONS[status];
    if (!description || 'content' in schema) return [status, { ...schema, ...ownHeaders }];
    return [status, { description, content: { 'application/json': { schema } }, ...ownHeaders }];
  });
  const problem = (status: string, description: string) => ({
    description,
    headers: PROBLEM_HEADERS[status],
    content: { 'application/problem+json': { schema: ProblemSchema } },
  });
  return {
    ...Object.fromEntries(described),
    '4xx': problem('4xx', 'A problem: what is wrong, where, and what to do.'),
    '5xx': problem('5xx', 'A problem of the service: repeat the request later.'),
  };
}

/** The response schemas of a GET with an ETag, which answers 304 to a client that has the object. */
export function responsesWithEtag(
  successes: Record<number, object>,
  headers?: Headers,
): Record<string, unknown> {
  const etag = { ETag: header('Changes if and only if the answer does.') };
  // No body, which the description represents as null.
  const unchanged = { type: 'null', description: 'What you have is current.', headers: etag };
  return { ...responses(successes, { ...headers, ...etag }), 304: unchanged };
}

/** 204. */
export const NoContent = Type.Null({ description: 'Done; the answer has no body.' });
