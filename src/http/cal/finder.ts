/**
 * From a token to what it serves. One look-up tells whether what there is may still be served; what may not is
 * published anew. When the database or a publication fails, the last good bytes serve on: clients empty or switch
 * off a calendar that does not answer.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isNotModified } from '../../calendar/index.ts';
import { within } from '../../lib/within.ts';
import { ended, farewell, isCurrent, type Publisher } from '../../publication/index.ts';
import { digest } from '../../store/digest.ts';
import type { PublicationStatus, ServedBody, ServedFeed } from '../../store/types.ts';
import type { App } from '../context.ts';
import {
  type Answer,
  calendarAnswer,
  calendarHeaders,
  GONE,
  serves,
  TROUBLE,
  takesGzip,
  UNKNOWN,
  unchangedAnswer,
} from './answer.ts';
import type { Memory, Remembered } from './memory.ts';

/** An answer, and whose calendar it is; null for anything but a calendar in force. */
export type Found = { answer: Answer; feed: string | null };

/**
 * By a token; at once where the answer is remembered and known to hold. The request's headers save reading a body that
 * its client has.
 */
type Finder = (token: string, now: Date, headers: IncomingHttpHeaders) => Found | Promise<Found>;

/** How long a reader waits for the database before the last good bytes serve instead. */
const PATIENCE = { lookUp: 3_000, publish: 8_000 };
const ATTEMPTS = 3;
/** The last moment that a Date can tell. */
const NEVER = 8.64e15;

const NOT_KNOWN: Found = { answer: UNKNOWN, feed: null };
const NO_MORE: Found = { answer: GONE, feed: null };
const NOT_NOW: Found = { answer: TROUBLE, feed: null };

/** What the database answers, at once or in time. @throws where it does neither */
async function inTime<T>(milliseconds: number, work: T | Promise<T>): Promise<T> {
  if (!(work instanceof Promise)) return work;
  return within(milliseconds, work, () => {
    throw new Error(`no answer within ${milliseconds} ms`);
  });
}

/** Does a client say what it has? */
const mayHave = (headers: IncomingHttpHeaders): boolean =>
  headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined;

const earliest = (...moments: (string | null)[]): number =>
  Math.min(NEVER, ...moments.filter((moment) => moment !== null).map((moment) => Date.parse(moment)));

export function createFinder(app: App, memory: Memory, publish: Publisher): Finder {
  const { store, secret, config, log } = app;
  // Only where others' writes are told may a memory be trusted without a look-up.
  const isTold = store.engine === 'sqlite';
  const shared = calendarHeaders(config.publicUrl);
  // While very many are published anew after the rules have changed, the others are served as they are.
  const oldest = () => (app.renewal.isUnderWay() ? 0 : app.release);
  const wanted = ({ user_revision }: ServedFeed) => ({ revision: user_revision ?? 0, release: oldest() });

  /** One fetch on its way: which token, what of it is remembered, and since when it is looked up. */
  function look(token: string, now: Date, headers: IncomingHttpHeaders) {
    const seen = memory.time();
    const key = digest(token);
    const entry = memory.get(token);
    const known = entry && serves(entry.answer, headers) ? entry : undefined;
    /** What may serve while the database cannot: not in the form that is asked for, if need be. */
    const spare = known ?? (entry?.answer.form ? entry : undefined);
    const wantsGzip = () => config.feedGzip && takesGzip(headers);

    const keep = (served: ServedFeed, status: PublicationStatus, answer: Answer): Found => {
      const until = earliest(status.stale_at, served.expires_at);
      const entry = { feed: served.feed, answer, served, status, until, seen };
      memory.put(token, entry);
      return entry;
    };

    function keepBytes(
      served: ServedFeed,
      status: PublicationStatus,
      bytes: ServedBody | null,
    ): Found | null {
      const packed = wantsGzip();
      // Where compressed bytes were asked for and did not come, there are none.
      const answer = bytes && calendarAnswer({ ...bytes, isPacked: !packed }, shared, config.feedGzip);
      // An erasure may have emptied it since.
      if (!answer) return null;
      // Made at once, so that the memory counts it.
      answer.form?.(packed);
      return keep(served, { ...status, version: bytes.version }, answer);
    }

    function part(served: ServedFeed): Found | null {
      const end = ended(served, now);
      if (!end) return null;
      if (end.until <= now) return NO_MORE;
      const calendar = farewell(secret, served.feed, served.locale, end.at);
      const body = Buffer.from(calendar.body);
      const bytes = { ...calendar, body, gzip: null, isPacked: false };
      const answer = calendarAnswer(bytes, shared) as Answer;
      const entry = { feed: null, answer, served, status: null, until: end.until.getTime(), seen };
      memory.put(token, entry);
      return entry;
    }

    function clientHas(served: ServedFeed, status: PublicationStatus): Found | null {
      const { etag, changed_at } = status;
      const ifNoneMatch = headers['if-none-match'];
      const ifModifiedSince = headers['if-modified-since'];
      const isKnown = isNotModified({ ifNoneMatch, ifModifiedSince }, { etag, lastModified: changed_at });
      return isKnown ? keep(served, status, unchangedAnswer(etag, changed_at)) : null;
    }

    async function readStored(
      served: ServedFeed,
      status: PublicationStatus,
      read: ServedBody | null = null,
    ): Promise<Found | null> {
      const bytes = read ?? (await inTime(PATIENCE.lookUp, store.serving.body(served, wantsGzip())));
      return keepBytes(served, status, bytes);
    }

    /** What an embedded database tells at once of a feed that serves what it has. */
    function atOnce(): Found | null {
      const served = store.serving.feedByToken(key);
      if (!served || served instanceof Promise) return null;
      const { user, expires_at, revoked_at, publication: status } = served;
      if (user === null || expires_at !== null || revoked_at !== null) return null;
      if (!status || !isCurrent(status, wanted(served), now)) return null;
      if (known?.status?.version === status.version) return keep(served, status, known.answer);
      const has = clientHas(served, status);
      if (has) return has;
      const bytes = store.serving.body(served, wantsGzip());
      return bytes instanceof Promise ? null : keepBytes(served, status, bytes);
    }

    /** `bytes` are those that were read with it, if any were. */
    async function current(served: ServedFeed, bytes: ServedBody | null): Promise<Found | null> {
      const status = served.publication;
      const same = known?.status && known.status.version === status?.version ? known : null;
      if (status && isCurrent(status, wanted(served), now)) {
        if (same) return keep(served, status, same.answer);
        return clientHas(served, status) ?? readStored(served, status, bytes);
      }
      // Made here after a newer release's, which must stand as it is.
      const own = same?.status && isCurrent(same.status, wanted(served), now) ? same.status : null;
      return own && same && keep(served, own, same.answer);
    }

    async function renew(served: ServedFeed): Promise<Found | null> {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const publication = await inTime(PATIENCE.publish, publish(served.feed, now));
        if (!publication) return null;
        if (!isCurrent(publication, wanted(served), now)) continue;
        const { version, revision, release, stale_at, etag, changed_at, body, gzip } = publication;
        // Of a publication no more is remembered than of one that was read: not its entries, and its bytes once.
        const status = { version, revision, release, stale_at, etag, changed_at };
        const packed = gzip?.toString('base64') ?? null;
        const bytes = { gzip: packed, body: packed === null ? Buffer.from(body) : null };
        return keepBytes(served, status, { version, etag, changed_at, ...bytes });
      }
      return null;
    }

    /** What was published last, unless an erasure has emptied it. */
    async function lastGood(served: ServedFeed): Promise<Found> {
      const status = served.publication;
      if (spare?.status && spare.status.version === status?.version) return spare;
      if (!status || status.revision === 0) return NOT_NOW;
      return (await readStored(served, status)) ?? NOT_NOW;
    }

    return { key, known, spare, wantsGzip, part, atOnce, current, renew, lastGood };
  }

  const tell = (error: unknown, message: string) => log.warn({ err: error }, message);

  async function find(token: string, now: Date, headers: IncomingHttpHeaders, again = true): Promise<Found> {
    const { key, known, spare, wantsGzip, part, current, renew, lastGood } = look(token, now, headers);
    let served: ServedFeed | null;
    let bytes: ServedBody | null = null;
    try {
      if (known || mayHave(headers)) served = await inTime(PATIENCE.lookUp, store.serving.feedByToken(key));
      else {
        const both = await inTime(PATIENCE.lookUp, store.serving.feedWithBody(key, wantsGzip()));
        served = both?.feed ?? null;
        bytes = both?.bytes ?? null;
      }
    } catch (error) {
      tell(error, 'feeds cannot be looked up: those fetched lately are served as they were');
      return spare ? (part(spare.served) ?? spare) : NOT_NOW;
    }
    if (!served) {
      memory.forget(token);
      return NOT_KNOWN;
    }
    const goodbye = part(served);
    if (goodbye) return goodbye;
    try {
      const found = (await current(served, bytes)) ?? (await renew(served));
      if (found) return found;
      // It went, or was emptied, after it was looked up.
      if (again) return await find(token, now, headers, false);
    } catch (error) {
      tell(error, 'a feed could not be published: its last publication is served');
    }
    return lastGood(served).catch((error: unknown) => {
      tell(error, 'the last publication of a feed could not be read');
      return NOT_NOW;
    });
  }

  const isOfTheseRules = ({ status }: Remembered) => status === null || status.release >= oldest();

  function remembered(token: string, now: Date, headers: IncomingHttpHeaders): Found | null {
    if (!isTold) return null;
    const known = memory.get(token);
    if (!known || now.getTime() >= known.until || !isOfTheseRules(known)) return null;
    return memory.vouchesFor(known) && serves(known.answer, headers) ? known : null;
  }

  function findAtOnce(token: string, now: Date, headers: IncomingHttpHeaders): Found | null {
    if (!isTold) return null;
    try {
      return look(token, now, headers).atOnce();
    } catch {
      // The usual way meets it again, and tells it.
      return null;
    }
  }

  return (token, now, headers) =>
    remembered(token, now, headers) ?? findAtOnce(token, now, headers) ?? find(token, now, headers);
}
