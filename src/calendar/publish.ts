import { DAY } from '../lib/durations.ts';
import type { RenderedItem } from './item.ts';
import { nextMoment, type Stamps } from './stamp.ts';

/** What is known of an entry that a feed has shown: plain data, to be stored with the feed. */
export type PublishedItem = Stamps & {
  uid: string;
  /** As given with the entry; null for an entry about no line. */
  line: string | null;
  /** The rendered content's hash; empty once the entry has been withdrawn. */
  hash: string;
};

// By then every client has polled, and forgotten what is gone.
const REMEMBERED = 30 * DAY;

/**
 * The entries' next published state: those of `rendered` in its order, then the withdrawn. An entry that has not
 * changed keeps its stamps, and so its bytes; one that has gets SEQUENCE + 1 and a later revision. One that is gone
 * stays known for a month: should it return, its SEQUENCE must not fall.
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
    return before?.hash === item.hash ? { ...before, line: item.line } : revise(before, item, now);
  });
  for (const gone of known.values()) {
    if (gone.hash !== '') {
      items.push({ ...gone, hash: '', revised_at: nextMoment(now, gone.revised_at) });
    } else if (now.getTime() - Date.parse(gone.revised_at) < REMEMBERED) {
      items.push(gone);
    }
  }
  return items;
}

function revise(before: PublishedItem | undefined, rendered: RenderedItem, now: Date): PublishedItem {
  const revised_at = nextMoment(now, before?.revised_at);
  return {
    uid: rendered.uid,
    line: rendered.line,
    hash: rendered.hash,
    sequence: before ? before.sequence + 1 : 0,
    created_at: before?.created_at ?? revised_at,
    revised_at,
  };
}
