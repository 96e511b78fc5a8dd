/**
 * Benchmarks the latency of fetches while a rule change makes very many calendars stale: fetches of random feeds at a
 * fixed rate, each timed from when it was due; first as usual, then from the moment when the rule of all lines changes.
 * `node bench/rule-change.ts [--feeds 100000] [--rate 300] [--seconds 20] [--database URL|postgres]`.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openStore } from '../src/store/store.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { FLAGS } from './feeds/flags.ts';
import type { Ready } from './feeds/server.ts';
import { tokenOf } from './feeds/token.ts';

const { values } = parseArgs({
  options: {
    feeds: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '300' },
    seconds: { type: 'string', default: '20' },
    database: { type: 'string', default: '' },
  },
});
const [feeds, perSecond, seconds] = [values.feeds, values.rate, values.seconds].map(Number) as [
  number,
  number,
  number,
];

const folder = await mkdtemp(join(tmpdir(), 'keepline-bench-'));
const postgres = values.database === 'postgres' ? await startPostgres() : null;
const url = postgres ? await postgres.database() : values.database || `sqlite:${join(folder, 'keepline.db')}`;
const rules = join(folder, 'rules');
await cp(new URL('../rules', import.meta.url), rules, { recursive: true });
const filler = fork(new URL('./feeds/fill.ts', import.meta.url), [values.feeds, url, 'ALL']);
if ((await once(filler, 'exit'))[0] !== 0) throw new Error('the database could not be filled');

const child = fork(new URL('./feeds/server.ts', import.meta.url), [url, rules], { execArgv: FLAGS });
const [{ service }] = (await once(child, 'message')) as [Ready];
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const statuses = new Map<number | undefined, number>();

/** Fetches a feed and returns its ETag; `due`: when it should have been requested, as of `performance.now()`. */
const fetchFeed = (feed: number, tag: string, due: number, took: number[] = []) =>
  new Promise<string>((resolve, reject) => {
    const options = {
      port: service,
      path: `/cal/${tokenOf(feed)}/Phones.ics`,
      agent,
      headers: tag === '' ? {} : { 'if-none-match': tag },
    };
    get(options, (answer) => {
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
      answer.resume().on('end', () => {
        took.push(performance.now() - due);
        resolve(answer.headers.etag ?? '');
      });
    }).on('error', reject);
  });

// All feeds are copies with the same bytes, and so the same ETag.
const tag = await fetchFeed(0, '', performance.now());

/** Fetches for `length` seconds at the fixed rate, however slow the service is; returns the sorted latencies in ms. */
async function load(length: number): Promise<number[]> {
  const took: number[] = [];
  const all: Promise<string>[] = [];
  const start = performance.now();
  for (let asked = 0; asked < length * perSecond; ) {
    const due = Math.min(length * perSecond, Math.floor(((performance.now() - start) / 1000) * perSecond));
    for (; asked < due; asked += 1) {
      const feed = Math.floor(Math.random() * feeds);
      all.push(fetchFeed(feed, tag, start + (asked / perSecond) * 1000, took));
    }
    await sleep(1);
  }
  await Promise.all(all);
  return took.sort((a, b) => a - b);
}

const at = (sorted: number[], part: number) => sorted[Math.floor((sorted.length - 1) * part)] as number;
function show(what: string, took: number[]) {
  const figures = [0.5, 0.9, 0.99, 0.999, 1].map((part) => at(took, part).toFixed(1).padStart(8)).join('');
  const answers = [...statuses].map(([status, count]) => `${count} of ${status}`).join(', ');
  statuses.clear();
  console.log(`${what.padEnd(30)}${figures}   ${answers}`);
}

const peak = () =>
  Math.round(Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024);

console.log(
  `${feeds} feeds, ${perSecond} fetches a second for ${seconds} s, ${postgres ? 'PostgreSQL' : 'SQLite'}`,
);
console.log(`milliseconds                   p50     p90     p99   p99.9     max`);
await load(3);
statuses.clear();
const usual = await load(seconds);
show('as usual', usual);

const file = join(rules, 'ru/t2.yaml');
const text = await readFile(file, 'utf8');
// Its worked examples would no longer hold, and are replaced by three that do.
const example =
  '      - { name: In use, given: [{ type: activity, at: 2026-01-01, kind: sms, direction: outgoing, charged: true }], as_of: 2026-01-02, gives: { stage: active } }\n';
await writeFile(
  file,
  text
    .replace(/\n {4}examples:[\s\S]*$/, `\n    examples:\n${example.repeat(3)}`)
    .replaceAll('runs: 90 days', 'runs: 89 days'),
);
const store = await openStore({ url });
const before = await store.publications.countBehind(Number.MAX_SAFE_INTEGER, new Date().toISOString());
child.kill('SIGHUP');
const during = await load(seconds);
show('while the rules change', during);
const releases = await store.publications.countBehind(2, new Date().toISOString());
console.log(
  `p99 ${(at(during, 0.99) / at(usual, 0.99)).toFixed(2)} times the usual; ${before - releases} of ${before} published anew in ${seconds} s; the process took ${peak()} MB at most`,
);
await store.close();
child.disconnect();
await once(child, 'exit');
agent.destroy();
await postgres?.stop();
await rm(folder, { recursive: true, force: true });
