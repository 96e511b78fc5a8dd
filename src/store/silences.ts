/**
 * Which feeds nobody fetches any more. Stored as a fact, since their owners' other feeds mention it and their bytes
 * must depend on what is stored, not on the clock.
 */
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Database } from './engine.ts';
import type { Scope } from './scope.ts';
import type { FeedSilence, SilencePosition, SilenceReads, SilenceWrites } from './types.ts';
import { groupByKey, ifGiven } from './values.ts';

/**
 * A feed's last sign of life: its last fetch or, if there was none, its creation here or last change by the owner; not
 * `created_at`, which an import may bring from elsewhere. Feeds have an index by this expression and id
 * (`migrations/indexes.ts`).
 */
export const lastSeen = sql<string>`coalesce(feeds.last_fetched_at, feeds.updated_at)`;

export const silenceReads = (db: Database): SilenceReads => ({
  ofUser: async (user) => (await ofUsers(db, [user])).map(toSilence),
  ofUsers: (users) =>
    groupByKey(
      users,
      (chunk) => ofUsers(db, chunk),
      ({ user }) => user,
      toSilence,
    ),
  findCandidates: (change, { before, after, limit }) =>
    change === 'note' ? scanForSilent(db, before, after, limit) : scanForHeard(db, before, after, limit),
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

/** Locks the owners in a fixed order, before any feed, so that two writers cannot deadlock. */
async function touchOwners(scope: Scope, feeds: readonly { feed: string; user: string }[]): Promise<void> {
  for (const user of [...new Set(feeds.map((feed) => feed.user))].sort()) await scope.touch(user);
}

/** Deletes the silence of feeds that were fetched and raises their owners' revisions. */
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

type Candidates = Promise<{ feeds: string[]; next: SilencePosition | null }>;

/** The feeds to change among the rows scanned, and the position of the next page. */
const toCandidates = (rows: { feed: string; sign: string; is_due: unknown }[], limit: number) => {
  const last = rows.at(-1);
  return {
    feeds: rows.filter(({ is_due }) => is_due === 1).map(({ feed }) => feed),
    next: last && rows.length === limit ? { sign: last.sign, feed: last.feed } : null,
  };
};

/** Scans feeds without a sign of life since `before`, in the order of that sign, for those not yet noted as silent. */
const scanForSilent = async (
  db: Database,
  before: string,
  after: SilencePosition | null,
  limit: number,
): Candidates => {
  const scan = (where: RawBuilder<SqlBool>, count: number, isSameSign = false) =>
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
      .$if(!isSameSign, (query) => query.orderBy(lastSeen))
      .orderBy('feeds.id')
      .limit(count)
      .execute();
  if (after === null) return toCandidates(await scan(sql`1 = 1`, limit), limit);
  const { sign, feed } = after;
  // Two queries, since SQLite cannot seek in the index by a pair: many feeds may share a sign.
  const same = await scan(sql`${lastSeen} = ${sign} and feeds.id > ${feed}`, limit, true);
  const left = limit - same.length;
  return toCandidates(left > 0 ? [...same, ...(await scan(sql`${lastSeen} > ${sign}`, left))] : same, limit);
};

/** Scans feeds noted as silent, by id, for those with a sign of life since `before`. */
const scanForHeard = async (
  db: Database,
  before: string,
  after: SilencePosition | null,
  limit: number,
): Candidates => {
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
  return toCandidates(rows, limit);
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
          // Checked again: the feed may have been fetched meanwhile.
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
