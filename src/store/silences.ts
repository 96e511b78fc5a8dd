/**
 * Which feeds nobody fetches any more, as a stored fact: it stands in their owners' other feeds, whose bytes must
 * follow from what is stored and not from the clock.
 */
import { sql } from 'kysely';
import type { Database } from './engine.ts';
import type { Scope } from './scope.ts';
import type { FeedSilence, SilenceReads, SilenceWrites } from './types.ts';
import { listsOf } from './values.ts';

/** When a feed was last fetched; of one that never was, when it was made. */
export const lastSign = sql<string>`coalesce(last_fetched_at, feeds.created_at)`;

export const silenceReads = (db: Database): SilenceReads => ({
  ofUser: async (user) => (await ofUsers(db, [user])).map(toSilence),
  ofUsers: (users) =>
    listsOf(
      users,
      (some) => ofUsers(db, some),
      ({ user }) => user,
      toSilence,
    ),
  async count() {
    const row = await db
      .selectFrom('feed_silence')
      .select((count) => count.fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    return Number(row.count);
  },
});

const ofUsers = (db: Database, users: string[]) =>
  db
    .selectFrom('feed_silence')
    .innerJoin('feeds', 'feeds.id', 'feed_silence.feed')
    .select(['feeds.user', 'feed_silence.feed', 'feeds.name', 'feed_silence.since', 'feed_silence.noted_at'])
    .where('feeds.user', 'in', users)
    .orderBy('feed_silence.feed')
    .execute();

const toSilence = ({ user: _, ...silence }: FeedSilence & { user: string }): FeedSilence => silence;

/** Owners first, in one order, and all of them before any feed: so that no two writers wait for each other. */
async function touchOwners(scope: Scope, feeds: readonly { feed: string; user: string }[]): Promise<void> {
  for (const user of [...new Set(feeds.map((feed) => feed.user))].sort()) await scope.touch(user);
}

/** Ends the silence of feeds that have been fetched, and raises their owners' revisions. */
export async function endSilence(scope: Scope, feeds: readonly string[]): Promise<void> {
  if (feeds.length === 0) return;
  const silent = await scope.db
    .selectFrom('feed_silence')
    .innerJoin('feeds', 'feeds.id', 'feed_silence.feed')
    .select(['feed_silence.feed', 'feeds.user'])
    .where('feed_silence.feed', 'in', [...feeds])
    .execute();
  if (silent.length === 0) return;
  await touchOwners(scope, silent);
  const ids = silent.map(({ feed }) => feed);
  await scope.db.deleteFrom('feed_silence').where('feed', 'in', ids).execute();
}

export const silenceWrites = (scope: Scope): SilenceWrites => ({
  async note(before, limit) {
    const found = await scope.db
      .selectFrom('feeds')
      .leftJoin('feed_silence', 'feed_silence.feed', 'feeds.id')
      .select(['feeds.id as feed', 'feeds.user'])
      .where('feed_silence.feed', 'is', null)
      .where(lastSign, '<', before)
      .orderBy('feeds.id')
      .limit(limit)
      .execute();
    await touchOwners(scope, found);
    for (const { feed } of found) {
      await scope.db
        .insertInto('feed_silence')
        .columns(['feed', 'since', 'noted_at'])
        .expression((query) =>
          // Asked once more: it may have been fetched meanwhile.
          query
            .selectFrom('feeds')
            .select(['feeds.id', lastSign.as('since'), sql<string>`${scope.moment()}`.as('noted_at')])
            .where('feeds.id', '=', feed)
            .where(lastSign, '<', before),
        )
        .onConflict((conflict) => conflict.column('feed').doNothing())
        .execute();
    }
    return found.length;
  },
  async end(before, limit) {
    const heard = await scope.db
      .selectFrom('feed_silence')
      .innerJoin('feeds', 'feeds.id', 'feed_silence.feed')
      .select('feeds.id')
      .where(lastSign, '>=', before)
      // By its own column: so the few that are silent are walked, and not all feeds.
      .orderBy('feed_silence.feed')
      .limit(limit)
      .execute();
    await endSilence(
      scope,
      heard.map(({ id }) => id),
    );
    return heard.length;
  },
});
