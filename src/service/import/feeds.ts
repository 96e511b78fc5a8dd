/** Imports a user's feeds. Addresses are not imported: a feed gets one when it is rotated. */
import { nextMoment } from '../../calendar/index.ts';
import { newFeedToken } from '../../secret.ts';
import { digest } from '../../store/digest.ts';
import type { Line, User } from '../../store/types.ts';
import { matchesFields } from '../equivalence.ts';
import { checkFeedOptions, optionsOf } from '../feed-options.ts';
import { pastMoment, refuseRow } from './refuse.ts';
import type { FeedRow } from './rows.ts';
import type { Import } from './tally.ts';

/**
 * Stores the publication state that a feed had elsewhere, so that its entries keep their SEQUENCE and dates. If the
 * feed has a publication here already, restores only entries that have disappeared from it, with a line that was
 * erased.
 */
async function restorePublication(
  { app, q }: Pick<Import, 'app' | 'q'>,
  lines: ReadonlyMap<string, Line>,
  { id, published }: FeedRow,
) {
  if (!published) return;
  const { hash } = published;
  // A feed that changes more than once a second dates each change a second later, so some dates may be in the future.
  const now = nextMoment(app.clock());
  const notAfterNow = (moment: string) => [new Date(moment).toISOString(), now].toSorted()[0] as string;
  const changed_at = notAfterNow(published.changed_at);
  const items = published.items.map(({ line, ...item }) => ({
    ...item,
    created_at: notAfterNow(item.created_at),
    revised_at: notAfterNow(item.revised_at),
    line: lines.get(line ?? '')?.id ?? null,
  }));
  if (await q.publications.get(id)) return q.publications.restoreItems(id, items);
  // It has no bytes yet and is never current: the first fetch builds them.
  const behind = { revision: 0, release: 0, stale_at: changed_at };
  await q.publications.publish(
    { feed: id, ...behind, changed_at, hash, etag: '', body: '', gzip: null, items },
    0,
  );
}

/** Creates or updates the feed of a row; `lines` are indexed by every id and external_id. */
export async function importFeed(
  { app, q, tally }: Import,
  user: User,
  lines: ReadonlyMap<string, Line>,
  row: FeedRow,
  number: number,
) {
  const { object: _, id, created_at, published: __, ...given } = row;
  const stated = optionsOf(given);
  const options = { ...stated, lines: stated.lines?.map((name) => lines.get(name)?.id ?? name) ?? null };
  const errors = await checkFeedOptions(q, user.id, options, app.config.publicUrl ?? 'anywhere');
  if (errors.length > 0) throw refuseRow(number, ...errors);
  const known = await q.feeds.get(id);
  if (known && known.user !== user.id) {
    const mend = 'Give the feed another id.';
    throw refuseRow(number, { pointer: '/id', detail: 'There is another feed with this id.', mend });
  }
  if (!known) {
    tally.feeds.made += 1;
    const moment = pastMoment(app, created_at, number, 'created_at');
    const fresh = { ...options, id, user: user.id, ...(moment ? { created_at: moment } : {}) };
    await q.feeds.create(fresh, digest(newFeedToken()));
  } else {
    const isSame = matchesFields(known, options);
    tally.feeds[isSame ? 'unchanged' : 'changed'] += 1;
    if (!isSame) await q.feeds.update(id, options);
  }
  await restorePublication({ app, q }, lines, row);
}
