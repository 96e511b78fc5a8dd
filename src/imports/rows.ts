/**
 * Schemas of the rows of an import and an export: NDJSON, one object a line. The rows after a `user` row belong to that
 * user. A record or a payment names its line by external_id or id; a proof names its payment by id.
 */
import { type Static, type TObject, Type } from 'typebox';
import { EXTENSIONS, MAX_PROOF_BYTES } from '../proofs/index.ts';
import type { RecordType } from '../retention/record.ts';
import { LocalDate, recordSchemas } from '../retention/record.ts';
import { type Check, compileBody } from '../schemas/check.ts';
import { NewFeed } from '../schemas/feeds.ts';
import { NewLine } from '../schemas/lines.ts';
import { KeptReference, NewPayment } from '../schemas/payments.ts';
import { toPascalCase } from '../schemas/records.ts';
import { nullable, strictObject, Timestamp } from '../schemas/shapes.ts';
import { NewUser } from '../schemas/users.ts';
import { MAX_ITEMS } from '../service/export.ts';
import type { RecordRow as GivenRecord, Row } from '../service/import/rows.ts';
import type { ProofType } from '../store/types.ts';
import { ENTRY_KINDS, LINK_STEPS, PAYMENT_STATES } from '../vocabulary.ts';

const idOf = (kind: string) =>
  Type.String({
    pattern: `^${kind}_[0-9a-f-]{36}$`,
    description: `The id of a ${kind}, as exported.`,
  });
const Reference = Type.String({ minLength: 1, maxLength: 200, description: 'An `external_id` or an id.' });
const { external_id, ...userFields } = NewUser.properties;
const { external_id: _, ...lineFields } = NewLine.properties;

const UserRow = strictObject(
  {
    object: Type.Literal('user'),
    id: Type.Optional(idOf('user')),
    ...userFields,
    external_id,
    created_at: Type.Optional(Timestamp),
  },
  { $id: 'UserRow' },
);

const LineRow = strictObject(
  {
    object: Type.Literal('line'),
    id: Type.Optional(idOf('line')),
    user: Type.Optional(Reference),
    ...lineFields,
    external_id,
    created_at: Type.Optional(Timestamp),
  },
  { $id: 'LineRow' },
);

const { external_id: __, ...paymentFields } = NewPayment.properties;

/** A payment with all its changes; its present record refers to it. */
const PaymentRow = strictObject(
  {
    object: Type.Literal('payment'),
    id: idOf('payment'),
    line: Reference,
    ...paymentFields,
    reference: Type.Optional(KeptReference),
    external_id,
    no_proof: Type.Optional(Type.Boolean()),
    proof_elsewhere: Type.Optional(Type.Boolean()),
    record: Type.Optional(Type.String({ maxLength: 200, description: 'The record that it makes now.' })),
    changes: Type.Array(
      strictObject({
        state: Type.Enum(PAYMENT_STATES),
        at: Timestamp,
        by: Type.String({ maxLength: 200 }),
        reason: Type.Optional(Type.String({ maxLength: 500 })),
        records: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 10 })),
        imported: Type.Optional(Type.Literal(true)),
        link: Type.Optional(Type.Enum(LINK_STEPS)),
      }),
      { minItems: 1, maxItems: 1000 },
    ),
    created_at: Type.Optional(Timestamp),
  },
  { $id: 'PaymentRow' },
);

/** A mark of an agenda entry: it is done, or its reminder is moved to another day. */
const MarkRow = strictObject(
  {
    object: Type.Literal('mark'),
    line: Reference,
    kind: Type.Enum(ENTRY_KINDS),
    cycle: Type.String({ maxLength: 200, description: 'Which entry of that kind it was.' }),
    what: Type.Enum(['done', 'later'] as const),
    on_day: Type.Optional(
      Type.String({
        ...LocalDate,
        description: 'For `later` the day of the reminder, for `done` the deadline that was met.',
      }),
    ),
    at: Timestamp,
  },
  { $id: 'MarkRow' },
);

/** A proof; its bytes follow in `proof_part` rows, in order. */
const ProofRow = strictObject(
  {
    object: Type.Literal('proof'),
    id: idOf('proof'),
    payment: idOf('payment'),
    name: Type.Optional(Type.String({ maxLength: 200 })),
    type: Type.Enum(Object.keys(EXTENSIONS) as ProofType[]),
    size: Type.Integer({ minimum: 1, maximum: MAX_PROOF_BYTES }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    created_at: Type.Optional(Timestamp),
  },
  { $id: 'ProofRow' },
);
const ProofPartRow = strictObject(
  {
    object: Type.Literal('proof_part'),
    proof: idOf('proof'),
    data: Type.String({ maxLength: 90_000, pattern: '^[A-Za-z0-9+/]+={0,2}$', description: 'Base64.' }),
  },
  { $id: 'ProofPartRow' },
);

const Hash = Type.String({
  pattern: '^([A-Za-z0-9_-]{43})?$',
  description: 'SHA-256 in Base64url, or empty.',
});

/** The state of a feed's publication: for each entry its UID, hash, SEQUENCE and dates, but not its text. */
const PublishedState = strictObject(
  {
    changed_at: Timestamp,
    hash: Hash,
    items: Type.Array(
      strictObject({
        uid: Type.String({ pattern: '^[A-Za-z0-9-]{1,254}$' }),
        line: Type.Optional(Reference),
        hash: Hash,
        sequence: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
        created_at: Timestamp,
        revised_at: Timestamp,
      }),
      { maxItems: MAX_ITEMS },
    ),
  },
  {
    description:
      'What it has shown so far, as exported, so that its entries continue from there after an import.',
  },
);

const feedFields = NewFeed.properties;
/** A feed's options. Addresses are not exported; an imported feed gets a new one by `rotate`. */
const FeedRow = strictObject(
  {
    object: Type.Literal('feed'),
    id: idOf('feed'),
    ...feedFields,
    created_at: Type.Optional(Timestamp),
    published: Type.Optional(PublishedState),
  },
  { $id: 'FeedRow' },
);

const ROW_FIELDS = {
  object: Type.Literal('record'),
  id: Type.Optional(idOf('record')),
  line: Reference,
  recorded_at: Type.Optional(Timestamp),
  voided_by: Type.Optional(
    nullable(Type.String(), {
      description: 'Written by an export; an import reads the `void` record instead.',
    }),
  ),
  payment: Type.Optional(
    Type.String({ maxLength: 200, description: 'The payment that this record belongs to.' }),
  ),
};
const recordTypes = Object.keys(recordSchemas) as RecordType[];
const RecordRow = Type.Unsafe<GivenRecord>({
  $id: 'RecordRow',
  type: 'object',
  discriminator: { propertyName: 'type' },
  oneOf: recordTypes.map((type) =>
    strictObject(
      { ...ROW_FIELDS, ...(recordSchemas[type] as unknown as TObject).properties },
      { $id: `${toPascalCase(type)}Row` },
    ),
  ),
});

/** All kinds of row. */
export const ROWS = [UserRow, LineRow, PaymentRow, RecordRow, MarkRow, FeedRow, ProofRow, ProofPartRow];

/** The schema check of each kind of row. */
export const rowChecks: Record<Row['object'], Check> = {
  user: compileBody(UserRow),
  line: compileBody(LineRow),
  payment: compileBody(PaymentRow),
  record: compileBody(RecordRow),
  mark: compileBody(MarkRow),
  proof: compileBody(ProofRow),
  proof_part: compileBody(ProofPartRow),
  feed: compileBody(FeedRow),
};

type CheckedRow = Static<
  | typeof UserRow
  | typeof LineRow
  | typeof PaymentRow
  | typeof RecordRow
  | typeof MarkRow
  | typeof ProofRow
  | typeof ProofPartRow
  | typeof FeedRow
>;

/** Types a value that has passed its check. */
export const rowOf = (value: unknown): Row => value as CheckedRow;
