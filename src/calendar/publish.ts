import { DAY } from '../lib/durations.ts';
import type { RenderedItem } from './item.ts';
import { nextMoment, stampItem } from './stamp.ts';

/** An entry as a feed last showed it: plain data, to be stored with the feed. Moments are RFC 3339 in UTC. */
export type PublishedItem = {
  uid: string;
  /** As given with the entry; null for an entry about no line. */
  line: string | null;
  /** The rendered content's hash; empty once the entry has been withdrawn. */
  hash: string;
  sequence: number;
  created_at: string;
  revised_at: string;
  /** Its final VEVENT; null once withdrawn, or where it has come from elsewhere and was not shown here yet. */
  text: string | null;
};

// By then every client has polled, and forgotten what is gone.
const REMEMBERED = 30 * DAY;

/**
 * The entries' next published state: those of `rendered` in its order, then the withdrawn. An entry that has not
 * changed keeps its bytes; one that has gets SEQUENCE + 1 and a later revision. One that is gone has no text any
 * more, but stays known for a month: should it return, its SEQUENCE must not fall.
 */
export function publish(
  previous: readonly PublishedItem[],
  rendered: readonly RenderedItem[],
  now: Date,
): PublishedItem[] {
  const known = new Map(previous.map((item) => [item.uid, item]));
  const items = rendered.map((item) => {
    const before = known.get(item.uid);
    known.delete(item.uid);
    if (before?.hash !== item.hash) return revise(before, item, now);
    return before.text === null ? { ...before, line: item.line, text: textOf(before, item) } : before;
  });
  for (const gone of known.values()) {
    if (gone.text !== null) {
      items.push({ ...gone, hash: '', text: null, revised_at: nextMoment(now, gone.revised_at) });
    } else if (now.getTime() - Date.parse(gone.revised_at) < REMEMBERED) {
      items.push(gone);
    }
  }
  return items;
}

function revise(before: PublishedItem | undefined, rendered: RenderedItem, now: Date): PublishedItem {
  const revisedAt = nextMoment(now, before?.revised_at);
  const createdAt = before?.created_at ?? revisedAt;
  const sequence = before ? before.sequence + 1 : 0;
  return {
    uid: rendered.uid,
    line: rendered.line,
    hash: rendered.hash,
    sequence,
    created_at: createdAt,
    revised_at: revisedAt,
    text: stampItem(rendered, { createdAt, revisedAt, sequence }),
  };
}

/** The text again of an entry that has come from elsewhere without it. */
const textOf = ({ created_at, revised_at, sequence }: PublishedItem, rendered: RenderedItem): string =>
  stampItem(rendered, { createdAt: created_at, revisedAt: revised_at, sequence });
