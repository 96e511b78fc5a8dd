import { hash } from 'node:crypto';
import { calendarText, type FeedHead, renderHead } from './head.ts';
import type { RenderedItem } from './item.ts';
import { type PublishedItem, publish } from './publish.ts';
import { nextMoment, stampItem } from './stamp.ts';

/** A feed as it is served: plain data, to be stored whole. */
export type PublishedCalendar = {
  /** What the next publication is compared with. */
  items: PublishedItem[];
  /** RFC 3339 in UTC, whole seconds: the calendar's LAST-MODIFIED and the HTTP Last-Modified. */
  changed_at: string;
  /** The whole `.ics`. */
  body: string;
  /** The body's entity tag, in its quotes. */
  etag: string;
  /** SHA-256 of what the body says but for the calendar's LAST-MODIFIED, base64url. */
  hash: string;
};

/** How many entries a feed had no room for: of days gone by, and of days ahead. */
type LeftOut = { past: number; future: number };

/** What a feed should show from now on. */
export type Edition = {
  head: FeedHead;
  /** In any order, each uid once. */
  items: readonly RenderedItem[];
  /** `yyyy-mm-dd` in the reader's zone: tells days gone by from days ahead, where not all fit. */
  today: string;
  /** The sentence, in the reader's language, that joins the calendar's description where not all fit. */
  describeLeftOut: (leftOut: LeftOut) => string;
};

// Google reads 1 MB and drops entries in silence from about 1,100; others were seen to fail earlier.
export const MAX_ITEMS = 500;
export const MAX_OCTETS = 500_000;

/**
 * Publishes an edition after `previous` (null for the first time). Unless something that a reader can see has
 * changed, body, ETag and `changed_at` are those of `previous`.
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
  // No character takes more than three octets for each of its code units: most need no counting.
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

/** The oldest days gone by go first, then the days farthest ahead. */
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
  // A revision of an entry has one text, so the body need not be put together to see that it would be the same.
  const revisions = shown.map((item) => `${item.uid} ${item.hash} ${item.revised_at}`);
  const contentHash = hash('sha256', [head, ...revisions].join('\n'), 'base64url');
  const isSame = previous?.hash === contentHash;
  // An erasure may have emptied the body that was, and one that comes from elsewhere comes without.
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

function byDayThenUid(one: RenderedItem, other: RenderedItem): number {
  if (one.date !== other.date) return one.date < other.date ? -1 : 1;
  return one.uid < other.uid ? -1 : 1;
}
