/**
 * The steps of one fetch: what was requested, what the cache holds for it, and how rows from the store become an
 * answer. Every calendar found is cached.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isNotModified } from '../../calendar/index.ts';
import { bytesOfText } from '../../lib/bytes-of-text.ts';
import { withTimeout } from '../../lib/timeout.ts';
import { ended, farewell, isCurrent, type Publisher } from '../../publication/index.ts';
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
import type { Memory, MemoryEntry } from './memory.ts';
import type { Tally } from './tally.ts';

/** An answer, and the feed it belongs to; `feed` is null unless the answer is an active feed's calendar. */
export type Found = { answer: Answer; feed: string | null };

/** What all fetches share; `shared` are the headers of every calendar. */
export type FetchContext = {
  app: App;
  memory: Memory;
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
  /** The cache's logical time when the look-up began. */
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

const ENDED: Found = { answer: GONE, feed: null };

/** Begins a look-up with what the cache holds; reads nothing from the store. */
export function beginLookup(
  context: FetchContext,
  token: string,
  now: Date,
  headers: IncomingHttpHeaders,
): Lookup {
  const startedAt = context.memory.time();
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
  { context, now }: Lookup,
  { user_revision }: ServedFeed,
  status: PublicationStatus,
): boolean =>
  isCurrent(status, { revision: user_revision ?? 0, release: oldestServableRelease(context.app) }, now);

const earliest = (...moments: (string | null)[]): number =>
  Math.min(NEVER, ...moments.filter((moment) => moment !== null).map((moment) => Date.parse(moment)));

/** Caches the answer of a feed; one that is outdated only for when the database is unavailable. */
export function remember(
  lookup: Lookup,
  served: ServedFeed,
  status: PublicationStatus,
  answer: Answer,
): Found {
  const { context, token, startedAt } = lookup;
  const until = earliest(status.stale_at, served.expires_at);
  const readAt = isCurrentFor(lookup, served, status) ? startedAt : 0;
  const entry = { feed: served.feed, answer, served, status, until, readAt };
  context.memory.put(token, entry);
  return entry;
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
  const isKnown = isNotModified({ ifNoneMatch, ifModifiedSince }, { etag, lastModified: changed_at });
  return isKnown ? remember(lookup, served, status, unchangedAnswer(etag, changed_at, lookup.now)) : null;
}

/** What an ended link serves: its farewell for a while, then 410. Null if the link has not ended. */
export function farewellOf({ context, token, now, startedAt }: Lookup, served: ServedFeed): Found | null {
  const end = ended(served, now);
  if (!end) return null;
  if (end.until <= now) return ENDED;
  const calendar = farewell(context.app.secret, served.feed, served.locale, end.at);
  const bytes = { ...calendar, body: bytesOfText(calendar.body), now, gzip: null, mayHaveGzip: false };
  const answer = calendarAnswer(bytes, context.shared) as Answer;
  const entry = { feed: null, answer, served, status: null, until: end.until.getTime(), readAt: startedAt };
  context.memory.put(token, entry);
  return entry;
}
