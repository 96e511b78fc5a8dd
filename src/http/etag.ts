/** ETags of objects: a digest of what is shown, so that one changes if and only if the object does. */
import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { headerProblem } from './errors.ts';

export const etagOf = (body: unknown): string =>
  `"${hash('sha256', JSON.stringify(body), 'base64url').slice(0, 27)}"`;

const tags = (header: string) => header.split(',').map((tag) => tag.trim());
const weak = (tag: string) => tag.replace(/^W\//, '');

const whole = (tag: string) => tag;

/**
 * Refuses a change of something that is no longer what the caller read (RFC 9110, 13.1.1). `significant` gives the
 * part of a tag that a change must have seen; the rest may have moved.
 */
export function checkIfMatch(
  request: FastifyRequest,
  present: unknown,
  etag: string = etagOf(present),
  significant: (tag: string) => string = whole,
) {
  const header = request.headers['if-match'];
  if (header === undefined || header.trim() === '*') return;
  // A proxy that compresses makes ETags weak on their way; ours are of the content, so the weak match is meant.
  if (tags(header).map(weak).map(significant).includes(significant(etag))) return;
  throw headerProblem('stale', 'if-match', 'It has changed since the ETag in If-Match was given out.', {
    etag,
  });
}

/** Sends an object with its ETag, or 304 to whoever has it already. */
export function sendWithEtag(
  request: FastifyRequest,
  reply: FastifyReply,
  body: unknown,
  etag: string = etagOf(body),
): FastifyReply {
  reply.headers({ etag, 'cache-control': 'private, no-cache' });
  const header = request.headers['if-none-match'];
  const has = header !== undefined && (header.trim() === '*' || tags(header).map(weak).includes(etag));
  return has ? reply.code(304).send() : reply.send(body);
}
