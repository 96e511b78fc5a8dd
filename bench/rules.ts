/**
 * Benchmarks the rulebook: loading and checking all rules, compared with a bare YAML parse of the same files, and
 * `rules diff` over stored lines (skipped with `--lines 0`).
 * `node bench/rules.ts [--lines 100000] [--rounds 7] [--rules DIR] [--database URL]`.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { storedMoves } from '../src/moves/stored.ts';
import { compileRule, RuleError } from '../src/retention/index.ts';
import type { RecordInput } from '../src/retention/record.ts';
import { type BookedRule, checkRulebook, loadRulebook, type Rulebook } from '../src/rulebook/index.ts';
import { openStore } from '../src/store/store.ts';

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '7' },
    rules: { type: 'string', default: '' },
    database: { type: 'string', default: '' },
  },
});
const [lines, rounds] = [Number(values.lines), Number(values.rounds)];
const RULES = values.rules || new URL('../rules', import.meta.url).pathname;
const NOW = new Date('2026-06-15T09:00:00Z');

const figure = (n: number) => Math.round(n).toLocaleString('en');
const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] as number;
const tell = (done: number, total: number, since: number, what: string) => {
  const rate = (done / (performance.now() - since)) * 1000;
  process.stderr.write(`\r${figure(done)} of ${figure(total)} ${what}, ${figure(rate)}/s `);
  if (done === total) process.stderr.write('\n');
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function loading() {
  const names = (await readdir(RULES, { recursive: true })).filter((name) => name.endsWith('.yaml'));
  const bare = async () => {
    for (const name of names) parse(await readFile(join(RULES, name), 'utf8'));
  };
  const works = [bare, () => loadRulebook(RULES), () => checkRulebook(RULES, { today: new Date() })];
  const times: number[][] = works.map(() => []);
  // The first load is reported separately: the code is not warm yet.
  const cold = await timed(works[1] as () => Promise<unknown>);
  for (let round = 0; round < rounds; round += 1) {
    for (const turn of works.keys()) {
      const which = (turn + round) % works.length;
      (times[which] as number[]).push(await timed(works[which] as () => Promise<unknown>));
    }
  }
  const [yaml, load, check] = times.map(median) as [number, number, number];
  const row = (what: string, ms: number) =>
    console.log(
      `${what.padEnd(34)}${figure(ms).padStart(8)} ms${(ms / yaml).toFixed(2).padStart(8)} of bare YAML`,
    );
  console.log(`${names.length} rule files, the median of ${rounds} rounds`);
  row('bare YAML', yaml);
  row('load', load);
  row('load and check, with examples', check);
  row('load, the first in the process', cold);
}

/** A rule with each period of days one day shorter; unchanged if that does not compile. */
function shortened(booked: BookedRule): BookedRule {
  const text = JSON.stringify(booked.rule.versions);
  const shorter = text.replaceAll(/"runs":"(\d\d+) days"/g, (_, days) => `"runs":"${Number(days) - 1} days"`);
  const { time_zone, currency } = booked.carrier;
  try {
    const compiled = compileRule({ id: booked.id, time_zone, currency, versions: JSON.parse(shorter) });
    return { ...booked, compiled };
  } catch (error) {
    if (error instanceof RuleError) return booked;
    throw error;
  }
}

/** The rules changed, so that every line has to be folded twice and most of them move. */
const reworded = (rulebook: Rulebook): Rulebook => ({
  ...rulebook,
  rules: new Map(
    [...rulebook.rules].map(([id, booked]): [string, BookedRule] => {
      const versions = booked.rule.versions.map((version) => ({ ...version, reworded: true }));
      return [id, { ...shortened(booked), rule: { ...booked.rule, versions } }];
    }),
  ),
});

const recordsOf = (currency: string, n: number): RecordInput[] => {
  const day = (part: number) =>
    new Date(NOW.getTime() - ((n % 300) + part) * 86_400_000).toISOString().slice(0, 10);
  return [
    { type: 'activated', at: day(400) },
    { type: 'topup', at: day(200), amount: { amount: '100', currency } },
    { type: 'activity', at: day(30), kind: 'sms', direction: 'outgoing', charged: true },
    { type: 'balance', at: day(1), amount: { amount: '50', currency } },
  ];
};

async function diffing() {
  const { rulebook } = await loadRulebook(RULES);
  const folder = await mkdtemp(join(tmpdir(), 'keepline-bench-'));
  const store = await openStore({ url: values.database || `sqlite:${join(folder, 'keepline.db')}` });
  const rules = [...rulebook.rules.values()];
  try {
    const LINES_PER_PERSON = 100;
    const filling = performance.now();
    for (let done = 0; done < lines; ) {
      const batch = Math.min(LINES_PER_PERSON, lines - done);
      await store.write(null, async (q) => {
        const user = await q.users.create({
          name: `Person ${done}`,
          locale: 'en',
          time_zone: 'Europe/Berlin',
        });
        for (let n = done; n < done + batch; n += 1) {
          const { id: rule, carrier } = rules[n % rules.length] as BookedRule;
          const line = await q.lines.create({ user: user.id, rule, label: `Line ${n}` });
          const bodies = recordsOf(carrier.currency, n).map((body) => ({ body }));
          await q.records.append(line.id, bodies);
        }
      });
      done += batch;
      if (done % 5_000 === 0 || done === lines) tell(done, lines, filling, 'lines stored');
    }
    const books = { before: rulebook, after: reworded(rulebook) };
    const start = performance.now();
    const { tally } = await storedMoves(store, books, {
      now: NOW,
      limit: 20,
      onProgress: (done, total) => {
        if (done % 10_000 < 200 || done === total) tell(done, total, start, 'lines folded twice');
      },
    });
    const seconds = (performance.now() - start) / 1000;
    console.log(
      `rules diff over ${figure(tally.lines)} stored lines on ${store.engine}: ${seconds.toFixed(1)} s, ` +
        `${figure(tally.lines / seconds)} lines/s; ${figure(tally.moved)} move`,
    );
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

await loading();
if (lines > 0) await diffing();
