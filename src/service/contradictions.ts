/**
 * What a person saw at their carrier against what the rule had expected: this is how a wrong rule is found. What was
 * seen wins on the line itself; here it is told of the rule.
 */
import { atTheirPlaces, foldLine, ledgerOf, zoneOf } from '../ledger.ts';
import { formatAmount, formatDay, readAt } from '../retention/index.ts';
import type { Contradiction, Queries, StoredRecord } from '../store/types.ts';
import { clockOf } from '../wording/index.ts';
import type { Ledger } from './record-checks.ts';

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

/**
 * What a record contradicts, given those before it. Money that is not confirmed may have come or not: what was seen
 * contradicts the rule only if it does so both ways.
 */
function against(ledger: Ledger, before: StoredRecord[], seen: StoredRecord): Found[] {
  const sure = before.filter(({ pending }) => !pending);
  return [againstValidity, againstBalance].flatMap((compare: Compare) => {
    const found = compare(ledger, sure, seen);
    const isDoubtful = sure.length < before.length && found.length > 0;
    return isDoubtful && compare(ledger, before, seen).length === 0 ? [] : found;
  });
}

/**
 * So much of what was seen is compared at once, the latest: each is a fold of all that stood before it, and meanwhile
 * nobody else is served.
 */
const MOST_COMPARED = 20;

/** What of some new records contradicts the rule, given the ledger before them. */
export function contradictionsOf(ledger: Ledger, kept: readonly StoredRecord[]): Contradiction[] {
  const before = [...ledger.records];
  const found: Contradiction[] = [];
  const seen = kept.filter(({ body }) => body.type === 'balance' || body.type === 'validity');
  const compared = new Set(seen.slice(-MOST_COMPARED));
  for (const record of kept) {
    for (const one of compared.has(record) ? against(ledger, before, record) : []) {
      const { line, booked, now } = ledger;
      found.push({ record: record.id, line: line.id, rule: booked.id, found_at: now.toISOString(), ...one });
    }
    before.push(record);
  }
  return found;
}

const SAYS = ['version', 'clock', 'expected', 'seen'] as const;

/**
 * Compares anew what was seen, after records have been taken back or a payment has been answered: what contradicted the
 * rule only because of them is forgotten, and what does so now is told, as if the ledger had always been as it is.
 */
export async function reviewContradictions(
  q: Pick<Queries, 'contradictions'>,
  { line, booked, records, now }: Ledger,
): Promise<void> {
  const standing = atTheirPlaces(records).filter((one) => one.voided_by === null && one.type !== 'void');
  const known = (await q.contradictions.ofLine(line.id)).filter(({ rule }) => rule === booked.id);
  const wasTold = new Set(known.map(({ record }) => record));
  const latest = standing
    .filter(({ type }) => type === 'balance' || type === 'validity')
    .slice(-MOST_COMPARED);
  const earlier = standing.filter(({ id }) => wasTold.has(id)).slice(-MOST_COMPARED);
  const compared = new Set([...latest, ...earlier].map(({ id }) => id));
  for (const [index, seen] of standing.entries()) {
    if (!compared.has(seen.id)) continue;
    const found = against({ line, booked, records, now }, standing.slice(0, index), seen);
    const told = known.filter(({ record }) => record === seen.id);
    for (const one of told)
      if (!found.some(({ kind }) => kind === one.kind)) await q.contradictions.forget(one);
    for (const one of found) {
      const before = told.find(({ kind }) => kind === one.kind);
      if (before && SAYS.every((name) => before[name] === one[name])) continue;
      const found_at = before?.found_at ?? now.toISOString();
      await q.contradictions.keep([{ record: seen.id, line: line.id, rule: booked.id, found_at, ...one }]);
    }
  }
}
