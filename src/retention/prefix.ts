/**
 * Folds the past of a ledger once. Records that a plan tries out are then folded on top of it, so that each attempt
 * costs only what comes after, however long the ledger.
 */
import type { Day } from './day.ts';
import { countBefore, type Entry, type Ledger, readAddedRecords, typeCode, withEntries } from './entry.ts';
import { foldFirst } from './fold.ts';
import type { CompiledRule, Reading } from './program.ts';
import type { LedgerRecord } from './record.ts';
import type { Fold, FoldInput } from './state.ts';

const ACTIVATED = typeCode('activated');

/**
 * The first entries of a ledger, folded in both readings: all of them, and the confirmed ones alone. Null for no
 * entries.
 */
export type PrefixFolds = Record<'all' | 'settled', { earliest: Fold | null; latest: Fold | null }>;

export type FoldedPrefix = {
  ledger: Ledger;
  past: PrefixFolds;
  /** From this day on records may be added. */
  from: Day;
  /** How many entries are folded already, in each reading. */
  foldedCounts: { earliest: number; latest: number };
};

export const confirmedEntries = (entries: readonly Entry[]): Entry[] =>
  entries.filter((entry) => !entry.pending);

/** Folds what comes before the day `from` in both readings. */
export function foldPrefix(
  rule: CompiledRule,
  ledger: Ledger,
  input: Omit<FoldInput, 'entries' | 'asOf'> & { from: Day },
): FoldedPrefix {
  const { from } = input;
  const foldedCounts = {
    earliest: countBefore(ledger.earliest, from, 'earliest'),
    latest: countBefore(ledger.latest, from, 'latest'),
  };
  const folded = (reading: Reading, entries: readonly Entry[], count: number) =>
    foldFirst(rule, rule[reading], { ...input, asOf: from, entries }, count);
  const all = {
    earliest: folded('earliest', ledger.earliest, foldedCounts.earliest),
    latest: folded('latest', ledger.latest, foldedCounts.latest),
  };
  const settled = (reading: Reading) =>
    folded(
      reading,
      confirmedEntries(ledger[reading]),
      confirmedEntries(ledger[reading].slice(0, foldedCounts[reading])).length,
    );
  const isSettled = ledger.earliest.every(({ pending }) => !pending);
  return {
    ledger,
    from,
    foldedCounts,
    past: { all, settled: isSettled ? all : { earliest: settled('earliest'), latest: settled('latest') } },
  };
}

/**
 * The ledger with `records` appended, and the folds to continue from: null if one of the records reaches back into
 * them, so that everything is folded again.
 */
export function extendPrefix(prefix: FoldedPrefix, records: readonly LedgerRecord[], zone: string) {
  const { ledger, from, foldedCounts, past } = prefix;
  const added = readAddedRecords(ledger, records, zone);
  const reachesBack = ({ type, earliest, moment }: Entry) =>
    type === ACTIVATED || earliest < from || (earliest === from && moment >= 0);
  const [counts, folds] = added.some(reachesBack) ? [{ earliest: 0, latest: 0 }, null] : [foldedCounts, past];
  return { ledger: withEntries(ledger, added, counts), past: folds };
}
