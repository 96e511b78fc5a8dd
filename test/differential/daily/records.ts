/** The records of a ledger in one reading: without voided ones, grouped by day, in order. */
import type { LedgerRecord, RecordInput } from '../../../src/retention/record.ts';
import { type Day, dayOf, momentIn } from './days.ts';
import { inReading, type Reading } from './terms.ts';

export type Entry = { input: RecordInput; day: Day; paid: boolean };

/** Sentence 22: voided records count as never written; a void that is itself voided has no effect. */
function withoutVoided(records: readonly LedgerRecord[]): LedgerRecord[] {
  const voided = new Set<LedgerRecord>();
  for (let i = records.length - 1; i >= 0; i--) {
    const { input } = records[i] as LedgerRecord;
    if (input.type !== 'void' || voided.has(records[i] as LedgerRecord)) continue;
    const target = records.find(({ id }) => id === input.record);
    if (target) voided.add(target);
  }
  return records.filter((record) => !voided.has(record) && record.input.type !== 'void');
}

/** Sentence 4: within a day, records with a moment first, then those with a date, balance and validity last. */
const rank = ({ input }: Entry, moment: number | null): number =>
  moment !== null ? 0 : input.type === 'balance' || input.type === 'validity' ? 2 : 1;

export function entriesByDay(
  records: readonly LedgerRecord[],
  zone: string,
  reading: Reading,
): Map<Day, Entry[]> {
  const placed = withoutVoided(records).map(({ input, paid = false }) => {
    const at = inReading<string>(input.at, reading);
    const moment = at.includes('T') ? momentIn(zone, at) : null;
    const entry: Entry = { input, day: moment?.day ?? dayOf(at), paid };
    return { entry, rank: rank(entry, moment?.at ?? null), at: moment?.at ?? 0 };
  });
  placed.sort((a, b) => a.entry.day - b.entry.day || a.rank - b.rank || a.at - b.at);
  return Map.groupBy(
    placed.map(({ entry }) => entry),
    ({ day }) => day,
  );
}
