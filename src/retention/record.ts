/**
 * The records of a line's ledger, as a person or a program states them: dated facts, append-only.
 * Each is one JSON object `{type, at, …}`; money is `{amount, currency}` with a decimal string.
 */
import { type Static, type TSchema, Type } from 'typebox';

export const Stage = Type.Enum(
  ['unknown', 'active', 'restricted', 'fee_running', 'receive_only', 'suspended', 'lost', 'reissuable'],
  { $id: 'Stage', description: 'The state of a line, from best to worst after `unknown`.' },
);
export type Stage = Static<typeof Stage>;

export const LocalDate = Type.String({
  format: 'date',
  pattern: '^\\d{4}-\\d{2}-\\d{2}$',
  description: "A calendar date in the line's zone, such as 2026-03-01.",
});
export const Moment = Type.String({ format: 'date-time', description: 'A moment, RFC 3339.' });

export const Money = Type.Object(
  {
    amount: Type.String({
      pattern: '^-?\\d{1,9}(\\.\\d{1,4})?$',
      description: 'A decimal string; `50` equals `50.00`.',
    }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'An ISO 4217 currency code: `RUB`.' }),
  },
  { additionalProperties: false },
);
export type Money = Static<typeof Money>;

/** When it happened: a date of the line's zone, a moment, or a span in which it happened. */
export const At = Type.Union(
  [
    LocalDate,
    Moment,
    Type.Object({ earliest: LocalDate, latest: LocalDate }, { additionalProperties: false }),
  ],
  { description: 'A date (`2026-03-01`), a moment, or `{earliest, latest}` if it is only roughly known.' },
);
export type At = string | { earliest: string; latest: string };

const ExternalId = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'An id of your own, unique within the line.',
});
const Product = Type.String({ minLength: 1, maxLength: 100, description: 'Free text that a rule may name.' });
const Reason = Type.String({ minLength: 1, maxLength: 500 });

const record = <const T extends string, P extends Record<string, TSchema>>(
  type: T,
  description: string,
  fields: P,
) =>
  Type.Object(
    { type: Type.Literal(type), at: At, external_id: Type.Optional(ExternalId), ...fields },
    { additionalProperties: false, description },
  );

const VALIDITY =
  'The date that the carrier shows, a last good day. If no clock of the rule shows a date, it moves ' +
  'nothing.';

/** One schema per record type, by its `type`. */
export const recordSchemas = {
  activated: record('activated', 'The line was first switched on.', {}),
  topup: record('topup', 'Money was credited.', {
    amount: Type.Object(Money.properties, {
      additionalProperties: false,
      description: 'What was credited: more than zero.',
    }),
    method: Type.Optional(Type.Enum(['card', 'cash', 'voucher', 'loan', 'transfer'])),
    product: Type.Optional(Product),
  }),
  activity: record('activity', 'The line was used.', {
    kind: Type.Enum(['call', 'sms', 'mms', 'data', 'ussd']),
    direction: Type.Enum(['outgoing', 'incoming']),
    charged: Type.Optional(
      Type.Boolean({ description: 'Whether it cost money. Leave it out if you do not know.' }),
    ),
    charge: Type.Optional(Money),
    from_allowance: Type.Optional(
      Type.Boolean({ description: 'Whether it was taken from an included allowance.' }),
    ),
    roaming: Type.Optional(Type.Boolean()),
  }),
  purchase: record('purchase', 'A pack, option or product was bought.', {
    product: Product,
    amount: Type.Optional(Money),
    expires_on: Type.Optional(LocalDate),
    from_balance: Type.Optional(
      Type.Boolean({ description: "Whether it was paid from the line's balance." }),
    ),
  }),
  plan_renewed: record('plan_renewed', 'The plan was renewed for another period.', {
    amount: Type.Optional(Money),
  }),
  plan: record('plan', "The plan's price, from this day on.", { price: Money }),
  balance: record('balance', 'The balance that was seen.', { amount: Money }),
  validity: record('validity', VALIDITY, {
    until: LocalDate,
    of: Type.Optional(Type.Enum(['outgoing', 'incoming', 'number'])),
  }),
  identity: record('identity', 'The owner was identified again, or a document was renewed.', {
    valid_until: Type.Optional(LocalDate),
  }),
  hold: record('hold', 'The line was put on hold.', {
    until: Type.Optional(LocalDate),
    by: Type.Enum(['owner', 'carrier']),
  }),
  opt_out: record('opt_out', 'A charge that the carrier takes by itself was declined.', {
    product: Type.Optional(Product),
  }),
  status: record(
    'status',
    'The stage according to the carrier or its support. It holds until the next record.',
    {
      stage: Stage,
      reason: Type.Optional(Reason),
    },
  ),
  void: record('void', 'An earlier record was a mistake and counts as if it had never been written.', {
    record: Type.String({ minLength: 1, maxLength: 100 }),
    reason: Type.Optional(Reason),
  }),
} as const;

export type RecordType = keyof typeof recordSchemas;
export type RecordInput = { [K in RecordType]: Static<(typeof recordSchemas)[K]> }[RecordType];

/** A record as the engine reads it. */
export type LedgerRecord = {
  id: string;
  input: RecordInput;
  /** The payment that makes it is not confirmed yet. */
  pending?: boolean;
  /** A payment makes it: the money came from outside, so that a renewal is not debited from the balance. */
  paid?: boolean;
};
