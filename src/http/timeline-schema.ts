/** JSON schema of a timeline, which `wording/timeline-json.ts` builds. */
import { Type } from 'typebox';
import { LocalDate, Money, Stage } from '../retention/record.ts';
import { nullable, strictObject } from '../schemas/shapes.ts';

const DateOrNull = nullable(LocalDate);
const NameOrNull = nullable(Type.String());

export const Because = strictObject(
  {
    clock: NameOrNull,
    record: NameOrNull,
    fact: NameOrNull,
    evidence: Type.Array(Type.String()),
    text: Type.String({ description: 'The reason in a sentence.' }),
    sources: Type.Array(
      strictObject({
        evidence: Type.String(),
        source: Type.String(),
        dated: NameOrNull,
        confidence: Type.String(),
        text: Type.String(),
      }),
      { description: 'The sources of the fact: the end of the chain record, clock, fact, source.' },
    ),
  },
  { $id: 'Because', description: "The clock, the record that set it, the rule's fact and its sources." },
);

export const Cure = strictObject(
  {
    action: Type.String(),
    price: Type.Optional(Money),
    channels: Type.Array(Type.String()),
    from_abroad: nullable(Type.Boolean(), { description: 'Null: not known.' }),
    in_person: Type.Boolean(),
    text: Type.String(),
  },
  { $id: 'Cure', description: 'An action that still saves the line.' },
);

const StageEntry = strictObject(
  {
    stage: Stage,
    from: DateOrNull,
    latest_from: DateOrNull,
    certainty: Type.Enum(['certain', 'may']),
    can_call: Type.Boolean(),
    can_receive: Type.Boolean(),
    credit_kept: Type.Boolean(),
    planned: Type.Boolean({ description: 'It follows from a record later than `as_of`.' }),
    assumed: Type.Boolean({ description: 'It follows from a charge that was forecast and not seen.' }),
    because: Because,
    cures: Type.Array(Cure),
  },
  { $id: 'StageEntry' },
);

const Missing = strictObject(
  {
    kind: Type.Enum(['clock', 'fact', 'balance', 'charged', 'plan_price']),
    name: Type.String(),
    changes: Type.Array(Stage, { description: 'The stages whose dates the answer would change.' }),
    text: Type.String(),
  },
  { $id: 'Missing', description: 'What is not known.' },
);

export const TimelineSchema = strictObject(
  {
    rule: Type.String(),
    version: LocalDate,
    as_of: LocalDate,
    until: LocalDate,
    time_zone: Type.String(),
    stage: Stage,
    provisional: Type.Boolean({ description: 'Whether it depends on a payment that is not confirmed.' }),
    act_by: DateOrNull,
    confirmed_act_by: DateOrNull,
    at_risk_since: DateOrNull,
    lost_on: DateOrNull,
    act_by_because: nullable(Because, { description: 'Why `act_by` is what it is.' }),
    lost_on_because: nullable(Because, { description: 'Why `lost_on` is what it is.' }),
    latest_lost_on: DateOrNull,
    missing: Type.Array(Missing),
    balance: nullable(Money),
    clocks: Type.Array(
      strictObject({
        clock: Type.String(),
        ends: DateOrNull,
        latest: DateOrNull,
        set_by: NameOrNull,
        because: Because,
      }),
    ),
    stages: Type.Array(StageEntry),
    contradicted: Type.Array(Type.String()),
    drift: Type.Array(strictObject({ record: Type.String(), expected: Money, seen: Money })),
  },
  { $id: 'Timeline', description: 'What has happened, and what will if nothing more is recorded.' },
);
