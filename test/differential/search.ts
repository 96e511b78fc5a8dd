/** Looks for a ledger on which the engine and the interpreter differ, and for the smallest one that shows it. */
import fc from 'fast-check';
import type { CompiledRule } from '../../src/retention/index.ts';
import { anyConditions, anyLedger } from '../support/ledgers.ts';
import { type Pack, packs } from '../support/packs.ts';
import { type Case, differ } from './compare.ts';
import { anyRule, drainingRule } from './rules.ts';

type Found = { pack: Pack; one: Case };

const cases = (pack: Pack): fc.Arbitrary<Found> =>
  fc.tuple(anyLedger(pack), anyConditions(pack)).map(([records, { facts, plan_price, as_of }]) => ({
    pack,
    one: { records, facts, plan_price, as_of },
  }));

/** Null where both agree on all; else what to print: the rule, the seed, the smallest ledger and what each says of it. */
function search(
  named: string,
  any: fc.Arbitrary<Found>,
  seed: number,
  runs: number,
  engine?: CompiledRule,
): string | null {
  const found = fc.check(
    fc.property(any, ({ pack, one }) => differ(pack.rule, one, engine) === null),
    { seed, numRuns: runs },
  );
  if (!found.failed) return null;
  const smallest = found.counterexample?.[0];
  if (!smallest) return `${named}, seed ${seed}: ${found.errorInstance}`;
  const { pack, one } = smallest;
  const views = differ(pack.rule, one, engine);
  return [
    `${pack.id}, seed ${seed}: they differ on`,
    ...one.records.map(({ id, input }) => `  ${id} ${JSON.stringify(input)}`),
    `  facts ${JSON.stringify(one.facts)}, plan price ${JSON.stringify(one.plan_price)}, as of ${one.as_of}`,
    `  engine      ${JSON.stringify(views?.engine)}`,
    `  interpreter ${JSON.stringify(views?.interpreter)}`,
  ].join('\n');
}

/** Ledgers under one rule. */
export const searchPack = (pack: Pack, seed: number, runs: number, engine?: CompiledRule): string | null =>
  search(pack.id, cases(pack), seed, runs, engine);

/** Ledgers each under a rule of its own. */
export const searchRules = (rules: fc.Arbitrary<Pack>, seed: number, runs: number): string | null =>
  search('random rules', rules.chain(cases), seed, runs);

/** All that there is to search: every rule that ships, and rules of random terms. */
export const searches: readonly { id: string; search: (seed: number, runs: number) => string | null }[] = [
  ...packs.map((pack) => ({
    id: pack.id,
    search: (seed: number, runs: number) => searchPack(pack, seed, runs),
  })),
  { id: 'rules that drain a balance', search: (seed, runs) => searchRules(drainingRule, seed, runs) },
  ...Array.from({ length: 8 }, (_, i) => ({
    id: `rules of any words, ${i + 1}`,
    search: (seed: number, runs: number) => searchRules(anyRule, seed, runs),
  })),
];
