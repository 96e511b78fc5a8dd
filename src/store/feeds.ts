import { type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import { FEED_DEFAULTS } from '../vocabulary.ts';
import type { Database } from './engine.ts';
import { newId } from './ids.ts';
import { emptyPublications } from './publications.ts';
import { requireUser, touchFeed } from './require.ts';
import type { Tables } from './schema.ts';
import type { Scope } from './scope.ts';
import { endSilence, lastSeen } from './silences.ts';
import type { Feed, FeedAlarms, FeedDetail, FeedReads, FeedToken, FeedWrites, Locale } from './types.ts';
import {
  after,
  fromJsonOrNull,
  groupByKey,
  ifGiven,
  mapByKey,
  toJson,
  toJsonOrNull,
  toPage,
} from './values.ts';

const toFeed = (row: Selectable<Tables['feeds']>): Feed => ({
  ...row,
  lines: fromJsonOrNull(row.lines),
  kinds: fromJsonOrNull(row.kinds),
  locale: row.locale as Locale | null,
  detail: row.detail as FeedDetail,
  alarms: row.alarms as FeedAlarms,
  lead_days: JSON.parse(row.lead_days),
  action_links: row.action_links === 1,
  show_balance: row.show_balance === 1,
  alarm_hour: row.alarm_hour ?? FEED_DEFAULTS.alarm_hour,
  history_days: row.history_days ?? FEED_DEFAULTS.history_days,
});

const ofUser = (db: Database, user: string) =>
  db.selectFrom('feeds').selectAll().where('user', '=', user).orderBy('created_at').orderBy('id');

export const feedReads = (db: Database): FeedReads => ({
  async get(id) {
    const row = await db.selectFrom('feeds').selectAll().where('id', '=', id).executeTakeFirst();
    return row ? toFeed(row) : null;
  },
  byIds: (ids) =>
    mapByKey(
      ids,
      (chunk) => db.selectFrom('feeds').selectAll().where('id', 'in', chunk).execute(),
      ({ id }) => id,
      toFeed,
    ),
  async list(user, { limit, after: position }) {
    const rows = await ofUser(db, user)
      .where(after(position))
      .limit(limit + 1)
      .execute();
    return toPage(rows.map(toFeed), limit, (feed) => feed.created_at);
  },
  ofUser: async (user) => (await ofUser(db, user).execute()).map(toFeed),
  async search({ user, before, noted = false, silent }, { limit, after: position }) {
    const rows = await db
      .selectFrom('feeds')
      .selectAll()
      .where((row) => ifGiven(user, (id) => row('user', '=', id)))
      .$if(silent !== null, (query) =>
        query.where((row) => {
          const isNoted = row('feeds.id', 'in', row.selectFrom('feed_silence').select('feed'));
          const isSilent = row.and([row(lastSeen, '<', before), ...(noted ? [isNoted] : [])]);
          return silent ? isSilent : row.not(isSilent);
        }),
      )
      .where(after(position))
      .orderBy('created_at')
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    return toPage(rows.map(toFeed), limit, (feed) => feed.created_at);
  },
  async clients(feed) {
    const rows = await db
      .selectFrom('feed_clients')
      .select(['client', 'first_fetched_at', 'last_fetched_at'])
      .where('feed', '=', feed)
      .orderBy('last_fetched_at', 'desc')
      .orderBy('client')
      .execute();
    return rows.map((row) => ({ ...row, client: row.client || null }));
  },
  tokens: async (feed) => (await tokensOf(db, [feed])).map(toToken),
  ofTokens: (digests) =>
    mapByKey(
      digests,
      (chunk) =>
        db.selectFrom('feed_tokens').select(['digest', 'feed']).where('digest', 'in', chunk).execute(),
      ({ digest }) => digest,
      ({ feed }) => feed,
    ),
  tokensOf: (feeds) =>
    groupByKey(
      feeds,
      (chunk) => tokensOf(db, chunk),
      ({ feed }) => feed,
      toToken,
    ),
});

const toToken = (row: Selectable<Tables['feed_tokens']>): FeedToken => ({
  ...row,
  locale: row.locale as Locale | null,
});

const tokensOf = (db: Database, feeds: string[]) =>
  db
    .selectFrom('feed_tokens')
    .selectAll()
    .where('feed', 'in', feeds)
    .orderBy('created_at')
    .orderBy('digest')
    .execute();

const addToken = (scope: Scope, feed: string, digest: string) =>
  scope.db
    .insertInto('feed_tokens')
    .values({ digest, feed, locale: null, created_at: scope.moment(), expires_at: null, revoked_at: null })
    .execute();

export const feedWrites = (scope: Scope): FeedWrites => ({
  async create(feed, tokenDigest) {
    await requireUser(scope, feed.user);
    const row = {
      id: feed.id ?? newId('feed', scope.now()),
      user: feed.user,
      name: feed.name,
      lines: toJsonOrNull(feed.lines),
      kinds: toJsonOrNull(feed.kinds),
      locale: feed.locale,
      detail: feed.detail,
      alarms: feed.alarms,
      lead_days: toJson(feed.lead_days),
      action_links: feed.action_links ? 1 : 0,
      show_balance: feed.show_balance ? 1 : 0,
      alarm_hour: feed.alarm_hour ?? null,
      history_days: feed.history_days ?? null,
      created_at: feed.created_at ?? scope.moment(),
      updated_at: scope.moment(),
      last_fetched_at: null,
      client: null,
    };
    await scope.db.insertInto('feeds').values(row).execute();
    await addToken(scope, row.id, tokenDigest);
    return toFeed(row);
  },
  async update(id, { lines, kinds, lead_days, action_links, show_balance, ...patch }) {
    if (!(await touchFeed(scope, id))) return null;
    const row = await scope.db
      .updateTable('feeds')
      .set({
        ...patch,
        ...(lines === undefined ? {} : { lines: toJsonOrNull(lines) }),
        ...(kinds === undefined ? {} : { kinds: toJsonOrNull(kinds) }),
        ...(lead_days === undefined ? {} : { lead_days: toJson(lead_days) }),
        ...(action_links === undefined ? {} : { action_links: action_links ? 1 : 0 }),
        ...(show_balance === undefined ? {} : { show_balance: show_balance ? 1 : 0 }),
        updated_at: scope.moment(),
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return row ? toFeed(row) : null;
  },
  async rotate(id, tokenDigest, expiresAt) {
    if (!(await touchFeed(scope, id))) return false;
    await scope.db
      .updateTable('feed_tokens')
      .set({ expires_at: expiresAt })
      .where('feed', '=', id)
      .where((row) => row.or([row('expires_at', 'is', null), row('expires_at', '>', expiresAt)]))
      .execute();
    await addToken(scope, id, tokenDigest);
    return true;
  },
  async erase(id) {
    if (!(await touchFeed(scope, id))) return false;
    await leaveTombstones(scope, (feeds) => feeds.where('feeds.id', '=', id));
    // The owner's other feeds may mention its name.
    const silent = await scope.db
      .selectFrom('feed_silence')
      .innerJoin('feeds', 'feeds.id', 'feed_silence.feed')
      .select('feeds.user')
      .where('feed_silence.feed', '=', id)
      .executeTakeFirst();
    if (silent) await emptyPublications(scope, silent.user);
    const { numDeletedRows } = await scope.db.deleteFrom('feeds').where('id', '=', id).executeTakeFirst();
    return numDeletedRows > 0n;
  },
  async noteFetches(fetches) {
    if (fetches.length === 0) return;
    await endSilence(
      scope,
      fetches.map(({ feed }) => feed),
    );
    const latest = new Map<string, (typeof fetches)[number]>();
    for (const fetch of fetches) {
      const before = latest.get(fetch.feed);
      if (!before || before.at < fetch.at) latest.set(fetch.feed, fetch);
    }
    if (scope.engine === 'postgres') {
      // In a fixed order, so that two nodes cannot deadlock.
      await scope.db
        .selectFrom('feeds')
        .select('id')
        .where('id', 'in', [...latest.keys()])
        .orderBy('id')
        // Keys do not change: writers that only refer to a feed need not wait.
        .forNoKeyUpdate()
        .execute();
    }
    // One statement for all, since there may be very many, and fetches must not wait for it.
    const rows = Array.from(latest.values(), ({ feed, at, client }) => sql`(${feed}, ${at}, ${client})`);
    await sql`
      with fetched(feed, at, client) as (values ${sql.join(rows)})
      update feeds set last_fetched_at = fetched.at, client = fetched.client from fetched
      where feeds.id = fetched.feed and (feeds.last_fetched_at is null or feeds.last_fetched_at < fetched.at)
    `.execute(scope.db);
    const clients = fetches.map(({ feed, at, client }) => sql`(${feed}, ${client ?? ''}, ${at})`);
    await sql`
      with fetched(feed, client, at) as (values ${sql.join(clients)})
      insert into feed_clients (feed, client, first_fetched_at, last_fetched_at)
      select feed, client, min(at), max(at) from fetched where feed in (select id from feeds) group by feed, client
      on conflict (feed, client) do update set last_fetched_at = excluded.last_fetched_at
      where feed_clients.last_fetched_at < excluded.last_fetched_at
    `.execute(scope.db);
  },
});

type FeedsWithOwner = SelectQueryBuilder<Tables, 'feeds' | 'users', { id: string; locale: string }>;

/** Turns the tokens of the selected feeds into tombstones: revoked, with the moment and the language. */
export const leaveTombstones = async (
  scope: Scope,
  select: (feeds: FeedsWithOwner) => FeedsWithOwner,
): Promise<void> => {
  const { db, moment, changedFeeds } = scope;
  scope.hasErased = true;
  const feeds = db
    .selectFrom('feeds')
    .innerJoin('users', 'users.id', 'feeds.user')
    .select((row) => ['feeds.id', row.fn.coalesce('feeds.locale', 'users.locale').as('locale')]);
  for (const { id, locale } of await select(feeds).execute()) {
    changedFeeds.add(id);
    await db
      .updateTable('feed_tokens')
      .set((row) => ({ locale, revoked_at: row.fn.coalesce('revoked_at', row.val(moment())) }))
      .where('feed', '=', id)
      .execute();
  }
};
