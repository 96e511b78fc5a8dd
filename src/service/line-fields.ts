/** A line's fields, as given and as stored. */
import type { Line } from '../store/types.ts';
import { normaliseNumber } from './line-checks.ts';

/** A valid line as given by the caller. */
export type GivenLine = Pick<Line, 'rule' | 'label'> & {
  number?: string;
  time_zone?: string;
  plan_price?: NonNullable<Line['plan_price']>;
  facts?: Line['facts'];
  external_id?: string;
};

/** Converts a checked line for the store. */
export const storedFields = (fields: GivenLine) => ({
  rule: fields.rule,
  label: fields.label,
  number: fields.number === undefined ? null : normaliseNumber(fields.number, fields.rule),
  time_zone: fields.time_zone ?? null,
  plan_price: fields.plan_price ?? null,
  facts: fields.facts ?? {},
  external_id: fields.external_id ?? null,
});
