/**
 * Fills a database with feeds: the service creates and publishes the first, the others are copies of its rows with
 * their own ids and tokens. `node bench/feeds/fill.ts COUNT URL FEEDS|LINES|ALL`: with FEEDS they are published but
 * have no lines; with LINES each has a line and ten coming entries, but is not published; with ALL they have both, and
 * entries of all kinds.
 */
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { readConfig } from '../../src/config.ts';
import { startService } from '../../src/start.ts';
import { digest } from '../../src/store/digest.ts';
import type { Feed } from '../../src/store/types.ts';
import { tokenOf } from './token.ts';

const [count = '', url = '', what = ''] = process.argv.slice(2);
const CHUNK = 10_000;

/** The feeds' options for each mode. */
const OPTIONS: Record<string, Pick<Feed, 'kinds' | 'alarms' | 'lead_days'>> = {
  FEEDS: { kinds: ['renew'], alarms: 'valarm', lead_days: [30, 7, 1] },
  LINES: {
    kinds: ['renew', 'last_safe_day', 'lead', 'stage', 'backup', 'check_account'],
    alarms: 'both',
    lead_days: [14],
  },
  ALL: { kinds: null, alarms: 'valarm', lead_days: [30, 7, 1] },
};

function optionsFor(what: string) {
  const options = OPTIONS[what];
  if (!options) throw new Error(`say what to fill with: ${Object.keys(OPTIONS).join(', ')}`);
  return options;
}

/** Creates the first feed; returns the ids of its owner, its line and itself. */
async function original() {
  const service = await startService(
    readConfig({
      DATABASE_URL: url,
      RULES_DIR: new URL('../../rules', import.meta.url).pathname,
      PUBLIC_URL: 'https://keepline.example',
      LOG_LEVEL: 'silent',
    }),
    { print: () => {} },
  );
  const ids = await service.app.store.write(null, async (q) => {
    const { id: user } = await q.users.create({ name: 'Boris', locale: 'ru', time_zone: 'Europe/Berlin' });
    const line = await q.lines.create({ user, rule: 'ru/t2/prepaid', label: 'Home' });
    const at = new Date().toISOString().slice(0, 10);
    await q.records.append(line.id, [
      { body: { type: 'activity', at, kind: 'call', direction: 'outgoing', charged: true } },
    ]);
    const usual = { lines: null, locale: null, detail: 'full', show_balance: false } as const;
    const feed = await q.feeds.create(
      { user, name: 'Phones', action_links: false, ...usual, ...optionsFor(what) },
      digest(tokenOf(0)),
    );
    return { user, line: line.id, feed: feed.id };
  });
  await service.app.edges.waitUntilFresh(null);
  await service.server.inject(`/cal/${tokenOf(0)}/Phones.ics`);
  await service.close();
  return ids;
}

type Copied = { table: string; key: string; of: string; set: Record<string, string> };

const quoted = (name: string) => `"${name}"`;
const insert = ({ table, key, set }: Copied, columns: string[], numbers: string, of: string) => `
  insert into ${table} (${columns.map(quoted)})
  select ${columns.map((column) => set[column] ?? `t.${quoted(column)}`)}
  from ${numbers}, ${table} t where t.${key} = ${of}`;

const postgres = /^postgres/.test(url);
const token = "'klf_' || lpad(n.i::text, 43, '0')";
const tokenDigest = postgres
  ? `translate(encode(sha256(convert_to(${token}, 'UTF8')), 'base64'), '+/=', '-_')`
  : 'digest_of(n.i)';
const ids = await original();
const user = "'user_' || n.i";
const feed = "'feed_' || n.i";
const line = "'line_' || n.i";
const copies: Copied[] = [
  { table: 'users', key: 'id', of: ids.user, set: { id: user } },
  { table: 'feeds', key: 'id', of: ids.feed, set: { id: feed, user } },
  ...(what === 'FEEDS'
    ? []
    : [
        { table: 'lines', key: 'id', of: ids.line, set: { id: line, user } },
        { table: 'records', key: 'line', of: ids.line, set: { id: "'rec_' || n.i", line } },
      ]),
  ...(what === 'LINES'
    ? []
    : [
        { table: 'feed_tokens', key: 'feed', of: ids.feed, set: { digest: tokenDigest, feed } },
        { table: 'publications', key: 'feed', of: ids.feed, set: { feed, items: "'[]'" } },
        { table: 'bodies', key: 'feed', of: ids.feed, set: { feed } },
        {
          table: 'serving',
          key: 'feed',
          of: ids.feed,
          set: { digest: tokenDigest, feed, user, changed: 'null' },
        },
      ]),
];
const tell = (done: number) => process.send?.(done);
const all = Number(count);

if (postgres) {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('set synchronous_commit = off');
  for (let from = 1; from < all; from += CHUNK) {
    for (const copy of copies) {
      const { fields } = await client.query(`select * from ${copy.table} limit 0`);
      const columns = fields.map(({ name }) => name);
      const text = insert(copy, columns, 'generate_series($1::integer, $2::integer) n(i)', '$3');
      await client.query(text, [from, Math.min(from + CHUNK, all) - 1, copy.of]);
    }
    tell(from);
  }
  await client.query('vacuum analyze');
  await client.end();
} else {
  const db = new Sqlite(url.replace('sqlite:', ''));
  // A crash here loses nothing that cannot be made again.
  db.pragma('synchronous = off');
  db.function('digest_of', (i: unknown) => digest(tokenOf(Number(i))));
  for (let from = 1; from < all; from += CHUNK) {
    db.exec('begin');
    for (const copy of copies) {
      const columns = db.pragma(`table_info(${copy.table})`) as { name: string }[];
      const text = insert(
        copy,
        columns.map(({ name }) => name),
        '(with recursive n(i) as (select ? union all select i + 1 from n where i < ?) select i from n) n',
        '?',
      );
      db.prepare(text).run(from, Math.min(from + CHUNK, all) - 1, copy.of);
    }
    db.exec('commit');
    tell(from);
  }
  db.pragma('wal_checkpoint(truncate)');
  db.close();
}
process.disconnect?.();
