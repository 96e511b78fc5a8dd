/**
 * What a person saw at their carrier against what the rule had expected: this is how a wrong rule is found. What was
 * seen wins on the line itself; here it is told of the rule.
 */
import { foldLine, isObservation, ledgerOf, zoneOf } from '../ledger.ts';
import { eventLoopYielder } from '../lib/event-loop.ts';
import { type Ledger as Entries, formatAmount, formatDay, readAt, readLedger } from '../retention/index.ts';
import type { Contradiction, Queries, StoredRecord } from '../store/types.ts';
import { clockOf } from '../wording/index.ts';
import type { Ledger } from './record-checks.ts';

type Entry = Entries['latest'][number];
type Found = Pick<Contradiction, 'version' | 'kind' | 'clock' | 'expected' | 'seen'>;
type Compare = (ledger: Ledger, before: StoredRecord[], seen: StoredRecord) => Found[];

/** The end that the rule gave a printed date before it was seen, where it was another. */
function againstValidity({ booked, line }: Ledger, before: StoredRecord[], seen: StoredRecord): Found[] {
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

/** The balance that the arithmetic gave, where another was seen. */
function againstBalance({ booked, line }: Ledger, before: StoredRecord[], seen: StoredRecord): Found[] {
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

/** A record that stands, as the store has it and as the engine reads it. */
type Standing = { record: StoredRecord; entry: Entry };

/** The records that stand, in the order in which they count, however late they were entered. */
function standingOf({ booked, line, records }: Ledger): Standing[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  const { latest } = readLedger(ledgerOf(records), zoneOf(line, booked));
  return latest.map((entry) => ({ record: byId.get(entry.id) as StoredRecord, entry }));
}

/** Whether a record surely counts before one that it stands before: of one day, what was entered later may have come after it. */
function isSurelyBefore(one: Entry, other: Entry): boolean {
  if (one.order < other.order || one.latest < other.latest) return true;
  return one.moment >= 0 && other.moment >= 0;
}

const recordsOf = (standing: readonly Standing[]): StoredRecord[] => standing.map(({ record }) => record);

/**
 * What a record contradicts, given those before it. Money that is not confirmed may have come or not: what was seen
 * contradicts the rule only if it does so both ways, and so with what may have come after it.
 */
function against(ledger: Ledger, before: readonly Standing[], { record: seen, entry }: Standing): Found[] {
  const sure = before.filter((one) => !one.record.pending && isSurelyBefore(one.entry, entry));
  return [againstValidity, againstBalance].flatMap((compare: Compare) => {
    const found = compare(ledger, recordsOf(sure), seen);
    const isDoubtful = sure.length < before.length && found.length > 0;
    return isDoubtful && compare(ledger, recordsOf(before), seen).length === 0 ? [] : found;
  });
}

/**
 * So much of what was seen is compared, the latest: each is a fold of all that stood before it, and others are served
 * between any two.
 */
const MAX_COMPARED = 20;

/** Where in a ledger what new records change begins: a void may change all of it. */
function firstChanged(standing: readonly Standing[], fresh: readonly StoredRecord[]): number {
  if (fresh.some(({ type }) => type === 'void')) return 0;
  const ids = new Set(fresh.map(({ id }) => id));
  const first = standing.findIndex(({ record }) => ids.has(record.id));
  return first < 0 ? standing.length : first;
}

const SAYS = ['version', 'clock', 'expected', 'seen'] as const;

/**
 * Compares what was seen, after `fresh` records have come, or where these are not given, after anything that what was
 * expected depends on: what contradicted the rule only because of what was not known is forgotten, and what does so now
 * is told, as if the ledger had always been as it is.
 */
export async function reviewContradictions(
  q: Pick<Queries, 'contradictions'>,
  ledger: Ledger,
  fresh: readonly StoredRecord[] | null = null,
): Promise<void> {
  const { line, booked, records, now } = ledger;
  // Most lines have none: then the ledger need not be read.
  if (!records.some(isObservation)) return;
  const standing = standingOf(ledger);
  const first = fresh === null ? 0 : firstChanged(standing, fresh);
  const seen = recordsOf(standing.slice(first)).filter(isObservation);
  if (seen.length === 0) return;
  const known = (await q.contradictions.ofLine(line.id)).filter(({ rule }) => rule === booked.id);
  const [wasTold, isFresh] = [
    new Set(known.map(({ record }) => record)),
    new Set((fresh ?? []).map(({ id }) => id)),
  ];
  const compared = new Set(
    [seen, seen.filter(({ id }) => wasTold.has(id)), seen.filter(({ id }) => isFresh.has(id))].flatMap(
      (some) => some.slice(-MAX_COMPARED).map(({ id }) => id),
    ),
  );
  const yieldTurn = eventLoopYielder();
  for (const [index, one] of standing.entries()) {
    const { id } = one.record;
    if (index < first || !compared.has(id)) continue;
    await yieldTurn();
    const found = against(ledger, standing.slice(0, index), one);
    const told = known.filter(({ record }) => record === id);
    for (const earlier of told)
      if (!found.some(({ kind }) => kind === earlier.kind)) await q.contradictions.forget(earlier);
    for (const present of found) {
      const before = told.find(({ kind }) => kind === present.kind);
      if (before && SAYS.every((name) => before[name] === present[name])) continue;
      const found_at = before?.found_at ?? now.toISOString();
      await q.contradictions.keep([{ record: id, line: line.id, rule: booked.id, found_at, ...present }]);
    }
  }
}
