import type { Selectable } from 'kysely';
import type { Database } from './engine.ts';
import type { Tables } from './schema.ts';
import type { Scope } from './scope.ts';
import type { Publication, PublicationItem, PublicationReads, PublicationWrites } from './types.ts';
import { fromJsonOrNull, ifGiven, mapByKey, toJson, toJsonOrNull } from './values.ts';

/**
 * Entries as they are stored. `text` is for nodes of an earlier version, which stored each entry's text: during a
 * rolling deploy, null makes them render it again.
 */
const toItems = (items: readonly PublicationItem[]): string =>
  toJson(items.map((item) => ({ ...item, text: null })));
const fromItems = (json: string): PublicationItem[] =>
  (JSON.parse(json) as (PublicationItem & { text?: unknown })[]).map(({ text: _, ...item }) => item);

type Row = Selectable<Tables['publications']> & { packed: string | null };
const toPublication = ({ packed, ...row }: Row): Publication => {
  const gzip = packed ?? row.gzip;
  return { ...row, gzip: gzip === null ? null : Buffer.from(gzip, 'base64'), items: fromItems(row.items) };
};

const selectPublications = (db: Database) =>
  db
    .selectFrom('publications')
    .leftJoin('bodies', (join) =>
      join
        .onRef('bodies.feed', '=', 'publications.feed')
        .onRef('bodies.version', '=', 'publications.version'),
    )
    .selectAll('publications')
    .select('bodies.gzip as packed');

const findCurrent = async (db: Database, feed: string) => {
  const row = await selectPublications(db).where('publications.feed', '=', feed).executeTakeFirst();
  return row ? toPublication(row) : null;
};

/** Stores the compressed bytes of a publication. */
const storeBytes = async (db: Database, { feed, version, etag, changed_at, gzip }: Publication) => {
  if (gzip === null) {
    await db.deleteFrom('bodies').where('feed', '=', feed).execute();
    return;
  }
  const row = { version, etag, changed_at, gzip: gzip.toString('base64') };
  await db
    .insertInto('bodies')
    .values({ feed, ...row })
    .onConflict((conflict) => conflict.column('feed').doUpdateSet(row))
    .execute();
};

/** The addresses in force whose feeds were published by an older release. */
const selectBehind = (db: Database, release: number, now: string) =>
  db
    .selectFrom('serving')
    .where('release', '<', release)
    .where('user', 'is not', null)
    .where('revoked_at', 'is', null)
    .where((row) => row.or([row('expires_at', 'is', null), row('expires_at', '>', now)]));

export const publicationReads = (db: Database): PublicationReads => ({
  get: (feed) => findCurrent(db, feed),
  ofFeeds: (feeds) =>
    mapByKey(
      feeds,
      (chunk) => selectPublications(db).where('publications.feed', 'in', chunk).execute(),
      ({ feed }) => feed,
      toPublication,
    ),
  behind: (release, { now, after, limit }) =>
    selectBehind(db, release, now)
      .select(['digest', 'feed'])
      .where((row) => ifGiven(after, (digest) => row('digest', '>', digest)))
      .orderBy('digest')
      .limit(limit)
      .execute(),
  async countBehind(release, now) {
    const { count } = await selectBehind(db, release, now)
      .select((row) => row.fn.count('feed').distinct().as('count'))
      .executeTakeFirstOrThrow();
    return Number(count);
  },
});

export const publicationWrites = (scope: Scope): PublicationWrites => ({
  restoreItems: (feed, items) => restoreItems(scope, feed, items),
  async publish(publication, base) {
    const { db, engine, publishedFeeds } = scope;
    const lostResult = async () => ({
      published: false as const,
      publication: await findCurrent(db, publication.feed),
    });
    // Locks the owner: until this transaction ends, nothing of theirs that these bytes contain can be erased.
    const owner = await db
      .selectFrom('feeds')
      .innerJoin('users', 'users.id', 'feeds.user')
      .select('users.erased_revision')
      .where('feeds.id', '=', publication.feed)
      .$if(engine === 'postgres', (query) => query.forShare('users'))
      .executeTakeFirst();
    if (!owner || publication.revision < owner.erased_revision) return lostResult();
    const row = {
      feed: publication.feed,
      version: base + 1,
      revision: publication.revision,
      release: publication.release,
      stale_at: publication.stale_at,
      etag: publication.etag,
      changed_at: publication.changed_at,
      hash: publication.hash,
      body: publication.body,
      gzip: null,
      items: toItems(publication.items),
    };
    const publishedResult = async () => {
      const present = { ...publication, version: row.version };
      await storeBytes(db, present);
      return { published: true as const, publication: present };
    };
    publishedFeeds.add(publication.feed);
    if (base === 0) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('publications')
        .values(row)
        .onConflict((conflict) => conflict.column('feed').doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows ? publishedResult() : lostResult();
    }
    const { numUpdatedRows } = await db
      .updateTable('publications')
      .set(row)
      .where('feed', '=', publication.feed)
      .where('version', '=', base)
      .where('revision', '<=', publication.revision)
      .executeTakeFirst();
    return numUpdatedRows > 0n ? publishedResult() : lostResult();
  },
});

/** Does nothing for a feed that was never published. */
const restoreItems = async ({ db, changedFeeds }: Scope, feed: string, items: Publication['items']) => {
  const present = await db
    .selectFrom('publications')
    .select('items')
    .where('feed', '=', feed)
    .executeTakeFirst();
  if (!present) return;
  const known = fromItems(present.items);
  const knownUids = new Set(known.map(({ uid }) => uid));
  const added = items.filter(({ uid }) => !knownUids.has(uid));
  if (added.length === 0) return;
  changedFeeds.add(feed);
  // Raising the version makes a concurrent publish fail its compare-and-set and start over with these entries.
  await db
    .updateTable('publications')
    .set((row) => ({ version: row('version', '+', 1), items: toItems([...known, ...added]) }))
    .where('feed', '=', feed)
    .execute();
  await db
    .updateTable('bodies')
    .set((row) => ({ version: row('version', '+', 1) }))
    .where('feed', '=', feed)
    .execute();
};

const EMPTY = { revision: 0, etag: '', hash: '', body: '', gzip: null };

/**
 * Empties a user's publications: the entries keep their SEQUENCE, the next fetch publishes again, and publications
 * begun before are rejected.
 */
export const emptyPublications = async (scope: Scope, user: string): Promise<void> => {
  const { db } = scope;
  scope.hasErased = true;
  await db
    .updateTable('users')
    .set((row) => ({ erased_revision: row.ref('revision') }))
    .where('id', '=', user)
    .execute();
  const feeds = db.selectFrom('feeds').select('id').where('user', '=', user);
  await db
    .updateTable('publications')
    .set((row) => ({ ...EMPTY, version: row('version', '+', 1) }))
    .where('feed', 'in', feeds)
    .execute();
  await db.deleteFrom('bodies').where('feed', 'in', feeds).execute();
};

/** Removes a line from its owner's feeds: from their selection of lines and from their publications. */
export const eraseLineFromFeeds = async (scope: Scope, user: string, line: string): Promise<void> => {
  const { db, moment } = scope;
  // First, since it locks the owner: no publication can be stored between the reads and writes below.
  await emptyPublications(scope, user);
  const feeds = await db
    .selectFrom('feeds')
    .leftJoin('publications', 'publications.feed', 'feeds.id')
    .select(['feeds.id', 'feeds.lines', 'publications.items'])
    .where('feeds.user', '=', user)
    .orderBy('feeds.id')
    .execute();
  for (const { id, lines, items } of feeds) {
    const chosen = fromJsonOrNull<string[]>(lines);
    if (chosen?.includes(line)) {
      await db
        .updateTable('feeds')
        .set({ lines: toJsonOrNull(chosen.filter((id) => id !== line)), updated_at: moment() })
        .where('id', '=', id)
        .execute();
    }
    if (items === null) continue;
    const kept = fromItems(items).filter((item) => item.line !== line);
    await db
      .updateTable('publications')
      .set({ items: toItems(kept) })
      .where('feed', '=', id)
      .execute();
  }
};
