/** Searches for a ledger on which the engine and the interpreter differ, and shrinks it to a smallest one. */
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

/** A report of a difference (the rule, the seed, the smallest ledger, both views), or null if there is none. */
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

/** Searches random ledgers under one rule. */
export const searchPack = (pack: Pack, seed: number, runs: number, engine?: CompiledRule): string | null =>
  search(pack.id, cases(pack), seed, runs, engine);

/** Searches random ledgers, each under another random rule. */
export const searchRules = (rules: fc.Arbitrary<Pack>, seed: number, runs: number): string | null =>
  search('random rules', rules.chain(cases), seed, runs);

/** All searches: one for each shipped rule, and several over random rules. */
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
