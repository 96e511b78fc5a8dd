/**
 * Benchmarks noting that feeds were fetched, 20,000 fetches (a minute's worth) of random feeds: by the service,
 * compared with one bare statement per fetch in order of arrival, in transactions of equal size. `node
 * bench/fetch-notes.ts [--feeds 100000] [--rounds 5] [--database sqlite:FILE --filled]`.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Sqlite from 'better-sqlite3';
import { createFetchNotes } from '../src/http/cal/fetches.ts';
import { openStore } from '../src/store/store.ts';

const { values } = parseArgs({
  options: {
    feeds: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
    database: { type: 'string', default: '' },
    filled: { type: 'boolean', default: false },
  },
});
const FETCHES = 20_000;
const BATCH = 100;

const folder = await mkdtemp(join(tmpdir(), 'keepline-bench-'));
const url = values.database || `sqlite:${join(folder, 'keepline.db')}`;
if (!values.filled) {
  const filler = fork(new URL('./feeds/fill.ts', import.meta.url), [values.feeds, url, 'FEEDS']);
  if ((await once(filler, 'exit'))[0] !== 0) throw new Error('the database could not be filled');
}
const file = url.slice('sqlite:'.length);
const bare = new Sqlite(file);
bare.pragma('synchronous = normal');
const all = bare.prepare<[], { digest: string; feed: string }>('select digest, feed from feed_tokens').all();
const store = await openStore({ url });

/** Bytes that this process has caused to be written to disk. */
const written = () => Number(/^write_bytes: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);

async function measure(name: string, work: (addresses: typeof all, at: Date) => unknown) {
  const addresses = Array.from(
    { length: FETCHES },
    () => all[Math.floor(Math.random() * all.length)] as (typeof all)[number],
  );
  const [start, before] = [performance.now(), written()];
  let [longest, last] = [0, start];
  let isOver = false;
  const watch = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(watch);
  };
  watch();
  await work(addresses, new Date());
  const elapsed = performance.now() - start;
  isOver = true;
  const each = ((elapsed / FETCHES) * 1000).toFixed(0);
  const megabytes = ((written() - before) / 1e6).toFixed(0);
  console.log(`${name}: ${each} µs each, ${megabytes} MB written, longest turn ${longest.toFixed(0)} ms`);
}

const log = { warn: console.error, error: console.error, info: console.log };
const update = bare.prepare('update feeds set last_fetched_at = ?, client = ? where id = ?');
for (let round = 0; round < Number(values.rounds); round += 1) {
  const notes = createFetchNotes(store, log as never, FETCHES);
  await measure('notes', async (addresses, at) => {
    for (const { digest } of addresses) notes.note(digest, at, 'dataaccessd/1.0');
    await notes.close();
  });
  await measure('bare ', async (addresses, at) => {
    for (let from = 0; from < addresses.length; from += BATCH) {
      bare.transaction(() => {
        for (const { feed } of addresses.slice(from, from + BATCH)) update.run(at.toISOString(), null, feed);
      })();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  });
}
await store.close();
bare.close();
await rm(folder, { recursive: true, force: true });
