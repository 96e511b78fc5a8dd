import fc from 'fast-check';
import { packs } from './test/support/packs.ts';
import { anyLedger, anyConditions } from './test/support/ledgers.ts';
import { differ } from './test/differential/compare.ts';
let t0 = performance.now(); let n = 0; const only = process.argv[2];
for (const pack of packs) {
  if (only && !pack.id.includes(only)) continue;
  const arb = fc.tuple(anyLedger(pack), anyConditions(pack));
  const samples = fc.sample(arb, { numRuns: 40, seed: 7 });
  let bad = 0; let first = null;
  for (const [records, c] of samples) { n++; let d; try { d = differ(pack.rule, { records, ...c }); } catch (e) { d = String(e.stack).slice(0,300); } if (d) { bad++; first ??= [records, c, d]; } }
  if (bad) console.log(pack.id, bad, '/40');
  if (bad && only) { const r = fc.check(fc.property(arb, ([records, c]) => !differ(pack.rule, { records, ...c })), { seed: 7, numRuns: 200 }); console.log(JSON.stringify(r.counterexample?.[0]?.[0].map(x=>x.input))); console.log(JSON.stringify(r.counterexample?.[0]?.[1])); const [rr, cc] = r.counterexample[0]; console.log(JSON.stringify(differ(pack.rule, { records: rr, ...cc }), null, 1)); }
}
console.log(n, 'cases', Math.round(performance.now() - t0), 'ms');
