/** What is said of a line: as it is given, and as it is kept. */
import type { Line } from '../store/types.ts';
import { normaliseNumber } from './line-checks.ts';

/** As it is given, in its form: what need not be said may be left out. */
export type GivenLine = Pick<Line, 'rule' | 'label'> & {
  number?: string;
  time_zone?: string;
  plan_price?: NonNullable<Line['plan_price']>;
  facts?: Line['facts'];
  external_id?: string;
};

/** A checked line as the store takes it. */
export const storedFields = (fields: GivenLine) => ({
  rule: fields.rule,
  label: fields.label,
  number: fields.number === undefined ? null : normaliseNumber(fields.number, fields.rule),
  time_zone: fields.time_zone ?? null,
  plan_price: fields.plan_price ?? null,
  facts: fields.facts ?? {},
  external_id: fields.external_id ?? null,
});
