/**
 * Benchmarks fetches of feeds: responses per second of `/cal`, 304 and 200, compared in the same run with a bare
 * Fastify route that sends the same headers and bytes. `node bench/feeds.ts [--feeds 1000] [--pairs 11] [--ms 500]
 * [--connections 16] [--database URL] [--filled]`, where URL is that of an empty database, or `postgres` to start one;
 * `--filled`: an earlier run has filled it.
 *
 * Pairs of measurements alternate in order, and the median of their ratios is printed with the quartiles, because on a
 * busy machine two runs of the same thing may differ by half; the bare route against itself shows that noise. The CPU
 * time per response is printed too: it is what limits one core when the database and the clients have others.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startPostgres } from '../test/support/postgres.ts';
import { FLAGS } from './feeds/flags.ts';
import { ask, rate, request, type Target } from './feeds/load.ts';
import { processorSeconds } from './feeds/processor.ts';
import type { Copy, Ready } from './feeds/server.ts';
import { tokenOf } from './feeds/token.ts';

const { values } = parseArgs({
  options: {
    feeds: { type: 'string', default: '1000' },
    pairs: { type: 'string', default: '11' },
    ms: { type: 'string', default: '500' },
    connections: { type: 'string', default: '16' },
    database: { type: 'string', default: '' },
    filled: { type: 'boolean', default: false },
  },
});
const [feeds, pairs, milliseconds, connections] = [
  values.feeds,
  values.pairs,
  values.ms,
  values.connections,
].map(Number) as [number, number, number, number];

const quantile = (sorted: number[], part: number) => sorted[Math.round((sorted.length - 1) * part)] as number;

/**
 * Measures two targets in pairs of alternating order: median rates, their ratio with quartiles, CPU time per response.
 */
async function compare(one: Target, other: Target) {
  const rates: [number[], number[]] = [[], []];
  const ratios: number[] = [];
  const spent = [0, 0] as [number, number];
  const answered = [0, 0] as [number, number];
  for (let pair = 0; pair < pairs; pair += 1) {
    const first = pair % 2;
    const got: [number, number] = [0, 0];
    for (const which of [first, 1 - first] as const) {
      const before = processorSeconds(child.pid as number);
      const { answers, seconds } = await rate(which === 0 ? one : other, connections, milliseconds, polls);
      spent[which as 0 | 1] += processorSeconds(child.pid as number) - before;
      answered[which as 0 | 1] += answers;
      got[which as 0 | 1] = answers / seconds;
    }
    rates[0].push(got[0]);
    rates[1].push(got[1]);
    ratios.push(got[0] / got[1]);
  }
  const middle = (numbers: number[]) =>
    quantile(
      numbers.toSorted((a, b) => a - b),
      0.5,
    );
  const sorted = ratios.toSorted((a, b) => a - b);
  return {
    one: middle(rates[0]),
    other: middle(rates[1]),
    ratio: middle(ratios),
    from: quantile(sorted, 0.25),
    to: quantile(sorted, 0.75),
    processor: [0, 1].map((which) => ((spent[which] as number) / (answered[which] as number)) * 1e6) as [
      number,
      number,
    ],
  };
}

const engine = values.database.startsWith('postgres') ? 'PostgreSQL' : 'SQLite';
/** Clients poll only with SQLite: PostgreSQL's processes need the core that polling would take. */
const polls = engine === 'SQLite';

/** How many feeds count as recently fetched. */
const LATELY = 1_000;

const folder = await mkdtemp(join(tmpdir(), 'keepline-bench-'));
const postgres = values.database === 'postgres' ? await startPostgres() : null;
const url = postgres ? await postgres.database() : values.database || `sqlite:${join(folder, 'keepline.db')}`;

async function fill() {
  const filler = fork(new URL('./feeds/fill.ts', import.meta.url), [`${feeds}`, url, 'FEEDS']);
  filler.on('message', (done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${feeds} feeds are made`);
    else if (Number(done) % 100_000 === 1) process.stderr.write(`${done} of ${feeds} feeds are made\n`);
  });
  const [code] = await once(filler, 'exit');
  if (code !== 0) throw new Error('the database could not be filled');
}
if (!values.filled) await fill();
process.stderr.write(`\r${feeds} feeds are made            \n`);

const child = fork(new URL('./feeds/server.ts', import.meta.url), [url], { execArgv: FLAGS });
const [{ service, bare }] = (await once(child, 'message')) as [Ready];
const pathOf = (feed: number) => `/cal/${tokenOf(feed)}/Phones.ics`;

/** Memory of the server's process: present and peak. */
function memory() {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const of = (name: string) => Number(new RegExp(`${name}:\\s*(\\d+)`).exec(status)?.[1]) / 1024;
  return `${of('VmRSS').toFixed(0)} MB, at most ${of('VmHWM').toFixed(0)} MB`;
}

/** Kinds of clients: the request headers, and the status that they get. */
const CLIENTS: { name: string; status: 200 | 304; headers(etag: string): Record<string, string> }[] = [
  { name: '304', status: 304, headers: (etag) => ({ 'if-none-match': etag }) },
  { name: '200', status: 200, headers: () => ({ 'accept-encoding': 'identity' }) },
  { name: '200, gzip', status: 200, headers: () => ({ 'accept-encoding': 'gzip' }) },
];

/** Records what feeds answer to a kind of client, makes the bare route answer the same, and returns both targets. */
async function prepare(client: (typeof CLIENTS)[number], pick: () => number) {
  const { headers: known } = await ask(service, request(pathOf(0)));
  const headers = client.headers(known.get('etag') ?? '');
  const next = () => request(pathOf(pick()), headers);
  const { status, length } = await ask(service, next());
  if (status !== client.status) throw new Error(`a feed answered ${status}`);
  const sample = await ask(service, request(pathOf(0), headers));
  const perResponse = new Set(['date', 'connection', 'keep-alive']);
  const copy: Copy = {
    status,
    headers: Object.fromEntries([...sample.headers].filter(([name]) => !perResponse.has(name))),
    body: status === 304 ? null : sample.body.toString('base64'),
  };
  child.send(copy);
  await once(child, 'message');
  const copied = await ask(bare, next());
  if (copied.status !== status || copied.length !== length) {
    throw new Error(`the bare route answers ${copied.status} in ${copied.length} bytes, not ${length}`);
  }
  const target = (port: number): Target => ({ port, next, answer: length });
  return { service: target(service), bare: target(bare), size: sample.body.length };
}

/** Reads SQLite's file once into the page cache, so that the disk is not measured. */
async function warm() {
  const file = url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : null;
  if (file) for await (const _ of createReadStream(file, { highWaterMark: 1 << 20 }));
}

/** Waits while the service reads ETags ahead, which it begins after the first fetches. */
async function untilIdle() {
  for (let spent = 1; spent > 0.02; ) {
    const before = processorSeconds(child.pid as number);
    await sleep(1_000);
    spent = processorSeconds(child.pid as number) - before;
  }
}

console.log(`${feeds} feeds on ${engine}, ${connections} connections, ${pairs} pairs of ${milliseconds} ms`);
console.log(
  `${''.padEnd(28)}${'this/s'.padStart(9)}${'bare/s'.padStart(9)}   ratio  (quartiles)   processor, µs   ratio`,
);
const show = (
  name: string,
  { one, other, ratio, from, to, processor }: Awaited<ReturnType<typeof compare>>,
) => {
  const figure = (n: number) => Math.round(n).toLocaleString('en').padStart(9);
  const quartiles = `(${from.toFixed(2)}–${to.toFixed(2)})`;
  const [own, bares] = processor;
  const alone = `${own.toFixed(1).padStart(8)}${bares.toFixed(1).padStart(7)}   ${(bares / own).toFixed(2)}`;
  console.log(
    `${name.padEnd(28)}${figure(one)}${figure(other)}   ${ratio.toFixed(2)}   ${quartiles}${alone}`,
  );
};

console.log(`memory of the process at the start: ${memory()}`);
let turn = 0;
const lately = () => {
  turn = (turn + 1) % Math.min(feeds, LATELY);
  return turn;
};
const anyOf = () => Math.floor(Math.random() * feeds);
for (const [which, pick] of [
  ['lately', lately],
  ['any', anyOf],
] as const) {
  if (which === 'lately') {
    for (let i = 0; i < LATELY; i += 1) await ask(service, request(pathOf(lately())));
    await untilIdle();
  } else await warm();
  for (const client of CLIENTS) {
    const targets = await prepare(client, pick);
    const size = client.status === 304 ? '' : `, ${(targets.size / 1000).toFixed(1)} kB`;
    const name = `${client.name}${size}, ${which}`;
    // Warm-up for the JIT compiler.
    await rate(targets.service, connections, milliseconds * 2, polls);
    await rate(targets.bare, connections, milliseconds * 2, polls);
    show(`feed ${name}`, await compare(targets.service, targets.bare));
    show(`bare ${name}`, await compare(targets.bare, targets.bare));
  }
  console.log(`memory of the process: ${memory()}`);
}
child.disconnect();
await once(child, 'exit');
await postgres?.stop();
await rm(folder, { recursive: true, force: true });
