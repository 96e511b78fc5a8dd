/** Benchmarks how many timelines per second one core folds, over all rules, compared with a naive `last + N days`. */
import {
  addMonths,
  type CompiledRule,
  foldTimeline,
  formatDay,
  type Ledger,
  type LedgerRecord,
  parseDay,
  readLedger,
} from '../src/retention/index.ts';
import { loadRulebook } from '../src/rulebook/index.ts';

const RECORDS = 40;
const YEARS = 3;
const ROUNDS = 5;
const MINIMUM_MS = 40;

/** A ledger as a careful owner keeps it: use, top-ups and renewals in turn, and the balance now and then. */
function ledgerOf(rule: CompiledRule, start: number): LedgerRecord[] {
  const money = (amount: string) => ({ amount, currency: rule.currency });
  const records: LedgerRecord[] = [{ id: 'r0', input: { type: 'activated', at: formatDay(start) } }];
  const step = Math.floor((YEARS * 365) / RECORDS);
  for (let i = 1; i < RECORDS; i++) {
    const at = formatDay(start + i * step);
    const inputs: LedgerRecord['input'][] = [
      { type: 'activity', at, kind: 'sms', direction: 'outgoing', charged: true, charge: money('3') },
      { type: 'topup', at, amount: money('100'), method: 'card' },
      { type: 'plan_renewed', at, amount: money('3') },
      { type: 'balance', at, amount: money('250') },
    ];
    records.push({ id: `r${i}`, input: inputs[i % inputs.length] as LedgerRecord['input'] });
  }
  return records;
}

function perSecond(run: () => void): number {
  const start = performance.now();
  let count = 0;
  let elapsed = 0;
  do {
    for (let i = 0; i < 64; i++) run();
    count += 64;
    elapsed = performance.now() - start;
  } while (elapsed < MINIMUM_MS);
  return (count / elapsed) * 1000;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

const { rulebook, problems } = await loadRulebook('rules');
if (problems.length) throw new Error('the rules do not load: see `npm run keepline -- rules check`');
const start = parseDay('2023-11-01') as number;
const asOf = start + YEARS * 365;
const conditions = {
  facts: { nationality: 'russian', days: 90, counts: 'either' },
  planPrice: null,
  asOf,
  until: addMonths(asOf, 120),
  moves: false,
};

let sink = 0;
const rows: { rule: string; rate: number; read: number; naive: number }[] = [];
for (const [id, { compiled }] of rulebook.rules) {
  const records = ledgerOf(compiled, start);
  const ledger: Ledger = readLedger(records, compiled.time_zone);
  const timeZone = compiled.time_zone;
  const fold = () => {
    sink += foldTimeline(compiled, ledger, { ...conditions, timeZone }).act_by ?? 0;
  };
  const readAndFold = () => {
    sink += foldTimeline(compiled, readLedger(records, timeZone), { ...conditions, timeZone }).act_by ?? 0;
  };
  const naive = () => {
    let last = 0;
    for (const entry of ledger.earliest) if (entry.earliest > last) last = entry.earliest;
    sink += last + 90;
  };
  const rates: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    rates[0].push(perSecond(fold));
    rates[1].push(perSecond(readAndFold));
    rates[2].push(perSecond(naive));
  }
  rows.push({ rule: id, rate: median(rates[0]), read: median(rates[1]), naive: median(rates[2]) });
}

const figure = (n: number) => Math.round(n).toLocaleString('en').padStart(12);
console.log(
  `${'rule'.padEnd(24)}${'timelines/s'.padStart(12)}${'with reading'.padStart(14)}${'naive/s'.padStart(14)}`,
);
for (const { rule, rate, read, naive } of rows) {
  console.log(`${rule.padEnd(24)}${figure(rate)}${figure(read).padStart(14)}${figure(naive).padStart(14)}`);
}
// The harmonic mean of the rates: how many timelines per second if each rule is folded equally often.
const mean = (pick: (row: (typeof rows)[number]) => number) =>
  rows.length / rows.reduce((sum, row) => sum + 1 / pick(row), 0);
console.log(
  `${'mean of all'.padEnd(24)}${figure(mean((r) => r.rate))}${figure(mean((r) => r.read)).padStart(14)}${figure(mean((r) => r.naive)).padStart(14)}`,
);
const byRate = rows.toSorted((a, b) => a.rate - b.rate);
const rateOf = (row: (typeof rows)[number] | undefined) =>
  row ? `${figure(row.rate).trim()} (${row.rule})` : '';
console.log(
  `median rule: ${rateOf(byRate[byRate.length >> 1])}; slowest: ${rateOf(byRate[0])}; ${rows.length} rules`,
);
console.log(
  `ratio to naive: ${(mean((r) => r.rate) / mean((r) => r.naive)).toFixed(4)} (${RECORDS} records of ${YEARS} years, both readings, ten years ahead; checksum ${sink % 1000})`,
);
