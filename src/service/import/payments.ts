/** Imports a user's payments: new ones with their whole history; later steps are added to existing ones. */
import { eventLoopYielder } from '../../lib/event-loop.ts';
import type {
  Line,
  Payment,
  PaymentBody,
  PaymentChange,
  PaymentState,
  PaymentWithHistory,
} from '../../store/types.ts';
import type { App } from '../context.ts';
import { canonicalForm, isEquivalent, matchesFields } from '../equivalence.ts';
import { bodyOf, CONFLICTING_PROOF_FLAGS } from '../payment-body.ts';
import { canBecome, checkPayment, makesRecord } from '../payment-life.ts';
import { ruleOf } from '../record-checks.ts';
import type { FieldError } from '../refusal.ts';
import { CONFLICTING_IDS, collectErrors, pastMoment, refuseRow } from './refuse.ts';
import type { PaymentRow } from './rows.ts';
import type { Import } from './tally.ts';

const DIFFERENT_HISTORY: FieldError = {
  pointer: '/changes',
  detail: 'The payment exists, with another history.',
  mend: 'Leave the row out: what has happened to a payment is added to, never changed.',
};

const DIFFERENT_MONEY: FieldError = {
  pointer: '',
  detail: 'The payment exists, with another amount or date, or for something else.',
  mend: 'Leave the row out: what moves money or dates is never changed; cancel it, and make another.',
};

/** The fields that move money or dates; without `credited` if a later step may have set or reset it. */
const moneyKey = ({ paid_at, amount, credited, makes, product }: PaymentBody, hasMoved: boolean) =>
  canonicalForm({ paid_at, amount, makes, product, ...(hasMoved ? {} : { credited }) });

const stateOf = (changes: readonly PaymentChange[]) => (changes.at(-1) as PaymentChange).state;

/** A history without the marks of how its steps came in, which may differ for the same step. */
const plainHistory = (changes: readonly PaymentChange[]) =>
  changes.map(({ imported: _, link: __, ...step }) => step);

type History = PaymentWithHistory['changes'];

/**
 * The history of a payment from its row; steps imported with the owner's own key are marked as such.
 * @throws Refusal invalid for an impossible sequence of states
 */
function historyOf(app: App, { changes }: PaymentRow, number: number, isOwners: boolean): History {
  let state: PaymentState | null = null;
  const history = changes.map((change, index) => {
    const at = pastMoment(app, change.at, number, `changes/${index}/at`) as string;
    if (!canBecome(state, change.state)) {
      const detail =
        state === null ? 'A payment begins as pending.' : `What is ${state} does not become ${change.state}.`;
      const mend = 'Give its history from the beginning, step by step.';
      throw refuseRow(number, { pointer: `/changes/${index}/state`, detail, mend });
    }
    state = change.state;
    return { ...change, at, ...(isOwners ? { imported: true } : {}) };
  });
  return history as [PaymentChange, ...PaymentChange[]];
}

/** Semantic errors of a payment on its own; a ledger elsewhere has accepted it before. */
const semanticErrors = (app: App, line: Line, body: PaymentBody): FieldError[] =>
  checkPayment({ booked: ruleOf(app, line), line, records: [], now: app.clock() }, body, true);

type Numbered = { row: PaymentRow; number: number };
/** An imported payment with its row. */
export type ImportedPayment = Numbered & { payment: Payment; line: Line };

/** The existing payments that rows refer to. */
async function existingPayments({ q }: Import, line: Line, rows: readonly Numbered[]) {
  const byId = await q.payments.byIds(rows.map(({ row }) => row.id));
  const externalIds = rows.flatMap(({ row }) => row.external_id ?? []);
  return { byId, byExternalId: await q.payments.byExternalIds(line.id, externalIds) };
}

/** Checks a row; returns its content, and the existing payment if there is one. @throws Refusal invalid */
function checkRow(
  work: Import,
  line: Line,
  known: Awaited<ReturnType<typeof existingPayments>>,
  one: Numbered,
  isOwners: boolean,
) {
  const { app } = work;
  const { row, number } = one;
  const { id, external_id = null, no_proof = false, proof_elsewhere = false } = row;
  const body = bodyOf(row);
  if (no_proof && proof_elsewhere) throw refuseRow(number, CONFLICTING_PROOF_FLAGS);
  const changes = historyOf(app, row, number, isOwners);
  const byExternalId = external_id && known.byExternalId.get(external_id);
  const byId = known.byId.get(id);
  if (byExternalId && byId && byExternalId.id !== byId.id) throw refuseRow(number, CONFLICTING_IDS);
  const present = byExternalId || byId || null;
  const errors = present && isEquivalent(present.body, body) ? [] : semanticErrors(app, line, body);
  if (errors.length > 0) throw refuseRow(number, ...errors);
  if (present && present.line !== line.id) {
    const mend = 'Give the payment another id.';
    throw refuseRow(number, { pointer: '/id', detail: 'There is another payment with this id.', mend });
  }
  return { present, changes, said: { body, external_id, no_proof, proof_elsewhere } };
}

/** Updates an existing payment to its row, by adding the later steps. @throws Refusal invalid */
async function updateExisting(
  { q, tally }: Import,
  known: Payment,
  { changes, said }: Pick<ReturnType<typeof checkRow>, 'changes' | 'said'>,
  number: number,
): Promise<Payment> {
  const knownSteps = known.changes.length;
  if (
    knownSteps > changes.length ||
    !isEquivalent(plainHistory(known.changes), plainHistory(changes.slice(0, knownSteps)))
  )
    throw refuseRow(number, DIFFERENT_HISTORY);
  const hasMoved = changes.slice(knownSteps).some(({ state }) => makesRecord(state));
  if (moneyKey(said.body, hasMoved) !== moneyKey(known.body, hasMoved))
    throw refuseRow(number, DIFFERENT_MONEY);
  const isSame = knownSteps === changes.length && matchesFields(known, said);
  tally.payments[isSame ? 'unchanged' : 'changed'] += 1;
  if (isSame) return known;
  let next = (await q.payments.update(known.id, { ...said, state: stateOf(changes) })) ?? known;
  for (const change of changes.slice(knownSteps))
    next = (await q.payments.update(known.id, {}, change)) ?? next;
  return next;
}

/**
 * Creates the payments of a line's rows, or adds later steps to existing ones. Their records are linked later
 * (`linkRecords`). `isOwners`: the import uses the owner's own key, not an admin's. Refusals are added to `errors`.
 */
export async function importPayments(
  work: Import,
  line: Line,
  rows: readonly Numbered[],
  isOwners: boolean,
  errors: FieldError[],
): Promise<ImportedPayment[]> {
  const { app, q, tally } = work;
  const known = await existingPayments(work, line, rows);
  const imported: ImportedPayment[] = [];
  let pending: (Numbered & { brought: PaymentWithHistory })[] = [];
  const settle = (one: Numbered, payment: Payment) => {
    known.byId.set(payment.id, payment);
    if (payment.external_id !== null) known.byExternalId.set(payment.external_id, payment);
    imported.push({ ...one, payment, line });
  };
  /** Writes the gathered new payments together. */
  const flush = async () => {
    const made = await q.payments.createWithHistory(
      line.id,
      pending.map(({ brought }) => brought),
    );
    for (const [index, payment] of made.entries()) settle(pending[index] as Numbered, payment);
    pending = [];
  };
  const pendingIds = new Set<string>();
  const yieldTurn = eventLoopYielder();
  for (const one of rows) {
    await yieldTurn();
    const { row, number } = one;
    const ids = [row.id, ...(row.external_id ? [`\0${row.external_id}`] : [])];
    // An id repeated within the import: write the first row, so that this one is compared with it.
    if (ids.some((name) => pendingIds.has(name))) await flush();
    await collectErrors(errors, async () => {
      const checked = checkRow(work, line, known, one, isOwners);
      if (checked.present) return settle(one, await updateExisting(work, checked.present, checked, number));
      const created_at = pastMoment(app, row.created_at, number, 'created_at');
      const moment = created_at ? { created_at } : {};
      pending.push({ ...one, brought: { id: row.id, ...checked.said, ...moment, changes: checked.changes } });
      for (const name of ids) pendingIds.add(name);
      tally.payments.made += 1;
    });
  }
  await flush();
  return imported;
}
