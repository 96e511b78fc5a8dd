/**
 * The steps of one fetch: what was requested, what the cache holds for it, and how rows from the store become an
 * answer. Every calendar found is cached.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isNotModified } from '../../calendar/index.ts';
import { bytesOfText } from '../../lib/bytes-of-text.ts';
import { withTimeout } from '../../lib/timeout.ts';
import { ended, farewell, isCurrent, isWindowValid, type Publisher } from '../../publication/index.ts';
import type { App } from '../../service/context.ts';
import { digest } from '../../store/digest.ts';
import type { PublicationStatus, ServedBody, ServedFeed } from '../../store/types.ts';
import {
  type Answer,
  calendarAnswer,
  type calendarHeaders,
  canServe,
  GONE,
  takesGzip,
  unchangedAnswer,
} from './answer.ts';
import type { Etags } from './etags.ts';
import type { Freshness } from './freshness.ts';
import type { Memory, MemoryEntry } from './memory.ts';
import type { Tally } from './tally.ts';

/**
 * An answer, and the digest of the token that the fetch is noted by; null unless it is an active feed's calendar.
 */
export type Found = { answer: Answer; noteAs: string | null };

/** What all fetches share; `shared` are the headers of every calendar. */
export type FetchContext = {
  app: App;
  memory: Memory;
  etags: Etags;
  freshness: Freshness;
  publish: Publisher;
  tally: Tally;
  shared: ReturnType<typeof calendarHeaders>;
};

export type Lookup = {
  context: FetchContext;
  token: string;
  tokenDigest: string;
  now: Date;
  headers: IncomingHttpHeaders;
  /** The time of `Freshness` when the look-up began. */
  startedAt: number;
  /** The cache entry, whether or not it can serve this request. */
  entry: MemoryEntry | undefined;
  /** The cache entry if it can serve this request. */
  usable: MemoryEntry | undefined;
};

/** How long a fetch waits for the database, in milliseconds, before the last good bytes are served instead. */
const TIMEOUT = 3_000;
/** The latest moment that a Date can represent. */
const NEVER = 8.64e15;

const ENDED: Found = { answer: GONE, noteAs: null };

/** Begins a look-up with what the cache holds; reads nothing from the store. */
export function beginLookup(
  context: FetchContext,
  token: string,
  now: Date,
  headers: IncomingHttpHeaders,
): Lookup {
  const startedAt = context.freshness.time();
  const entry = context.memory.get(token);
  const usable = entry && canServe(entry.answer, headers) ? entry : undefined;
  return { context, token, tokenDigest: digest(token), now, headers, startedAt, entry, usable };
}

/** The cache entry to serve while the database is unavailable, if need be in another encoding than was requested. */
export const fallbackOf = ({ entry, usable }: Lookup): MemoryEntry | undefined =>
  usable ?? (entry?.answer.represent ? entry : undefined);

/** Awaits the database's answer. @throws Error if it does not come in time */
export async function withDeadline<T>(work: T | Promise<T>, milliseconds = TIMEOUT): Promise<T> {
  if (!(work instanceof Promise)) return work;
  return withTimeout(milliseconds, work, () => {
    throw new Error(`no answer within ${milliseconds} ms`);
  });
}

export const wantsGzip = ({ context, headers }: Lookup): boolean =>
  context.app.config.feedGzip && takesGzip(headers);

/**
 * The oldest release whose publications are served: any, while a background process republishes very many feeds after
 * the rules have changed.
 */
export const oldestServableRelease = ({ renewal, release }: App): number =>
  renewal.isUnderWay() ? 0 : release;

/** Whether a feed's publication may still be served. */
export const isCurrentFor = (
  { context: { app }, now }: { context: { app: App }; now: Date },
  { user_revision }: ServedFeed,
  status: PublicationStatus,
): boolean => isCurrent(status, { revision: user_revision ?? 0, release: oldestServableRelease(app) }, now);

/** Whether an address is in force without an end in sight. */
export const isInForce = ({ user, expires_at, revoked_at }: ServedFeed): boolean =>
  user !== null && expires_at === null && revoked_at === null;

const earliest = (...moments: (string | null)[]): number =>
  Math.min(NEVER, ...moments.filter((moment) => moment !== null).map((moment) => Date.parse(moment)));

/** Caches the answer of a feed; one that is outdated only for when the database is unavailable. */
export function remember(
  lookup: Lookup,
  served: ServedFeed,
  status: PublicationStatus,
  answer: Answer,
): Found {
  const { context, token, tokenDigest, startedAt } = lookup;
  const isCurrent = isCurrentFor(lookup, served, status);
  const until = earliest(status.stale_at, served.expires_at);
  const entry = {
    digest: tokenDigest,
    noteAs: tokenDigest,
    answer,
    served,
    status,
    until,
    readAt: isCurrent ? startedAt : 0,
  };
  context.memory.put(token, entry);
  // Only clients that name an ETag ask for it.
  const asksByEtag = lookup.headers['if-none-match'] !== undefined;
  if (isCurrent && asksByEtag) rememberEtag(context, tokenDigest, served, status, startedAt);
  return entry;
}

/** Stores the ETag of an address in force whose publication is current, unless it has changed since it was read. */
export function rememberEtag(
  { etags, freshness }: Pick<FetchContext, 'etags' | 'freshness'>,
  digest: string,
  served: ServedFeed,
  status: PublicationStatus,
  readAt: number,
) {
  if (isInForce(served) && freshness.isFresh(digest, readAt)) etags.put(digest, status);
}

/** A single ETag in `If-None-Match`, strong or weakened by compression. */
const ONE_TAG = /^(?:W\/)?("[^"]*")$/;

/**
 * The answer for a client that names the address's present ETag, without the database; null if that is not known. Only
 * while `Serving.isMemoryCurrent`.
 */
export function findByEtag({ context, tokenDigest, now, headers }: Lookup): Found | null {
  const given = headers['if-none-match'];
  const etag = given === undefined ? undefined : ONE_TAG.exec(given)?.[1];
  const known = etag === undefined ? null : context.etags.find(tokenDigest, etag);
  if (etag === undefined || known === null) return null;
  if (known.release < oldestServableRelease(context.app)) return null;
  if (known.staleAt !== null && !isWindowValid(known.staleAt - now.getTime())) return null;
  return { answer: unchangedAnswer(etag, known.changedAt, now), noteAs: tokenDigest };
}

/** Builds and caches a feed's answer from stored bytes; null if an erasure has emptied the publication since. */
export function rememberBytes(
  lookup: Lookup,
  served: ServedFeed,
  status: PublicationStatus,
  bytes: ServedBody | null,
): Found | null {
  const { app, shared } = lookup.context;
  const { now } = lookup;
  const wants = wantsGzip(lookup);
  // If compressed bytes were requested but not returned, there are none.
  const answer = bytes && calendarAnswer({ ...bytes, now, mayHaveGzip: !wants }, shared, app.config.feedGzip);
  if (!answer) return null;
  // Built now, so that the cache counts its size.
  answer.represent?.(wants);
  return remember(lookup, served, { ...status, version: bytes.version }, answer);
}

/** Reads the bytes of a feed's last publication, and caches the answer. */
export async function readStored(
  lookup: Lookup,
  served: ServedFeed,
  status: PublicationStatus,
): Promise<Found | null> {
  const bytes = await withDeadline(lookup.context.app.store.serving.body(served, wantsGzip(lookup)));
  return rememberBytes(lookup, served, status, bytes);
}

/** The answer for a client that already has the calendar, so that no bytes are read; null if it does not have it. */
export function findUnchanged(lookup: Lookup, served: ServedFeed, status: PublicationStatus): Found | null {
  const { etag, changed_at } = status;
  const ifNoneMatch = lookup.headers['if-none-match'];
  const ifModifiedSince = lookup.headers['if-modified-since'];
  const lastModified = Date.parse(changed_at);
  const isKnown = isNotModified({ ifNoneMatch, ifModifiedSince }, { etag, lastModified });
  return isKnown ? remember(lookup, served, status, unchangedAnswer(etag, lastModified, lookup.now)) : null;
}

/** What an ended link serves: its farewell for a while, then 410. Null if the link has not ended. */
export function farewellOf(
  { context, token, tokenDigest, now, startedAt }: Lookup,
  served: ServedFeed,
): Found | null {
  const end = ended(served, now);
  if (!end) return null;
  if (end.until <= now) return ENDED;
  const calendar = farewell(context.app.secret, served.feed, served.locale, end.at);
  const bytes = { ...calendar, body: bytesOfText(calendar.body), now, gzip: null, mayHaveGzip: false };
  const answer = calendarAnswer(bytes, context.shared) as Answer;
  const until = end.until.getTime();
  const entry = { digest: tokenDigest, noteAs: null, answer, served, status: null, until, readAt: startedAt };
  context.memory.put(token, entry);
  return entry;
}
