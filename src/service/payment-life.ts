/**
 * The life cycle of a payment. While it is pending or confirmed, it has one record in the ledger; otherwise that record
 * is voided, which equals never having written it, and so are the records of what was seen at its confirmation. Each
 * step is stored with its time and author, in one transaction with its changes to the ledger.
 */
import { todayOf } from '../ledger.ts';
import { parseAmount } from '../retention/index.ts';
import type { Money, RecordInput } from '../retention/record.ts';
import type {
  Line,
  Payment,
  PaymentBody,
  PaymentChange,
  PaymentState,
  Queries,
  StoredRecord,
} from '../store/types.ts';
import type { LinkStep } from '../vocabulary.ts';
import type { App } from './context.ts';
import { reviewContradictions } from './contradictions.ts';
import { rewriteEdges } from './edges.ts';
import { isEquivalent } from './equivalence.ts';
import { bodyOf } from './payment-body.ts';
import {
  type Confirmation,
  checkQualifiers,
  checkSeen,
  type Seen,
  seenDay,
  seenRecords,
} from './payment-seen.ts';
import { checkRecords, type Ledger, ledgerFor } from './record-checks.ts';
import { type FieldError, Refusal, refusal } from './refusal.ts';

/**
 * The record that a payment makes. Clocks and the balance count what was credited, if it differs from what was paid.
 */
export function recordOfPayment({ paid_at: at, amount, credited, makes, product }: PaymentBody): RecordInput {
  const sum = credited ?? amount;
  if (makes === 'purchase') return { type: 'purchase', at, product: product ?? '', amount: sum };
  if (makes === 'plan_renewed') return { type: 'plan_renewed', at, amount: sum };
  return { type: 'topup', at, amount: sum, ...(product === undefined ? {} : { product }) };
}

/** Maps a pointer into a payment's record to the field of the payment. */
const paymentPointer = (pointer: string, { credited }: PaymentBody): string => {
  if (pointer.startsWith('/at')) return pointer.replace('/at', '/paid_at');
  return credited ? pointer.replace('/amount', '/credited') : pointer;
};

const isNotPositive = ({ amount }: Money) => parseAmount(amount) <= 0;

/** Errors for amounts that are not above zero: the record of such a payment would still move dates. */
function checkSums({ amount, credited }: PaymentBody): FieldError[] {
  const errors: FieldError[] = [];
  const detail = 'It is not more than zero.';
  if (isNotPositive(amount)) {
    const mend = 'Give what left your account; record money that came back with `refund`.';
    errors.push({ pointer: '/amount/amount', detail, mend });
  }
  if (credited && isNotPositive(credited)) {
    const mend = 'Give what the carrier credits; where nothing comes, say that the payment failed.';
    errors.push({ pointer: '/credited/amount', detail, mend });
  }
  return errors;
}

/** Semantic errors of a payment on its line; `wasAccepted` as in {@link checkRecords}. */
export function checkPayment(ledger: Ledger, body: PaymentBody, wasAccepted = false): FieldError[] {
  if (body.makes === 'purchase' && body.product === undefined) {
    const detail = 'It does not say what was bought.';
    return [{ pointer: '/product', detail, mend: 'Name the product as the rule or the carrier does.' }];
  }
  const { currency } = ledger.booked.carrier;
  const errors = checkRecords(
    ledger,
    [recordOfPayment(body)],
    () => '',
    () => wasAccepted,
  );
  const mapped = errors.map((error) => {
    const place = paymentPointer(error.pointer, body);
    if (place !== '/amount/currency') return { ...error, pointer: place };
    const detail = `It was paid in ${body.amount.currency}, and this line is kept in ${currency}.`;
    return {
      pointer: '/credited',
      detail,
      mend: `Say in \`credited\` what the carrier credits, in ${currency}.`,
    };
  });
  const sumErrors = wasAccepted ? [] : checkSums(body);
  return [...sumErrors, ...mapped.filter(({ pointer }) => !sumErrors.some((sum) => sum.pointer === pointer))];
}

const TRANSITIONS: Record<PaymentState, readonly PaymentState[]> = {
  pending: ['confirmed', 'failed', 'refunded', 'cancelled'],
  confirmed: ['failed', 'refunded', 'cancelled', 'pending'],
  failed: ['confirmed', 'refunded', 'cancelled', 'pending'],
  refunded: ['pending'],
  cancelled: ['pending'],
};
/** Whether a payment may go from one state to another; a new one (null) only to `pending`. */
export const canBecome = (from: PaymentState | null, to: PaymentState): boolean =>
  from === null ? to === 'pending' : TRANSITIONS[from].includes(to);

/**
 * The most steps of a payment. An import accepts a hundred more, to leave room for undone link acts, so that every
 * export can be imported.
 */
const MAX_STEPS = 900;

/**
 * Checks that a payment may take another step.
 * @throws Refusal too_many_steps
 */
export function requireStepLeft({ id, changes }: Payment) {
  if (changes.length < MAX_STEPS) return;
  throw refusal('too_many_steps', `The payment has gone through ${changes.length} steps.`, { payment: id });
}

/** Whether a payment in this state has a record in the ledger. */
export const makesRecord = (state: PaymentState): boolean => state === 'pending' || state === 'confirmed';

/** @throws Refusal payment_state */
function requireTransition({ id, state }: Payment, to: PaymentState) {
  if (canBecome(state, to)) return;
  throw refusal('payment_state', `The payment is ${state} and cannot become ${to}.`, { payment: id, state });
}

type PaymentContext = {
  app: App;
  q: Queries;
  line: Line;
  /** The author of the step: the id of a key, or of a feed. */
  by: string;
  /** Set if a link in a calendar makes the step. */
  link?: LinkStep;
};

const changeOf = (
  { app, by, link }: PaymentContext,
  state: PaymentState,
  rest: Partial<PaymentChange> = {},
): PaymentChange => ({
  state,
  at: app.clock().toISOString(),
  by,
  ...(link ? { link } : {}),
  ...rest,
});

/** Writes the record of a payment; returns its id. */
async function writeRecord({ q, line }: PaymentContext, payment: string, body: PaymentBody): Promise<string> {
  const [record] = await q.records.append(line.id, [{ body: recordOfPayment(body), payment }]);
  return (record as StoredRecord).id;
}

/** Creates a pending payment and its record. */
export async function beginPayment(
  context: PaymentContext,
  body: PaymentBody,
  external_id: string | null,
): Promise<Payment> {
  const { app, q, line } = context;
  const created = await q.payments.create({ line: line.id, body, external_id }, changeOf(context, 'pending'));
  const record = await writeRecord(context, created.id, body);
  const payment = (await q.payments.update(created.id, { record })) as Payment;
  const ledger = await ledgerFor(context);
  await rewriteEdges(app, q, line, ledger.records);
  const ownRecords = ledger.records.filter(({ id }) => id === record);
  await reviewContradictions(q, ledger, ownRecords);
  return payment;
}

/** Voids records of a payment, unless they are voided already. */
async function voidRecords(
  { app, q, line }: PaymentContext,
  ledger: Ledger,
  records: readonly string[],
  reason: string,
) {
  const standing = records.filter((id) =>
    ledger.records.some((record) => record.id === id && record.voided_by === null),
  );
  if (standing.length === 0) return;
  const at = todayOf(line, ledger.booked, app.clock());
  await q.records.append(
    line.id,
    standing.map((record) => ({ body: { type: 'void', at, record, reason } })),
  );
}

/** A step of a payment: its next state, with details. */
export type Step =
  | ({ to: 'confirmed' } & Confirmation)
  | { to: 'failed' | 'refunded' | 'cancelled'; reason?: string }
  | {
      to: 'pending';
      reason?: string;
      /** Set if the step undoes one that changed no amount, as a link's: `credited` then stays as it is. */
      keepsMoney?: boolean;
    };

/**
 * The body of a payment after a step. A confirmation may set `credited`; a reopened payment gets back what was given at
 * first, which its first record preserves.
 */
function bodyAfter({ id, body }: Payment, step: Step, records: readonly StoredRecord[]): PaymentBody {
  const { credited, ...paid } = body;
  if (step.to === 'confirmed' && step.credited) return bodyOf({ ...paid, credited: step.credited });
  if (step.to !== 'pending' || step.keepsMoney || !credited) return body;
  const first = records.find(({ payment, type }) => payment === id && type === recordOfPayment(body).type);
  const firstAmount = (first?.body as { amount?: Money } | undefined)?.amount ?? credited;
  if (isEquivalent(firstAmount, credited)) return body;
  // If the first record has the very amount that was paid, `credited` was probably not given.
  const isAmount = firstAmount.amount === body.amount.amount && firstAmount.currency === body.amount.currency;
  return isAmount ? paid : bodyOf({ ...paid, credited: firstAmount });
}

/** Errors of the record that a step would write, checked against the present ledger. */
const checkNewRecord = (ledger: Ledger, body: PaymentBody): FieldError[] =>
  checkPayment(ledger, body).map((error) =>
    // The request has only the step, so errors of the payment's other fields apply to the request as a whole.
    error.pointer.startsWith('/credited')
      ? error
      : { ...error, pointer: '', mend: 'Correct the ledger of the line, or record the payment again.' },
  );

/** The changes of a step. */
type StepPlan = {
  /** The payment's body after the step. */
  body: PaymentBody;
  /** Records to void: the payment's own, and what was seen at its confirmation. */
  voided: readonly string[];
  /** The record that stays; null if there is none, or it is voided. */
  kept: string | null;
  /** Whether a new record is written: the first, or one that differs from the present. */
  isWritten: boolean;
  seen: readonly Seen[];
};

/** @throws Refusal invalid */
function planStep(ledger: Ledger, payment: Payment, step: Step): StepPlan {
  const body = bodyAfter(payment, step, ledger.records);
  const isSame = isEquivalent(recordOfPayment(body), recordOfPayment(payment.body));
  const stands = ledger.records.some(({ id, voided_by }) => id === payment.record && voided_by === null);
  const kept = makesRecord(step.to) && isSame && stands ? payment.record : null;
  const isWritten = makesRecord(step.to) && kept === null;
  const isConfirmed = step.to === 'confirmed';
  const seen = isConfirmed ? seenRecords(step, seenDay(ledger, body)) : [];
  const fieldErrors = step.to === 'confirmed' ? checkQualifiers(step) : [];
  const earlyErrors = [...fieldErrors, ...(isWritten ? checkNewRecord(ledger, body) : [])];
  const errors = earlyErrors.length > 0 ? earlyErrors : checkSeen(ledger, seen, body);
  if (errors.length > 0) throw new Refusal('invalid', errors);
  // What was seen at an earlier confirmation no longer applies to the payment.
  const wasSeen = isConfirmed ? [] : payment.changes.flatMap(({ records }) => records ?? []);
  const ownRecord = payment.record === null || kept !== null ? [] : [payment.record];
  return { body, voided: [...ownRecord, ...wasSeen], kept, isWritten, seen };
}

/** Moves a payment to its next state. @throws Refusal payment_state, invalid */
export async function movePayment(context: PaymentContext, payment: Payment, step: Step): Promise<Payment> {
  const { app, q, line } = context;
  const { to, reason } = step;
  requireTransition(payment, to);
  const ledger = await ledgerFor(context);
  const { body, voided, kept, isWritten, seen } = planStep(ledger, payment, step);
  await voidRecords(context, ledger, voided, reason ?? `the payment is ${to}`);
  const record = isWritten ? await writeRecord(context, payment.id, body) : kept;
  await q.payments.update(payment.id, { state: to, record, ...(body === payment.body ? {} : { body }) });
  const before = await ledgerFor(context);
  const stored = await q.records.append(
    line.id,
    seen.map(({ input }) => ({ body: input, payment: payment.id })),
  );
  const change = changeOf(context, to, {
    ...(reason ? { reason } : {}),
    ...(stored.length > 0 ? { records: stored.map(({ id }) => id) } : {}),
  });
  const moved = (await q.payments.update(payment.id, {}, change)) as Payment;
  const after = [...before.records, ...stored];
  await rewriteEdges(app, q, line, after);
  await reviewContradictions(q, { ...before, records: after });
  return moved;
}
