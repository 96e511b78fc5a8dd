/** Schemas that several others share. A schema with an `$id` becomes a component of the API description. */
import { type TObject, type TProperties, type TSchema, type TSchemaOptions, Type } from 'typebox';
import { Money } from '../retention/record.ts';
import { LOCALES } from '../vocabulary.ts';

/** An object without additional fields. */
export const strictObject = <P extends TProperties>(
  properties: P,
  options: TSchemaOptions = {},
): TObject<P> => Type.Object(properties, { additionalProperties: false, ...options });

export const nullable = <T extends TSchema>(schema: T, options: TSchemaOptions = {}) =>
  Type.Union([schema, Type.Null()], options);

/** The pattern of a text that is not blank. */
export const NOT_BLANK = '\\S';

export const Id = Type.String({ description: 'An opaque id that the service assigns.' });
export const Timestamp = Type.String({ format: 'date-time', description: 'A moment, RFC 3339 in UTC.' });
export const TimeZone = Type.String({
  format: 'time-zone',
  maxLength: 60,
  description: 'An IANA time zone: `Europe/Moscow`.',
});
export const ExternalId = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'An id of your own, unique under its owner.',
});
export const Locale = Type.Enum(LOCALES, { description: 'The language of texts: en, ru or zh.' });
export const RuleId = Type.String({
  minLength: 1,
  maxLength: 120,
  description: 'The id of a rule: `gb/acme/prepaid`. `GET /v1/rules` lists them.',
});
export const CarrierId = Type.String({ description: 'The id of a carrier: `gb/acme`.' });
export const PlanPrice = Type.Object(Money.properties, {
  additionalProperties: false,
  description: "What the plan costs per period, in the rule's currency.",
});
export const Facts = Type.Record(
  Type.String({ pattern: '^[a-z][a-z0-9_]{0,39}$' }),
  Type.Union([Type.String({ maxLength: 200 }), Type.Boolean(), Type.Number()]),
  {
    additionalProperties: false,
    description: "The owner's facts that the rule asks for, as listed in `facts` of the rule.",
  },
);
