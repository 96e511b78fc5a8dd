/** A record in a worked example: as in the API, except that money is written as `300 RUB`. */
import { type TProperties, type TSchema, Type } from 'typebox';
import {
  type At,
  type LedgerRecord,
  type RecordInput,
  type RecordType,
  recordSchemas,
} from '../retention/record.ts';

export type Given = { type: RecordType; at: At; external_id?: string; [field: string]: unknown };

const Sum = Type.String({
  pattern: '^-?\\d{1,9}(\\.\\d{1,4})? [A-Z]{3}$',
  description: 'An amount and its ISO 4217 currency: `300 RUB`.',
});

const isMoney = (field: TSchema) =>
  Object.hasOwn((field as { properties?: object }).properties ?? {}, 'currency');

const givenSchema = ({ properties, required, description }: Described) =>
  Type.Object(
    Object.fromEntries(
      Object.entries(properties).map(([name, field]) => [
        name,
        isMoney(field) ? (required.includes(name) ? Sum : Type.Optional(Sum)) : field,
      ]),
    ),
    { additionalProperties: false, description },
  );
type Described = { properties: TProperties; required: readonly string[]; description?: string };

export const Given = Type.Unsafe<Given>(
  Type.Union(
    Object.values(recordSchemas).map((record) => givenSchema(record as Described)),
    { description: 'A record; money as `300 RUB`.' },
  ),
);

const moneyFields = new Map(
  Object.entries(recordSchemas).map(([type, { properties }]) => [
    type,
    Object.keys(properties).filter((name) => isMoney((properties as TProperties)[name]!)),
  ]),
);

/** Given records as the engine reads them. The id of each is its `external_id`, else its position: `1`, `2`, … */
export function toLedger(records: readonly Given[]): LedgerRecord[] {
  return records.map((record, index) => {
    const input: Record<string, unknown> = { ...record };
    for (const field of moneyFields.get(record.type) ?? []) {
      const [amount, currency] = String(input[field] ?? '').split(' ');
      if (currency) input[field] = { amount, currency };
    }
    return { id: record.external_id ?? String(index + 1), input: input as RecordInput };
  });
}
