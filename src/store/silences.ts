/**
 * Which feeds nobody fetches any more, as a stored fact: it stands in their owners' other feeds, whose bytes must
 * follow from what is stored and not from the clock.
 */
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Database } from './engine.ts';
import type { Scope } from './scope.ts';
import type { FeedSilence, SilencePosition, SilenceReads, SilenceWrites } from './types.ts';
import { groupByKey, ifGiven } from './values.ts';

/**
 * When a feed was last fetched; of one that never was, when it was made here or changed by its owner, since an import
 * brings it with the day on which it was made elsewhere. By this, then its id, feeds have an index (`indexes-step.ts`).
 */
export const lastSeen = sql<string>`coalesce(feeds.last_fetched_at, feeds.updated_at)`;

export const silenceReads = (db: Database): SilenceReads => ({
  ofUser: async (user) => (await ofUsers(db, [user])).map(toSilence),
  ofUsers: (users) =>
    groupByKey(
      users,
      (some) => ofUsers(db, some),
      ({ user }) => user,
      toSilence,
    ),
  findCandidates: (change, { before, after, limit }) =>
    change === 'note' ? lookForSilent(db, before, after, limit) : lookForHeard(db, before, after, limit),
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

type Look = Promise<{ feeds: string[]; next: SilencePosition | null }>;

/** What was looked at, and from where to go on. */
const looked = (rows: { feed: string; sign: string; is_due: unknown }[], limit: number) => {
  const last = rows.at(-1);
  return {
    feeds: rows.filter(({ is_due }) => is_due === 1).map(({ feed }) => feed),
    next: last && rows.length === limit ? { sign: last.sign, feed: last.feed } : null,
  };
};

/** Of feeds without a sign since a moment, by that sign: those of which it is not noted. */
const lookForSilent = async (
  db: Database,
  before: string,
  after: SilencePosition | null,
  limit: number,
): Look => {
  const some = (where: RawBuilder<SqlBool>, most: number, isOneSign = false) =>
    db
      .selectFrom('feeds')
      .leftJoin('feed_silence', 'feed_silence.feed', 'feeds.id')
      .select([
        'feeds.id as feed',
        lastSeen.as('sign'),
        sql<number>`case when feed_silence.feed is null then 1 else 0 end`.as('is_due'),
      ])
      .where(lastSeen, '<', before)
      .where(where)
      .$if(!isOneSign, (query) => query.orderBy(lastSeen))
      .orderBy('feeds.id')
      .limit(most)
      .execute();
  if (after === null) return looked(await some(sql`1 = 1`, limit), limit);
  const { sign, feed } = after;
  // Of very many with the same sign each is looked at once: SQLite does not go to its place by a pair.
  const same = await some(sql`${lastSeen} = ${sign} and feeds.id > ${feed}`, limit, true);
  const left = limit - same.length;
  return looked(left > 0 ? [...same, ...(await some(sql`${lastSeen} > ${sign}`, left))] : same, limit);
};

/** Of feeds that are noted, by their ids: those of which there was a sign since a moment. */
const lookForHeard = async (
  db: Database,
  before: string,
  after: SilencePosition | null,
  limit: number,
): Look => {
  const rows = await db
    .selectFrom('feed_silence')
    .innerJoin('feeds', 'feeds.id', 'feed_silence.feed')
    .select([
      'feed_silence.feed',
      lastSeen.as('sign'),
      sql<number>`case when ${lastSeen} < ${before} then 0 else 1 end`.as('is_due'),
    ])
    .where((row) => ifGiven(after, ({ feed }) => row('feed_silence.feed', '>', feed)))
    .orderBy('feed_silence.feed')
    .limit(limit)
    .execute();
  return looked(rows, limit);
};

export const silenceWrites = (scope: Scope): SilenceWrites => ({
  async note(feeds, before) {
    if (feeds.length === 0) return;
    const found = await scope.db
      .selectFrom('feeds')
      .leftJoin('feed_silence', 'feed_silence.feed', 'feeds.id')
      .select(['feeds.id as feed', 'feeds.user'])
      .where('feeds.id', 'in', [...feeds])
      .where('feed_silence.feed', 'is', null)
      .where(lastSeen, '<', before)
      .orderBy('feeds.id')
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
            .select(['feeds.id', lastSeen.as('since'), sql<string>`${scope.moment()}`.as('noted_at')])
            .where('feeds.id', '=', feed)
            .where(lastSeen, '<', before),
        )
        .onConflict((conflict) => conflict.column('feed').doNothing())
        .execute();
    }
  },
  async end(feeds, before) {
    if (feeds.length === 0) return;
    const heard = await scope.db
      .selectFrom('feeds')
      .select('feeds.id')
      .where('feeds.id', 'in', [...feeds])
      .where(lastSeen, '>=', before)
      .execute();
    await endSilence(
      scope,
      heard.map(({ id }) => id),
    );
  },
});
