/**
 * One fetch on its way to what it serves: by what it is asked for, what is remembered of it, and what is made of what
 * is read. Whatever is found of a calendar is remembered.
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
  GONE,
  serves,
  takesGzip,
  unchangedAnswer,
} from './answer.ts';
import type { Memory, Remembered } from './memory.ts';
import type { Tally } from './tally.ts';

/** An answer, and whose calendar it is; null for anything but a calendar in force. */
export type Found = { answer: Answer; feed: string | null };

/** What is the same for all fetches; `shared` are the headers of all calendars. */
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
  /** The memory's time at which it began. */
  seen: number;
  /** What is remembered, whether or not it serves a client that asks so. */
  entry: Remembered | undefined;
  /** The same where it does. */
  known: Remembered | undefined;
};

/** How long a reader waits for the database, in milliseconds, before the last good bytes serve instead. */
const TIMEOUT = 3_000;
/** The last moment that a Date can tell. */
const NEVER = 8.64e15;

const NO_MORE: Found = { answer: GONE, feed: null };

/** Looks what is remembered; nothing is read yet. */
export function beginLookup(
  context: FetchContext,
  token: string,
  now: Date,
  headers: IncomingHttpHeaders,
): Lookup {
  const seen = context.memory.time();
  const entry = context.memory.get(token);
  const known = entry && serves(entry.answer, headers) ? entry : undefined;
  return { context, token, tokenDigest: digest(token), now, headers, seen, entry, known };
}

/** What may serve while the database cannot: not in the form that is asked for, if need be. */
export const fallbackOf = ({ entry, known }: Lookup): Remembered | undefined =>
  known ?? (entry?.answer.form ? entry : undefined);

/** What the database answers, at once or in time. @throws where it does neither */
export async function withDeadline<T>(work: T | Promise<T>, milliseconds = TIMEOUT): Promise<T> {
  if (!(work instanceof Promise)) return work;
  return withTimeout(milliseconds, work, () => {
    throw new Error(`no answer within ${milliseconds} ms`);
  });
}

export const wantsGzip = ({ context, headers }: Lookup): boolean =>
  context.app.config.feedGzip && takesGzip(headers);

/**
 * The oldest release whose calendars are served. While very many are published anew after the rules have changed, the
 * others are served as they are.
 */
export const oldestServed = ({ renewal, release }: App): number => (renewal.isUnderWay() ? 0 : release);

/** Whether what is published of a feed may still be served. */
export const isCurrentFor = (
  { context, now }: Lookup,
  { user_revision }: ServedFeed,
  status: PublicationStatus,
): boolean => isCurrent(status, { revision: user_revision ?? 0, release: oldestServed(context.app) }, now);

const earliest = (...moments: (string | null)[]): number =>
  Math.min(NEVER, ...moments.filter((moment) => moment !== null).map((moment) => Date.parse(moment)));

/** Remembers what a feed serves. */
export function remember(
  { context, token, seen }: Lookup,
  served: ServedFeed,
  status: PublicationStatus,
  answer: Answer,
): Found {
  const until = earliest(status.stale_at, served.expires_at);
  const entry = { feed: served.feed, answer, served, status, until, seen };
  context.memory.put(token, entry);
  return entry;
}

/** What a feed serves by these bytes; null where an erasure has emptied it since. */
export function rememberBytes(
  look: Lookup,
  served: ServedFeed,
  status: PublicationStatus,
  bytes: ServedBody | null,
): Found | null {
  const { app, shared } = look.context;
  const { now } = look;
  const wants = wantsGzip(look);
  // Where compressed bytes were asked for and did not come, there are none.
  const answer = bytes && calendarAnswer({ ...bytes, now, mayHaveGzip: !wants }, shared, app.config.feedGzip);
  if (!answer) return null;
  // Made at once, so that the memory counts it.
  answer.form?.(wants);
  return remember(look, served, { ...status, version: bytes.version }, answer);
}

/** Reads what was published last. */
export async function readStored(
  look: Lookup,
  served: ServedFeed,
  status: PublicationStatus,
): Promise<Found | null> {
  const bytes = await withDeadline(look.context.app.store.serving.body(served, wantsGzip(look)));
  return rememberBytes(look, served, status, bytes);
}

/** Where its client says that it has the calendar, nothing of it need be read; null where it does not. */
export function clientHas(look: Lookup, served: ServedFeed, status: PublicationStatus): Found | null {
  const { etag, changed_at } = status;
  const ifNoneMatch = look.headers['if-none-match'];
  const ifModifiedSince = look.headers['if-modified-since'];
  const isKnown = isNotModified({ ifNoneMatch, ifModifiedSince }, { etag, lastModified: changed_at });
  return isKnown ? remember(look, served, status, unchangedAnswer(etag, changed_at, look.now)) : null;
}

/** What a link that has ended serves; null where it has not. */
export function farewellOf({ context, token, now, seen }: Lookup, served: ServedFeed): Found | null {
  const end = ended(served, now);
  if (!end) return null;
  if (end.until <= now) return NO_MORE;
  const calendar = farewell(context.app.secret, served.feed, served.locale, end.at);
  const bytes = { ...calendar, body: bytesOfText(calendar.body), now, gzip: null, mayHaveGzip: false };
  const answer = calendarAnswer(bytes, context.shared) as Answer;
  const entry = { feed: null, answer, served, status: null, until: end.until.getTime(), seen };
  context.memory.put(token, entry);
  return entry;
}
