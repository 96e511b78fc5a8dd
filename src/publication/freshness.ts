import { DAY } from '../lib/durations.ts';
import type { PublicationStatus, ServedFeed } from '../store/types.ts';

/** A window moves with the month: one that holds for longer was made by a clock that was ahead. */
export const MAX_WINDOW = 33 * DAY;

/**
 * Whether a publication may be served as it is: made from its owner's present records, by this release or a newer
 * one, in a window that still holds.
 */
export const isCurrent = (
  publication: Pick<PublicationStatus, 'revision' | 'release' | 'stale_at'>,
  { revision, release }: { revision: number; release: number },
  now: Date,
): boolean =>
  publication.revision >= revision &&
  publication.release >= release &&
  (publication.stale_at === null || holds(Date.parse(publication.stale_at) - now.getTime()));

const holds = (milliseconds: number): boolean => milliseconds > 0 && milliseconds < MAX_WINDOW;

/** When a link ended, and until when it serves its farewell. */
export type LinkEnd = { at: Date; until: Date };

const FAREWELL = 30 * DAY;

/** Whether a link has ended by `now`: revoked, or at the end of a rotation's overlap; null while it serves. */
export function ended({ user, expires_at, revoked_at }: ServedFeed, now: Date): LinkEnd | null {
  const moments = [expires_at, revoked_at].filter((moment) => moment !== null);
  const at = Math.min(...moments.map((moment) => Date.parse(moment)));
  // A feed that is gone has ended, whatever this machine's clock says.
  if (user !== null && !(at <= now.getTime())) return null;
  return { at: new Date(at), until: new Date(at + FAREWELL) };
}
