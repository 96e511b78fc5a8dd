/** A person's feeds into the store. No address comes with them: each gets one by being rotated. */
import { newFeedToken } from '../../secret.ts';
import { digest } from '../../store/digest.ts';
import type { Line, Queries, User } from '../../store/types.ts';
import type { App } from '../context.ts';
import { Problem } from '../errors.ts';
import { optionsOf, unusable } from '../feed-options.ts';
import { saysAll } from '../sameness.ts';
import { inRow, pastMoment, refuseRow } from './refuse.ts';
import type { FeedRow } from './rows.ts';
import type { Tally } from './tally.ts';

/** Makes a feed, or brings one up to its row; `lines` are found by every name that the rows before have given them. */
export async function importFeed(
  { app, q, tally }: { app: App; q: Queries; tally: Tally },
  user: User,
  lines: ReadonlyMap<string, Line>,
  row: FeedRow,
  number: number,
) {
  const { object: _, id, created_at, ...given } = row;
  const stated = optionsOf(given);
  const options = { ...stated, lines: stated.lines?.map((name) => lines.get(name)?.id ?? name) ?? null };
  const errors = (await unusable(q, user.id, options, app.config.publicUrl ?? 'anywhere')).map((error) =>
    inRow(number, error),
  );
  if (errors.length > 0) throw new Problem('invalid', errors);
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
    return;
  }
  const isSame = saysAll(known, options);
  tally.feeds[isSame ? 'unchanged' : 'changed'] += 1;
  if (!isSame) await q.feeds.update(id, options);
}
