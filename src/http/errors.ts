/**
 * The catalogue of all problems of the API: code, status, title and what to do (`mend`). Answers are RFC 9457 problems;
 * each names at least one place with its reason and `mend`.
 */
import { MENDS, type FieldError as Place, type Refusal } from '../service/refusal.ts';
import { formatApiMend } from './mend.ts';

/** An error at a place: a JSON pointer into the body, or into the part that `in` names. */
export type FieldError = Place & { in?: 'header' | 'path' | 'query' };

type Kind = { status: number; title: string; mend: string };

export const catalogue = {
  malformed_json: {
    status: 400,
    title: 'The body is not JSON',
    mend: 'Send one JSON value in UTF-8, with `Content-Type: application/json`.',
  },
  malformed_request: {
    status: 400,
    title: 'The request cannot be read',
    mend: 'Send a well-formed HTTP request with a percent-encoded address.',
  },
  key_missing: {
    status: 401,
    title: 'No key was given',
    mend: 'Send `Authorization: Bearer <key>`.',
  },
  key_wrong: {
    status: 401,
    title: 'The key is not known, or has expired',
    mend: 'Send a valid key; replace a lost one by a new one.',
  },
  scope_too_small: {
    status: 403,
    title: 'The key may not do this',
    mend: 'Use a key with the scope that is named.',
  },
  not_found: {
    status: 404,
    title: 'There is no such object, or it is not yours',
    mend: 'Check the id, and whose key you use.',
  },
  proof_file_missing: {
    status: 404,
    title: 'The file of the proof is missing',
    mend: 'Put the file back from a backup, or delete the proof and send its file again.',
  },
  route_not_found: {
    status: 404,
    title: 'There is no such address',
    mend: '/openapi.json and /docs list all addresses.',
  },
  method_not_allowed: {
    status: 405,
    title: 'The address does not take this method',
    mend: 'Use one of the methods in the `Allow` header.',
  },
  external_id_taken: {
    status: 409,
    title: 'This external_id is taken',
    mend: MENDS.external_id_taken,
  },
  already_voided: {
    status: 409,
    title: 'The record is voided already',
    mend: MENDS.already_voided,
  },
  too_slow: {
    status: 408,
    title: 'The request took too long to arrive',
    mend: 'Send it again, in smaller parts if it is large.',
  },
  conflict: {
    status: 409,
    title: 'It was changed or taken meanwhile',
    mend: 'Read it again and repeat the request.',
  },
  payment_state: {
    status: 409,
    title: 'The payment is in a state that does not allow this',
    mend: MENDS.payment_state,
  },
  too_many_steps: {
    status: 409,
    title: 'The payment has had as many steps as it can',
    mend: MENDS.too_many_steps,
  },
  record_of_payment: {
    status: 409,
    title: 'The record stands for a payment',
    mend: MENDS.record_of_payment,
  },
  location_stays: {
    status: 422,
    title: 'The photograph may hold its location, which cannot be removed',
    mend: 'Send a screenshot of it, or send it with `keep_location=true`.',
  },
  too_many_proofs: {
    status: 409,
    title: 'The payment has as many proofs as it can have',
    mend: MENDS.too_many_proofs,
  },
  rule_gone: {
    status: 409,
    title: 'The rule is no longer there',
    mend: MENDS.rule_gone,
  },
  request_in_flight: {
    status: 409,
    title: 'The same request is still being answered',
    mend: 'Send it again in a few seconds.',
  },
  stale: {
    status: 412,
    title: 'It has changed since you read it',
    mend: 'Read it again and send its present ETag in If-Match.',
  },
  body_too_large: {
    status: 413,
    title: 'The body is too large',
    mend: 'Send it in smaller parts; for many records at once use POST /v1/import.',
  },
  address_too_long: {
    status: 414,
    title: 'A part of the address is too long',
    mend: 'No id in an address is longer than 100 characters.',
  },
  media_type: {
    status: 415,
    title: 'The body has an unsupported type',
    mend: 'Send JSON with `Content-Type: application/json`; an import, `application/x-ndjson`; a sheet, `text/csv`; a proof, `multipart/form-data`.',
  },
  invalid: {
    status: 422,
    title: 'The request is understood, but something in it is wrong',
    mend: 'Correct each place named in `errors` and send it again.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'This Idempotency-Key came with another body before',
    mend: 'Use a new Idempotency-Key for each new request.',
  },
  rules_refused: {
    status: 422,
    title: 'The rules do not pass their check; the running ones stay',
    mend: 'Correct each place named in `errors`; `keepline rules check` finds them too.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    mend: 'Wait as long as `Retry-After` says. The admin key is not limited.',
  },
  head_too_large: {
    status: 431,
    title: 'The address or the headers are too long',
    mend: 'Send a shorter address and fewer or shorter headers.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side',
    mend: 'Try again; if it persists, report `error_id`, which is in the log too.',
  },
  unavailable: {
    status: 503,
    title: 'The service cannot answer now',
    mend: 'Send the request again in a few seconds.',
  },
} as const satisfies Record<string, Kind>;

export type ProblemCode = keyof typeof catalogue;

/** RFC 9457 with `code`, `mend` and `errors`. */
type ProblemBody = {
  type: string;
  title: string;
  status: number;
  code: ProblemCode;
  detail: string;
  mend: string;
  errors: (FieldError & { mend: string })[];
  [extension: string]: unknown;
};

const summary = ({ pointer, detail }: FieldError) => (pointer ? `${pointer}: ${detail}` : detail);

type ProblemOptions = {
  headers?: Record<string, string>;
  extensions?: Record<string, unknown>;
  /** Replaces the code's own `mend` if that does not fit the request. */
  mend?: string;
};

/** An error of a request, thrown by handlers and sent by the error handler. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly statusCode: number;
  readonly errors: FieldError[];
  readonly headers: Record<string, string>;
  readonly extensions: Record<string, unknown>;
  readonly mend: string;

  constructor(code: ProblemCode, errors: FieldError[], options: ProblemOptions = {}) {
    super(catalogue[code].title);
    this.name = 'Problem';
    this.code = code;
    this.statusCode = catalogue[code].status;
    this.errors = errors;
    this.headers = options.headers ?? {};
    this.extensions = options.extensions ?? {};
    this.mend = options.mend ?? catalogue[code].mend;
  }

  body(): ProblemBody {
    const { status, title } = catalogue[this.code];
    return {
      type: `urn:keepline:problem:${this.code.replaceAll('_', '-')}`,
      title,
      status,
      code: this.code,
      detail: this.errors.map(summary).join(' ') || `${title}.`,
      mend: this.mend,
      errors: this.errors.map((error) => ({ ...error, mend: formatApiMend(error.mend) })),
      ...this.extensions,
    };
  }
}

/** The problem for a refusal of the service. */
export const problemOfRefusal = ({ code, errors, about }: Refusal) =>
  new Problem(code, errors, { extensions: about });

/** 422 for errors in the body. */
export const invalid = (...errors: FieldError[]) => new Problem('invalid', errors);

/** 404 for an id in the address, whether the object does not exist or is another's. */
export const notFound = (parameter: string) =>
  new Problem('not_found', [
    {
      pointer: `/${parameter}`,
      in: 'path',
      detail: `There is no such ${parameter}, or it is not yours.`,
      mend: catalogue.not_found.mend,
    },
  ]);

/** A problem with a request header; `headers` are those of the response. */
export const headerProblem = (
  code: ProblemCode,
  header: string,
  detail: string,
  headers: Record<string, string> = {},
) =>
  new Problem(code, [{ pointer: `/${header}`, in: 'header', detail, mend: catalogue[code].mend }], {
    headers,
  });

/** A problem with the request as a whole. */
export const requestProblem = (
  code: ProblemCode,
  detail: string,
  { pointer = '', ...options }: ProblemOptions & { pointer?: string } = {},
) => new Problem(code, [{ pointer, detail, mend: options.mend ?? catalogue[code].mend }], options);

/** 404 for an unknown address, which is not echoed. */
export const routeNotFound = () => requestProblem('route_not_found', 'There is no such address.');
