/** Reads the ETags of all addresses into memory, ahead of their fetches: a little at a time, as fetches go on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type FetchContext, isCurrentFor, rememberEtag } from './lookup.ts';

/** Addresses per read, which holds up fetches for some milliseconds. */
const CHUNK = 500;
/** Milliseconds between reads. */
const PAUSE = 5;

type Context = Pick<FetchContext, 'app' | 'etags' | 'freshness'>;

export function createFiller(context: Context) {
  const { app, etags, freshness } = context;
  /** The filling under way or done; null: none has begun. */
  let present: symbol | null = null;

  async function fill(own: symbol) {
    let after: string | null = null;
    let count = 0;
    while (present === own) {
      const readAt = freshness.time();
      const rows: Awaited<ReturnType<typeof app.store.serving.page>> = await app.store.serving.page(
        after,
        CHUNK,
      );
      const lookup = { context, now: app.clock() };
      for (const { digest, feed } of rows) {
        const status = feed.publication;
        if (status && isCurrentFor(lookup, feed, status)) rememberEtag(context, digest, feed, status, readAt);
      }
      if (rows.length < CHUNK) return;
      after = rows.at(-1)?.digest ?? null;
      count += CHUNK;
      if (count >= etags.capacity()) {
        if (!etags.grow()) return;
        [after, count] = [null, 0];
      }
      await sleep(PAUSE, undefined, { ref: false });
    }
  }

  return {
    /** Begins, unless it has begun. */
    start() {
      if (present !== null) return;
      const own = Symbol('filling');
      present = own;
      fill(own).catch((error: unknown) =>
        app.log.warn({ err: error }, 'not all ETags were read ahead of fetches'),
      );
    },
    /** Stops, so that the next start begins anew. */
    stop() {
      present = null;
    },
  };
}
