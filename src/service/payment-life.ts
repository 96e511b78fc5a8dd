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
import { type Confirmation, checkSeen, type Seen, saidOfNothing, seenIn, seenNow } from './payment-seen.ts';
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
const placeOf = (pointer: string, { credited }: PaymentBody): string => {
  if (pointer.startsWith('/at')) return pointer.replace('/at', '/paid_at');
  return credited ? pointer.replace('/amount', '/credited') : pointer;
};

const isNothing = ({ amount }: Money) => parseAmount(amount) <= 0;

/** Errors for amounts that are not above zero: the record of such a payment would still move dates. */
function checkSums({ amount, credited }: PaymentBody): FieldError[] {
  const errors: FieldError[] = [];
  const detail = 'It is not more than zero.';
  if (isNothing(amount)) {
    const mend = 'Give what left your account; record money that came back with `refund`.';
    errors.push({ pointer: '/amount/amount', detail, mend });
  }
  if (credited && isNothing(credited)) {
    const mend = 'Give what the carrier credits; where nothing comes, say that the payment failed.';
    errors.push({ pointer: '/credited/amount', detail, mend });
  }
  return errors;
}

/** Semantic errors of a payment on its line; `wasLetIn` as in {@link checkRecords}. */
export function checkPayment(ledger: Ledger, body: PaymentBody, wasLetIn = false): FieldError[] {
  if (body.makes === 'purchase' && body.product === undefined) {
    const detail = 'It does not say what was bought.';
    return [{ pointer: '/product', detail, mend: 'Name the product as the rule or the carrier does.' }];
  }
  const { currency } = ledger.booked.carrier;
  const errors = checkRecords(
    ledger,
    [recordOfPayment(body)],
    () => '',
    () => wasLetIn,
  );
  const told = errors.map((error) => {
    const place = placeOf(error.pointer, body);
    if (place !== '/amount/currency') return { ...error, pointer: place };
    const detail = `It was paid in ${body.amount.currency}, and this line is kept in ${currency}.`;
    return {
      pointer: '/credited',
      detail,
      mend: `Say in \`credited\` what the carrier credits, in ${currency}.`,
    };
  });
  const sums = wasLetIn ? [] : checkSums(body);
  return [...sums, ...told.filter(({ pointer }) => !sums.some((sum) => sum.pointer === pointer))];
}

const NEXT: Record<PaymentState, readonly PaymentState[]> = {
  pending: ['confirmed', 'failed', 'refunded', 'cancelled'],
  confirmed: ['failed', 'refunded', 'cancelled', 'pending'],
  failed: ['confirmed', 'refunded', 'cancelled', 'pending'],
  refunded: ['pending'],
  cancelled: ['pending'],
};
/** Whether a payment may go from one state to another; a new one (null) only to `pending`. */
export const mayBecome = (from: PaymentState | null, to: PaymentState): boolean =>
  from === null ? to === 'pending' : NEXT[from].includes(to);

/**
 * The most steps of a payment. An import accepts a hundred more, to leave room for undone link acts, so that every
 * export can be imported.
 */
const MAX_STEPS = 900;

/**
 * Checks that a payment may take another step.
 * @throws Refusal too_many_steps
 */
export function demandRoom({ id, changes }: Payment) {
  if (changes.length < MAX_STEPS) return;
  throw refusal('too_many_steps', `The payment has gone through ${changes.length} steps.`, { payment: id });
}

/** Whether a payment in this state has a record in the ledger. */
export const makesRecord = (state: PaymentState): boolean => state === 'pending' || state === 'confirmed';

/** @throws Refusal payment_state */
function demandStep({ id, state }: Payment, to: PaymentState) {
  if (mayBecome(state, to)) return;
  throw refusal('payment_state', `The payment is ${state} and cannot become ${to}.`, { payment: id, state });
}

type Life = {
  app: App;
  q: Queries;
  line: Line;
  /** The author of the step: the id of a key, or of a feed. */
  by: string;
  /** Set if a link in a calendar makes the step. */
  link?: LinkStep;
};

const changeOf = (
  { app, by, link }: Life,
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
async function writeRecord({ q, line }: Life, payment: string, body: PaymentBody): Promise<string> {
  const [record] = await q.records.append(line.id, [{ body: recordOfPayment(body), payment }]);
  return (record as StoredRecord).id;
}

/** Creates a pending payment and its record. */
export async function beginPayment(
  life: Life,
  body: PaymentBody,
  external_id: string | null,
): Promise<Payment> {
  const { app, q, line } = life;
  const made = await q.payments.create({ line: line.id, body, external_id }, changeOf(life, 'pending'));
  const record = await writeRecord(life, made.id, body);
  const payment = (await q.payments.update(made.id, { record })) as Payment;
  const ledger = await ledgerFor(life);
  await rewriteEdges(app, q, line, ledger.records);
  const own = ledger.records.filter(({ id }) => id === record);
  await reviewContradictions(q, ledger, own);
  return payment;
}

/** Voids records of a payment, unless they are voided already. */
async function takeBack({ app, q, line }: Life, ledger: Ledger, records: readonly string[], reason: string) {
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
  const told = (first?.body as { amount?: Money } | undefined)?.amount ?? credited;
  if (isEquivalent(told, credited)) return body;
  // If the first record has the very amount that was paid, `credited` was probably not given.
  const isAmount = told.amount === body.amount.amount && told.currency === body.amount.currency;
  return isAmount ? paid : bodyOf({ ...paid, credited: told });
}

/** Errors of the record that a step would write, checked against the present ledger. */
const checkWritten = (ledger: Ledger, body: PaymentBody): FieldError[] =>
  checkPayment(ledger, body).map((error) =>
    // The request has only the step, so errors of the payment's other fields apply to the request as a whole.
    error.pointer.startsWith('/credited')
      ? error
      : { ...error, pointer: '', mend: 'Correct the ledger of the line, or record the payment again.' },
  );

/** The changes of a step. */
type Plan = {
  /** The payment's body after the step. */
  body: PaymentBody;
  /** Records to void: the payment's own, and what was seen at its confirmation. */
  takenBack: readonly string[];
  /** The record that stays; null if there is none, or it is voided. */
  kept: string | null;
  /** Whether a new record is written: the first, or one that differs from the present. */
  isWritten: boolean;
  seen: readonly Seen[];
};

/** @throws Refusal invalid */
function planStep(ledger: Ledger, payment: Payment, step: Step): Plan {
  const body = bodyAfter(payment, step, ledger.records);
  const isSame = isEquivalent(recordOfPayment(body), recordOfPayment(payment.body));
  const stands = ledger.records.some(({ id, voided_by }) => id === payment.record && voided_by === null);
  const kept = makesRecord(step.to) && isSame && stands ? payment.record : null;
  const isWritten = makesRecord(step.to) && kept === null;
  const isConfirmed = step.to === 'confirmed';
  const seen = isConfirmed ? seenIn(step, seenNow(ledger, body)) : [];
  const said = step.to === 'confirmed' ? saidOfNothing(step) : [];
  const wrong = [...said, ...(isWritten ? checkWritten(ledger, body) : [])];
  const errors = wrong.length > 0 ? wrong : checkSeen(ledger, seen, body);
  if (errors.length > 0) throw new Refusal('invalid', errors);
  // What was seen at an earlier confirmation no longer applies to the payment.
  const wasSeen = isConfirmed ? [] : payment.changes.flatMap(({ records }) => records ?? []);
  const own = payment.record === null || kept !== null ? [] : [payment.record];
  return { body, takenBack: [...own, ...wasSeen], kept, isWritten, seen };
}

/** Moves a payment to its next state. @throws Refusal payment_state, invalid */
export async function movePayment(life: Life, payment: Payment, step: Step): Promise<Payment> {
  const { app, q, line } = life;
  const { to, reason } = step;
  demandStep(payment, to);
  const ledger = await ledgerFor(life);
  const { body, takenBack, kept, isWritten, seen } = planStep(ledger, payment, step);
  await takeBack(life, ledger, takenBack, reason ?? `the payment is ${to}`);
  const record = isWritten ? await writeRecord(life, payment.id, body) : kept;
  await q.payments.update(payment.id, { state: to, record, ...(body === payment.body ? {} : { body }) });
  const before = await ledgerFor(life);
  const saw = await q.records.append(
    line.id,
    seen.map(({ input }) => ({ body: input, payment: payment.id })),
  );
  const change = changeOf(life, to, {
    ...(reason ? { reason } : {}),
    ...(saw.length > 0 ? { records: saw.map(({ id }) => id) } : {}),
  });
  const moved = (await q.payments.update(payment.id, {}, change)) as Payment;
  const after = [...before.records, ...saw];
  await rewriteEdges(app, q, line, after);
  await reviewContradictions(q, { ...before, records: after });
  return moved;
}
