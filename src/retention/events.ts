/** The words that the rule language is made of, and its events: patterns of records, and sums of them. */
import { type Static, type TSchema, Type } from 'typebox';
import { Stage } from './record.ts';

export const strict = { additionalProperties: false } as const;
export const text = (description: string) => ({ description });
export const optional = <T extends TSchema>(schema: T) => Type.Optional(schema);

/** A text for people, in every language that Keepline speaks. */
export const Text = Type.Object(
  { en: Type.String({ minLength: 1 }), ru: Type.String({ minLength: 1 }), zh: Type.String({ minLength: 1 }) },
  { ...strict, description: 'The same text in English, Russian and Chinese.' },
);
export type Text = Static<typeof Text>;

export const Period = Type.String({
  pattern: '^[1-9]\\d{0,4} (day|days|month|months|year|years)$',
  description: 'A length of time: `90 days`, `6 months`, `1 year`.',
});
/** A period, or none: then the day itself is the last. */
export const PeriodOrNone = Type.String({
  pattern: '^(0 days|[1-9]\\d{0,4} (day|days|month|months|year|years))$',
  description: 'A length of time: `90 days`, `6 months`, `1 year`.',
});
export const Price = Type.String({
  pattern: '^\\d{1,9}(\\.\\d{1,4})? [A-Z]{3}$',
  description: 'An amount and its ISO 4217 currency: `3.50 EUR`.',
});
export const Name = Type.String({
  pattern: '^[a-z][a-z0-9_]{0,39}$',
  description: 'A name of your own, used elsewhere in this file.',
});
export const EvidenceNames = Type.Array(Name, {
  minItems: 1,
  uniqueItems: true,
  description: 'Sources of this fact, by their names under `evidence`.',
});

/** A fact on which sources differ, or that has two readings: plans use `earliest`, `latest` is shown beside it. */
export const Doubt = <T extends TSchema>(value: T, about: { description?: string } = {}) =>
  Type.Union([value, Type.Object({ earliest: value, latest: value }, strict)], about);

export const oneOrMore = <T extends TSchema>(value: T) =>
  Type.Union([value, Type.Array(value, { minItems: 1 })]);

const Method = Type.Enum(['card', 'cash', 'voucher', 'loan', 'transfer']);
const ActivityKind = Type.Enum(['call', 'sms', 'mms', 'data', 'ussd']);

/** A pattern of one record. What it asks and the record leaves open matches only in the latest reading. */
export const Pattern = Type.Object(
  {
    type: Type.Enum(
      ['activated', 'topup', 'activity', 'purchase', 'plan_renewed', 'identity', 'status'],
      text('The type of record.'),
    ),
    kind: optional(oneOrMore(ActivityKind)),
    direction: optional(Type.Enum(['outgoing', 'incoming'])),
    charged: optional(Type.Boolean(text('Whether it cost money (a charge, or taken from the balance).'))),
    from_allowance: optional(Type.Boolean(text('Whether it was taken from an included allowance.'))),
    roaming: optional(Type.Boolean()),
    method: optional(oneOrMore(Method)),
    product: optional(oneOrMore(Type.String({ minLength: 1 }))),
    stage: optional(Stage),
    in: optional(
      Type.Array(Stage, {
        minItems: 1,
        uniqueItems: true,
        description:
          'It counts only if the line was in one of these stages before the record. A line in an unknown stage ' +
          'counts as active.',
      }),
    ),
    least: optional(
      Type.Union(
        [Price, Type.Literal('plan_price')],
        text('The minimum amount in one payment: a price, or `plan_price`.'),
      ),
    ),
    except: optional(
      Type.Object(
        {
          method: optional(oneOrMore(Method)),
          product: optional(oneOrMore(Type.String({ minLength: 1 }))),
          kind: optional(oneOrMore(ActivityKind)),
        },
        {
          ...strict,
          description: 'Exceptions that do not count. A record that does not say is not excepted.',
        },
      ),
    ),
    from: optional(
      Type.Enum(
        ['expires_on', 'valid_until'],
        text('Count from the date that the record carries, or from its own date if it carries none.'),
      ),
    ),
  },
  { ...strict, description: 'A pattern of one record.' },
);
export type Pattern = Static<typeof Pattern>;

/** A condition on a sum of charges in a window; the clock runs from the oldest charge still needed to meet it. */
export const Sum = Type.Object(
  {
    sum: Type.Literal('charges'),
    of: Type.Array(ActivityKind, { minItems: 1 }),
    over: Period,
    more_than: optional(Price),
    at_least: optional(Price),
  },
  { ...strict, description: 'The sum of the charges in a window: `more_than` is strict, `at_least` is not.' },
);

const Matcher = Type.Union([Name, Pattern, Sum]);
export const Reference = Type.Union([Name, Pattern, Sum, Type.Object({ doubtful: Matcher }, strict)], {
  description:
    'An event by name, a pattern, or a sum; or any of them under `doubtful:`, which counts only in the ' +
    'latest reading.',
});
export type Reference = Static<typeof Reference>;

export const Event = Type.Union(
  [Pattern, Type.Object({ any: Type.Array(Matcher, { minItems: 1 }) }, strict)],
  {
    description: 'A pattern of records, or `any:` with several.',
  },
);
export type Event = Static<typeof Event>;
