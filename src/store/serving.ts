/**
 * The hot path of feeds, past Kysely: one prepared statement that tells all that decides on a fetch, one that
 * reads the bytes. On SQLite they answer at once; on PostgreSQL they are named statements, parsed once a
 * connection.
 */
import type Sqlite from 'better-sqlite3';
import type pg from 'pg';
import type { Locale, ServedBody, ServedFeed } from './entities.ts';
import { translateError } from './translate.ts';
import type { Serving } from './types.ts';

const feedByToken = (parameter: string) => `
  select t.feed, f."user", u.revision as user_revision, coalesce(f.locale, u.locale, t.locale, 'en') as locale,
    t.expires_at, t.revoked_at, p.version, p.revision, p."release", p.stale_at, p.etag, p.changed_at
  from feed_tokens t
  left join feeds f on f.id = t.feed
  left join users u on u.id = f."user"
  left join publications p on p.feed = t.feed
  where t.digest = ${parameter}`;
const bodyOf = (body: string, parameter: string) =>
  `select version, etag, changed_at, ${body} as body, gzip from publications where feed = ${parameter}`;

type FeedRow = Omit<ServedFeed, 'publication' | 'locale'> & {
  locale: string;
  version: number | null;
  revision: number;
  release: number;
  stale_at: string | null;
  etag: string;
  changed_at: string;
};
type BodyRow = Omit<ServedBody, 'body' | 'gzip'> & { body: Buffer | string; gzip: string | null };

const toFeed = (row: FeedRow): ServedFeed => ({
  feed: row.feed,
  user: row.user,
  user_revision: row.user_revision,
  locale: row.locale as Locale,
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

const toBody = (row: BodyRow): ServedBody => ({
  ...row,
  body: typeof row.body === 'string' ? Buffer.from(row.body) : row.body,
  gzip: row.gzip === null ? null : Buffer.from(row.gzip, 'base64'),
});

export const sqliteServing = (connection: Sqlite.Database): Serving => {
  // A bare `?` in a join makes SQLite plan the statement anew for every value: 28 µs a look-up instead of 6.
  const feed = connection.prepare<[string], FeedRow>(feedByToken('(select ?)'));
  // As a blob the bytes come as they lie, without a turn through a JavaScript string.
  const body = connection.prepare<[string], BodyRow>(bodyOf('cast(body as blob)', '?'));
  const first = <P, Row, T>(statement: Sqlite.Statement<[P], Row>, map: (row: Row) => T, parameter: P) => {
    try {
      const row = statement.get(parameter);
      return row === undefined ? null : map(row);
    } catch (error) {
      throw translateError('sqlite', error);
    }
  };
  return {
    feedByToken: (digest) => first(feed, toFeed, digest),
    body: (id) => first(body, toBody, id),
  };
};

export const postgresServing = (pool: pg.Pool): Serving => {
  const first = async <Row extends pg.QueryResultRow, T>(
    query: { name: string; text: string },
    map: (row: Row) => T,
    parameter: string,
  ) => {
    try {
      const { rows } = await pool.query<Row>({ ...query, values: [parameter] });
      return rows[0] === undefined ? null : map(rows[0]);
    } catch (error) {
      throw translateError('postgres', error);
    }
  };
  const feed = { name: 'feed_by_token', text: feedByToken('$1') };
  const body = { name: 'feed_body', text: bodyOf('body', '$1') };
  return {
    feedByToken: (digest) => first(feed, toFeed, digest),
    body: (id) => first(body, toBody, id),
  };
};
