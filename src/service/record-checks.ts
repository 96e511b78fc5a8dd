/** A line's ledger, and semantic checks of new records against it. */
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
 * The rule of a stored line.
 * @throws Refusal rule_gone if the rulebook no longer has it
 */
export function ruleOf(app: App, line: Line) {
  const booked = app.rulebook.rules.get(line.rule);
  if (booked) return booked;
  throw refusal('rule_gone', "The line's rule is not in the rulebook of this service.");
}

/** A line with its rule and all its records. */
export type Ledger = { booked: BookedRule; line: Line; records: readonly StoredRecord[]; now: Date };

/**
 * The present ledger of a line.
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

/** Returns a function that gives the earliest day by which some record had surely happened; computed lazily, once. */
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
 * An error for an activation after other records of the line, just as records before the activation are refused; `zone`
 * is that of the activation.
 */
function checkActivation(input: RecordInput, zone: string, earliest: () => number): FieldError[] {
  if (input.type !== 'activated' || !input.at || readAt(input.at, zone).earliest <= earliest()) return [];
  const mend = 'Correct this date, or void the records before it.';
  return [{ pointer: '/at', detail: 'The line has records from before this date.', mend }];
}

/**
 * Returns a function that finds the record relevant to the check of another one: the one it voids, or the activation in
 * force. Indexed, so that not every check searches all records.
 */
export function relevantRecords(all: readonly LedgerRecord[]): (input: RecordInput) => LedgerRecord[] {
  const byId = new Map(all.map((record) => [record.id, record]));
  const activated = standingRecords(all).find(({ input }) => input.type === 'activated');
  return (input) => {
    const found = input.type === 'void' ? byId.get(input.record) : activated;
    return found ? [found] : [];
  };
}

/**
 * All errors of new records; `pointer` gives each one's place in the body. For a record that fails its schema, pass its
 * valid fields, or null if there are none. `wasAccepted` is true for records that a ledger has accepted before: since
 * then the line may have moved to another zone, in which a moment falls on the day before the activation, or today is
 * still the day before. Of those, only what would be refused in every zone is refused. A void may name another new
 * record by its `idOf`.
 */
export function checkRecords(
  ledger: Ledger,
  inputs: readonly (RecordInput | null)[],
  pointer: (index: number) => string,
  wasAccepted: (index: number) => boolean = () => false,
  idOf: (index: number) => string | undefined = () => undefined,
): FieldError[] {
  const { booked, line, now } = ledger;
  const terms = engineLine(line, booked);
  const today = todayOf(line, booked, now);
  const furthest = dateInZone(now, ZONE_AHEAD);
  const records = ledgerOf(ledger.records);
  // Records without an id get one that nobody can send.
  const fresh = inputs.flatMap((input, index) => (input ? [{ id: idOf(index) ?? `\0${index}`, input }] : []));
  const relevantTo = relevantRecords([...records, ...fresh]);
  const standing = standingRecords(records);
  const [earliest, earliestAnywhere] = [
    earliestDay(standing, terms.time_zone),
    earliestDay(standing, ZONE_AHEAD),
  ];
  return inputs.flatMap((input, index) => {
    if (!input) return [];
    const isAccepted = wasAccepted(index);
    const others = relevantTo(input);
    return [
      ...checkRecord(booked.compiled, terms, input, isAccepted ? furthest : today, others, isAccepted),
      ...checkVoid(input, others[0]),
      ...(isAccepted
        ? checkActivation(input, ZONE_BEHIND, earliestAnywhere)
        : checkActivation(input, terms.time_zone, earliest)),
    ].map((error) => ({ ...error, pointer: `${pointer(index)}${error.pointer}` }));
  });
}

/**
 * Refuses records that conflict with the ledger or with each other: an external_id that is taken, a record voided
 * twice, or a void of a payment's record, unless a step of the payment has voided that record (`isVoidable`).
 * @throws Refusal external_id_taken, already_voided, record_of_payment
 */
export function refuseCollisions(
  records: readonly StoredRecord[],
  inputs: readonly RecordInput[],
  pointer: (index: number) => string,
  isVoidable: (record: string) => boolean = () => false,
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
    if (input.type === 'void' && paid.has(input.record) && !isVoidable(input.record)) {
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
  // A refusal has one code: report only the collisions with the same code as the first.
  const sameCode = found.filter(({ code }) => code === first.code).map(({ error }) => error);
  throw new Refusal(first.code, sameCode.slice(0, MAX_ERRORS));
}
