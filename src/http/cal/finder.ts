/**
 * Resolves a feed token to its response. One look-up tells whether the stored publication is still current; if not, it
 * is published again. When the database or the publishing fails, the last good bytes are served, because clients empty
 * or disable a calendar that does not answer.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { bytesOfText } from '../../lib/bytes-of-text.ts';
import { MAX_WINDOW } from '../../publication/index.ts';
import type { ServedBody, ServedFeed } from '../../store/types.ts';
import { canServe, GONE, NOT_FOUND, UNAVAILABLE } from './answer.ts';
import {
  beginLookup,
  type FetchContext,
  type Found,
  fallbackOf,
  farewellOf,
  findByEtag,
  findUnchanged,
  isCurrentFor,
  isInForce,
  type Lookup,
  oldestServableRelease,
  readStored,
  remember,
  rememberBytes,
  wantsGzip,
  withDeadline,
} from './lookup.ts';
import type { Tally } from './tally.ts';

/**
 * Finds the answer for a token: synchronously if it is cached and known to be current. The request's headers make it
 * possible to skip reading a body that the client already has.
 */
type Finder = (token: string, now: Date, headers: IncomingHttpHeaders) => Found | Promise<Found>;

/** How long a fetch waits for a publication, in milliseconds, before the last good bytes are served instead. */
const TIMEOUT = 8_000;
const ATTEMPTS = 3;

const NOT_FOUND_RESULT: Found = { answer: NOT_FOUND, noteAs: null };
const UNAVAILABLE_RESULT: Found = { answer: UNAVAILABLE, noteAs: null };

/** Whether the request is conditional, so that the client may already have the calendar. */
const isConditional = (headers: IncomingHttpHeaders): boolean =>
  headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined;

function counted(from: Tally['from'], source: keyof Tally['from'], found: Found): Found {
  from[source] += 1;
  return found;
}

/** The cached answer, if it is known to be current and can serve this request. */
function findInMemory(
  { app, memory, freshness }: FetchContext,
  token: string,
  now: Date,
  headers: IncomingHttpHeaders,
): Found | null {
  const entry = memory.get(token);
  if (!entry || now.getTime() >= entry.until) return null;
  // The clock was set back since the entry was made: look it up again.
  if (entry.status?.stale_at && entry.until - now.getTime() >= MAX_WINDOW) return null;
  if (entry.status !== null && entry.status.release < oldestServableRelease(app)) return null;
  const isFresh = freshness.isFresh(entry.digest, entry.readAt);
  return isFresh && canServe(entry.answer, headers) ? entry : null;
}

/**
 * Reads the answer synchronously from an embedded database; null unless the feed is active and its publication current.
 */
function readSync(lookup: Lookup): Found | null {
  const { usable, tokenDigest } = lookup;
  const { serving } = lookup.context.app.store;
  const served = serving.feedByToken(tokenDigest);
  if (!served || served instanceof Promise) return null;
  const status = served.publication;
  if (!isInForce(served) || !status || !isCurrentFor(lookup, served, status)) return null;
  if (usable?.status?.version === status.version) return remember(lookup, served, status, usable.answer);
  const unchanged = findUnchanged(lookup, served, status);
  if (unchanged) return unchanged;
  const bytes = serving.body(served, wantsGzip(lookup));
  return bytes instanceof Promise ? null : rememberBytes(lookup, served, status, bytes);
}

function findSync(lookup: Lookup): Found | null {
  try {
    const found = readSync(lookup);
    if (found) lookup.context.tally.from.database += 1;
    return found;
  } catch {
    // The asynchronous look-up that follows meets the same error and logs it.
    return null;
  }
}

type FeedRead = { served: ServedFeed | null; bytes: ServedBody | null };

/**
 * Reads the feed of a token, and its bytes in the same query if neither the cache nor the client seems to have them.
 */
async function readFeed(lookup: Lookup): Promise<FeedRead> {
  const { tokenDigest, usable, headers } = lookup;
  const { serving } = lookup.context.app.store;
  if (usable || isConditional(headers)) {
    return { served: await withDeadline(serving.feedByToken(tokenDigest)), bytes: null };
  }
  const served = await withDeadline(serving.feedWithBody(tokenDigest, wantsGzip(lookup)));
  return { served: served?.feed ?? null, bytes: served?.bytes ?? null };
}

/** The stored publication, or null if it is no longer current; `bytes` are those already read with the feed, if any. */
async function findCurrent(
  lookup: Lookup,
  served: ServedFeed,
  bytes: ServedBody | null,
): Promise<Found | null> {
  const { usable } = lookup;
  const status = served.publication;
  if (!status || !isCurrentFor(lookup, served, status)) return null;
  if (usable?.status?.version === status.version) return remember(lookup, served, status, usable.answer);
  const unchanged = findUnchanged(lookup, served, status);
  if (unchanged) return unchanged;
  return bytes ? rememberBytes(lookup, served, status, bytes) : readStored(lookup, served, status);
}

/** Publishes the feed again; null if it was deleted or emptied meanwhile. */
async function republish(lookup: Lookup, served: ServedFeed): Promise<Found | null> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const publication = await withDeadline(lookup.context.publish(served.feed, lookup.now), TIMEOUT);
    if (!publication) return null;
    if (!isCurrentFor(lookup, served, publication)) continue;
    const { version, revision, release, stale_at, etag, changed_at, body, gzip } = publication;
    // Cache no more than after a read from the store: no entries, and the bytes in one encoding only.
    const status = { version, revision, release, stale_at, etag, changed_at };
    const base64 = gzip?.toString('base64') ?? null;
    const bytes = { gzip: base64, body: base64 === null ? bytesOfText(body) : null };
    return rememberBytes(lookup, served, status, { version, etag, changed_at, ...bytes });
  }
  return null;
}

/** The last publication, even if it is outdated, unless an erasure has emptied it. */
async function findLastGood(lookup: Lookup, served: ServedFeed): Promise<Found> {
  const fallback = fallbackOf(lookup);
  const status = served.publication;
  const { from } = lookup.context.tally;
  if (fallback?.status && fallback.status.version === status?.version)
    return counted(from, 'last_good', fallback);
  if (!status) return UNAVAILABLE_RESULT;
  const found = await readStored(lookup, served, status);
  return found ? counted(from, 'last_good', found) : UNAVAILABLE_RESULT;
}

async function find(lookup: Lookup, canRetry = true): Promise<Found> {
  const { context, token, now, headers } = lookup;
  const { from } = context.tally;
  const warn = (error: unknown, message: string) => context.app.log.warn({ err: error }, message);
  let row: FeedRead;
  try {
    row = await readFeed(lookup);
  } catch (error) {
    warn(error, 'feeds cannot be looked up: recently fetched ones are served as they were');
    const fallback = fallbackOf(lookup);
    return fallback
      ? counted(from, 'last_good', farewellOf(lookup, fallback.served) ?? fallback)
      : UNAVAILABLE_RESULT;
  }
  const { served, bytes } = row;
  if (!served) {
    context.memory.forget(token);
    return NOT_FOUND_RESULT;
  }
  const farewell = farewellOf(lookup, served);
  if (farewell) return farewell.answer === GONE ? farewell : counted(from, 'farewell', farewell);
  try {
    const current = await findCurrent(lookup, served, bytes);
    if (current) return counted(from, 'database', current);
    const republished = await republish(lookup, served);
    if (republished) return counted(from, 'published', republished);
    // The feed was deleted or emptied after the look-up: look it up once more.
    if (canRetry) return await find(beginLookup(context, token, now, headers), false);
  } catch (error) {
    warn(error, 'a feed could not be published: its last publication is served');
  }
  return findLastGood(lookup, served).catch((error: unknown) => {
    warn(error, 'the last publication of a feed could not be read');
    return UNAVAILABLE_RESULT;
  });
}

/** `filler` is started as soon as what it reads can be used. */
export function createFinder(context: FetchContext, filler: { start(): void }): Finder {
  const { store } = context.app;
  const { from } = context.tally;
  const { serving } = store;
  const isEmbedded = store.engine === 'sqlite';
  return (token, now, headers) => {
    const cached = findInMemory(context, token, now, headers);
    const isMemoryCurrent = serving.isMemoryCurrent();
    if (cached && isMemoryCurrent)
      return counted(from, cached.noteAs === null ? 'farewell' : 'memory', cached);
    const lookup = beginLookup(context, token, now, headers);
    if (isMemoryCurrent) {
      filler.start();
      // What the cache holds is looked up, so that it can be trusted again.
      const known = lookup.entry ? null : findByEtag(lookup);
      if (known) return counted(from, 'memory', known);
    }
    return (isEmbedded ? findSync(lookup) : null) ?? find(lookup);
  };
}
