/** A person's payments into the store: new ones with their whole life, known ones brought up to it. */
import type { Line, Payment, PaymentBody, PaymentChange, PaymentState } from '../../store/types.ts';
import type { App } from '../context.ts';
import { bodyOf, NONE_AND_ELSEWHERE } from '../payment-body.ts';
import { checkPayment, makesRecord, mayBecome } from '../payment-life.ts';
import { ruleOf } from '../record-checks.ts';
import type { FieldError } from '../refusal.ts';
import { saying, saysAll, sayTheSame } from '../sameness.ts';
import { pastMoment, refuseRow, TWO_NAMED } from './refuse.ts';
import type { PaymentRow } from './rows.ts';
import type { Import } from './tally.ts';

const OTHERWISE: FieldError = {
  pointer: '/changes',
  detail: 'The payment is here, and its life went another way.',
  mend: 'Leave the row out: what has happened to a payment is added to, never changed.',
};

const MOVED: FieldError = {
  pointer: '',
  detail: 'The payment is here, with another amount or date, or for something else.',
  mend: 'Leave the row out: what moves money or dates is never changed; cancel it, and make another.',
};

/** What a payment moves; what was credited may have come with a confirmation since, or gone with it. */
const money = ({ paid_at, amount, credited, makes, product }: PaymentBody, hasMoved: boolean) =>
  saying({ paid_at, amount, makes, product, ...(hasMoved ? {} : { credited }) });

const stateOf = (changes: readonly PaymentChange[]) => (changes.at(-1) as PaymentChange).state;

/** A life without the marks of how its steps came in: of the same step they may differ. */
const lifeAlone = (changes: readonly PaymentChange[]) =>
  changes.map(({ imported: _, link: __, ...step }) => step);

/**
 * A payment's life as a row tells it; what its owner brings in is marked as such.
 * @throws Refusal invalid for one that cannot have been
 */
function lifeOf(app: App, { changes }: PaymentRow, number: number, isOwners: boolean): PaymentChange[] {
  let state: PaymentState | null = null;
  return changes.map((change, index) => {
    const at = pastMoment(app, change.at, number, `changes/${index}/at`) as string;
    if (!mayBecome(state, change.state)) {
      const detail =
        state === null ? 'A payment begins as pending.' : `What is ${state} does not become ${change.state}.`;
      const mend = 'Give its life from its beginning, step by step.';
      throw refuseRow(number, { pointer: `/changes/${index}/state`, detail, mend });
    }
    state = change.state;
    return { ...change, at, ...(isOwners ? { imported: true } : {}) };
  });
}

/** What is wrong with a payment by itself: it comes from a ledger that has let it in. */
const wrongWith = (app: App, line: Line, body: PaymentBody): FieldError[] =>
  checkPayment({ booked: ruleOf(app, line), line, records: [], now: app.clock() }, body, true);

/**
 * Makes a payment, or adds to one that is known what has happened since. Its record is tied to it later. `isOwners` tells
 * an import with its owner's own key from that of whoever runs the service.
 */
export async function importPayment(
  { app, q, tally }: Import,
  line: Line,
  row: PaymentRow,
  number: number,
  isOwners: boolean,
): Promise<Payment> {
  const { id, external_id = null, no_proof = false, proof_elsewhere = false, created_at } = row;
  const body = bodyOf(row);
  if (no_proof && proof_elsewhere) throw refuseRow(number, NONE_AND_ELSEWHERE);
  const changes = lifeOf(app, row, number, isOwners);
  const byExternalId = external_id && (await q.payments.byExternalId(line.id, external_id));
  const byId = await q.payments.get(id);
  if (byExternalId && byId && byExternalId.id !== byId.id) throw refuseRow(number, TWO_NAMED);
  const known = byExternalId || byId;
  const errors = known && sayTheSame(known.body, body) ? [] : wrongWith(app, line, body);
  if (errors.length > 0) throw refuseRow(number, ...errors);
  if (known && known.line !== line.id) {
    const mend = 'Give the payment another id.';
    throw refuseRow(number, { pointer: '/id', detail: 'There is another payment with this id.', mend });
  }
  const [first, ...rest] = changes as [PaymentChange, ...PaymentChange[]];
  if (!known) {
    tally.payments.made += 1;
    const moment = pastMoment(app, created_at, number, 'created_at');
    const fresh = {
      id,
      line: line.id,
      body,
      external_id,
      no_proof,
      proof_elsewhere,
      ...(moment ? { created_at: moment } : {}),
    };
    let made = await q.payments.create(fresh, first);
    for (const change of rest) made = (await q.payments.update(id, { state: change.state }, change)) ?? made;
    return made;
  }
  const lived = known.changes.length;
  if (lived > changes.length || !sayTheSame(lifeAlone(known.changes), lifeAlone(changes.slice(0, lived))))
    throw refuseRow(number, OTHERWISE);
  const hasMoved = changes.slice(lived).some(({ state }) => makesRecord(state));
  if (money(body, hasMoved) !== money(known.body, hasMoved)) throw refuseRow(number, MOVED);
  const now = { body, external_id, no_proof, proof_elsewhere };
  const isSame = lived === changes.length && saysAll(known, now);
  tally.payments[isSame ? 'unchanged' : 'changed'] += 1;
  if (isSame) return known;
  let next = (await q.payments.update(known.id, { ...now, state: stateOf(changes) })) ?? known;
  for (const change of changes.slice(lived)) next = (await q.payments.update(known.id, {}, change)) ?? next;
  return next;
}
