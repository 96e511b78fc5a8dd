/** Appends checked records to a line's ledger and updates derived data. */
import type { RecordInput } from '../retention/record.ts';
import type { Queries, StoredRecord } from '../store/types.ts';
import type { App } from './context.ts';
import { reviewContradictions } from './contradictions.ts';
import { rewriteEdges } from './edges.ts';
import type { Ledger } from './record-checks.ts';

/** Appends records within a transaction, rewrites the line's edges and reviews its contradictions. */
export async function enterRecords(
  app: App,
  q: Queries,
  ledger: Ledger,
  inputs: readonly RecordInput[],
): Promise<StoredRecord[]> {
  const { line, records } = ledger;
  const stored = await q.records.append(
    line.id,
    inputs.map((body) => ({ body })),
  );
  const all = [...records, ...stored];
  await rewriteEdges(app, q, line, all);
  await reviewContradictions(q, { ...ledger, records: all }, stored);
  return stored;
}
