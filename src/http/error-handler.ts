/**
 * Turns every refusal and failure into a problem document. Unexpected errors are 500 with an id that is also logged; no
 * stack trace, file path or driver message is ever sent.
 */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { SpoolUnavailable } from '../lib/spool.ts';
import { ProofsUnavailable } from '../proofs/index.ts';
import { EdgesBehind } from '../service/due.ts';
import { PaymentGone } from '../service/proof-keeping.ts';
import { Refusal } from '../service/refusal.ts';
import { StoreError } from '../store/errors.ts';
import { ENCODINGS } from './content-encoding.ts';
import {
  catalogue,
  headerProblem,
  notFound,
  Problem,
  type ProblemCode,
  problemOfRefusal,
  requestProblem,
  routeNotFound,
} from './errors.ts';

const FRAMEWORK_ERRORS: Record<string, [ProblemCode, string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'The body is larger than this route takes.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['media_type', 'The body has an unsupported type, or none.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'malformed_request',
    'The body is not as long as Content-Length says.',
  ],
  FST_ERR_MAX_PARAM_LENGTH: ['address_too_long', 'A part of the address is longer than 100 characters.'],
  FST_ERR_BAD_URL: ['malformed_request', 'The address is not correctly percent-encoded.'],
};

const ACCEPTED_ENCODINGS = ENCODINGS.join(', ');
/** Refusals of a body by its Content-Encoding; `Accept-Encoding` then lists the accepted ones (RFC 9110 15.5.16). */
const ENCODING_ERRORS: Record<string, Parameters<typeof headerProblem>> = {
  FST_CP_ERR_INVALID_CONTENT_ENCODING: [
    'media_type',
    'content-encoding',
    `The body may be encoded as ${ACCEPTED_ENCODINGS}, or not at all.`,
    { 'accept-encoding': ACCEPTED_ENCODINGS },
  ],
  FST_CP_ERR_INVALID_CONTENT: [
    'malformed_request',
    'content-encoding',
    'The body is not compressed as `Content-Encoding` says, or is incomplete.',
  ],
};

const RETRY_AFTER = { 'retry-after': '2' };

function fromStore(error: StoreError): Problem | null {
  switch (error.code) {
    case 'conflict': {
      if (error.field !== 'external_id') return requestProblem('conflict', `${catalogue.conflict.title}.`);
      const { mend } = catalogue.external_id_taken;
      return new Problem('external_id_taken', [
        { pointer: '/external_id', detail: 'Another one of these has this external_id.', mend },
      ]);
    }
    case 'not_found':
      return requestProblem('not_found', 'What this belongs to does not exist any more.');
    case 'invalid_text':
      return requestProblem('invalid', 'Some text in it holds a NUL character.');
    case 'busy':
    case 'unavailable':
    case 'disk':
      return requestProblem('unavailable', 'The database cannot answer now.', { headers: RETRY_AFTER });
    default:
      return null;
  }
}

/** The problem for an error; null for an unexpected one. */
function problemOf(error: unknown): Problem | null {
  if (error instanceof Problem) return error;
  if (error instanceof Refusal) return problemOfRefusal(error);
  if (error instanceof StoreError) return fromStore(error);
  if (error instanceof ProofsUnavailable) {
    return requestProblem('unavailable', 'The proofs cannot be stored or read now.', {
      headers: RETRY_AFTER,
    });
  }
  if (error instanceof SpoolUnavailable) {
    return requestProblem('unavailable', 'The upload cannot be stored temporarily now.', {
      headers: RETRY_AFTER,
    });
  }
  if (error instanceof PaymentGone) return notFound('payment');
  if (error instanceof EdgesBehind) {
    const detail = 'The rules have changed, and the dates of all lines are being computed again.';
    return requestProblem('unavailable', detail, { headers: { 'retry-after': '10' } });
  }
  const { code = '', statusCode = 500 } = error as Partial<FastifyError>;
  const known = FRAMEWORK_ERRORS[code];
  if (known) return requestProblem(...known);
  const encoded = ENCODING_ERRORS[code];
  if (encoded) return headerProblem(...encoded);
  const isAborted = code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
  if (isAborted || (statusCode >= 400 && statusCode < 500)) {
    return requestProblem('malformed_request', 'The request broke off or cannot be read.');
  }
  return null;
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.statusCode)
    .headers(problem.headers)
    .type('application/problem+json')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem.body());
}

/** Fastify's error handler. */
export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const problem = problemOf(error);
  if (problem && problem.statusCode < 500) return sendProblem(reply, problem);
  const errorId = randomUUID();
  request.log.error({ err: error, error_id: errorId, route: request.routeOptions.url }, 'request failed');
  if (problem) return sendProblem(reply, problem);
  return sendProblem(
    reply,
    requestProblem('internal', 'The error was not foreseen and has been logged.', {
      extensions: { error_id: errorId },
    }),
  );
}

/** Fastify's handler of unknown addresses. */
export const handleNotFound = (_request: FastifyRequest, reply: FastifyReply) =>
  sendProblem(reply, routeNotFound());

const CONNECTION_ERRORS: Record<string, [ProblemCode, string]> = {
  HPE_HEADER_OVERFLOW: ['head_too_large', 'Address and headers are longer than 16 kB together.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['too_slow', 'The request was not complete in time.'],
};

/** Answers a request that cannot be parsed as HTTP with a minimal response, and closes the connection. */
export function refuseConnection({ code = '' }: NodeJS.ErrnoException, socket: Socket) {
  if (socket.writable) {
    const cause = CONNECTION_ERRORS[code] ?? (['malformed_request', 'This is no HTTP request.'] as const);
    const problem = requestProblem(...cause).body();
    const body = JSON.stringify(problem);
    const head = `content-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}`;
    const status = `${problem.status} ${STATUS_CODES[problem.status]}`;
    socket.write(`HTTP/1.1 ${status}\r\n${head}\r\nconnection: close\r\n\r\n${body}`);
  }
  socket.destroySoon();
}
