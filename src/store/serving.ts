/**
 * The hot path of feeds, past Kysely: one prepared statement that reads all that decides on a fetch from one row, one
 * that reads the bytes. The row is made anew by each write that may have changed it (see {@link refreshServing}), for
 * there are thousands of fetches to a write. On SQLite they answer at once; on PostgreSQL what is asked in one turn of
 * the event loop is asked with one query.
 */
import type Sqlite from 'better-sqlite3';
import { type RawBuilder, sql } from 'kysely';
import type pg from 'pg';
import { batchLoader } from '../lib/batch-loader.ts';
import { bytesOfText } from '../lib/bytes-of-text.ts';
import type { PublicationStatus, ServedBody, ServedFeed } from './entities.ts';
import type { Tables } from './schema.ts';
import type { Scope } from './scope.ts';
import type { SnapshotLease } from './snapshot-lease.ts';
import { translateError } from './translate.ts';
import type { Served, Serving } from './types.ts';
import { chunks } from './values.ts';

/** What a row of `serving` says of its address, and where each of it comes from. */
const SOURCES: Record<Exclude<keyof Tables['serving'], 'digest'>, string> = {
  feed: 't.feed',
  user: 'f."user"',
  user_revision: 'u.revision',
  locale: "coalesce(f.locale, u.locale, t.locale, 'en')",
  expires_at: 't.expires_at',
  revoked_at: 't.revoked_at',
  version: 'p.version',
  revision: 'p.revision',
  release: 'p."release"',
  stale_at: 'p.stale_at',
  etag: 'p.etag',
  changed_at: 'p.changed_at',
};
const listed = (write: (column: string, source: string) => string) =>
  Object.entries(SOURCES)
    .map(([column, source]) => write(`"${column}"`, source))
    .join(', ');
const columns = listed((column) => column);
const sources = listed((_, source) => source);
const assignments = listed((column) => `${column} = excluded.${column}`);

/** Makes rows anew: `which` follows the tables that they are made of, `where` what they would take the place of. */
const remake = (which: RawBuilder<unknown>, where = sql``) => sql`
  insert into serving (digest, ${sql.raw(columns)})
  select t.digest, ${sql.raw(sources)}
  from feed_tokens t
  left join feeds f on f.id = t.feed
  left join users u on u.id = f."user"
  left join publications p on p.feed = t.feed
  ${which}
  on conflict (digest) do update set ${sql.raw(assignments)} ${where}`;

/** Before a write ends: what is served of the users and feeds that it has changed. */
export const refreshServing = async ({ db, touchedUsers: touched, changedFeeds }: Scope): Promise<void> => {
  for (const some of chunks([...touched])) {
    const feeds = sql`select id from feeds where "user" in (${sql.join(some)})`;
    await remake(sql`where t.feed in (${feeds})`).execute(db);
  }
  for (const some of chunks([...changedFeeds])) {
    await remake(sql`where t.feed in (${sql.join(some)})`).execute(db);
  }
};

/**
 * Mends rows that processes of versions before these tables have left behind, while a deploy of several nodes rolled:
 * what they have erased must not stay in `bodies`. On SQLite there is one process and no such time.
 */
export const repairServing = async ({ db, engine }: Scope): Promise<void> => {
  if (engine === 'sqlite') return;
  await sql`
    delete from bodies b using publications p where p.feed = b.feed and b.version < p.version`.execute(db);
  await remake(
    sql`left join serving s on s.digest = t.digest
    where (${sql.raw(listed((column) => `s.${column}`))}) is distinct from (${sql.raw(sources)})`,
    // Meanwhile somebody may have written what is newer.
    sql`where coalesce(serving.user_revision, 0) <= coalesce(excluded.user_revision, serving.user_revision, 0)
      and coalesce(serving.version, 0) <= coalesce(excluded.version, serving.version, 0)`,
  ).execute(db);
};

type FeedRow = Omit<ServedFeed, 'publication'> &
  (PublicationStatus | { [Key in keyof PublicationStatus]: null });
type BodyRow = Omit<ServedBody, 'body'> & { gzip: string };
/** Compressed as well, where a version before `bodies` has published it. */
type TextRow = Omit<ServedBody, 'body'> & { body: Buffer | string };

const toFeed = (row: FeedRow): ServedFeed => ({
  feed: row.feed,
  user: row.user,
  user_revision: row.user_revision,
  locale: row.locale,
  expires_at: row.expires_at,
  revoked_at: row.revoked_at,
  publication:
    row.version === null
      ? null
      : {
          version: row.version,
          revision: row.revision,
          release: row.release,
          stale_at: row.stale_at,
          etag: row.etag,
          changed_at: row.changed_at,
        },
});

const toBody = ({ version, etag, changed_at, gzip }: BodyRow): ServedBody => ({
  version,
  etag,
  changed_at,
  gzip,
  body: null,
});
const fromText = ({ version, etag, changed_at, gzip, body }: TextRow): ServedBody => ({
  version,
  etag,
  changed_at,
  gzip,
  body: typeof body === 'string' ? bytesOfText(body) : body.toString('latin1'),
});

/** Whether a row of `bodies` is what `served` names, or newer: a process of a version before leaves older ones. */
const isOf = (row: BodyRow | null, { publication }: ServedFeed): row is BodyRow =>
  row !== null && row.version >= (publication?.version ?? 0);

/**
 * On a connection of its own, whose look-ups of one turn share a transaction: to begin and end one takes longer than
 * a look-up does. `endRead` must be called after each write of this process.
 */
export const sqliteServing = (connection: Sqlite.Database): Serving & { endRead(): void } => {
  const feed = connection.prepare<[string], FeedRow>(`select ${columns} from serving where digest = ?`);
  const body = connection.prepare<[string], BodyRow>(
    'select version, etag, changed_at, gzip from bodies where feed = ?',
  );
  // As a blob the text comes as it lies, without a turn through a JavaScript string.
  const text = connection.prepare<[string], TextRow>(
    'select version, etag, changed_at, cast(body as blob) as body, gzip from publications where feed = ?',
  );
  const [begin, commit] = ['begin', 'commit'].map((text) => connection.prepare(text)) as [
    Sqlite.Statement,
    Sqlite.Statement,
  ];
  let isReading = false;
  const endRead = () => {
    if (!isReading) return;
    isReading = false;
    // An error of the disk ends one by itself.
    if (connection.open && connection.inTransaction) commit.run();
  };
  const first = <P, Row, T>(statement: Sqlite.Statement<[P], Row>, map: (row: Row) => T, parameter: P) => {
    try {
      if (!isReading) {
        begin.run();
        isReading = true;
        setImmediate(endRead);
      }
      const row = statement.get(parameter);
      return row === undefined ? null : map(row);
    } catch (error) {
      throw translateError('sqlite', error);
    }
  };
  return {
    feedByToken: (digest) => first(feed, toFeed, digest),
    feedWithBody: (digest) => first(feed, (row) => ({ feed: toFeed(row), bytes: null }), digest),
    body(served, packed) {
      const row = packed ? first(body, (row) => row, served.feed) : null;
      return isOf(row, served) ? toBody(row) : first(text, fromText, served.feed);
    },
    isMemoryCurrent: () => true,
    endRead,
  };
};

export const postgresServing = (pool: pg.Pool, lease: SnapshotLease): Serving => {
  const by = <Row extends pg.QueryResultRow, T>(name: string, text: string, map: (row: Row) => T) =>
    batchLoader(async (keys: string[]) => {
      try {
        const { rows } = await pool.query<Row & { key: string }>({ name, text, values: [keys] });
        return new Map(rows.map((row) => [row.key, map(row)]));
      } catch (error) {
        throw translateError('postgres', error);
      }
    });
  const feedByToken = by<FeedRow, ServedFeed>(
    'served_feeds',
    `select digest as key, ${columns} from serving where digest = any($1)`,
    toFeed,
  );
  /** Rows of `serving` with one column of another table, where that has the same version. */
  const withBytes = (
    name: string,
    { table, column }: { table: string; column: string },
    bytesOf: (text: string) => Pick<ServedBody, 'gzip' | 'body'>,
  ) =>
    by<FeedRow & { text: string | null }, Served>(
      name,
      // A `*` would be refused once another column is there, until every connection has been made anew.
      `select s.digest as key, ${listed((one) => `s.${one}`)}, b.${column} as text
        from serving s left join ${table} b on b.feed = s.feed and b.version = s.version
        where s.digest = any($1)`,
      (row) => {
        const feed = toFeed(row);
        if (row.version === null || !row.text) return { feed, bytes: null };
        const { text, version, etag, changed_at } = row;
        return { feed, bytes: { version, etag, changed_at, ...bytesOf(text) } };
      },
    );
  const packed = { table: 'bodies', column: 'gzip' };
  const withPacked = withBytes('served_feeds_with_bodies', packed, (gzip) => ({ gzip, body: null }));
  const plain = { table: 'publications', column: 'body' };
  const withText = withBytes('served_feeds_with_texts', plain, (text) => ({
    gzip: null,
    body: bytesOfText(text),
  }));
  const body = by<BodyRow, BodyRow>(
    'served_bodies',
    'select feed as key, version, etag, changed_at, gzip from bodies where feed = any($1)',
    (row) => row,
  );
  const text = by<TextRow, ServedBody>(
    'served_texts',
    'select feed as key, version, etag, changed_at, body, gzip from publications where feed = any($1)',
    fromText,
  );
  return {
    feedByToken,
    feedWithBody: (digest, packed) => (packed ? withPacked(digest) : withText(digest)),
    async body(served, packed) {
      const row = packed ? await body(served.feed) : null;
      return isOf(row, served) ? toBody(row) : text(served.feed);
    },
    isMemoryCurrent: lease.isValid,
  };
};
