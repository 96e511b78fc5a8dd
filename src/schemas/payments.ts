/** JSON schemas of payments. */
import { type Static, Type } from 'typebox';
import { LocalDate, Moment, Money } from '../retention/record.ts';
import type { Confirmation as Confirmed } from '../service/payment-seen.ts';
import type { Twins } from '../service/payment-twins.ts';
import type { Payment } from '../store/types.ts';
import { LINK_STEPS, PAYMENT_CHANNELS, PAYMENT_MAKES, PAYMENT_STATES } from '../vocabulary.ts';
import { ExternalId, Id, NOT_BLANK, nullable, strictObject, Timestamp } from './shapes.ts';

const Reason = Type.String({ minLength: 1, maxLength: 500, description: 'Why, in your own words.' });

const reference = {
  minLength: 1,
  maxLength: 100,
  description: "The payer's or the seller's reference for it.",
};
/** A stored reference. Earlier versions also accepted blank ones. */
export const KeptReference = Type.String(reference);

const fields = {
  paid_at: Type.Union([LocalDate, Moment], {
    description: "When it was paid: a date in the line's zone, such as `2026-03-01`, or a moment.",
  }),
  amount: Type.Object(Money.properties, {
    additionalProperties: false,
    description: 'What left your account, more than zero, in any currency.',
  }),
  channel: Type.Enum(PAYMENT_CHANNELS, { description: 'The channel by which it was paid.' }),
  reference: Type.String({ ...reference, pattern: NOT_BLANK }),
  makes: Type.Enum(PAYMENT_MAKES, {
    description: 'The type of record that it makes in the ledger. Default: `topup`.',
  }),
  product: Type.String({
    minLength: 1,
    maxLength: 100,
    description: 'What was bought, as the rule names it.',
  }),
  credited: Type.Object(Money.properties, {
    additionalProperties: false,
    description:
      "What the carrier credits, more than zero, in the rule's currency. Default: the amount paid.",
  }),
  note: Type.String({ minLength: 1, maxLength: 1000 }),
};

export const NewPayment = strictObject(
  {
    paid_at: fields.paid_at,
    amount: fields.amount,
    channel: fields.channel,
    reference: Type.Optional(fields.reference),
    makes: Type.Optional(fields.makes),
    product: Type.Optional(fields.product),
    credited: Type.Optional(fields.credited),
    note: Type.Optional(fields.note),
    external_id: Type.Optional(ExternalId),
  },
  { $id: 'NewPayment' },
);
export type NewPayment = Static<typeof NewPayment>;

const SAID_NONE = 'You have said that there is no proof; reminders for it end.';
const SAID_ELSEWHERE = 'You have said that you keep the proof elsewhere; reminders for it end.';

export const PaymentPatchSchema = strictObject(
  {
    channel: Type.Optional(fields.channel),
    reference: Type.Optional(nullable(fields.reference)),
    note: Type.Optional(nullable(fields.note)),
    external_id: Type.Optional(nullable(ExternalId)),
    no_proof: Type.Optional(Type.Boolean({ description: SAID_NONE })),
    proof_elsewhere: Type.Optional(
      Type.Boolean({ description: `${SAID_ELSEWHERE} Excludes \`no_proof\`: setting one clears the other.` }),
    ),
  },
  {
    $id: 'PaymentPatch',
    description: 'Fields that move money or dates cannot be changed: cancel the payment and make another.',
  },
);
export const PatchedPayment = strictObject({
  channel: fields.channel,
  reference: Type.Optional(fields.reference),
  note: Type.Optional(fields.note),
  external_id: Type.Optional(ExternalId),
  no_proof: Type.Optional(Type.Boolean()),
  proof_elsewhere: Type.Optional(Type.Boolean()),
});

export const Confirmation = Type.Unsafe<Confirmed>(
  strictObject(
    {
      credited: Type.Optional(fields.credited),
      balance: Type.Optional(
        Type.Object(Money.properties, {
          additionalProperties: false,
          description: 'The balance that the carrier shows now.',
        }),
      ),
      valid_until: Type.Optional(
        Type.String({ ...LocalDate, description: 'The last good day that the carrier shows now.' }),
      ),
      of: Type.Optional(
        Type.Enum(['outgoing', 'incoming', 'number'], { description: 'The date that `valid_until` is.' }),
      ),
      seen_on: Type.Optional(
        Type.String({
          ...LocalDate,
          description: 'When you saw the balance or the date. Default: today.',
        }),
      ),
      reason: Type.Optional(Reason),
    },
    { $id: 'Confirmation', description: 'What the carrier shows. Every field is optional.' },
  ),
);
export const Failure = strictObject({ reason: Reason }, { $id: 'Failure' });
export const Change = strictObject({ reason: Type.Optional(Reason) }, { $id: 'PaymentStep' });

const ADVICE = { detail: Type.String(), mend: Type.String() };

export const PaymentSchema = strictObject(
  {
    id: Id,
    line: Id,
    state: Type.Enum(PAYMENT_STATES),
    ...fields,
    reference: nullable(KeptReference),
    product: nullable(fields.product),
    credited: nullable(fields.credited),
    note: nullable(fields.note),
    external_id: nullable(ExternalId),
    record: nullable(Id, {
      description: 'The ledger record that it makes; null while it makes none.',
    }),
    proofs: Type.Integer({ description: 'The number of proofs stored.' }),
    no_proof: Type.Boolean({ description: SAID_NONE }),
    proof_elsewhere: Type.Boolean({ description: SAID_ELSEWHERE }),
    changes: Type.Array(
      strictObject({
        state: Type.Enum(PAYMENT_STATES),
        at: Timestamp,
        by: Type.String({ description: 'The key that was used, or the feed whose link was.' }),
        reason: Type.Optional(Type.String()),
        records: Type.Optional(Type.Array(Id, { description: 'Records made together with it.' })),
        imported: Type.Optional(
          Type.Literal(true, {
            description: "It was imported with its owner's own key: who made it, and when, is their word.",
          }),
        ),
        link: Type.Optional(
          Type.Enum(LINK_STEPS, {
            description: 'A link in a calendar made it: by saying so, or by undoing what it had said.',
          }),
        ),
      }),
      { description: 'Its history, step by step.' },
    ),
    warnings: Type.Array(
      Type.Union([
        strictObject({ code: Type.Literal('reference_twice'), payment: Id, ...ADVICE }),
        strictObject({ code: Type.Literal('recorded_twice'), record: Id, ...ADVICE }),
      ]),
      { description: 'Possible mistakes that are not errors.' },
    ),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { $id: 'Payment' },
);

type Warnings = Static<typeof PaymentSchema>['warnings'];

function warningsOf({ reference, record }: Twins): Warnings {
  const warnings: Warnings = [];
  if (reference) {
    warnings.push({
      code: 'reference_twice',
      payment: reference.id,
      detail: `A payment of ${reference.body.paid_at.slice(0, 10)} on this line has the same reference: “${reference.body.reference}”.`,
      mend: 'If it is the same payment, cancel this one: money counts once.',
    });
  }
  if (record) {
    warnings.push({
      code: 'recorded_twice',
      record: record.id,
      detail: 'This line has a separate record of the same day and sum, and both count.',
      mend: 'If it is the same payment, void that record: money counts once.',
    });
  }
  return warnings;
}

export function presentPayment(payment: Payment, twins: Twins): Static<typeof PaymentSchema> {
  const { body } = payment;
  return {
    id: payment.id,
    line: payment.line,
    state: payment.state,
    paid_at: body.paid_at,
    amount: body.amount,
    channel: body.channel,
    reference: body.reference ?? null,
    makes: body.makes,
    product: body.product ?? null,
    credited: body.credited ?? null,
    note: body.note ?? null,
    external_id: payment.external_id,
    record: payment.record,
    proofs: payment.proofs,
    no_proof: payment.no_proof,
    proof_elsewhere: payment.proof_elsewhere,
    changes: payment.changes,
    warnings: warningsOf(twins),
    created_at: payment.created_at,
    updated_at: payment.updated_at,
  };
}
