import type { Selectable } from 'kysely';
import type { Database } from './engine.ts';
import type { Tables } from './schema.ts';
import type { Scope } from './scope.ts';
import type { Publication, PublicationItem, PublicationReads, PublicationWrites } from './types.ts';
import { fromJsonOrNull, ifGiven, mapByKey, toJson, toJsonOrNull } from './values.ts';

/**
 * Entries as they are kept. Each had its text beside it before; to a node of that version, while a deploy rolls, null
 * says that the text is to be made anew.
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

const current = async (db: Database, feed: string) => {
  const row = await selectPublications(db).where('publications.feed', '=', feed).executeTakeFirst();
  return row ? toPublication(row) : null;
};

/** Keeps the bytes of a publication that has just landed. */
const keepBytes = async (db: Database, { feed, version, etag, changed_at, gzip }: Publication) => {
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

/** The addresses in force whose calendars a release before has made. */
const behind = (db: Database, release: number, now: string) =>
  db
    .selectFrom('serving')
    .where('release', '<', release)
    .where('user', 'is not', null)
    .where('revoked_at', 'is', null)
    .where((row) => row.or([row('expires_at', 'is', null), row('expires_at', '>', now)]));

export const publicationReads = (db: Database): PublicationReads => ({
  get: (feed) => current(db, feed),
  ofFeeds: (feeds) =>
    mapByKey(
      feeds,
      (some) => selectPublications(db).where('publications.feed', 'in', some).execute(),
      ({ feed }) => feed,
      toPublication,
    ),
  behind: (release, { now, after, limit }) =>
    behind(db, release, now)
      .select(['digest', 'feed'])
      .where((row) => ifGiven(after, (digest) => row('digest', '>', digest)))
      .orderBy('digest')
      .limit(limit)
      .execute(),
  async countBehind(release, now) {
    const { count } = await behind(db, release, now)
      .select((row) => row.fn.count('feed').distinct().as('count'))
      .executeTakeFirstOrThrow();
    return Number(count);
  },
});

export const publicationWrites = (scope: Scope): PublicationWrites => ({
  restoreItems: (feed, items) => recall(scope, feed, items),
  async publish(publication, base) {
    const { db, engine, changedFeeds } = scope;
    const lost = async () => ({
      published: false as const,
      publication: await current(db, publication.feed),
    });
    // Until this ends, the owner can be neither erased nor have something erased that stands in these bytes.
    const owner = await db
      .selectFrom('feeds')
      .innerJoin('users', 'users.id', 'feeds.user')
      .select('users.erased_revision')
      .where('feeds.id', '=', publication.feed)
      .$if(engine === 'postgres', (query) => query.forShare('users'))
      .executeTakeFirst();
    if (!owner || publication.revision < owner.erased_revision) return lost();
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
    const landed = async () => {
      const present = { ...publication, version: row.version };
      await keepBytes(db, present);
      return { published: true as const, publication: present };
    };
    changedFeeds.add(publication.feed);
    if (base === 0) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('publications')
        .values(row)
        .onConflict((conflict) => conflict.column('feed').doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows ? landed() : lost();
    }
    const { numUpdatedRows } = await db
      .updateTable('publications')
      .set(row)
      .where('feed', '=', publication.feed)
      .where('version', '=', base)
      .where('revision', '<=', publication.revision)
      .executeTakeFirst();
    return numUpdatedRows > 0n ? landed() : lost();
  },
});

/** Of a feed that is published; nothing of one that is not. */
const recall = async ({ db, changedFeeds }: Scope, feed: string, items: Publication['items']) => {
  const present = await db
    .selectFrom('publications')
    .select('items')
    .where('feed', '=', feed)
    .executeTakeFirst();
  if (!present) return;
  const kept = fromItems(present.items);
  const known = new Set(kept.map(({ uid }) => uid));
  const more = items.filter(({ uid }) => !known.has(uid));
  if (more.length === 0) return;
  changedFeeds.add(feed);
  // Whoever is publishing it just now has not seen them, and begins anew.
  await db
    .updateTable('publications')
    .set((row) => ({ version: row('version', '+', 1), items: toItems([...kept, ...more]) }))
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
 * Empties what is published of a user: the entries keep their SEQUENCE, the next fetch makes the bytes anew, and no
 * publication that was begun before may land any more.
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

/** Takes a line out of its owner's feeds: out of their choice of lines, and out of what has been published. */
export const eraseLineFromFeeds = async (scope: Scope, user: string, line: string): Promise<void> => {
  const { db, moment } = scope;
  // First of all: it holds the owner, so that no publication lands between what is read here and what is written.
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
        .set({ lines: toJsonOrNull(chosen.filter((one) => one !== line)), updated_at: moment() })
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
