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
        by: Type.Literal('fact', text("As many days as the owner's fact says.")),
        fact: Name,
      },
      strict,
    ),
    Type.Object(
      {
        by: Type.Enum(
          ['amount', 'balance'],
          text('`amount`: the amount of this record. `balance`: the balance after it.'),
        ),
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
          text("The plan's own price, as the owner says. Nothing is taken while it is not known."),
        ),
      ]),
    ),
    every: optional(
      Type.Enum(
        ['day', 'month'],
        text(
          '`day`: each day of its stage, the first included. `month`, for a clock: once a month on an unknown ' +
            'day, from the day after the balance was last seen or from a month after that.',
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
            'A minimum spend: what was spent from the balance since the last such day, or since the balance was ' +
            'last seen, is deducted.',
        },
      ),
    ),
    opt_out_until: optional(
      Doubt(PeriodOrNone, {
        description:
          'How long before the end it can be declined, until a record restarts the clock. Left out: it cannot ' +
          'be declined.',
      }),
    ),
    at_end: optional(
      Type.Literal(true, text("The charge is taken on the clock's last good day; `adds` extends the clock.")),
    ),
    on_day_of_month: optional(
      Type.Integer({
        minimum: 1,
        maximum: 31,
        description: 'The charge is taken on this day of each month.',
      }),
    ),
    adds: optional(Period),
    times: optional(
      Type.Integer({
        minimum: 1,
        description: 'At most this many times, until a record restarts the clock.',
      }),
    ),
    applies_to: optional(
      Type.Literal(
        'running',
        text(
          'For `at_end`: whether clocks that are running when its version takes force are under it too. Their ' +
            'end stays, and `times` counts from then.',
        ),
      ),
    ),
    partial: optional(
      Type.Enum(
        ['taken', 'refused', 'swallowed'],
        text(
          'When the balance is less than the charge: `taken` (what is left is taken, and counts), `refused` ' +
            '(the default), or `swallowed` (what is left is taken, and does not count).',
        ),
      ),
    ),
    as: optional(
      Type.Literal('ordinary', text('The charge is ordinary: the line does not become `fee_running` by it.')),
    ),
    evidence: optional(EvidenceNames),
  },
  { ...strict, description: 'A charge that the carrier takes by itself.' },
);
export type Charge = Static<typeof Charge>;

export const Extend = Type.Enum(
  ['from_event', 'from_end', 'later', 'raise_to'],
  text(
    'What a restart counts from: `from_event` (the default) from the event; `from_end` adds to the ' +
      'present end; `later` and `raise_to` keep the later of both.',
  ),
);
export const IfExpired = Type.Enum(
  ['from_event', 'refuse'],
  text('For `from_end`, once the clock has ended: count from the event (the default), or refuse.'),
);
export const Cap = Type.String({
  pattern: '^[1-9]\\d{0,4} (day|days|month|months|year|years)$',
  description:
    'The furthest end, counted from the event. It limits what is added and never shortens what was there.',
});

/** A restart on terms of its own; what it leaves out is taken from the clock. */
export const Restart = Type.Object(
  {
    on: oneOrMore(Reference),
    runs: optional(Runs),
    extend: optional(Doubt(Extend)),
    if_expired: optional(IfExpired),
    cap: optional(Cap),
  },
  { ...strict, description: "A restart with terms of its own; those left out are the clock's." },
);
export type Restart = Static<typeof Restart>;
