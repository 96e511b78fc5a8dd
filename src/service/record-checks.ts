/** A line's ledger, and what is right for a record in its light, beyond its schema; for a single one and for many at once. */
import { engineLine, ledgerOf, todayOf } from '../ledger.ts';
import {
  checkRecord,
  dateInZone,
  readAt,
  standingRecords,
  ZONE_AHEAD,
  ZONE_BEHIND,
} from '../retention/index.ts';
import type { LedgerRecord, RecordInput } from '../retention/record.ts';
import type { BookedRule } from '../rulebook/index.ts';
import type { Line, Reads, StoredRecord } from '../store/types.ts';
import type { App } from './context.ts';
import { type FieldError, MAX_ERRORS, MENDS, Refusal, refusal } from './refusal.ts';

/**
 * The rule that a stored line is under.
 * @throws Refusal rule_gone where the rulebook has it no more
 */
export function ruleOf(app: App, line: Line) {
  const booked = app.rulebook.rules.get(line.rule);
  if (booked) return booked;
  throw refusal('rule_gone', "The line's rule is not in the rulebook of this service.");
}

/** A line with its rule and all that is recorded of it. */
export type Ledger = { booked: BookedRule; line: Line; records: readonly StoredRecord[]; now: Date };

/**
 * The ledger of a line as it stands.
 * @throws Refusal rule_gone
 */
export const ledgerFor = async ({
  app,
  q,
  line,
}: {
  app: App;
  q: Pick<Reads, 'records'>;
  line: Line;
}): Promise<Ledger & { records: StoredRecord[] }> => ({
  booked: ruleOf(app, line),
  line,
  records: await q.records.ofLine(line.id),
  now: app.clock(),
});

function checkVoid(input: RecordInput, target: LedgerRecord | undefined): FieldError[] {
  if (input.type !== 'void' || target?.input.type !== 'void') return [];
  const mend = 'Record again what the void withdrew.';
  return [{ pointer: '/record', detail: 'A void cannot be voided.', mend }];
}

/** The first day on which something had surely happened by then, looked for once and only when it is asked for. */
function earliestDay(records: readonly LedgerRecord[], zone: string): () => number {
  let found: number | null = null;
  return () => {
    found ??= records.reduce(
      (day, { input }) => Math.min(day, readAt(input.at, zone).latest),
      Number.POSITIVE_INFINITY,
    );
    return found;
  };
}

/**
 * An activation that comes after other records of the line is as wrong as a record before the activation; `zone` is
 * that of the activation.
 */
function checkEarlier(input: RecordInput, zone: string, earliest: () => number): FieldError[] {
  if (input.type !== 'activated' || !input.at || readAt(input.at, zone).earliest <= earliest()) return [];
  const mend = 'Correct this date, or void the records before it.';
  return [{ pointer: '/at', detail: 'The line has records from before this date.', mend }];
}

/**
 * A function that finds what bears on a record among others: what it voids, or the activation that stands. So the
 * check of each is not a search through all.
 */
export function bearingOn(all: readonly LedgerRecord[]): (input: RecordInput) => LedgerRecord[] {
  const byId = new Map(all.map((record) => [record.id, record]));
  const activated = standingRecords(all).find(({ input }) => input.type === 'activated');
  return (input) => {
    const found = input.type === 'void' ? byId.get(input.record) : activated;
    return found ? [found] : [];
  };
}

/**
 * Everything that is wrong with new records; `pointer` says where each stands in the body. Of a record that has not
 * its form the sound fields will do; null is one of which nothing is sound. `wasLetIn` tells those that a ledger has
 * let in before: since then its line may have moved to another zone, where a moment falls on the day before the
 * activation, and today may be the day before, too. What no ledger lets in whatever its line's zone is, is refused. A
 * void may name another of them by its `idOf`, where that is given.
 */
export function checkRecords(
  ledger: Ledger,
  inputs: readonly (RecordInput | null)[],
  pointer: (index: number) => string,
  wasLetIn: (index: number) => boolean = () => false,
  idOf: (index: number) => string | undefined = () => undefined,
): FieldError[] {
  const { booked, line, now } = ledger;
  const terms = engineLine(line, booked);
  const today = todayOf(line, booked, now);
  const furthest = dateInZone(now, ZONE_AHEAD);
  const records = ledgerOf(ledger.records);
  // Those without an id under names that nobody can send.
  const fresh = inputs.flatMap((input, index) => (input ? [{ id: idOf(index) ?? `\0${index}`, input }] : []));
  const bearing = bearingOn([...records, ...fresh]);
  const standing = standingRecords(records);
  const [earliest, earliestAnywhere] = [
    earliestDay(standing, terms.time_zone),
    earliestDay(standing, ZONE_AHEAD),
  ];
  return inputs.flatMap((input, index) => {
    if (!input) return [];
    const isKnown = wasLetIn(index);
    const others = bearing(input);
    return [
      ...checkRecord(booked.compiled, terms, input, isKnown ? furthest : today, others, isKnown),
      ...checkVoid(input, others[0]),
      ...(isKnown
        ? checkEarlier(input, ZONE_BEHIND, earliestAnywhere)
        : checkEarlier(input, terms.time_zone, earliest)),
    ].map((error) => ({ ...error, pointer: `${pointer(index)}${error.pointer}` }));
  });
}

/**
 * Refuses what collides with the ledger or with itself: an external_id that is taken, a record voided twice, or one that
 * a payment made. Only what a payment's step has `takenBack` may be voided of those.
 * @throws Refusal external_id_taken, already_voided, record_of_payment
 */
export function refuseCollisions(
  records: readonly StoredRecord[],
  inputs: readonly RecordInput[],
  pointer: (index: number) => string,
  takenBack: (record: string) => boolean = () => false,
) {
  const taken = new Set(records.map(({ external_id }) => external_id));
  const paid = new Set(records.flatMap(({ id, payment }) => (payment === null ? [] : [id])));
  const voided = new Set(records.filter(({ voided_by }) => voided_by !== null).map(({ id }) => id));
  type Collision = 'external_id_taken' | 'already_voided' | 'record_of_payment';
  const found: { code: Collision; error: FieldError }[] = [];
  const refuse = (code: Collision, pointer: string, detail: string) =>
    void found.push({ code, error: { pointer, detail, mend: MENDS[code] } });
  for (const [index, input] of inputs.entries()) {
    if (input.external_id !== undefined && taken.has(input.external_id)) {
      const place = `${pointer(index)}/external_id`;
      refuse('external_id_taken', place, 'A record of this line has this external_id.');
    }
    if (input.type === 'void' && paid.has(input.record) && !takenBack(input.record)) {
      refuse('record_of_payment', `${pointer(index)}/record`, 'A payment made this record.');
    }
    if (input.type === 'void' && voided.has(input.record)) {
      refuse('already_voided', `${pointer(index)}/record`, 'The record is voided already.');
    }
    if (input.external_id !== undefined) taken.add(input.external_id);
    if (input.type === 'void') voided.add(input.record);
  }
  const [first] = found;
  if (!first) return;
  // A refusal is of one kind: those of the first one's are told.
  const alike = found.filter(({ code }) => code === first.code).map(({ error }) => error);
  throw new Refusal(first.code, alike.slice(0, MAX_ERRORS));
}
