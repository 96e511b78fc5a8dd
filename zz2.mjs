import Sqlite from 'better-sqlite3';
import { hash } from 'node:crypto';
import { copyFileSync } from 'node:fs';
const file = '/tmp/b/k100b.db';
const n = 100000;
const tok = i => `klf_${`${i}`.padStart(43, '0')}`;
const dig = i => hash('sha256', tok(i), 'base64url');
const w = new Sqlite(file);
if (process.argv[2] === 'make') {
  w.exec(`drop table if exists s1; create table s1 (digest text primary key, feed text, "user" text, revision integer, user_revision integer, release integer, locale text, expires_at text, revoked_at text, version integer, stale_at text, etag text, changed_at text) strict, without rowid;
  insert into s1 select t.digest, t.feed, f."user", p.revision, u.revision, p.release, coalesce(f.locale, u.locale), t.expires_at, t.revoked_at, p.version, p.stale_at, p.etag, p.changed_at from feed_tokens t join feeds f on f.id=t.feed join users u on u.id=f."user" join publications p on p.feed = t.feed;
  drop table if exists ft; create table ft (digest text primary key, feed text, locale text, expires_at text, revoked_at text) strict, without rowid; insert into ft select digest, feed, locale, expires_at, revoked_at from feed_tokens;
  drop table if exists fe; create table fe (id text primary key, "user" text, locale text, rest text) strict, without rowid; insert into fe select id, "user", locale, name||lead_days||created_at||updated_at from feeds;
  drop table if exists us; create table us (id text primary key, revision integer, locale text, rest text) strict, without rowid; insert into us select id, revision, locale, name||created_at||updated_at from users;
  drop table if exists pu; create table pu (feed text primary key, version integer, revision integer, release integer, stale_at text, etag text, changed_at text, hash text) strict, without rowid; insert into pu select feed, version, revision, release, stale_at, etag, changed_at, hash from publications;
  `); w.pragma('wal_checkpoint(truncate)');
}
w.close();
for (const [name, cache, held] of [['plain', -2000, 0], ['held', -2000, 1], ['held 8MB', -8000, 1], ['held 16MB', -16000, 1]]) {
  const db = new Sqlite(file, { readonly: true }); db.pragma('cache_size=' + cache);
  const q = {
    full: `select t.feed, f."user", u.revision as user_revision, coalesce(f.locale, u.locale, t.locale, 'en') as locale, t.expires_at, t.revoked_at, p.version, p.revision, p."release", p.stale_at, p.etag, p.changed_at from feed_tokens t left join feeds f on f.id = t.feed left join users u on u.id = f."user" left join publications p on p.feed = t.feed where t.digest = (select ?)`,
    norowid: `select t.feed, f."user", u.revision as user_revision, coalesce(f.locale, u.locale, t.locale, 'en') as locale, t.expires_at, t.revoked_at, p.version, p.revision, p."release", p.stale_at, p.etag, p.changed_at from ft t left join fe f on f.id = t.feed left join us u on u.id = f."user" left join pu p on p.feed = t.feed where t.digest = (select ?)`,
    one: `select * from s1 where digest = ?`, oneraw: `select * from s1 where digest = ?`, three: `select version, revision, etag from s1 where digest=?`, nothing: `select 1 where ? is not null`,
  };
  for (const [k, sql] of Object.entries(q)) {
    const st = db.prepare(sql); if (k === 'oneraw') st.raw();
    const N = 8000; const keys = Array.from({ length: N + 3000 }, () => dig(1 + Math.floor(Math.random() * (n - 1))));
    if (held) db.exec('begin');
    for (let i = 0; i < 3000; i++) st.get(keys[N + i]);
    const t = performance.now(); for (let i = 0; i < N; i++) if (!st.get(keys[i])) throw 1;
    console.log(name.padEnd(10), k.padEnd(8), ((performance.now() - t) / N * 1000).toFixed(1), 'µs');
    if (held) db.exec('commit');
  }
  db.close();
}
