/** What `/cal` answers, with its headers: made once for each publication, sent to everyone who asks. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { httpDate, isNotModified, type Validators } from '../../calendar/index.ts';
import { bytesOfText } from '../../lib/bytes-of-text.ts';
import { MICROSOFT } from './client.ts';

type Headers = Readonly<Record<string, string>>;
/** Names and values in turn, as the server writes them. */
type Written = readonly string[];

type Form = {
  headers: Written;
  /** Its bytes, one in a character: Node sends these with the headers in one piece, a buffer in a second one. */
  body: string;
};

export type Answer = {
  readonly status: 200 | 404 | 405 | 410 | 503;
  /** By what a client may know that it has this already; null for what is not to be kept. */
  readonly known: (Validators & { headers: Written }) | null;
  /** How many bytes its forms take now. */
  readonly size: number;
  /** As it is sent to who takes gzip and who does not. Null: it is only for those who have it. */
  readonly form: ((takesGzip: boolean) => Form) | null;
  /** Its compressed bytes were not asked for, and there may be some: it is not for those who take gzip. */
  readonly lacksGzip: boolean;
};

const written = (headers: Headers): Written => Object.entries(headers).flat();

/** Headers of a calendar that do not hang on how it is sent: as lists, for each fetch of another feed makes them anew. */
const sharedBy = (etag: string, changedAt: string, now: Date): Written => [
  'etag',
  etag,
  'last-modified',
  httpDate(changedAt, now),
  'cache-control',
  'private, max-age=300',
  'vary',
  'Accept-Encoding',
];

/** For everything under an address that is a secret. */
const PRIVATE: Headers = {
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

type Calendar = {
  etag: string;
  /** RFC 3339. */
  changed_at: string;
  /** When it is answered: what it says of its last change does not lie ahead of that. */
  now: Date;
  /** Compressed, in base64, and as it is, one of its bytes in a character: one of them or both. */
  gzip: string | null;
  body: string | null;
  /** Whether there may be compressed bytes where `gzip` is null: nobody has asked for them. */
  mayHaveGzip: boolean;
};

/** Each form is made when it is first asked for, and then stays. */
class CalendarAnswer implements Answer {
  readonly status = 200;
  readonly known: { etag: string; lastModified: string; headers: Written };
  readonly lacksGzip: boolean;
  size: number;
  #gzip: string | null;
  #body: string | null;
  #rest: Written;
  #now: Date;
  #sendsGzip: boolean;
  #plainForm: Form | null = null;
  #gzipForm: Form | null = null;

  constructor(
    { etag, changed_at, now, gzip, body, mayHaveGzip }: Calendar,
    rest: Written,
    sendsGzip: boolean,
  ) {
    this.known = { etag, lastModified: changed_at, headers: sharedBy(etag, changed_at, now) };
    this.lacksGzip = sendsGzip && mayHaveGzip && !gzip;
    this.size = (gzip?.length ?? 0) + (body?.length ?? 0);
    this.#gzip = gzip;
    this.#body = body;
    this.#rest = rest;
    this.#now = now;
    this.#sendsGzip = sendsGzip;
  }

  form(takesGzip: boolean): Form {
    if (takesGzip && this.#sendsGzip) {
      if (this.#gzip !== null) this.#gzipForm = this.#makeGzipForm(this.#gzip);
      if (this.#gzipForm !== null) return this.#gzipForm;
    }
    this.#plainForm ??= this.#makePlainForm();
    return this.#plainForm;
  }

  #makeGzipForm(gzip: string): Form {
    const { etag, lastModified } = this.known;
    // A compressed answer is another one of the same calendar: so its tag is a weak one.
    const shared = sharedBy(`W/${etag}`, lastModified, this.#now);
    const body = Buffer.from(gzip, 'base64').toString('latin1');
    this.size += body.length - gzip.length;
    this.#gzip = null;
    const headers = [...CALENDAR, `${body.length}`, 'content-encoding', 'gzip', ...shared, ...this.#rest];
    return { headers, body };
  }

  #gzipBytes(): Buffer {
    if (this.#gzipForm !== null) return Buffer.from(this.#gzipForm.body, 'latin1');
    return Buffer.from(this.#gzip as string, 'base64');
  }

  #makePlainForm(): Form {
    const text = this.#body ?? gunzipSync(this.#gzipBytes()).toString('latin1');
    if (this.#body === null) this.size += text.length;
    return { headers: [...CALENDAR, `${text.length}`, ...this.known.headers, ...this.#rest], body: text };
  }
}

/**
 * A calendar; `rest` from {@link calendarHeaders}. Where only its compressed bytes are here, it is unpacked for those who
 * do not take them. Null for one of which nothing is kept.
 */
export const calendarAnswer = (calendar: Calendar, rest: Written, sendsGzip = true): Answer | null =>
  calendar.gzip || calendar.body?.length ? new CalendarAnswer(calendar, rest, sendsGzip) : null;

/** Whether it serves a client that asks so: one without bytes serves those who have them. */
export const serves = ({ form, known, lacksGzip }: Answer, request: IncomingHttpHeaders): boolean =>
  (form !== null && !(lacksGzip && takesGzip(request))) || (known !== null && has(request, known));

/** For clients that have this calendar, and for no others: nothing of it need be read. */
export const unchangedAnswer = (etag: string, changedAt: string, now: Date): Answer => ({
  status: 200,
  known: { etag, lastModified: changedAt, headers: sharedBy(etag, changedAt, now) },
  size: 0,
  form: null,
  lacksGzip: false,
});

/** What is not to be kept by anyone: `type` is its media type, without its charset. */
export function textAnswer(status: Answer['status'], type: string, text: string, headers: Headers): Answer {
  const body = bytesOfText(text);
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
  return { status, known: null, size: body.length, form: () => form, lacksGzip: false };
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

export function takesGzip(headers: IncomingHttpHeaders): boolean {
  const accepted = headers['accept-encoding'];
  if (typeof accepted !== 'string' || !/\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accepted)) return false;
  // Microsoft's fetcher was seen to fail on what it says it takes.
  return !MICROSOFT.test(headers['user-agent'] ?? '');
}

/** Writes an answer, or 304 to whoever has it; says which status it was. */
export function respond(request: IncomingMessage, response: ServerResponse, answer: Answer): number {
  const { method, headers } = request;
  const { known } = answer;
  if (known && has(headers, known)) {
    response.writeHead(304, known.headers as string[]).end();
    return 304;
  }
  if (!answer.form) throw new TypeError('An answer without bytes is only for those who have them.');
  const { headers: written, body } = answer.form(takesGzip(headers));
  response.writeHead(answer.status, written as string[]);
  if (method === 'HEAD') response.end();
  else response.end(body, 'latin1');
  return answer.status;
}

/** The same past Fastify's own reply, which would copy and check the headers anew for every request. */
export function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): number {
  reply.hijack();
  return respond(request.raw, reply.raw, answer);
}
