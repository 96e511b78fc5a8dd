/**
 * How fast feeds are fetched: answers a second of `/cal`, 304 and 200, beside a bare Fastify route that sends the
 * same headers and bytes for each of them, in the same run. `node bench/feeds.ts [--feeds 1000] [--pairs 11] [--ms 500] [--database URL]`
 *
 * Pairs alternate in order, and the median of their ratios is told with the quartiles: on a machine that does
 * something else too, two runs of the same thing differ by half. The bare route against itself says by how much here.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { ask, rate, request, type Target } from './feeds/load.ts';
import type { Copy, Ready } from './feeds/server.ts';

const { values } = parseArgs({
  options: {
    feeds: { type: 'string', default: '1000' },
    pairs: { type: 'string', default: '11' },
    ms: { type: 'string', default: '500' },
    connections: { type: 'string', default: '16' },
    database: { type: 'string', default: '' },
  },
});
const [feeds, pairs, milliseconds, connections] = [
  values.feeds,
  values.pairs,
  values.ms,
  values.connections,
].map(Number) as [number, number, number, number];

const quantile = (sorted: number[], part: number) => sorted[Math.round((sorted.length - 1) * part)] as number;

/** The ratios of pairs, in an order that turns each time. */
async function compare(one: Target, other: Target) {
  const rates: [number[], number[]] = [[], []];
  const ratios: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const first = pair % 2;
    const got: [number, number] = [0, 0];
    for (const which of [first, 1 - first] as const) {
      got[which as 0 | 1] = await rate(which === 0 ? one : other, connections, milliseconds);
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
  };
}

const child = fork(new URL('./feeds/server.ts', import.meta.url), [`${feeds}`, values.database]);
const [{ service, bare, tokens }] = (await once(child, 'message')) as [Ready];
const paths = tokens.map((token) => `/cal/${token}/Phones.ics`);

/** What a feed answers to a request, which the bare route is then told to answer too. */
async function prepare(conditional: boolean): Promise<{ service: Target; bare: Target; size: number }> {
  const requests: Target['requests'][number][] = [];
  const own = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding']);
  const kept = ['etag', 'last-modified', 'cache-control', 'vary'];
  const copy: Copy = { status: conditional ? 304 : 200, answers: {} };
  let size = 0;
  for (const [index, path] of paths.entries()) {
    const whole = await fetch(`http://127.0.0.1:${service}${path}`);
    const bytes = request(path, conditional ? { 'if-none-match': whole.headers.get('etag') ?? '' } : {});
    const { status, length } = await ask(service, bytes);
    if (status !== copy.status) throw new Error(`${path} answered ${status}`);
    requests.push({ bytes, answer: length });
    const body = Buffer.from(await whole.arrayBuffer());
    size = body.length;
    copy.answers[tokens[index] as string] = {
      headers: Object.fromEntries(
        [...whole.headers].filter(([name]) => (conditional ? kept.includes(name) : !own.has(name))),
      ),
      body: conditional ? null : body.toString('base64'),
    };
  }
  child.send(copy);
  await once(child, 'message');
  const { length, status } = await ask(bare, (requests[0] as Target['requests'][number]).bytes);
  if (status !== copy.status || length !== requests[0]?.answer) {
    throw new Error(`the bare route answers ${status} in ${length} bytes, not ${requests[0]?.answer}`);
  }
  return {
    service: { port: service, requests },
    bare: { port: bare, requests: requests.map(({ bytes }) => ({ bytes, answer: length })) },
    size,
  };
}

const engine = values.database.startsWith('postgres') ? 'PostgreSQL' : 'SQLite';
console.log(`${feeds} feeds on ${engine}, ${connections} connections, ${pairs} pairs of ${milliseconds} ms`);
console.log(`${''.padEnd(22)}${'this/s'.padStart(9)}${'bare/s'.padStart(9)}   ratio  (quartiles)`);
const show = (name: string, { one, other, ratio, from, to }: Awaited<ReturnType<typeof compare>>) => {
  const figure = (n: number) => Math.round(n).toLocaleString('en').padStart(9);
  const quartiles = `(${from.toFixed(2)}–${to.toFixed(2)})`;
  console.log(`${name.padEnd(22)}${figure(one)}${figure(other)}   ${ratio.toFixed(2)}   ${quartiles}`);
};

for (const conditional of [true, false]) {
  const targets = await prepare(conditional);
  const name = conditional ? '304' : `200, ${(targets.size / 1000).toFixed(1)} kB`;
  // The first seconds of each are the compiler's.
  await rate(targets.service, connections, milliseconds * 2);
  await rate(targets.bare, connections, milliseconds * 2);
  show(`feed ${name}`, await compare(targets.service, targets.bare));
  show(`bare ${name}`, await compare(targets.bare, targets.bare));
}
child.disconnect();
