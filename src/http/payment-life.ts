/**
 * A payment's life. It makes one record of the ledger while it is pending or confirmed, and none otherwise: then that
 * record is voided, which equals never having written it, and so is what was seen at its confirmation. Each step is a
 * fact with a moment and who made it, and is one transaction with what it does to the ledger.
 */
import { todayOf, zoneOf } from '../ledger.ts';
import { readAt } from '../retention/index.ts';
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
import type { App } from './context.ts';
import { contradictionsOf, reviewContradictions } from './contradictions.ts';
import { rewriteEdges } from './edges.ts';
import { type FieldError, invalid, Problem, requestProblem } from './errors.ts';
import { bodyOf, type Confirmation } from './payment-schemas.ts';
import { checkRecords, type Ledger, ledgerFor } from './record-checks.ts';
import { sayTheSame } from './sameness.ts';

/** The record that a payment makes; what was credited is what the clock and the balance use. */
function recordOfPayment({ paid_at: at, amount, credited, makes, product }: PaymentBody): RecordInput {
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

/** What is wrong with a payment in its line's light; `wasLetIn` as in {@link checkRecords}. */
export function checkPayment(ledger: Ledger, body: PaymentBody, wasLetIn = false): FieldError[] {
  if (body.makes === 'purchase' && body.product === undefined) {
    const detail = 'It is not said what was bought.';
    return [{ pointer: '/product', detail, mend: 'Name the product as the rule or the carrier does.' }];
  }
  const { currency } = ledger.booked.carrier;
  const errors = checkRecords(
    ledger,
    [recordOfPayment(body)],
    () => '',
    () => wasLetIn,
  );
  return errors.map((error) => {
    const place = placeOf(error.pointer, body);
    if (place !== '/amount/currency') return { ...error, pointer: place };
    const detail = `It was paid in ${body.amount.currency}, and this line is kept in ${currency}.`;
    return {
      pointer: '/credited',
      detail,
      mend: `Say in \`credited\` what the carrier credits, in ${currency}.`,
    };
  });
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

/** Does a payment of this state make a record? */
export const makesRecord = (state: PaymentState): boolean => state === 'pending' || state === 'confirmed';

/** @throws Problem payment_state */
function demandStep({ id, state }: Payment, to: PaymentState) {
  if (mayBecome(state, to)) return;
  throw requestProblem('payment_state', `The payment is ${state} and cannot become ${to}.`, {
    extensions: { payment: id, state },
  });
}

type Life = {
  app: App;
  q: Queries;
  line: Line;
  /** Who makes the step: the id of a key, or of a feed. */
  by: string;
};

const changeOf = (
  { app, by }: Life,
  state: PaymentState,
  rest: Partial<PaymentChange> = {},
): PaymentChange => ({
  state,
  at: app.clock().toISOString(),
  by,
  ...rest,
});

/** Makes a payment, pending, and its record. */
export async function beginPayment(
  life: Life,
  body: PaymentBody,
  external_id: string | null,
): Promise<Payment> {
  const { app, q, line } = life;
  const made = await q.payments.create({ line: line.id, body, external_id }, changeOf(life, 'pending'));
  const [record] = await q.records.append(line.id, [{ body: recordOfPayment(body), payment: made.id }]);
  const payment = (await q.payments.update(made.id, { record: (record as StoredRecord).id })) as Payment;
  await rewriteEdges(app, q, line);
  return payment;
}

/** What the person saw, as records of the day on which they saw it: a date, so that they count after that day's payment. */
function seenRecords(given: Confirmation, today: string): { input: RecordInput; field: string }[] {
  const at = given.seen_on ?? today;
  return [
    ...(given.balance
      ? [{ field: 'balance', input: { type: 'balance' as const, at, amount: given.balance } }]
      : []),
    ...(given.valid_until
      ? [
          {
            field: 'valid_until',
            input: {
              type: 'validity' as const,
              at,
              until: given.valid_until,
              ...(given.of ? { of: given.of } : {}),
            },
          },
        ]
      : []),
  ];
}

const SEEN_FIELD: Record<string, string> = { '/at': '/seen_on', '/until': '/valid_until', '/of': '/of' };

/** What a confirmation shows was seen after the payment was made, or else it would count the money twice. */
function checkSeenOn({ line, booked }: Ledger, { at }: RecordInput, { paid_at }: PaymentBody): FieldError[] {
  const zone = zoneOf(line, booked);
  if (readAt(at as string, zone).latest >= readAt(paid_at, zone).latest) return [];
  const mend = 'Give the day on which you saw it; what was seen before is a record of its own.';
  return [{ pointer: '/seen_on', detail: 'It was paid after that day.', mend }];
}

/** @throws Problem invalid, in the words of the confirmation */
function refuseSeen(ledger: Ledger, seen: { input: RecordInput; field: string }[], body: PaymentBody) {
  const errors = seen.flatMap(({ input, field }) =>
    checkRecords(ledger, [input], () => '').map((error) => ({
      ...error,
      pointer: SEEN_FIELD[error.pointer] ?? error.pointer.replace('/amount', `/${field}`),
    })),
  );
  if (errors.length === 0) errors.push(...seen.flatMap(({ input }) => checkSeenOn(ledger, input, body)));
  const unique = [...new Map(errors.map((error) => [error.pointer, error])).values()];
  if (unique.length > 0) throw new Problem('invalid', unique);
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

/**
 * What is said of a payment after a step: a confirmation may say what was credited, and a payment that is awaited again
 * is as it was told at first, which its first record has kept.
 */
function bodyAfter(
  { id, body }: Payment,
  to: PaymentState,
  { credited }: Confirmation,
  records: readonly StoredRecord[],
): PaymentBody {
  const { credited: _, ...paid } = body;
  if (to === 'confirmed' && credited) return bodyOf({ ...paid, credited });
  if (to !== 'pending' || !body.credited) return body;
  const first = records.find(({ payment, type }) => payment === id && type === recordOfPayment(body).type);
  const told = (first?.body as { amount?: Money } | undefined)?.amount ?? body.credited;
  if (sayTheSame(told, body.credited)) return body;
  const isAmount = told.amount === body.amount.amount && told.currency === body.amount.currency;
  return isAmount ? paid : bodyOf({ ...paid, credited: told });
}

/**
 * The record of a payment that is awaited again, or has come after all, has to stand in the ledger as it has become.
 * @throws Problem invalid
 */
function refuseStep(ledger: Ledger, body: PaymentBody) {
  const errors = checkPayment(ledger, body).map((error) =>
    // What it was paid on stands in the payment, not in the step.
    error.pointer.startsWith('/credited')
      ? error
      : { ...error, pointer: '', mend: 'Mend what the line has in its ledger, or enter the payment anew.' },
  );
  if (errors.length > 0) throw invalid(...errors);
}

/**
 * Moves a payment on. What takes back a step that said nothing of money, as a link's does, `keepsMoney`: what was said
 * before that step stands.
 * @throws Problem payment_state, invalid
 */
export async function movePayment(
  life: Life,
  payment: Payment,
  to: PaymentState,
  given: Confirmation = {},
  { keepsMoney = false } = {},
): Promise<Payment> {
  const { app, q, line } = life;
  demandStep(payment, to);
  const ledger = await ledgerFor(life);
  const isConfirmed = to === 'confirmed';
  const body = keepsMoney ? payment.body : bodyAfter(payment, to, given, ledger.records);
  const saysOtherwise =
    payment.record !== null && !sayTheSame(recordOfPayment(body), recordOfPayment(payment.body));
  const isWritten = makesRecord(to) && (payment.record === null || saysOtherwise);
  if (isWritten) refuseStep(ledger, body);
  const seen = isConfirmed ? seenRecords(given, todayOf(line, ledger.booked, app.clock())) : [];
  refuseSeen(ledger, seen, body);

  const goes = payment.record !== null && (!makesRecord(to) || saysOtherwise);
  // What was seen when it was confirmed was seen of a payment that came; now it is another one, or none.
  const wasSeen = isConfirmed ? [] : payment.changes.flatMap(({ records }) => records ?? []);
  const back = [...(goes && payment.record ? [payment.record] : []), ...wasSeen];
  await takeBack(life, ledger, back, given.reason ?? `the payment is ${to}`);

  let record = goes ? null : payment.record;
  if (isWritten) {
    const [made] = await q.records.append(line.id, [{ body: recordOfPayment(body), payment: payment.id }]);
    record = (made as StoredRecord).id;
  }
  const moved = { state: to, record, ...(body === payment.body ? {} : { body }) };
  const kept = await q.payments.update(payment.id, moved);
  const before = await ledgerFor(life);
  const saw = await q.records.append(
    line.id,
    seen.map(({ input }) => ({ body: input, payment: payment.id })),
  );
  await q.contradictions.keep(contradictionsOf(before, saw));
  const step = changeOf(life, to, {
    ...(given.reason ? { reason: given.reason } : {}),
    ...(saw.length > 0 ? { records: saw.map(({ id }) => id) } : {}),
  });
  const done = (kept && (await q.payments.update(payment.id, {}, step))) as Payment;
  const after = [...before.records, ...saw];
  await rewriteEdges(app, q, line, after);
  await reviewContradictions(q, { ...before, records: after });
  return done;
}
