/** What `/cal` answers, with its headers: made once for each publication, sent to everyone who asks. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { httpDate, isNotModified, type Validators } from '../../calendar/index.ts';

type Headers = Readonly<Record<string, string>>;
/** Names and values in turn, as the server writes them. */
type Written = readonly string[];

export type Answer = {
  status: 200 | 404 | 405 | 410 | 503;
  headers: Written;
  /** Its bytes, one in a character: Node sends these with the headers in one piece, a buffer in a second one. */
  body: string;
  /** The same, compressed when it was published; null where it is not sent so. */
  packed: Packed | null;
  /** By what a client may know that it has this already; null for what is not to be kept. */
  known: (Validators & { headers: Written }) | null;
};

/** Made ready when it is first asked for; until then, and after it, it takes `size` bytes of memory at most. */
type Packed = { size: number; ready(): { headers: Written; body: string } };

export const written = (headers: Headers): Written => Object.entries(headers).flat();

/** Headers of a calendar that do not hang on how it is sent: as lists, for each fetch of another feed makes them anew. */
const sharedBy = (etag: string, changedAt: string): Written => [
  'etag',
  etag,
  'last-modified',
  httpDate(changedAt),
  'cache-control',
  'private, max-age=300',
  'vary',
  'Accept-Encoding',
];

/** For everything under an address that is a secret. */
export const PRIVATE: Headers = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, nofollow',
};

/** Browsers that have once come by https shall not send the token in clear. Null: nobody said how they come. */
export const transport = (publicUrl: string | null): Headers =>
  publicUrl?.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {};

const CALENDAR: Written = ['content-type', 'text/calendar; charset=utf-8', 'content-length'];

/** The headers that all calendars have. */
export const calendarHeaders = (publicUrl: string | null): Written =>
  written({
    'content-disposition': 'inline; filename="keepline.ics"',
    ...PRIVATE,
    ...transport(publicUrl),
  });

function packedAnswer(gzip: string, etag: string, changedAt: string, rest: Written): Packed {
  let answer: string | ReturnType<Packed['ready']> = gzip;
  return {
    size: gzip.length,
    ready() {
      if (typeof answer !== 'string') return answer;
      const body = Buffer.from(answer, 'base64').toString('latin1');
      // A compressed answer is another one of the same calendar: so its tag is a weak one.
      const shared = sharedBy(`W/${etag}`, changedAt);
      const headers = [...CALENDAR, `${body.length}`, 'content-encoding', 'gzip', ...shared, ...rest];
      answer = { headers, body };
      return answer;
    },
  };
}

/** A calendar. `changed_at` is RFC 3339, `gzip` base64; `rest` from {@link calendarHeaders}. */
export function calendarAnswer(
  calendar: { body: Buffer; etag: string; changed_at: string; gzip: string | null },
  rest: Written,
): Answer {
  const { body, etag, changed_at, gzip } = calendar;
  const shared = sharedBy(etag, changed_at);
  return {
    status: 200,
    headers: [...CALENDAR, `${body.length}`, ...shared, ...rest],
    body: body.toString('latin1'),
    packed: gzip === null ? null : packedAnswer(gzip, etag, changed_at, rest),
    known: { etag, lastModified: changed_at, headers: shared },
  };
}

const NONE: Written = [];

/** Whether it serves a client that asks so: one without bytes serves those who have them. */
export const serves = ({ headers, known }: Answer, request: IncomingHttpHeaders): boolean =>
  headers !== NONE || (known !== null && has(request, known));

/** For clients that have this calendar, and for no others: nothing of it need be read. */
export const unchangedAnswer = (etag: string, changedAt: string): Answer => ({
  status: 200,
  headers: NONE,
  body: '',
  packed: null,
  known: { etag, lastModified: changedAt, headers: sharedBy(etag, changedAt) },
});

function short(status: 404 | 405 | 410 | 503, text: string, headers: Headers = {}): Answer {
  const body = Buffer.from(`${text}\n`);
  return {
    status,
    headers: written({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': `${body.length}`,
      'cache-control': 'no-store',
      ...PRIVATE,
      ...headers,
    }),
    body: body.toString('latin1'),
    packed: null,
    known: null,
  };
}

export const UNKNOWN = short(404, 'There is no such calendar.');
export const GONE = short(410, 'This calendar link has ended.');
export const NOT_ALLOWED = short(405, 'A calendar is read with GET or HEAD.', { allow: 'GET, HEAD' });
export const TROUBLE = short(503, 'The calendar cannot be read now.', { 'retry-after': '60' });

/** Does a client have it already? Most say so by the very tag that they were given. */
function has(headers: IncomingHttpHeaders, known: Validators): boolean {
  const tag = headers['if-none-match'];
  if (tag === known.etag) return true;
  if (tag === undefined && headers['if-modified-since'] === undefined) return false;
  return isNotModified({ ifNoneMatch: tag, ifModifiedSince: headers['if-modified-since'] }, known);
}

/** Microsoft's fetcher was seen to fail on what it says it takes. */
const MICROSOFT = /outlook|microsoft|exchange|office/i;

function takesGzip(headers: IncomingHttpHeaders): boolean {
  const accepted = headers['accept-encoding'];
  if (typeof accepted !== 'string' || !/\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(accepted)) return false;
  return !MICROSOFT.test(headers['user-agent'] ?? '');
}

/** Writes an answer, or 304 to whoever has it. */
export function respond(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { method, headers } = request;
  const { known } = answer;
  if (known && has(headers, known)) {
    response.writeHead(304, known.headers as string[]).end();
    return;
  }
  const { headers: written, body } = answer.packed && takesGzip(headers) ? answer.packed.ready() : answer;
  response.writeHead(answer.status, written as string[]);
  if (method === 'HEAD') response.end();
  else response.end(body, 'latin1');
}

/** The same past Fastify's own reply, which would copy and check the headers anew for every request. */
export function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): void {
  reply.hijack();
  respond(request.raw, reply.raw, answer);
}
