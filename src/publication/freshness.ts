import { DAY } from '../lib/durations.ts';
import type { PublicationStatus, ServedFeed } from '../store/types.ts';

/** A window moves every month: one that is valid for longer was computed by a clock that was ahead. */
export const MAX_WINDOW = 33 * DAY;

/**
 * Whether a publication may be served as it is: built from its owner's current revision, by this release or a newer
 * one, and within its window.
 */
export const isCurrent = (
  publication: Pick<PublicationStatus, 'revision' | 'release' | 'stale_at'>,
  { revision, release }: { revision: number; release: number },
  now: Date,
): boolean =>
  publication.revision >= revision &&
  publication.release >= release &&
  (publication.stale_at === null || isWindowValid(Date.parse(publication.stale_at) - now.getTime()));

/** Whether a publication that becomes stale in so many milliseconds is within its window. */
export const isWindowValid = (remaining: number): boolean => remaining > 0 && remaining < MAX_WINDOW;

/** When an address ended, and until when it serves its farewell. */
export type LinkEnd = { at: Date; until: Date };

const FAREWELL = 30 * DAY;

/**
 * The end of an address that was revoked, or expired after a rotation's overlap, by `now`; null while it is in force.
 */
export function ended({ user, expires_at, revoked_at }: ServedFeed, now: Date): LinkEnd | null {
  const moments = [expires_at, revoked_at].filter((moment) => moment !== null);
  const at = Math.min(...moments.map((moment) => Date.parse(moment)));
  // The address of an erased feed has ended, even if this machine's clock is behind.
  if (user !== null && !(at <= now.getTime())) return null;
  return { at: new Date(at), until: new Date(at + FAREWELL) };
}
