/** A request's conditions, as its headers have them. */
export type Conditions = { ifNoneMatch?: string | undefined; ifModifiedSince?: string | undefined };

/** What a publication can be recognised by: its quoted ETag, and when it changed (RFC 3339). */
export type Validators = { etag: string; lastModified: string };

/**
 * Whether a GET or HEAD may be answered by 304 (RFC 9110 13.1). If-None-Match wins where both are sent; its tags
 * are compared weakly, so that one which a compressing proxy has weakened still matches. Cache-Control in the
 * request changes nothing: Evolution always sends no-cache.
 */
export function isNotModified({ ifNoneMatch, ifModifiedSince }: Conditions, current: Validators): boolean {
  if (ifNoneMatch !== undefined) return matchesTag(ifNoneMatch, current.etag);
  if (ifModifiedSince === undefined) return false;
  const since = parseHttpDate(ifModifiedSince);
  return since !== null && Math.floor(Date.parse(current.lastModified) / 1000) * 1000 <= since;
}

/** An RFC 3339 moment as a Last-Modified header, which must not lie ahead of `now` (RFC 9110 8.8.2.1). */
export function httpDate(moment: string, now: Date): string {
  return new Date(Math.min(Date.parse(moment), now.getTime())).toUTCString();
}

function matchesTag(header: string, etag: string): boolean {
  if (header === etag || header.trim() === '*') return true;
  // A tag may hold a comma, so the list is read tag by tag and not split.
  return header.match(/"[\x21\x23-\x7e\x80-\xff]*"/g)?.includes(etag) ?? false;
}

const FIXDATE = /^[A-Z][a-z]+, \d\d[ -][A-Z][a-z]{2}[ -](?:\d\d){1,2} \d\d:\d\d:\d\d GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/** The three forms of RFC 9110 5.6.7; null for anything else, which is to be ignored. */
function parseHttpDate(text: string): number | null {
  const moment = FIXDATE.test(text)
    ? Date.parse(text)
    : ASCTIME.test(text)
      ? Date.parse(`${text} GMT`)
      : Number.NaN;
  return Number.isNaN(moment) ? null : moment;
}
