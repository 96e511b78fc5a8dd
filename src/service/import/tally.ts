import type { Queries } from '../../store/types.ts';
import type { App } from '../context.ts';

/** Counts of what an import did. */
export type Counts = { made: number; changed: number; unchanged: number };
export type Tally = {
  users: Counts;
  lines: Counts;
  records: Counts;
  payments: Counts;
  proofs: Counts;
  marks: Counts;
  feeds: Counts;
};
/** The context of one user's import, within one transaction. */
export type Import = { app: App; q: Queries; tally: Tally };

/** In the order in which they are reported. */
export const KINDS = ['users', 'lines', 'payments', 'records', 'proofs', 'marks', 'feeds'] as const;

export const newTally = (): Tally => {
  const none = () => ({ made: 0, changed: 0, unchanged: 0 });
  return Object.fromEntries(KINDS.map((kind) => [kind, none()])) as Tally;
};

export function addTally(total: Tally, part: Tally) {
  for (const kind of KINDS) {
    for (const count of ['made', 'changed', 'unchanged'] as const) total[kind][count] += part[kind][count];
  }
}
