import { DAY } from '../lib/durations.ts';
import type { RenderedItem } from './item.ts';
import { nextMoment, type Stamps } from './stamp.ts';

/** What is remembered of an entry that a feed has shown: plain data, stored with the feed. */
export type PublishedItem = Stamps & {
  uid: string;
  /** As given with the entry; null for an entry about no line. */
  line: string | null;
  /** The rendered content's hash; empty once the entry has been withdrawn. */
  hash: string;
};

// By then every client has polled and dropped withdrawn entries.
const REMEMBERED = 30 * DAY;

/**
 * Returns the entries' next published state: those of `rendered` in its order, then withdrawn ones. An unchanged entry
 * keeps its stamps, hence its bytes; a changed one gets SEQUENCE + 1 and a later revision. A withdrawn one is
 * remembered for a month: should it return, its SEQUENCE must not decrease.
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
  for (const withdrawn of known.values()) {
    if (withdrawn.hash !== '') {
      items.push({ ...withdrawn, hash: '', revised_at: nextMoment(now, withdrawn.revised_at) });
    } else if (now.getTime() - Date.parse(withdrawn.revised_at) < REMEMBERED) {
      items.push(withdrawn);
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
