/** Which rules of two rulebooks differ in what dates depend on, compared by their digests. */
import { digestOf } from './digest.ts';
import type { BookedRule, Rulebook } from './load.ts';

export type RuleChange = {
  rule: string;
  state: 'added' | 'removed' | 'changed';
};

/** What a line's timeline depends on beside its records: the versions, the zone, the currency. */
const dateInputs = ({ carrier, rule }: BookedRule): string =>
  [carrier.time_zone, carrier.currency, digestOf(rule.versions)].join(' ');

/** The rules that may give other dates, by id; the others give the same ones. */
export function ruleChanges(before: Rulebook, after: Rulebook): RuleChange[] {
  const ids = [...new Set([...before.rules.keys(), ...after.rules.keys()])].sort();
  return ids.flatMap((rule): RuleChange[] => {
    const [old, next] = [before.rules.get(rule), after.rules.get(rule)];
    if (!old) return [{ rule, state: 'added' }];
    if (!next) return [{ rule, state: 'removed' }];
    return old === next || dateInputs(old) === dateInputs(next) ? [] : [{ rule, state: 'changed' }];
  });
}
