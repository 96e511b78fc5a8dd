/** ETags of objects: a digest of the JSON, so that the tag changes if and only if the object does. */
import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { headerProblem } from './errors.ts';

export const etagOf = (body: unknown): string =>
  `"${hash('sha256', JSON.stringify(body), 'base64url').slice(0, 27)}"`;

const parseTags = (header: string) => header.split(',').map((tag) => tag.trim());
const stripWeakPrefix = (tag: string) => tag.replace(/^W\//, '');

const wholeTag = (tag: string) => tag;

/**
 * Refuses a change if the object has changed since the caller read it (RFC 9110, 13.1.1). `significant` returns the
 * part of a tag that must match; the rest may differ.
 */
export function checkIfMatch(
  request: FastifyRequest,
  present: unknown,
  etag: string = etagOf(present),
  significant: (tag: string) => string = wholeTag,
) {
  const header = request.headers['if-match'];
  if (header === undefined || header.trim() === '*') return;
  // A proxy that compresses makes ETags weak. Ours identify the content, so a weak comparison is right.
  if (parseTags(header).map(stripWeakPrefix).map(significant).includes(significant(etag))) return;
  throw headerProblem('stale', 'if-match', 'It has changed since the ETag in If-Match was given out.', {
    etag,
  });
}

/** Sends an object with its ETag, or 304 if the client already has it. */
export function sendWithEtag(
  request: FastifyRequest,
  reply: FastifyReply,
  body: unknown,
  etag: string = etagOf(body),
): FastifyReply {
  reply.headers({ etag, 'cache-control': 'private, no-cache' });
  const header = request.headers['if-none-match'];
  const isUnchanged =
    header !== undefined && (header.trim() === '*' || parseTags(header).map(stripWeakPrefix).includes(etag));
  return isUnchanged ? reply.code(304).send() : reply.send(body);
}
