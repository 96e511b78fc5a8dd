/**
 * How fast feeds are published, some at once by one process, each with a line of its own; and what stands when
 * that process is killed half-way: `node bench/publishing.ts [--feeds 100000] [--database URL|postgres]`.
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

/** Publishes all, or until so many are; then the process is killed. */
async function publish(most = Number.POSITIVE_INFINITY) {
  const child = spawn(process.execPath, [program, url, now], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const pid = child.pid as number;
  const told: string[] = [];
  let [start, processor] = [0, 0];
  for await (const id of createInterface({ input: child.stdout })) {
    told.push(id);
    if (told.length === 1) [start, processor] = [performance.now(), processorSeconds(pid)];
    if (told.length !== most) continue;
    const elapsed = (performance.now() - start) / 1000;
    const used = processorSeconds(pid) - processor;
    console.log(
      `published ${most}: ${Math.round(most / elapsed)}/s, ${Math.round(most / used)} a second of processor`,
    );
    child.kill('SIGKILL');
  }
  await closed;
  return told;
}

/** What stands: how many, with how many entries; whole ones only, or it throws. */
async function check(told: readonly string[]) {
  const store = await openStore({ url });
  let [standing, entries] = [0, 0];
  const kept = new Set<string>();
  let after: Position | null = null;
  do {
    const query = { user: null, before: '9999', silent: null };
    const page: Page<Feed> = await store.feeds.search(query, { limit: 1_000, after });
    for (const { id } of page.items) {
      const one = await store.publications.get(id);
      if (!one) continue;
      kept.add(id);
      standing += 1;
      const events = one.body.match(/BEGIN:VEVENT/g)?.length ?? 0;
      entries += events;
      const whole = one.etag === `"sha256-${hash('sha256', one.body, 'base64url').slice(0, 27)}"`;
      if (!whole || events !== one.items.filter((item) => item.hash !== '').length) {
        throw new Error(`${id} is published in part`);
      }
    }
    after = page.next;
  } while (after !== null);
  await store.close();
  const lost = told.filter((id) => !kept.has(id));
  if (lost.length > 0) throw new Error(`${lost.length} of ${told.length} acknowledged are lost`);
  console.log(
    `${standing} of ${feeds} stand, all whole, ${(entries / standing).toFixed(1)} entries each; acknowledged ${told.length}, lost 0`,
  );
}

await check(await publish(Math.floor(feeds / 2)));
await check(await publish());
await postgres?.stop();
await rm(folder, { recursive: true, force: true });
