/** Looks for a ledger on which the engine and the interpreter differ, and for the smallest one that shows it. */
import fc from 'fast-check';
import type { CompiledRule } from '../../src/retention/index.ts';
import { anyConditions, anyLedger } from '../support/ledgers.ts';
import type { Pack } from '../support/packs.ts';
import { type Case, differ } from './compare.ts';

const cases = (pack: Pack): fc.Arbitrary<Case> =>
  fc
    .tuple(anyLedger(pack), anyConditions(pack))
    .map(([records, { facts, plan_price, as_of }]) => ({ records, facts, plan_price, as_of }));

/** Null where both agree on all; else what to print: the rule, the seed, the smallest ledger and what each says of it. */
export function searchPack(
  pack: Pack,
  seed: number,
  runs: number,
  engine: CompiledRule = pack.rule,
): string | null {
  const found = fc.check(
    fc.property(cases(pack), (one) => differ(pack.rule, one, engine) === null),
    { seed, numRuns: runs },
  );
  if (!found.failed) return null;
  const one = found.counterexample?.[0] as Case | undefined;
  if (!one) return `${pack.id}, seed ${seed}: ${found.errorInstance}`;
  const views = differ(pack.rule, one, engine);
  return [
    `${pack.id}, seed ${seed}: they differ on`,
    ...one.records.map(({ id, input }) => `  ${id} ${JSON.stringify(input)}`),
    `  facts ${JSON.stringify(one.facts)}, plan price ${JSON.stringify(one.plan_price)}, as of ${one.as_of}`,
    `  engine      ${JSON.stringify(views?.engine)}`,
    `  interpreter ${JSON.stringify(views?.interpreter)}`,
  ].join('\n');
}
