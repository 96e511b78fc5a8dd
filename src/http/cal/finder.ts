/**
 * From a token to what it serves. One look-up tells whether what there is may still be served; what may not is
 * published anew. When the database or a publication fails, the last good bytes serve on: clients empty or switch
 * off a calendar that does not answer.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { bytesOfText } from '../../lib/bytes-of-text.ts';
import { MAX_WINDOW, type Publisher } from '../../publication/index.ts';
import type { App } from '../../service/context.ts';
import type { ServedBody, ServedFeed } from '../../store/types.ts';
import { calendarHeaders, GONE, serves, TROUBLE, UNKNOWN } from './answer.ts';
import {
  beginLookup,
  clientHas,
  type FetchContext,
  type Found,
  fallbackOf,
  farewellOf,
  isCurrentFor,
  type Lookup,
  oldestServed,
  readStored,
  remember,
  rememberBytes,
  wantsGzip,
  withDeadline,
} from './lookup.ts';
import type { Memory } from './memory.ts';
import type { Tally } from './tally.ts';

/**
 * By a token; at once where the answer is remembered and known to hold. The request's headers save reading a body that
 * its client has.
 */
type Finder = (token: string, now: Date, headers: IncomingHttpHeaders) => Found | Promise<Found>;

/** How long a reader waits for a publication, in milliseconds, before the last good bytes serve instead. */
const TIMEOUT = 8_000;
const ATTEMPTS = 3;

const NOT_KNOWN: Found = { answer: UNKNOWN, feed: null };
const NOT_NOW: Found = { answer: TROUBLE, feed: null };

/** Does a client say what it has? */
const mayHave = (headers: IncomingHttpHeaders): boolean =>
  headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined;

function counted(from: Tally['from'], source: keyof Tally['from'], found: Found): Found {
  from[source] += 1;
  return found;
}

/** What is remembered and known to hold. */
function remembered(
  { app, memory }: FetchContext,
  token: string,
  now: Date,
  headers: IncomingHttpHeaders,
): Found | null {
  const known = memory.get(token);
  if (!known || now.getTime() >= known.until) return null;
  // The clock has gone back: what was made ahead of it is looked at again.
  if (known.status?.stale_at && known.until - now.getTime() >= MAX_WINDOW) return null;
  if (known.status !== null && known.status.release < oldestServed(app)) return null;
  return memory.vouchesFor(known) && serves(known.answer, headers) ? known : null;
}

/** What an embedded database tells at once of a feed that serves what it has. */
function readAtOnce(look: Lookup): Found | null {
  const { known, tokenDigest } = look;
  const { serving } = look.context.app.store;
  const served = serving.feedByToken(tokenDigest);
  if (!served || served instanceof Promise) return null;
  const { user, expires_at, revoked_at, publication: status } = served;
  if (user === null || expires_at !== null || revoked_at !== null) return null;
  if (!status || !isCurrentFor(look, served, status)) return null;
  if (known?.status?.version === status.version) return remember(look, served, status, known.answer);
  const has = clientHas(look, served, status);
  if (has) return has;
  const bytes = serving.body(served, wantsGzip(look));
  return bytes instanceof Promise ? null : rememberBytes(look, served, status, bytes);
}

function findAtOnce(look: Lookup): Found | null {
  try {
    const found = readAtOnce(look);
    if (found) look.context.tally.from.database += 1;
    return found;
  } catch {
    // The usual way meets it again, and tells it.
    return null;
  }
}

type Read = { served: ServedFeed | null; bytes: ServedBody | null };

/** The feed of a token, with its bytes where its client seems to have none and they come with it. */
async function read(look: Lookup): Promise<Read> {
  const { tokenDigest, known, headers } = look;
  const { serving } = look.context.app.store;
  if (known || mayHave(headers)) {
    return { served: await withDeadline(serving.feedByToken(tokenDigest)), bytes: null };
  }
  const both = await withDeadline(serving.feedWithBody(tokenDigest, wantsGzip(look)));
  return { served: both?.feed ?? null, bytes: both?.bytes ?? null };
}

/** What there is, where it may still be served; `bytes` are those that were read with it, if any were. */
async function current(look: Lookup, served: ServedFeed, bytes: ServedBody | null): Promise<Found | null> {
  const { known } = look;
  const status = served.publication;
  if (!status || !isCurrentFor(look, served, status)) return null;
  if (known?.status?.version === status.version) return remember(look, served, status, known.answer);
  const has = clientHas(look, served, status);
  if (has) return has;
  return bytes ? rememberBytes(look, served, status, bytes) : readStored(look, served, status);
}

/** Publishes it anew; null where it went, or was emptied, meanwhile. */
async function renew(look: Lookup, served: ServedFeed): Promise<Found | null> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const publication = await withDeadline(look.context.publish(served.feed, look.now), TIMEOUT);
    if (!publication) return null;
    if (!isCurrentFor(look, served, publication)) continue;
    const { version, revision, release, stale_at, etag, changed_at, body, gzip } = publication;
    // Of a publication no more is remembered than of one that was read: not its entries, and its bytes once.
    const status = { version, revision, release, stale_at, etag, changed_at };
    const base64 = gzip?.toString('base64') ?? null;
    const bytes = { gzip: base64, body: base64 === null ? bytesOfText(body) : null };
    return rememberBytes(look, served, status, { version, etag, changed_at, ...bytes });
  }
  return null;
}

/** What was published last, unless an erasure has emptied it. */
async function lastGood(look: Lookup, served: ServedFeed): Promise<Found> {
  const spare = fallbackOf(look);
  const status = served.publication;
  const { from } = look.context.tally;
  if (spare?.status && spare.status.version === status?.version) return counted(from, 'last_good', spare);
  if (!status) return NOT_NOW;
  const found = await readStored(look, served, status);
  return found ? counted(from, 'last_good', found) : NOT_NOW;
}

async function find(look: Lookup, again = true): Promise<Found> {
  const { context, token, now, headers } = look;
  const { from } = context.tally;
  const tell = (error: unknown, message: string) => context.app.log.warn({ err: error }, message);
  let feed: Read;
  try {
    feed = await read(look);
  } catch (error) {
    tell(error, 'feeds cannot be looked up: those fetched lately are served as they were');
    const spare = fallbackOf(look);
    return spare ? counted(from, 'last_good', farewellOf(look, spare.served) ?? spare) : NOT_NOW;
  }
  const { served, bytes } = feed;
  if (!served) {
    context.memory.forget(token);
    return NOT_KNOWN;
  }
  const farewell = farewellOf(look, served);
  if (farewell) return farewell.answer === GONE ? farewell : counted(from, 'farewell', farewell);
  try {
    const present = await current(look, served, bytes);
    if (present) return counted(from, 'database', present);
    const made = await renew(look, served);
    if (made) return counted(from, 'published', made);
    // It went, or was emptied, after it was looked up.
    if (again) return await find(beginLookup(context, token, now, headers), false);
  } catch (error) {
    tell(error, 'a feed could not be published: its last publication is served');
  }
  return lastGood(look, served).catch((error: unknown) => {
    tell(error, 'the last publication of a feed could not be read');
    return NOT_NOW;
  });
}

export function createFinder(app: App, memory: Memory, publish: Publisher, tally: Tally): Finder {
  const context: FetchContext = {
    app,
    memory,
    publish,
    tally,
    shared: calendarHeaders(app.config.publicUrl),
  };
  const { engine, serving } = app.store;
  const isEmbedded = engine === 'sqlite';
  return (token, now, headers) => {
    const known = remembered(context, token, now, headers);
    if (known && serving.isMemoryCurrent()) {
      if (known.feed === null) tally.from.farewell += 1;
      else tally.from.memory += 1;
      return known;
    }
    const look = beginLookup(context, token, now, headers);
    return (isEmbedded ? findAtOnce(look) : null) ?? find(look);
  };
}
