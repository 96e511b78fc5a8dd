/**
 * A rule file: one carrier with what a person needs to know about it, the evidence of every fact, and its rules. The
 * language of a rule itself is defined by the engine (`retention/language.ts`).
 */
import { type Static, type TSchema, Type } from 'typebox';
import { Name, Price, Text, Version } from '../retention/language.ts';
import { LocalDate, Stage } from '../retention/record.ts';
import { PAYMENT_CHANNELS } from '../vocabulary.ts';
import { Given } from './given.ts';

const strict = { additionalProperties: false } as const;
const optional = <T extends TSchema>(schema: T) => Type.Optional(schema);
const Url = Type.String({
  pattern: '^https?://[^\\s"<>]+$',
  description: 'An http or https address, without spaces.',
});
const Phone = Type.String({
  pattern: '^[+0-9*#]{2,20}$',
  description: 'A number to dial in quotes, without spaces: `"611"`, `"+79515200611"`.',
});
const YesNoUnknown = Type.Union([Type.Boolean(), Type.Literal('unknown')]);
const EvidenceNames = Type.Array(Name, { minItems: 1, uniqueItems: true });

const RoughDate = (what: string) =>
  Type.String({
    pattern: '^\\d{4}(-\\d{2}(-\\d{2})?)?$',
    description: `${what}: \`2026-03-01\`, \`2026-03\`, or in quotes \`"2026"\`.`,
  });

export const Evidence = Type.Object(
  {
    kind: Type.Enum(
      ['carrier', 'carrier_copy', 'law', 'regulator', 'news', 'forum', 'repository', 'derived'],
      {
        description:
          "The kind of source: the carrier's own text, a copy of it, a law, a regulator, dated news, a forum " +
          'or comparison site, a public repository, or derived from others.',
      },
    ),
    source: Type.String({
      minLength: 3,
      description: 'The source, so that a reader can look it up: a page, a law, a paper.',
    }),
    title: optional({
      ...Text,
      description: 'The title that readers see, if `source` is not just an address.',
    }),
    dated: optional(RoughDate("The source's own date, left out when it has none")),
    in_force: optional(LocalDate),
    seen: RoughDate('When it was looked at'),
    confidence: Type.Enum(['high', 'medium', 'low']),
    says: Type.String({ minLength: 3, description: 'What it says, in one sentence.' }),
    disagrees: optional(
      Type.Array(Type.String({ minLength: 3 }), { description: 'Sources that disagree, and what they say.' }),
    ),
  },
  { ...strict, description: 'Where a fact comes from and how sure it is.' },
);
export type Evidence = Static<typeof Evidence>;

export const Check = Type.Object(
  {
    kind: Type.Enum(['balance', 'number', 'validity', 'tariff', 'last_payment', 'app', 'site', 'sim_list']),
    ussd: optional(
      Type.String({ pattern: '^[*#][0-9*#]{1,20}$', description: 'A code to dial, in quotes: `"*105#"`.' }),
    ),
    phone: optional(Phone),
    url: optional(Url),
    price: optional(Price),
    text: Text,
    evidence: EvidenceNames,
  },
  { ...strict, description: "How to see the account's state." },
);

export const Support = Type.Object(
  {
    phone: optional(Phone),
    url: optional(Url),
    from_abroad: YesNoUnknown,
    free: optional(Type.Boolean()),
    text: optional(Text),
    evidence: EvidenceNames,
  },
  { ...strict, description: 'How to reach the carrier, and whether that works from abroad.' },
);

export const Channel = Type.Object(
  {
    kind: Type.Enum(PAYMENT_CHANNELS),
    name: Text,
    url: optional(Url),
    from_abroad: YesNoUnknown,
    posting: optional(
      Type.Integer({
        minimum: 0,
        maximum: 60,
        description: 'Days until a payment shows at the carrier; 0 for the same day. Default: 1.',
      }),
    ),
    text: Text,
    cautions: optional(Type.Array(Name)),
    evidence: EvidenceNames,
  },
  { ...strict, description: 'A way to pay.' },
);

export const Caution = Type.Object(
  {
    kind: optional(
      Type.Enum(['restriction', 'fair_use', 'legal'], {
        description:
          'Something to beware of that is no loss: a temporary restriction, a fair-use limit, a matter of law.',
      }),
    ),
    text: Text,
    evidence: EvidenceNames,
  },
  { ...strict, description: 'What to beware of.' },
);

export const Example = Type.Object(
  {
    name: Type.String({ minLength: 3, description: 'What it shows.' }),
    given: Type.Array(Given),
    facts: optional(Type.Record(Name, Type.Union([Type.String(), Type.Boolean(), Type.Number()]))),
    plan_price: optional(Price),
    time_zone: optional(Type.String()),
    as_of: LocalDate,
    until: optional(LocalDate),
    gives: Type.Object(
      {
        stage: optional(Stage),
        act_by: optional(Type.Union([LocalDate, Type.Null()])),
        at_risk_since: optional(Type.Union([LocalDate, Type.Null()])),
        lost_on: optional(Type.Union([LocalDate, Type.Null()])),
        latest_lost_on: optional(Type.Union([LocalDate, Type.Null()])),
        missing: optional(Type.Array(Type.String())),
        clocks: optional(Type.Record(Name, Type.Union([LocalDate, Type.Null()]))),
        stages: optional(
          Type.Array(
            Type.Object(
              {
                stage: Stage,
                from: optional(Type.Union([LocalDate, Type.Null()])),
                latest_from: optional(Type.Union([LocalDate, Type.Null()])),
                certainty: optional(Type.Enum(['certain', 'may'])),
              },
              strict,
            ),
            { description: 'Stages that the timeline must contain, in this order.' },
          ),
        ),
      },
      {
        ...strict,
        minProperties: 1,
        description: 'What the timeline must say. A clock is given by its last good day.',
      },
    ),
    evidence: optional(EvidenceNames),
  },
  { ...strict, description: 'A worked example: records in, dates out.' },
);
export type Example = Static<typeof Example>;

export const FactAsked = Type.Object(
  {
    values: optional(Type.Array(Type.String(), { minItems: 2 })),
    kind: optional(Type.Enum(['boolean', 'number'])),
    text: Text,
  },
  { ...strict, description: 'A fact that the rule asks the owner for.' },
);

export const Unknown = Type.Object(
  { what: Text, ask: Text, evidence: optional(EvidenceNames) },
  {
    ...strict,
    description: 'What is not known, and where to ask; `evidence` names the sources that leave it open.',
  },
);

export const Rule = Type.Object(
  {
    id: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
      description: 'The last part of its id: small letters, digits and hyphens, as `prepaid`.',
    }),
    name: Text,
    facts: optional(Type.Record(Name, FactAsked)),
    unknown: optional(Type.Array(Unknown, { description: 'What is not known, and where to ask.' })),
    versions: Type.Array(Version, { minItems: 1 }),
    examples: Type.Array(Example, { minItems: 3 }),
  },
  strict,
);

export const CarrierFile = Type.Object(
  {
    carrier: Type.String({
      pattern: '^[a-z]{2}/[a-z0-9][a-z0-9-]{0,39}$',
      description: 'The country and the carrier as the file is named: `gb/acme`.',
    }),
    names: Text,
    time_zone: Type.String({ description: "The IANA time zone of the carrier's days: `Europe/Moscow`." }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'An ISO 4217 currency: `RUB`.' }),
    number_prefix: optional(
      Type.String({ pattern: '^\\+\\d{1,4}$', description: 'The country code, in quotes: `"+7"`.' }),
    ),
    checks: Type.Array(Check),
    support: Type.Array(Support),
    channels: Type.Array(Channel),
    cautions: optional(Type.Record(Name, Caution)),
    promotions: optional(Type.Array(Type.Object({ url: Url, text: Text, evidence: EvidenceNames }, strict))),
    evidence: Type.Record(Name, Evidence),
    rules: Type.Array(Rule, { minItems: 1 }),
  },
  { ...strict, title: 'A carrier and its retention rules' },
);
export type CarrierFile = Static<typeof CarrierFile>;
export type CarrierRule = CarrierFile['rules'][number];
