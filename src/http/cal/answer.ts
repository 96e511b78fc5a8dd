/** What `/cal` answers, with its headers: made once for each publication, sent to everyone who asks. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { httpDate, isNotModified, type Validators } from '../../calendar/index.ts';

type Headers = Readonly<Record<string, string>>;
/** Names and values in turn, as the server writes them. */
type Written = readonly string[];

type Form = { headers: Written; body: string };
/** Made ready when it is first asked for. */
type Ready = () => Form;

export type Answer = {
  status: 200 | 404 | 405 | 410 | 503;
  /** As it is: its bytes one in a character, for Node sends these with the headers in one piece, a buffer in a second. */
  plain: Ready | null;
  /** As it was compressed when it was published; null where it is not sent so. Both null: for those who have it. */
  packed: Ready | null;
  /** How many bytes it takes at most, with both forms made. */
  size: number;
  /** By what a client may know that it has this already; null for what is not to be kept. */
  known: (Validators & { headers: Written }) | null;
};

function once(make: Ready): Ready {
  let made: Form | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

const written = (headers: Headers): Written => Object.entries(headers).flat();

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

/** What gzip says at its end of how long its content is, RFC 1952. */
const lengthOf = (gzip: Buffer): number => gzip.readUInt32LE(gzip.length - 4);

type Calendar = {
  etag: string;
  /** RFC 3339. */
  changed_at: string;
  /** Compressed; null where there is only `body`. */
  gzip: Buffer | null;
  body: Buffer | null;
};

/**
 * A calendar; `rest` from {@link calendarHeaders}. Most clients take it compressed, so what is kept is unpacked for those
 * who do not. Null for one of which nothing is kept.
 */
export function calendarAnswer(
  { etag, changed_at, gzip, body }: Calendar,
  rest: Written,
  sendsGzip = true,
): Answer | null {
  const size = gzip ? 2 * gzip.length + lengthOf(gzip) : (body?.length ?? 0);
  if (size === 0) return null;
  const shared = sharedBy(etag, changed_at);
  const plain = () => {
    const text = (gzip ? gunzipSync(gzip) : (body as Buffer)).toString('latin1');
    return { headers: [...CALENDAR, `${text.length}`, ...shared, ...rest], body: text };
  };
  const packed = (gzip: Buffer) => () => {
    // A compressed answer is another one of the same calendar: so its tag is a weak one.
    const tagged = sharedBy(`W/${etag}`, changed_at);
    const headers = [...CALENDAR, `${gzip.length}`, 'content-encoding', 'gzip', ...tagged, ...rest];
    return { headers, body: gzip.toString('latin1') };
  };
  return {
    status: 200,
    plain: once(plain),
    packed: gzip && sendsGzip ? once(packed(gzip)) : null,
    size,
    known: { etag, lastModified: changed_at, headers: shared },
  };
}

/** Whether it serves a client that asks so: one without bytes serves those who have them. */
export const serves = ({ plain, known }: Answer, request: IncomingHttpHeaders): boolean =>
  plain !== null || (known !== null && has(request, known));

/** For clients that have this calendar, and for no others: nothing of it need be read. */
export const unchangedAnswer = (etag: string, changedAt: string): Answer => ({
  status: 200,
  plain: null,
  packed: null,
  size: 0,
  known: { etag, lastModified: changedAt, headers: sharedBy(etag, changedAt) },
});

/** What is not to be kept by anyone: `type` is its media type, with `charset=utf-8`. */
export function textAnswer(status: Answer['status'], type: string, text: string, headers: Headers): Answer {
  const body = Buffer.from(text).toString('latin1');
  const form = {
    headers: written({
      'content-type': `${type}; charset=utf-8`,
      'content-length': `${body.length}`,
      'cache-control': 'no-store',
      ...PRIVATE,
      ...headers,
    }),
    body,
  };
  return { status, plain: () => form, packed: null, size: body.length, known: null };
}

const short = (status: Answer['status'], text: string, headers: Headers = {}): Answer =>
  textAnswer(status, 'text/plain', `${text}\n`, headers);

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
  const form = answer.packed && takesGzip(headers) ? answer.packed : (answer.plain as Ready);
  const { headers: written, body } = form();
  response.writeHead(answer.status, written as string[]);
  if (method === 'HEAD') response.end();
  else response.end(body, 'latin1');
}

/** The same past Fastify's own reply, which would copy and check the headers anew for every request. */
export function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): void {
  reply.hijack();
  respond(request.raw, reply.raw, answer);
}
