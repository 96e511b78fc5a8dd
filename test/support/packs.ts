/** The shipped rules, compiled, with the products, amounts and facts that matter to each. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type CompiledRule, compileRule } from '../../src/retention/index.ts';
import type { CarrierFile } from '../../src/rulebook/schema.ts';

const folder = new URL('../../rules/', import.meta.url).pathname;

export type Pack = {
  id: string;
  rule: CompiledRule;
  /** The products that the rule names, and one that it does not name. */
  products: string[];
  /** The rule's threshold amounts, each with the amount just below it. */
  amounts: string[];
  /** The rule's questions to the owner, each with its possible answers. */
  facts: Record<string, readonly (string | boolean | number)[]>;
};

function packsIn(file: string): Pack[] {
  const carrier = parse(readFileSync(join(folder, file), 'utf8')) as CarrierFile;
  return carrier.rules.map(({ id, versions, facts = {} }) => {
    const named = JSON.stringify(versions).matchAll(/"product":(?:"([^"]+)"|\[([^\]]+)\])/g);
    const tiers = JSON.stringify(versions).matchAll(/"by":"product","tiers":(\{[^{}]*\})/g);
    const products = [
      ...[...named].flatMap(([, one, several]) => one ?? JSON.parse(`[${several}]`)),
      ...[...tiers].flatMap(([, list]) => Object.keys(JSON.parse(list as string))),
    ];
    const prices = JSON.stringify(versions).matchAll(/"(\d+(?:\.\d+)?) [A-Z]{3}"/g);
    const amounts = [...prices].flatMap(([, amount]) => {
      const below = Math.max(0, Math.round(Number(amount) * 100) - 1) / 100;
      return [amount as string, String(below)];
    });
    return {
      id: `${carrier.carrier}/${id}`,
      rule: compileRule({
        id: `${carrier.carrier}/${id}`,
        time_zone: carrier.time_zone,
        currency: carrier.currency,
        versions,
      }),
      products: [...new Set<string>([...products, 'something else'])],
      amounts: [...new Set(amounts)],
      facts: Object.fromEntries(
        Object.entries(facts).map(([name, fact]) => [
          name,
          fact.values ?? (fact.kind === 'number' ? [1, 50] : [true, false]),
        ]),
      ),
    };
  });
}

/** All rules of the folder `rules`, in the order of its files. */
export const packs: readonly Pack[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .sort()
  .flatMap(packsIn);
