/**
 * `Idempotency-Key`: a POST that is sent again is not done again. The first request claims the key before its work, and
 * stores its answer in the transaction of the work. A claim whose process has ended is taken over; if that cannot be
 * determined, the store releases it after a minute.
 *
 * Answers may hold secrets that are shown once, so they are stored encrypted, with a key derived from the caller's API
 * key, of which the database has only a digest.
 */
import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { canonicalJson } from '../lib/canonical-json.ts';
import { hasEnded, thisNode } from '../lib/node.ts';
import type { App } from '../service/context.ts';
import type { IdempotencyClaim, IdempotencyId, Queries, StoredResponse } from '../store/types.ts';
import { headerProblem, invalid } from './errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The request's claim of its Idempotency-Key, until its answer is stored; null without one. */
    claim: string | null;
  }
  interface FastifyContextConfig {
    /** The handler itself claims the key, since the body is a stream. */
    claimsItself?: boolean;
    /** The body's OpenAPI description, if it is not JSON and the route reads it itself. */
    body?: object;
  }
}

const HEADER = 'idempotency-key';
const VALID_KEY = /^[\x21-\x7e]{1,255}$/;

const sealingKey = (request: FastifyRequest) =>
  hash('sha256', `idempotency\0${request.headers[HEADER]}\0${request.bearer}`, 'buffer');

function seal(request: FastifyRequest, text: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', sealingKey(request), nonce);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

function unseal(request: FastifyRequest, text: string): string {
  const bytes = Buffer.from(text, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(request), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
}

/** The route under which answers of a POST are stored. */
export const routeOf = (path: string): string => `POST ${path}`;

const pathOf = (request: FastifyRequest) => request.url.split('?', 1)[0] as string;

/**
 * A digest that identifies a request: of its query and its body's JSON value, regardless of key order and white space.
 * For a streamed body, pass its digest as `body`.
 */
export const digestOf = (request: FastifyRequest, body: unknown = request.body ?? null): string =>
  hash('sha256', canonicalJson({ body, query: request.query }), 'base64url');

/** Claims of failed requests that could not be released in the store: a retry takes them over at once. */
const abandonedClaims = new Set<string>();
/** The most such claims remembered; the store releases a claim after a minute in any case. */
const MAX_ABANDONED = 10_000;

/** Claims the key of a request; takes over a claim left by a process that has ended or by a failed request. */
async function claimKey(app: App, id: IdempotencyId, requestDigest: string): Promise<IdempotencyClaim> {
  const attempt = (q: Queries) => q.idempotency.begin(id, requestDigest, thisNode());
  const answer = await app.store.write(null, attempt);
  if (answer.state !== 'in_flight' || answer.claim === null) return answer;
  const { claim } = answer;
  if (!abandonedClaims.has(claim) && !hasEnded(claim)) return answer;
  abandonedClaims.delete(claim);
  return app.store.write(null, async (q) => {
    await q.idempotency.release(claim);
    return attempt(q);
  });
}

/**
 * Claims the request's Idempotency-Key, if it has one. If the work was done before, sends the stored answer and returns
 * `replayed`: the handler must then do nothing more.
 * @throws Problem idempotency_key_reused, request_in_flight, invalid
 */
export async function claimOrReplay(
  app: App,
  request: FastifyRequest,
  reply: FastifyReply,
  requestDigest: string,
): Promise<'proceed' | 'replayed'> {
  const key = request.headers[HEADER];
  if (key === undefined) return 'proceed';
  if (typeof key !== 'string' || !VALID_KEY.test(key)) {
    const detail = 'It is empty, too long, or has spaces or other than ASCII characters.';
    const mend = 'Send 1 to 255 visible ASCII characters, such as a UUID.';
    throw invalid({ pointer: `/${HEADER}`, in: 'header', detail, mend });
  }
  const id = { key: request.principal.key, route: routeOf(pathOf(request)), idempotency_key: key };
  const answer = await claimKey(app, id, requestDigest);
  switch (answer.state) {
    case 'begun':
      request.claim = answer.claim;
      return 'proceed';
    case 'in_flight':
      throw headerProblem('request_in_flight', HEADER, 'The request with this key is still being answered.', {
        'retry-after': '2',
      });
    case 'mismatch':
      throw headerProblem('idempotency_key_reused', HEADER, 'This key came with another body before.');
    case 'done':
      reply
        .code(answer.response.status)
        .headers({ ...answer.response.headers, 'idempotent-replayed': 'true' })
        .send(answer.response.body && unseal(request, answer.response.body));
      return 'replayed';
  }
}

/** Stores the answer of a claimed request, in the transaction of its work. */
export async function keepAnswer(
  q: Queries,
  request: FastifyRequest,
  response: StoredResponse,
  about: { user?: string | null; line?: string | null },
) {
  if (request.claim === null) return;
  await q.idempotency.finish(request.claim, { ...response, body: seal(request, response.body) }, about);
}

/** Adds support for the header to every POST of a scope. */
export function idempotency(app: App, server: FastifyInstance) {
  server.decorateRequest('claim', null);
  server.addHook('preHandler', async (request, reply) => {
    if (request.method !== 'POST' || request.routeOptions.config.claimsItself) return;
    if ((await claimOrReplay(app, request, reply, digestOf(request))) === 'replayed') return reply;
  });
  server.addHook('onError', async (request) => {
    const { claim } = request;
    if (claim === null) return;
    request.claim = null;
    await app.store
      .write(null, (q) => q.idempotency.release(claim))
      .catch((reason: unknown) => {
        if (abandonedClaims.size >= MAX_ABANDONED) abandonedClaims.clear();
        abandonedClaims.add(claim);
        request.log.warn({ err: reason }, 'a claim was not released');
      });
  });
}
