/**
 * Prints a digest of many timelines of random ledgers with a fixed seed; run under several time zones of the process.
 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { timelineOf } from '../../src/retention/index.ts';
import { anyConditions, anyLedger } from './ledgers.ts';
import { packs } from './packs.ts';

const digest = createHash('sha256');
for (const pack of packs) {
  for (const [records, conditions] of fc.sample(fc.tuple(anyLedger(pack), anyConditions(pack)), {
    numRuns: 100,
    seed: 7,
  })) {
    digest.update(JSON.stringify(timelineOf(pack.rule, { records, ...conditions, moves: true })));
  }
}
console.log(new Date(2026, 0, 1).getTimezoneOffset(), digest.digest('hex'));
