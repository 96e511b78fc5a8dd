/**
 * Benchmarks publishing feeds, each with one line, concurrently in one process; and checks that no acknowledged
 * publication is lost when that process is killed half-way.
 * `node bench/publishing.ts [--feeds 100000] [--database URL|postgres]`.
 */
import { fork, spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { openStore } from '../src/store/store.ts';
import type { Feed, Page, Position } from '../src/store/types.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { processorSeconds } from './feeds/processor.ts';

const { values } = parseArgs({
  options: { feeds: { type: 'string', default: '100000' }, database: { type: 'string', default: '' } },
});
const folder = await mkdtemp(join(tmpdir(), 'keepline-bench-'));
const postgres = values.database === 'postgres' ? await startPostgres() : null;
const url = postgres ? await postgres.database() : values.database || `sqlite:${join(folder, 'keepline.db')}`;
const feeds = Number(values.feeds);

const filler = fork(new URL('./feeds/fill.ts', import.meta.url), [values.feeds, url, 'LINES']);
if ((await once(filler, 'exit'))[0] !== 0) throw new Error('the database could not be filled');

const now = new Date().toISOString();
const program = new URL('../test/support/publish-process.ts', import.meta.url).pathname;

/** Publishes all feeds, or kills the process once `max` are published. Returns the acknowledged ids. */
async function publish(max = Number.POSITIVE_INFINITY) {
  const child = spawn(process.execPath, [program, url, now], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const pid = child.pid as number;
  const acknowledged: string[] = [];
  let [start, processor] = [0, 0];
  for await (const id of createInterface({ input: child.stdout })) {
    acknowledged.push(id);
    if (acknowledged.length === 1) [start, processor] = [performance.now(), processorSeconds(pid)];
    if (acknowledged.length !== max) continue;
    const elapsed = (performance.now() - start) / 1000;
    const used = processorSeconds(pid) - processor;
    console.log(
      `published ${max}: ${Math.round(max / elapsed)}/s, ${Math.round(max / used)} a second of processor`,
    );
    child.kill('SIGKILL');
  }
  await closed;
  return acknowledged;
}

/**
 * Prints how many publications are stored, with how many entries. @throws Error if one is partial or an acknowledged
 * one is lost
 */
async function check(acknowledged: readonly string[]) {
  const store = await openStore({ url });
  let [standing, entries] = [0, 0];
  const kept = new Set<string>();
  let after: Position | null = null;
  do {
    const query = { user: null, before: '9999', silent: null };
    const page: Page<Feed> = await store.feeds.search(query, { limit: 1_000, after });
    for (const { id } of page.items) {
      const publication = await store.publications.get(id);
      if (!publication) continue;
      kept.add(id);
      standing += 1;
      const events = publication.body.match(/BEGIN:VEVENT/g)?.length ?? 0;
      entries += events;
      const digest = hash('sha256', publication.body, 'base64url').slice(0, 27);
      const isWhole = publication.etag === `"sha256-${digest}"`;
      if (!isWhole || events !== publication.items.filter((item) => item.hash !== '').length) {
        throw new Error(`${id} is published in part`);
      }
    }
    after = page.next;
  } while (after !== null);
  await store.close();
  const lost = acknowledged.filter((id) => !kept.has(id));
  if (lost.length > 0) throw new Error(`${lost.length} of ${acknowledged.length} acknowledged are lost`);
  console.log(
    `${standing} of ${feeds} stand, all whole, ${(entries / standing).toFixed(1)} entries each; acknowledged ${acknowledged.length}, lost 0`,
  );
}

await check(await publish(Math.floor(feeds / 2)));
await check(await publish());
await postgres?.stop();
await rm(folder, { recursive: true, force: true });
