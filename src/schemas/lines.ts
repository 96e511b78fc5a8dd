/** JSON schemas of lines. */
import { type Static, Type } from 'typebox';
import { Money } from '../retention/record.ts';
import type { Line } from '../store/types.ts';
import {
  ExternalId,
  Facts,
  Id,
  nullable,
  PlanPrice,
  RuleId,
  strictObject,
  Timestamp,
  TimeZone,
} from './shapes.ts';

const Label = Type.String({ minLength: 1, maxLength: 100, description: "The person's name for this line." });
const PhoneNumber = Type.String({
  minLength: 1,
  maxLength: 40,
  description: "The number, with its country code or as dialled in the rule's country; stored in E.164 form.",
});
export const NewLine = strictObject(
  {
    rule: RuleId,
    label: Label,
    number: Type.Optional(PhoneNumber),
    time_zone: Type.Optional(TimeZone),
    plan_price: Type.Optional(PlanPrice),
    facts: Type.Optional(Facts),
    external_id: Type.Optional(ExternalId),
  },
  { $id: 'NewLine' },
);
export type NewLine = Static<typeof NewLine>;
export const LinePatchSchema = strictObject(
  {
    rule: Type.Optional(RuleId),
    label: Type.Optional(Label),
    number: Type.Optional(nullable(PhoneNumber)),
    time_zone: Type.Optional(nullable(TimeZone)),
    plan_price: Type.Optional(nullable(PlanPrice)),
    facts: Type.Optional(nullable(Type.Record(Type.String(), Type.Unknown()))),
    external_id: Type.Optional(nullable(ExternalId)),
  },
  { $id: 'LinePatch', description: "A line's rule does not change: a ported number is another line." },
);
export const LineSchema = strictObject(
  {
    id: Id,
    user: Id,
    rule: RuleId,
    label: Type.String(),
    number: nullable(Type.String({ description: 'In E.164 form.' })),
    time_zone: nullable(Type.String({ description: "Null: the carrier's time zone." })),
    plan_price: nullable(Money),
    facts: Facts,
    external_id: nullable(ExternalId),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { $id: 'Line' },
);
export const LineParams = Type.Object({ line: Id });

export const presentLine = (line: Line): Static<typeof LineSchema> => ({
  id: line.id,
  user: line.user,
  rule: line.rule,
  label: line.label,
  number: line.number,
  time_zone: line.time_zone,
  plan_price: line.plan_price,
  facts: line.facts,
  external_id: line.external_id,
  created_at: line.created_at,
  updated_at: line.updated_at,
});

/** The fields of a line that a patch applies to; `rule` only so that a change of it is refused. */
export const patchable = ({ rule, label, number, time_zone, plan_price, facts, external_id }: Line) => ({
  rule,
  label,
  number,
  time_zone,
  plan_price,
  facts,
  external_id,
});
