import { hash } from 'node:crypto';
import { calendarText, type FeedHead, renderHead } from './head.ts';
import type { RenderedItem } from './item.ts';
import { type PublishedItem, publish } from './publish.ts';
import { nextMoment, stampItem } from './stamp.ts';

/** A feed as it is served: plain data, stored as a whole. */
export type PublishedCalendar = {
  /** For the comparison with the next publication. */
  items: PublishedItem[];
  /** RFC 3339 in UTC, whole seconds: the calendar's LAST-MODIFIED and the HTTP Last-Modified. */
  changed_at: string;
  /** The whole `.ics`. */
  body: string;
  /** The body's entity tag, in its quotes. */
  etag: string;
  /** SHA-256 of the body's content except the calendar's LAST-MODIFIED, base64url. */
  hash: string;
};

/** How many entries were left out because the feed would be too large: past ones, and future ones. */
type LeftOut = { past: number; future: number };

/** What a feed should show from now on. */
export type Edition = {
  head: FeedHead;
  /** In any order, each uid once. */
  items: readonly RenderedItem[];
  /** `yyyy-mm-dd` in the reader's zone: separates past from future entries if not all fit. */
  today: string;
  /** Returns a sentence in the reader's language for the calendar's description if not all fit. */
  describeLeftOut: (leftOut: LeftOut) => string;
};

// Google reads 1 MB and silently drops entries from about 1,100 on; other clients fail earlier.
export const MAX_ITEMS = 500;
export const MAX_OCTETS = 500_000;

/**
 * Publishes an edition after `previous` (null for the first time). Unless something visible to a reader has changed,
 * body, ETag and `changed_at` are those of `previous`.
 */
export function publishCalendar(
  previous: PublishedCalendar | null,
  edition: Edition,
  now: Date,
): PublishedCalendar {
  const sorted = edition.items.toSorted(byDayThenUid);
  const withRoomFor = (room: number): PublishedCalendar => {
    const leftOut = leaveOut(sorted, room, edition.today);
    const shown = sorted.slice(leftOut.past, leftOut.past + room);
    return assemble(previous, describe(edition, leftOut), shown, now);
  };
  const full = withRoomFor(Math.min(sorted.length, MAX_ITEMS));
  return fits(full) ? full : largestThatFits(Math.min(sorted.length, MAX_ITEMS), withRoomFor);
}

function fits({ body }: PublishedCalendar): boolean {
  // A code unit takes at most three octets, so most bodies need no counting.
  return body.length * 3 <= MAX_OCTETS || Buffer.byteLength(body) <= MAX_OCTETS;
}

function largestThatFits(
  tooMany: number,
  withRoomFor: (room: number) => PublishedCalendar,
): PublishedCalendar {
  let best = withRoomFor(0);
  let low = 0;
  let high = tooMany;
  while (high - low > 1) {
    const room = Math.floor((low + high) / 2);
    const published = withRoomFor(room);
    if (fits(published)) {
      best = published;
      low = room;
    } else {
      high = room;
    }
  }
  return best;
}

/** Leaves out the oldest past entries first, then the latest future ones. */
function leaveOut(sorted: readonly RenderedItem[], room: number, today: string): LeftOut {
  const excess = sorted.length - room;
  const firstAhead = sorted.findIndex((item) => item.date >= today);
  const past = Math.min(excess, firstAhead < 0 ? sorted.length : firstAhead);
  return { past, future: excess - past };
}

function describe({ head, describeLeftOut }: Edition, leftOut: LeftOut): FeedHead {
  if (leftOut.past + leftOut.future === 0) return head;
  return { ...head, description: [head.description, describeLeftOut(leftOut)].filter(Boolean).join('\n') };
}

function assemble(
  previous: PublishedCalendar | null,
  feedHead: FeedHead,
  rendered: readonly RenderedItem[],
  now: Date,
): PublishedCalendar {
  const head = renderHead(feedHead);
  const items = publish(previous?.items ?? [], rendered, now);
  const shown = items.slice(0, rendered.length);
  // A revision of an entry has one text, so equal revisions mean an equal body, without assembling it.
  const revisions = shown.map((item) => `${item.uid} ${item.hash} ${item.revised_at}`);
  const contentHash = hash('sha256', [head, ...revisions].join('\n'), 'base64url');
  const isSame = previous?.hash === contentHash;
  // The previous body may be missing: emptied by an erasure, or not part of an import.
  if (isSame && previous.body !== '') return { ...previous, items };
  const changedAt = isSame ? previous.changed_at : nextMoment(now, previous?.changed_at);
  const body = calendarText(
    head,
    changedAt,
    rendered.map((item, index) => stampItem(item, shown[index]!)),
  );
  const etag = `"sha256-${hash('sha256', body, 'base64url').slice(0, 27)}"`;
  return { items, changed_at: changedAt, body, etag, hash: contentHash };
}

function byDayThenUid(a: RenderedItem, b: RenderedItem): number {
  if (a.date !== b.date) return a.date < b.date ? -1 : 1;
  return a.uid < b.uid ? -1 : 1;
}
