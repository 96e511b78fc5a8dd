/** Which rules of two rulebooks differ in what dates come of, told by their digests. */
import { digestOf } from './digest.ts';
import type { BookedRule, Rulebook } from './load.ts';

export type RuleChange = {
  rule: string;
  state: 'added' | 'removed' | 'changed';
};

const digests = new WeakMap<BookedRule, string>();

/** SHA-256 of what a line's timeline depends on beside its records: the versions, the zone, the currency. */
function datesDigest(booked: BookedRule): string {
  const known = digests.get(booked);
  if (known !== undefined) return known;
  const { carrier, rule } = booked;
  const { time_zone, currency } = carrier;
  const digest = digestOf({ time_zone, currency, versions: rule.versions });
  digests.set(booked, digest);
  return digest;
}

/** The rules that may give other dates, by id; the others give the same ones. */
export function ruleChanges(before: Rulebook, after: Rulebook): RuleChange[] {
  const ids = [...new Set([...before.rules.keys(), ...after.rules.keys()])].sort();
  return ids.flatMap((rule): RuleChange[] => {
    const [old, next] = [before.rules.get(rule), after.rules.get(rule)];
    if (!old) return [{ rule, state: 'added' }];
    if (old === next) return [];
    if (!next) return [{ rule, state: 'removed' }];
    return datesDigest(old) === datesDigest(next) ? [] : [{ rule, state: 'changed' }];
  });
}
