/**
 * A payment's life. It makes one record of the ledger while it is pending or confirmed, and none otherwise: then that
 * record is voided, which equals never having written it, and so is what was seen at its confirmation. Each step is a
 * fact with a moment and who made it, and is one transaction with what it does to the ledger.
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

/** The record that a payment makes; what was credited is what the clock and the balance use. */
export function recordOfPayment({ paid_at: at, amount, credited, makes, product }: PaymentBody): RecordInput {
  const sum = credited ?? amount;
  if (makes === 'purchase') return { type: 'purchase', at, product: product ?? '', amount: sum };
  if (makes === 'plan_renewed') return { type: 'plan_renewed', at, amount: sum };
  return { type: 'topup', at, amount: sum, ...(product === undefined ? {} : { product }) };
}

/** The field of a payment that a field of its record was made of. */
const placeOf = (pointer: string, { credited }: PaymentBody): string => {
  if (pointer.startsWith('/at')) return pointer.replace('/at', '/paid_at');
  return credited ? pointer.replace('/amount', '/credited') : pointer;
};

const isNothing = ({ amount }: Money) => parseAmount(amount) <= 0;

/** A payment of nothing, or less, would move dates all the same. */
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

/** What is wrong with a payment in its line's light; `wasLetIn` as in {@link checkRecords}. */
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
/** May a payment go from the one state to the other? None before it has any, and then it is pending. */
export const mayBecome = (from: PaymentState | null, to: PaymentState): boolean =>
  from === null ? to === 'pending' : NEXT[from].includes(to);

/**
 * So many steps of a payment a person may take. An import takes a hundred more: room for what links take back, so that
 * each export comes in.
 */
const MAX_STEPS = 900;

/**
 * A payment has room for another step.
 * @throws Refusal too_many_steps
 */
export function demandRoom({ id, changes }: Payment) {
  if (changes.length < MAX_STEPS) return;
  throw refusal('too_many_steps', `The payment has gone through ${changes.length} steps.`, { payment: id });
}

/** Does a payment of this state make a record? */
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
  /** Who makes the step: the id of a key, or of a feed. */
  by: string;
  /** Given where a link in a calendar makes it. */
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

/** Writes the record that a payment makes; answers its id. */
async function writeRecord({ q, line }: Life, payment: string, body: PaymentBody): Promise<string> {
  const [record] = await q.records.append(line.id, [{ body: recordOfPayment(body), payment }]);
  return (record as StoredRecord).id;
}

/** Makes a payment, pending, and its record. */
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

/** Takes records of a payment back. */
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

/** A step of a payment's life: what becomes of it, and what is said of that. */
export type Step =
  | ({ to: 'confirmed' } & Confirmation)
  | { to: 'failed' | 'refunded' | 'cancelled'; reason?: string }
  | {
      to: 'pending';
      reason?: string;
      /** It takes back a step that said nothing of money, as a link's: what was said before that step stands. */
      keepsMoney?: boolean;
    };

/**
 * What is said of a payment after a step: a confirmation may say what was credited, and a payment that is awaited again
 * is as it was told at first, which its first record has kept.
 */
function bodyAfter({ id, body }: Payment, step: Step, records: readonly StoredRecord[]): PaymentBody {
  const { credited, ...paid } = body;
  if (step.to === 'confirmed' && step.credited) return bodyOf({ ...paid, credited: step.credited });
  if (step.to !== 'pending' || step.keepsMoney || !credited) return body;
  const first = records.find(({ payment, type }) => payment === id && type === recordOfPayment(body).type);
  const told = (first?.body as { amount?: Money } | undefined)?.amount ?? credited;
  if (isEquivalent(told, credited)) return body;
  // Only what is written as the amount is may not have been told at all.
  const isAmount = told.amount === body.amount.amount && told.currency === body.amount.currency;
  return isAmount ? paid : bodyOf({ ...paid, credited: told });
}

/** What is wrong with the record that a step would write: it has to stand in the ledger as that has become. */
const checkWritten = (ledger: Ledger, body: PaymentBody): FieldError[] =>
  checkPayment(ledger, body).map((error) =>
    // What it was paid on stands in the payment, not in the step.
    error.pointer.startsWith('/credited')
      ? error
      : { ...error, pointer: '', mend: 'Correct the ledger of the line, or record the payment again.' },
  );

/** What a step does. */
type Plan = {
  /** What is said of the payment from then on. */
  body: PaymentBody;
  /** Records that are taken back: the payment's own, and what was seen of it. */
  takenBack: readonly string[];
  /** The record that stays; null where there is none, or it is taken back. */
  kept: string | null;
  /** Whether it gets a record, which is its first, or says something else than the one before. */
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
  // What was seen when it was confirmed was seen of a payment that came; now it is another one, or none.
  const wasSeen = isConfirmed ? [] : payment.changes.flatMap(({ records }) => records ?? []);
  const own = payment.record === null || kept !== null ? [] : [payment.record];
  return { body, takenBack: [...own, ...wasSeen], kept, isWritten, seen };
}

/** Moves a payment on. @throws Refusal payment_state, invalid */
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
