/** JSON schemas of records: those of the engine, each named for the API description. */
import { type TObject, type TSchema, Type } from 'typebox';
import { type RecordInput, type RecordType, recordSchemas } from '../retention/record.ts';
import type { StoredRecord } from '../store/types.ts';
import { MAX_LIST_LENGTH } from './json.ts';
import { Id, nullable, strictObject, Timestamp } from './shapes.ts';

/** `plan_renewed` as `PlanRenewed`. */
export const toPascalCase = (type: string) =>
  type.replace(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
const types = Object.keys(recordSchemas) as RecordType[];

const union = (id: string, description: string, members: TObject[]): TSchema => ({
  $id: id,
  description,
  type: 'object',
  discriminator: { propertyName: 'type' },
  oneOf: members,
});

const shapes = types.map((type) => {
  const { properties, description } = recordSchemas[type] as unknown as TObject & { description: string };
  return { name: toPascalCase(type), properties, description };
});
const given = shapes.map(({ name, properties, description }) =>
  strictObject(properties, { $id: `New${name}Record`, description }),
);
const kept = shapes.map(({ name, properties, description }) =>
  strictObject(
    {
      id: Id,
      line: Id,
      ...properties,
      recorded_at: Timestamp,
      voided_by: nullable(Id, { description: 'The id of the `void` record that withdrew it.' }),
      payment: nullable(Id, { description: 'The payment that this record belongs to.' }),
    },
    { $id: `${name}Record`, description },
  ),
);

/** One record as it is sent. */
export const NewRecord = Type.Unsafe<RecordInput>(
  union('NewRecord', 'A dated fact; `type` says what kind.', given),
);

/** One record as stored in the ledger. */
export const RecordSchema = union('Record', 'A record of the ledger.', kept);

const ManyRecords = strictObject(
  { items: Type.Array(NewRecord, { minItems: 1, maxItems: MAX_LIST_LENGTH }) },
  { $id: 'NewRecords', description: 'Several records at once, in the order in which they are entered.' },
);

/** One record, or several at once. */
export const OneOrManyRecords = Type.Unsafe<RecordInput | { items: RecordInput[] }>({
  'x-one-or-many': true,
  anyOf: [NewRecord, ManyRecords],
  description: 'One record, or `{items}`.',
});

export const presentRecord = ({ id, line, body, recorded_at, voided_by, payment }: StoredRecord) => ({
  id,
  line,
  ...body,
  recorded_at,
  voided_by,
  payment,
});
