/** Answers under `/cal`, with their headers: built once for each publication and sent for every request. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { httpDate, isNotModified, type Validators } from '../../calendar/index.ts';
import { bytesOfText } from '../../lib/bytes-of-text.ts';
import { MICROSOFT } from './client.ts';

type Headers = Readonly<Record<string, string>>;
/** Names and values in turn, as `writeHead` takes them. */
type RawHeaders = readonly string[];

type Representation = {
  headers: RawHeaders;
  /** A latin1 string, one byte per character: Node sends it in one write with the headers; a Buffer takes a second. */
  body: string;
};

export type Answer = {
  readonly status: 200 | 404 | 405 | 410 | 503;
  /** What conditional requests are compared with; null for an answer that must not be cached. */
  readonly validators: (Validators & { headers: RawHeaders }) | null;
  /** How many bytes its representations take in memory now. */
  readonly size: number;
  /** Returns the headers and body, compressed or not. Null: there is no body, so it can only answer with 304. */
  readonly represent: ((takesGzip: boolean) => Representation) | null;
  /** Compressed bytes may exist but were not read, so it does not serve clients that accept gzip. */
  readonly lacksGzip: boolean;
};

const toRawHeaders = (headers: Headers): RawHeaders => Object.entries(headers).flat();

/** Headers common to a 200 and a 304. A flat list is cheap to build, and this runs for each feed that is not cached. */
const validatorHeaders = (etag: string, changedAt: number, now: Date): RawHeaders => [
  'etag',
  etag,
  'last-modified',
  httpDate(changedAt, now),
  'cache-control',
  'private, max-age=300',
  'vary',
  'Accept-Encoding',
];

/** For every answer under `/cal`, where the address is a secret. */
const PRIVATE: Headers = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, nofollow',
};

/**
 * HSTS, so that a browser never sends the token in clear text. Null: whether clients come by https is not configured.
 */
export const transportSecurity = (publicUrl: string | null): Headers =>
  publicUrl?.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {};

const BODY_HEADERS: RawHeaders = ['content-type', 'text/calendar; charset=utf-8', 'content-length'];

/** Headers of every calendar. */
export const calendarHeaders = (publicUrl: string | null): RawHeaders =>
  toRawHeaders({
    'content-disposition': 'inline; filename="keepline.ics"',
    ...PRIVATE,
    ...transportSecurity(publicUrl),
  });

type StoredCalendar = {
  etag: string;
  /** RFC 3339. */
  changed_at: string;
  /** Time of the request: Last-Modified is never later than this. */
  now: Date;
  /** `gzip` is base64, `body` a latin1 string with one byte per character; at least one of them is present. */
  gzip: string | null;
  body: string | null;
  /** Whether compressed bytes may exist although `gzip` is null, because they were not read. */
  mayHaveGzip: boolean;
};

/** Builds each representation on first use and keeps it. */
class CalendarAnswer implements Answer {
  readonly status = 200;
  readonly validators: Validators & { headers: RawHeaders };
  readonly lacksGzip: boolean;
  size: number;
  #gzip: string | null;
  #body: string | null;
  #rest: RawHeaders;
  #now: Date;
  #sendsGzip: boolean;
  #plainForm: Representation | null = null;
  #gzipForm: Representation | null = null;

  constructor(
    { etag, changed_at, now, gzip, body, mayHaveGzip }: StoredCalendar,
    rest: RawHeaders,
    sendsGzip: boolean,
  ) {
    const lastModified = Date.parse(changed_at);
    this.validators = { etag, lastModified, headers: validatorHeaders(etag, lastModified, now) };
    this.lacksGzip = sendsGzip && mayHaveGzip && !gzip;
    this.size = (gzip?.length ?? 0) + (body?.length ?? 0);
    this.#gzip = gzip;
    this.#body = body;
    this.#rest = rest;
    this.#now = now;
    this.#sendsGzip = sendsGzip;
  }

  represent(takesGzip: boolean): Representation {
    if (takesGzip && this.#sendsGzip) {
      if (this.#gzip !== null) this.#gzipForm = this.#makeGzipForm(this.#gzip);
      if (this.#gzipForm !== null) return this.#gzipForm;
    }
    this.#plainForm ??= this.#makePlainForm();
    return this.#plainForm;
  }

  #makeGzipForm(gzip: string): Representation {
    const { etag, lastModified } = this.validators;
    // The compressed body is another representation of the same calendar, so its ETag is weak.
    const shared = validatorHeaders(`W/${etag}`, lastModified, this.#now);
    const body = Buffer.from(gzip, 'base64').toString('latin1');
    this.size += body.length - gzip.length;
    this.#gzip = null;
    const headers = [...BODY_HEADERS, `${body.length}`, 'content-encoding', 'gzip', ...shared, ...this.#rest];
    return { headers, body };
  }

  #gzipBytes(): Buffer {
    if (this.#gzipForm !== null) return Buffer.from(this.#gzipForm.body, 'latin1');
    return Buffer.from(this.#gzip as string, 'base64');
  }

  #makePlainForm(): Representation {
    const text = this.#body ?? gunzipSync(this.#gzipBytes()).toString('latin1');
    if (this.#body === null) this.size += text.length;
    return {
      headers: [...BODY_HEADERS, `${text.length}`, ...this.validators.headers, ...this.#rest],
      body: text,
    };
  }
}

/**
 * The answer for a calendar; `rest` comes from {@link calendarHeaders}. If only compressed bytes are given, they are
 * decompressed for clients that do not accept gzip. Null if there are no bytes at all.
 */
export const calendarAnswer = (
  calendar: StoredCalendar,
  rest: RawHeaders,
  sendsGzip = true,
): Answer | null =>
  calendar.gzip || calendar.body?.length ? new CalendarAnswer(calendar, rest, sendsGzip) : null;

/** Whether an answer can serve a request: one without a body serves only clients that already have the calendar. */
export const canServe = (
  { represent, validators, lacksGzip }: Answer,
  request: IncomingHttpHeaders,
): boolean =>
  (represent !== null && !(lacksGzip && takesGzip(request))) ||
  (validators !== null && isUpToDate(request, validators));

/** An answer without a body, for clients that already have this calendar; needs no bytes from the database. */
export const unchangedAnswer = (etag: string, lastModified: number, now: Date): Answer => ({
  status: 200,
  validators: { etag, lastModified, headers: validatorHeaders(etag, lastModified, now) },
  size: 0,
  represent: null,
  lacksGzip: false,
});

/** An answer that no one may cache; `type` is the media type without a charset. */
export function textAnswer(status: Answer['status'], type: string, text: string, headers: Headers): Answer {
  const body = bytesOfText(text);
  const representation = {
    headers: toRawHeaders({
      'content-type': `${type}; charset=utf-8`,
      'content-length': `${body.length}`,
      'cache-control': 'no-store',
      ...PRIVATE,
      ...headers,
    }),
    body,
  };
  return { status, validators: null, size: body.length, represent: () => representation, lacksGzip: false };
}

const plainTextAnswer = (status: Answer['status'], text: string, headers: Headers = {}): Answer =>
  textAnswer(status, 'text/plain', `${text}\n`, headers);

export const NOT_FOUND = plainTextAnswer(404, 'There is no such calendar.');
export const GONE = plainTextAnswer(410, 'This calendar link has ended.');
export const NOT_ALLOWED = plainTextAnswer(405, 'A calendar is read with GET or HEAD.', {
  allow: 'GET, HEAD',
});
export const UNAVAILABLE = plainTextAnswer(503, 'The calendar cannot be read now.', { 'retry-after': '60' });

/** Whether the client already has this version. The exact ETag, which most clients send, is compared first. */
function isUpToDate(headers: IncomingHttpHeaders, validators: Validators): boolean {
  const tag = headers['if-none-match'];
  if (tag === validators.etag) return true;
  if (tag === undefined && headers['if-modified-since'] === undefined) return false;
  return isNotModified({ ifNoneMatch: tag, ifModifiedSince: headers['if-modified-since'] }, validators);
}

export function takesGzip(headers: IncomingHttpHeaders): boolean {
  const accepted = headers['accept-encoding'];
  if (typeof accepted !== 'string' || !/\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accepted)) return false;
  // Microsoft's fetcher has been seen to fail on gzip although it accepts it.
  return !MICROSOFT.test(headers['user-agent'] ?? '');
}

/** Writes an answer, or 304 if the client already has it. Returns the status sent. */
export function respond(request: IncomingMessage, response: ServerResponse, answer: Answer): number {
  const { method, headers } = request;
  const { validators } = answer;
  if (validators && isUpToDate(headers, validators)) {
    response.writeHead(304, validators.headers as string[]).end();
    return 304;
  }
  if (!answer.represent) throw new TypeError('An answer without bytes is only for those who have them.');
  const { headers: rawHeaders, body } = answer.represent(takesGzip(headers));
  response.writeHead(answer.status, rawHeaders as string[]);
  if (method === 'HEAD') response.end();
  else response.end(body, 'latin1');
  return answer.status;
}

/** {@link respond}, bypassing Fastify's reply, which would copy and check the headers for every request. */
export function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): number {
  reply.hijack();
  return respond(request.raw, reply.raw, answer);
}
