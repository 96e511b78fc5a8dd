/**
 * The rows of an import and an export: NDJSON, one object a line. A `user` row opens a person; the `line` and
 * `record` rows that follow are theirs. A record names its line, by its external_id or its id.
 */
import { type Static, type TObject, Type } from 'typebox';
import type { RecordInput, RecordType } from '../../retention/record.ts';
import { recordSchemas } from '../../retention/record.ts';
import { NewLine } from '../line-schemas.ts';
import { pascal } from '../record-schemas.ts';
import { nullable, strictObject, Timestamp } from '../schemas.ts';
import { NewUser } from '../users.ts';
import { type Check, compileBody } from '../validation.ts';

const idOf = (kind: string) =>
  Type.String({
    pattern: `^${kind}_[0-9a-f-]{36}$`,
    description: `The id of a ${kind}, as an export has it.`,
  });
const Reference = Type.String({ minLength: 1, maxLength: 200, description: 'An external_id or an id.' });
const { external_id, ...userFields } = NewUser.properties;
const { external_id: _, ...lineFields } = NewLine.properties;

export const UserRow = strictObject(
  {
    object: Type.Literal('user'),
    id: Type.Optional(idOf('user')),
    ...userFields,
    external_id,
    created_at: Type.Optional(Timestamp),
  },
  { $id: 'UserRow' },
);
export type UserRow = Static<typeof UserRow>;

export const LineRow = strictObject(
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
export type LineRow = Static<typeof LineRow>;

const ROW_FIELDS = {
  object: Type.Literal('record'),
  id: Type.Optional(idOf('record')),
  line: Reference,
  recorded_at: Type.Optional(Timestamp),
  voided_by: Type.Optional(
    nullable(Type.String(), { description: 'Told by an export; an import reads the void.' }),
  ),
};
export type RecordRow = {
  object: 'record';
  id?: string;
  line: string;
  recorded_at?: string;
  voided_by?: string | null;
} & RecordInput;

const recordTypes = Object.keys(recordSchemas) as RecordType[];
export const RecordRow = Type.Unsafe<RecordRow>({
  $id: 'RecordRow',
  type: 'object',
  discriminator: { propertyName: 'type' },
  oneOf: recordTypes.map((type) =>
    strictObject(
      { ...ROW_FIELDS, ...(recordSchemas[type] as unknown as TObject).properties },
      { $id: `${pascal(type)}Row` },
    ),
  ),
});

export type Row = UserRow | LineRow | RecordRow;

/** The check of each kind of row. */
export const rowChecks: Record<Row['object'], Check> = {
  user: compileBody(UserRow),
  line: compileBody(LineRow),
  record: compileBody(RecordRow),
};

/** The record in a row, without what is the row's. */
export function recordOf({
  object: _,
  id: __,
  line: ___,
  recorded_at: ____,
  voided_by: _____,
  ...record
}: RecordRow) {
  return record as RecordInput;
}
