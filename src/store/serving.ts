/**
 * The hot path of feed fetches, without Kysely: one prepared statement reads the row of `serving` that decides the
 * answer, another the bytes. Since fetches outnumber writes by thousands, each write recomputes the rows it may have
 * changed (see {@link refreshServing}). SQLite answers synchronously; on PostgreSQL the look-ups of one turn of the
 * event loop are batched into one query.
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

/** The columns of `serving`, and the expression that each is computed from. */
const SOURCES: Record<Exclude<keyof Tables['serving'], 'digest' | 'changed'>, string> = {
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
const columnList = (write: (column: string, source: string) => string) =>
  Object.entries(SOURCES)
    .map(([column, source]) => write(`"${column}"`, source))
    .join(', ');
const columns = columnList((column) => column);
const sources = columnList((_, source) => source);
const assignments = columnList((column) => `${column} = excluded.${column}`);

/**
 * Recomputes rows by upsert, and returns their addresses: `filter` continues the `from` clause, `where` limits which
 * existing rows are updated.
 */
const upsertServing = (filter: RawBuilder<unknown>, where = sql``) => sql<{ digest: string }>`
  insert into serving (digest, ${sql.raw(columns)})
  select t.digest, ${sql.raw(sources)}
  from feed_tokens t
  left join feeds f on f.id = t.feed
  left join users u on u.id = f."user"
  left join publications p on p.feed = t.feed
  ${filter}
  on conflict (digest) do update set ${sql.raw(assignments)} ${where}
  returning digest`;

/**
 * Recomputes the rows that a transaction may have changed; called before it commits. Returns the digests of the
 * addresses whose cached answers may no longer be valid.
 */
export const refreshServing = async (scope: Scope): Promise<string[]> => {
  const { db, touchedUsers, changedFeeds, publishedFeeds } = scope;
  const refresh = async (ids: ReadonlySet<string>, filterOf: (chunk: string[]) => RawBuilder<unknown>) => {
    const addresses: string[] = [];
    for (const chunk of chunks([...ids])) {
      const { rows } = await upsertServing(filterOf(chunk)).execute(db);
      addresses.push(...rows.map(({ digest }) => digest));
    }
    return addresses;
  };
  const ofFeeds = (feeds: string[]) => sql`where t.feed in (${sql.join(feeds)})`;
  const ofUsers = (users: string[]) =>
    sql`where t.feed in (select id from feeds where "user" in (${sql.join(users)}))`;
  const addresses = [...(await refresh(touchedUsers, ofUsers)), ...(await refresh(changedFeeds, ofFeeds))];
  await refresh(publishedFeeds, ofFeeds);
  return [...new Set(addresses)];
};

/**
 * Repairs rows that nodes of a version without these tables left outdated during a rolling deploy: what they erased
 * must not remain in `bodies`. SQLite has one process, hence no rolling deploy.
 */
export const repairServing = async ({ db, engine }: Scope): Promise<void> => {
  if (engine === 'sqlite') return;
  await sql`
    delete from bodies b using publications p where p.feed = b.feed and b.version < p.version`.execute(db);
  await upsertServing(
    sql`left join serving s on s.digest = t.digest
    where (${sql.raw(columnList((column) => `s.${column}`))}) is distinct from (${sql.raw(sources)})`,
    // A concurrent write may have stored a newer row.
    sql`where coalesce(serving.user_revision, 0) <= coalesce(excluded.user_revision, serving.user_revision, 0)
      and coalesce(serving.version, 0) <= coalesce(excluded.version, serving.version, 0)`,
  ).execute(db);
};

type FeedRow = Omit<ServedFeed, 'publication'> &
  (PublicationStatus | { [Key in keyof PublicationStatus]: null });
type AddressRow = FeedRow & { digest: string };
type BodyRow = Omit<ServedBody, 'body'> & { gzip: string };
/** With `gzip` where a version before `bodies` published it. */
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

const toAddress = (row: AddressRow) => ({ digest: row.digest, feed: toFeed(row) });

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

/** The query for {@link Serving.page}, with two parameters: after which address, and how many rows. */
const pageQuery = (first: string, second: string) =>
  `select digest, ${columns} from serving where digest > ${first} order by digest limit ${second}`;

/** Whether a row of `bodies` is as new as `served`: nodes of an earlier version leave outdated rows. */
const isUpToDate = (row: BodyRow | null, { publication }: ServedFeed): row is BodyRow =>
  row !== null && row.version >= (publication?.version ?? 0);

/**
 * Needs a connection of its own. The look-ups of one turn of the event loop share a transaction, since beginning and
 * ending one takes longer than a look-up. `endRead` must be called after each write of this process.
 */
export const sqliteServing = (connection: Sqlite.Database): Serving & { endRead(): void } => {
  const feed = connection.prepare<[string], FeedRow>(`select ${columns} from serving where digest = ?`);
  const body = connection.prepare<[string], BodyRow>(
    'select version, etag, changed_at, gzip from bodies where feed = ?',
  );
  // Read as a blob, the text is not decoded into a JavaScript string first.
  const text = connection.prepare<[string], TextRow>(
    'select version, etag, changed_at, cast(body as blob) as body, gzip from publications where feed = ?',
  );
  const page = connection.prepare<[string, number], AddressRow>(pageQuery('?', '?'));
  const [begin, commit] = ['begin', 'commit'].map((text) => connection.prepare(text)) as [
    Sqlite.Statement,
    Sqlite.Statement,
  ];
  let isReading = false;
  const endRead = () => {
    if (!isReading) return;
    isReading = false;
    // A disk error has already ended the transaction.
    if (connection.open && connection.inTransaction) commit.run();
  };
  const read = <T>(work: () => T): T => {
    try {
      if (!isReading) {
        begin.run();
        isReading = true;
        setImmediate(endRead);
      }
      return work();
    } catch (error) {
      throw translateError('sqlite', error);
    }
  };
  const lookUp = <P, Row, T>(statement: Sqlite.Statement<[P], Row>, map: (row: Row) => T, parameter: P) =>
    read(() => {
      const row = statement.get(parameter);
      return row === undefined ? null : map(row);
    });
  return {
    feedByToken: (digest) => lookUp(feed, toFeed, digest),
    feedWithBody: (digest) => lookUp(feed, (row) => ({ feed: toFeed(row), bytes: null }), digest),
    body(served, packed) {
      const row = packed ? lookUp(body, (row) => row, served.feed) : null;
      return isUpToDate(row, served) ? toBody(row) : lookUp(text, fromText, served.feed);
    },
    page: (after, limit) => read(() => page.all(after ?? '', limit).map(toAddress)),
    isMemoryCurrent: () => true,
    endRead,
  };
};

export const postgresServing = (pool: pg.Pool, lease: SnapshotLease): Serving => {
  const loaderOf = <Row extends pg.QueryResultRow, T>(name: string, text: string, map: (row: Row) => T) =>
    batchLoader(async (keys: string[]) => {
      try {
        const { rows } = await pool.query<Row & { key: string }>({ name, text, values: [keys] });
        return new Map(rows.map((row) => [row.key, map(row)]));
      } catch (error) {
        throw translateError('postgres', error);
      }
    });
  const feedByToken = loaderOf<FeedRow, ServedFeed>(
    'served_feeds',
    `select digest as key, ${columns} from serving where digest = any($1)`,
    toFeed,
  );
  /** Rows of `serving` joined with one column of another table, null where its version differs. */
  const withBytes = (
    name: string,
    { table, column }: { table: string; column: string },
    bytesOf: (text: string) => Pick<ServedBody, 'gzip' | 'body'>,
  ) =>
    loaderOf<FeedRow & { text: string | null }, Served>(
      name,
      // PostgreSQL would refuse a prepared `select *` after a column is added, until the connection is replaced.
      `select s.digest as key, ${columnList((name) => `s.${name}`)}, b.${column} as text
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
  const body = loaderOf<BodyRow, BodyRow>(
    'served_bodies',
    'select feed as key, version, etag, changed_at, gzip from bodies where feed = any($1)',
    (row) => row,
  );
  const text = loaderOf<TextRow, ServedBody>(
    'served_texts',
    'select feed as key, version, etag, changed_at, body, gzip from publications where feed = any($1)',
    fromText,
  );
  return {
    feedByToken,
    feedWithBody: (digest, packed) => (packed ? withPacked(digest) : withText(digest)),
    async body(served, packed) {
      const row = packed ? await body(served.feed) : null;
      return isUpToDate(row, served) ? toBody(row) : text(served.feed);
    },
    async page(after, limit) {
      try {
        const { rows } = await pool.query<AddressRow>({
          name: 'served_page',
          text: pageQuery('$1', '$2'),
          values: [after ?? '', limit],
        });
        return rows.map(toAddress);
      } catch (error) {
        throw translateError('postgres', error);
      }
    },
    isMemoryCurrent: lease.isValid,
  };
};
