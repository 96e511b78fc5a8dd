/** A request's conditional headers. */
export type Conditions = { ifNoneMatch?: string | undefined; ifModifiedSince?: string | undefined };

/** The validators of a publication: its quoted ETag, and when it last changed, in milliseconds since 1970. */
export type Validators = { etag: string; lastModified: number };

/**
 * Whether a GET or HEAD may be answered with 304 (RFC 9110 13.1). If-None-Match takes precedence; its tags are compared
 * weakly, so that one weakened by a compressing proxy still matches. Cache-Control in the request is ignored, since
 * Evolution always sends no-cache.
 */
export function isNotModified({ ifNoneMatch, ifModifiedSince }: Conditions, current: Validators): boolean {
  if (ifNoneMatch !== undefined) return matchesTag(ifNoneMatch, current.etag);
  if (ifModifiedSince === undefined) return false;
  const since = parseHttpDate(ifModifiedSince);
  return since !== null && Math.floor(current.lastModified / 1000) * 1000 <= since;
}

/**
 * A moment in milliseconds since 1970 as a Last-Modified header, which must not lie ahead of `now` (RFC 9110 8.8.2.1).
 */
export function httpDate(milliseconds: number, now: Date): string {
  return new Date(Math.min(milliseconds, now.getTime())).toUTCString();
}

function matchesTag(header: string, etag: string): boolean {
  if (header === etag || header.trim() === '*') return true;
  // A tag may hold a comma, so the list is read tag by tag and not split.
  return header.match(/"[\x21\x23-\x7e\x80-\xff]*"/g)?.includes(etag) ?? false;
}

const FIXDATE = /^[A-Z][a-z]+, \d\d[ -][A-Z][a-z]{2}[ -](?:\d\d){1,2} \d\d:\d\d:\d\d GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/** Parses the three forms of RFC 9110 5.6.7; null for anything else, which is to be ignored. */
function parseHttpDate(text: string): number | null {
  const moment = FIXDATE.test(text)
    ? Date.parse(text)
    : ASCTIME.test(text)
      ? Date.parse(`${text} GMT`)
      : Number.NaN;
  return Number.isNaN(moment) ? null : moment;
}
