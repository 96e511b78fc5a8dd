/**
 * Finds contradictions between what a user saw at their carrier and what the rule expected, which reveal wrong rules.
 * On the line itself, what was seen wins.
 */
import { foldLine, isObservation, ledgerOf, zoneOf } from '../ledger.ts';
import { eventLoopYielder } from '../lib/event-loop.ts';
import { type Ledger as Entries, formatAmount, formatDay, readAt, readLedger } from '../retention/index.ts';
import type { Contradiction, Queries, StoredRecord } from '../store/types.ts';
import { clockOf } from '../wording/index.ts';
import type { Ledger } from './record-checks.ts';

type Entry = Entries['latest'][number];
type FoundContradiction = Pick<Contradiction, 'version' | 'kind' | 'clock' | 'expected' | 'seen'>;
type Compare = (ledger: Ledger, before: StoredRecord[], seen: StoredRecord) => FoundContradiction[];

/** The end date that the rule expected, if the date that the carrier shows is another. */
function compareValidity(
  { booked, line }: Ledger,
  before: StoredRecord[],
  seen: StoredRecord,
): FoundContradiction[] {
  const { body } = seen;
  if (body.type !== 'validity') return [];
  const { latest: day } = readAt(body.at, zoneOf(line, booked));
  const timeline = foldLine(booked, line, ledgerOf(before), { as_of: formatDay(day) });
  const shown = timeline.clocks.filter(
    ({ clock }) => clockOf(booked, timeline.version, clock)?.shows !== undefined,
  );
  const state =
    shown.length === 1
      ? shown[0]
      : shown.find(({ clock }) => clockOf(booked, timeline.version, clock)?.shows === body.of);
  if (!state || state.ends === null) return [];
  const [ends, latest] = [formatDay(state.ends), formatDay(state.latest ?? state.ends)];
  if (body.until >= ends && body.until <= latest) return [];
  return [
    {
      version: timeline.version,
      kind: 'validity',
      clock: state.clock,
      expected: body.until < ends ? ends : latest,
      seen: body.until,
    },
  ];
}

/** The balance that was computed, if another one was seen. */
function compareBalance(
  { booked, line }: Ledger,
  before: StoredRecord[],
  seen: StoredRecord,
): FoundContradiction[] {
  const { body } = seen;
  if (body.type !== 'balance') return [];
  const { latest: day } = readAt(body.at, zoneOf(line, booked));
  const timeline = foldLine(booked, line, ledgerOf([...before, seen]), { as_of: formatDay(day) });
  const { currency } = booked.carrier;
  return timeline.drift
    .filter(({ record }) => record === seen.id)
    .map((drift) => ({
      version: timeline.version,
      kind: 'balance' as const,
      clock: null,
      expected: `${formatAmount(drift.expected)} ${currency}`,
      seen: `${formatAmount(drift.seen)} ${currency}`,
    }));
}

/** A record that is not voided, as stored and as read by the engine. */
type Standing = { record: StoredRecord; entry: Entry };

/** The records that are not voided, in the order in which they count, which may differ from that of entry. */
function standingOf({ booked, line, records }: Ledger): Standing[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  const { latest } = readLedger(ledgerOf(records), zoneOf(line, booked));
  return latest.map((entry) => ({ record: byId.get(entry.id) as StoredRecord, entry }));
}

/** Whether a record surely precedes the one it is ordered before: on the same day, the order of entry is no proof. */
function isSurelyBefore(one: Entry, other: Entry): boolean {
  if (one.order < other.order || one.latest < other.latest) return true;
  return one.moment >= 0 && other.moment >= 0;
}

const recordsOf = (standing: readonly Standing[]): StoredRecord[] => standing.map(({ record }) => record);

/**
 * The contradictions of a record, given those before it. Unconfirmed payments may have arrived or not, and records of
 * the same day may have come later: what was seen contradicts the rule only if it does so both with and without them.
 */
function contradictionsOf(
  ledger: Ledger,
  before: readonly Standing[],
  { record: seen, entry }: Standing,
): FoundContradiction[] {
  const sure = before.filter((one) => !one.record.pending && isSurelyBefore(one.entry, entry));
  return [compareValidity, compareBalance].flatMap((compare: Compare) => {
    const found = compare(ledger, recordsOf(sure), seen);
    const isDoubtful = sure.length < before.length && found.length > 0;
    return isDoubtful && compare(ledger, recordsOf(before), seen).length === 0 ? [] : found;
  });
}

/**
 * The most records of what was seen that are compared, the latest ones: each comparison folds all records before it.
 * Yields to the event loop between any two.
 */
const MAX_COMPARED = 20;

/** The index of the first record affected by new ones: 0 if there is a void among them, which may affect any. */
function firstChanged(standing: readonly Standing[], added: readonly StoredRecord[]): number {
  if (added.some(({ type }) => type === 'void')) return 0;
  const ids = new Set(added.map(({ id }) => id));
  const first = standing.findIndex(({ record }) => ids.has(record.id));
  return first < 0 ? standing.length : first;
}

const COMPARED_FIELDS = ['version', 'clock', 'expected', 'seen'] as const;

/**
 * Updates the stored contradictions of a line after `added` records, or, if null, after any other change that affects
 * what is expected. Contradictions that the present ledger explains are removed and new ones stored, as if the ledger
 * had always been as it is now.
 */
export async function reviewContradictions(
  q: Pick<Queries, 'contradictions'>,
  ledger: Ledger,
  added: readonly StoredRecord[] | null = null,
): Promise<void> {
  const { line, booked, records, now } = ledger;
  // Most lines have no such records: then the ledger need not be interpreted.
  if (!records.some(isObservation)) return;
  const standing = standingOf(ledger);
  const first = added === null ? 0 : firstChanged(standing, added);
  const seen = recordsOf(standing.slice(first)).filter(isObservation);
  if (seen.length === 0) return;
  const known = (await q.contradictions.ofLine(line.id)).filter(({ rule }) => rule === booked.id);
  const [knownRecords, addedRecords] = [
    new Set(known.map(({ record }) => record)),
    new Set((added ?? []).map(({ id }) => id)),
  ];
  const compared = new Set(
    [
      seen,
      seen.filter(({ id }) => knownRecords.has(id)),
      seen.filter(({ id }) => addedRecords.has(id)),
    ].flatMap((some) => some.slice(-MAX_COMPARED).map(({ id }) => id)),
  );
  const yieldTurn = eventLoopYielder();
  for (const [index, current] of standing.entries()) {
    const { id } = current.record;
    if (index < first || !compared.has(id)) continue;
    await yieldTurn();
    const found = contradictionsOf(ledger, standing.slice(0, index), current);
    const stored = known.filter(({ record }) => record === id);
    for (const earlier of stored)
      if (!found.some(({ kind }) => kind === earlier.kind)) await q.contradictions.forget(earlier);
    for (const present of found) {
      const before = stored.find(({ kind }) => kind === present.kind);
      if (before && COMPARED_FIELDS.every((name) => before[name] === present[name])) continue;
      const found_at = before?.found_at ?? now.toISOString();
      await q.contradictions.keep([{ record: id, line: line.id, rule: booked.id, found_at, ...present }]);
    }
  }
}
