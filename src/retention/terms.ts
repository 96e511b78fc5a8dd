/** The terms that clocks and stages are made of: how long one runs and from where, and what the carrier takes. */
import { type Static, Type } from 'typebox';
import {
  Doubt,
  EvidenceNames,
  Name,
  oneOrMore,
  optional,
  Period,
  PeriodOrNone,
  Price,
  Reference,
  strict,
  text,
} from './events.ts';

/** How long a clock runs. Tiers: the highest that the amount reaches; below the lowest, nothing moves. */
export const Runs = Type.Union(
  [
    Doubt(PeriodOrNone),
    Type.Object(
      {
        by: Type.Literal('fact', text('As many days as the owner says.')),
        fact: Name,
      },
      strict,
    ),
    Type.Object(
      {
        by: Type.Enum(['amount', 'balance'], text('`amount`: of this record. `balance`: after it.')),
        tiers: Type.Record(Type.String({ pattern: '^\\d{1,9}(\\.\\d{1,4})? [A-Z]{3}$' }), Period),
      },
      strict,
    ),
    Type.Object(
      { by: Type.Literal('product'), tiers: Type.Record(Type.String({ minLength: 1 }), Period) },
      strict,
    ),
  ],
  { description: 'How long it runs: a period, an earliest and a latest one, or tiers.' },
);
export type Runs = Static<typeof Runs>;

/** What a carrier takes by itself. Forecast from a known balance only. */
export const Charge = Type.Object(
  {
    take: Doubt(
      Type.Union([
        Price,
        Type.Literal(
          'plan_price',
          text("The plan's own price, as the owner says. While that is not known, nothing is taken."),
        ),
      ]),
    ),
    every: optional(
      Type.Enum(
        ['day', 'month'],
        text(
          '`day`: each day of the stage it stands in, the first included. `month`, of a clock: once a month, on a day that is not known: from the day after the balance was seen on, or from a month after that.',
        ),
      ),
    ),
    less: optional(
      Type.Object(
        {
          sum: Type.Literal('charges'),
          of: Type.Array(Type.Enum(['call', 'sms', 'mms', 'data', 'ussd', 'purchase']), { minItems: 1 }),
        },
        {
          ...strict,
          description:
            'A least spend: what was spent from the balance since the last such day, or since the balance was last seen, is taken off.',
        },
      ),
    ),
    opt_out_until: optional(
      Doubt(PeriodOrNone, {
        description:
          'Until so long before the end it can be declined, and is so until a record sets the clock anew. Left out: it cannot.',
      }),
    ),
    at_end: optional(Type.Literal(true, text("On the clock's last good day; `adds` moves that day."))),
    on_day_of_month: optional(
      Type.Integer({ minimum: 1, maximum: 31, description: 'On this day of each month.' }),
    ),
    adds: optional(Period),
    times: optional(
      Type.Integer({ minimum: 1, description: 'At the most so often, until a record restarts the clock.' }),
    ),
    applies_to: optional(
      Type.Literal(
        'running',
        text(
          'For `at_end`: once its version takes force, clocks set before that and not ended are under it too; their end stays, and `times` counts from then.',
        ),
      ),
    ),
    partial: optional(
      Type.Enum(
        ['taken', 'refused', 'swallowed'],
        text(
          'When less than a whole charge is left: `taken` and it counts, `refused` (the default), or `swallowed`: gone, and nothing had for it.',
        ),
      ),
    ),
    as: optional(
      Type.Literal('ordinary', text("The line's ordinary course: it does not become `fee_running`.")),
    ),
    evidence: optional(EvidenceNames),
  },
  { ...strict, description: 'What the carrier takes by itself.' },
);
export type Charge = Static<typeof Charge>;

export const Extend = Type.Enum(
  ['from_event', 'from_end', 'later', 'raise_to'],
  text(
    'Where a restart counts from: `from_event` (the default), `from_end` adds to the end, `later` keeps the later of both (so does `raise_to`: at least so long).',
  ),
);
export const IfExpired = Type.Enum(
  ['from_event', 'refuse'],
  text('For `from_end`, once the clock has ended: count from the event (the default), or refuse.'),
);
export const Cap = Type.String({
  pattern: '^[1-9]\\d{0,4} (day|days|month|months|year|years)$',
  description:
    'The furthest end, counted from the event. It cuts what is added, and nothing off what there was.',
});

/** What restarts a clock on terms of its own; what it leaves out is the clock's. */
export const Restart = Type.Object(
  {
    on: oneOrMore(Reference),
    runs: optional(Runs),
    extend: optional(Doubt(Extend)),
    if_expired: optional(IfExpired),
    cap: optional(Cap),
  },
  { ...strict, description: 'What restarts it on terms of its own; what is left out is the clock’s.' },
);
export type Restart = Static<typeof Restart>;
