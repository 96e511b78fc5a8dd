/**
 * The language in which a carrier's retention rule is written: events, clocks, stages, charges, actions.
 *
 * A rule is a set of clocks. Each clock says which records restart it, how long it runs, and which stages follow
 * once it has ended. The line's stage is the gravest certain one of all clocks. A charge only changes the balance or
 * adds validity; a balance is only something that a clock may watch. Nothing else decides.
 *
 * These TypeBox schemas are the one definition: the types, the check of the YAML files and the JSON Schema for
 * editors all come from here. What each word means, to the day, is tested in `test/retention/`, in tests named after the
 * sentences of the timeline's contract.
 */
import { type Static, Type } from 'typebox';
import {
  Doubt,
  Event,
  EvidenceNames,
  Name,
  oneOrMore,
  optional,
  Period,
  Price,
  Reference,
  strict,
  Text,
  text,
} from './events.ts';
import { LocalDate, Stage } from './record.ts';
import { Cap, Charge, Extend, IfExpired, Restart, Runs } from './terms.ts';

export { Event, Name, Pattern, Period, Price, Reference, Sum, Text } from './events.ts';
export { Charge, Restart, Runs } from './terms.ts';

/** A stage that follows when its clock has ended. */
export const StageRule = Type.Object(
  {
    stage: Type.Enum(
      ['restricted', 'fee_running', 'receive_only', 'suspended', 'lost', 'reissuable'],
      text('`lost`: no cure is guaranteed; with a guaranteed cure it is `suspended`.'),
    ),
    certainty: optional(
      Type.Enum(
        ['certain', 'may'],
        text(
          '`may`: the carrier may do so, but need not. Default: as the stage before; the first is certain.',
        ),
      ),
    ),
    lasts: optional(Doubt(Period)),
    on_day: optional(
      Type.Integer({ minimum: 1, description: "The stage begins this long after the clock's own start." }),
    ),
    unless_ended: optional(
      Type.String({
        description:
          'The stage is skipped if this other clock has already ended. In the earliest reading, a clock that ' +
          'nothing has started counts as ended.',
      }),
    ),
    can_call: optional(
      Type.Boolean(text('Whether the line can call and write. Default: as usual for the stage.')),
    ),
    can_receive: optional(
      Type.Boolean(text('Whether the line can be called and written to. Default: as usual for the stage.')),
    ),
    credit_kept: optional(Type.Boolean(text('Whether the balance is kept.'))),
    charge: optional(Charge),
    when_empty: optional(
      Type.Enum(
        ['receive_only', 'suspended', 'lost', 'active'],
        text('What the stage becomes when its charge has emptied the balance.'),
      ),
    ),
    runs: optional(Runs),
    and: optional(
      Type.Literal(
        'balance > 0',
        text(
          'A record ends this stage only if there is money on the account. One that comes without any counts ' +
            'from its own day once there is.',
        ),
      ),
    ),
    cures: optional(
      Type.Array(Name, {
        uniqueItems: true,
        description:
          'The only actions that still save the line here. Default: whatever restarts the clock, or answers a ' +
          'clock that nothing restarts.',
      }),
    ),
    note: optional(Text),
    evidence: optional(EvidenceNames),
  },
  { ...strict, description: 'A stage after the end of a clock.' },
);
export type StageRule = Static<typeof StageRule>;

const Fact = Type.Union([Type.String(), Type.Boolean(), Type.Number()]);

export const Clock = Type.Object(
  {
    name: Text,
    evidence: EvidenceNames,
    duty: optional(
      Type.Literal('identity', text('The clock is a legal duty of the owner, not a matter of use.')),
    ),
    shows: optional(
      Type.Enum(
        ['outgoing', 'incoming', 'number'],
        text(
          'The date that the carrier shows for this clock; a `validity` record sets it. If no clock shows a ' +
            'date, such a record moves nothing.',
        ),
      ),
    ),
    applies_if: optional(
      Type.Object(
        {
          facts: optional(Type.Record(Name, Fact)),
          activated_before: optional(LocalDate),
          activated_from: optional(LocalDate),
        },
        {
          ...strict,
          description: 'The clock applies only to lines for which all these facts are known to hold.',
        },
      ),
    ),
    restarts_on: optional(
      Type.Array(Type.Union([Reference, Restart]), {
        minItems: 1,
        description: 'What restarts it: events, patterns or sums, each with terms of its own if need be.',
      }),
    ),
    runs: optional(Runs),
    first_period: optional(
      Type.Union(
        [Period, Type.Literal(false)],
        text('How long it runs from the activation; `false`: the activation does not start it.'),
      ),
    ),
    counting: optional(
      Doubt(
        Type.Enum(
          ['exclusive', 'inclusive'],
          text('`inclusive`: the day on which it starts is its first day.'),
        ),
      ),
    ),
    month_end: optional(
      Type.Enum(
        ['clamp', 'clamp_28', 'last_day'],
        text(
          'What happens if a month is too short. `clamp` (the default): its last day. `clamp_28`: the 28th, ' +
            'always, for the 29th and later. `last_day`: a last day stays a last day.',
        ),
      ),
    ),
    extend: optional(Doubt(Extend)),
    if_expired: optional(IfExpired),
    cap: optional(Cap),
    paused_by: optional(
      Type.Object(
        {
          hold: Type.Enum(
            ['owner', 'carrier', 'any'],
            text('Who may put the line on hold, which stops this clock.'),
          ),
          as: Type.Enum(
            ['freeze', 'extend'],
            text('`freeze`: its days do not count. `extend`: it does not end before the hold does.'),
          ),
        },
        { ...strict, description: 'The holds that stop this clock. Left out: none does.' },
      ),
    ),
    paused_while: optional(
      Type.String({ description: 'The clock stands still while this other clock runs.' }),
    ),
    runs_while: optional(
      Type.Enum(
        ['balance <= 0', 'balance < 0'],
        text(
          'The clock watches the balance instead of records. It stops, whatever stage it has reached, as soon ' +
            'as the condition no longer holds.',
        ),
      ),
    ),
    ends_on: optional(LocalDate),
    ends_with: optional(
      Type.Union([
        Type.Object({ all: Type.Array(Name, { minItems: 2 }) }, strict),
        Type.Object({ any: Type.Array(Name, { minItems: 2 }) }, strict),
      ]),
    ),
    cured_by: optional(
      Type.Array(Reference, {
        minItems: 1,
        description: 'For `ends_on`, or a clock that only `shows` a date: what ends it for good.',
      }),
    ),
    charge: optional(Charge),
    ended: optional(Type.Array(StageRule, text('The stages that follow its end, in order.'))),
  },
  { ...strict, description: 'A clock: what restarts it, how long it runs, what follows its end.' },
);
export type Clock = Static<typeof Clock>;

/** The references that restart a clock or fulfil its duty, with or without terms of their own. */
export const restartersOf = (clock: Clock): Reference[] =>
  (clock.restarts_on ?? clock.cured_by ?? []).flatMap((reference) =>
    typeof reference === 'object' && 'on' in reference ? [reference.on].flat() : [reference],
  );

/** Whether every restart of the clock states its own length. */
export const hasOwnLengths = (clock: Clock): boolean =>
  clock.restarts_on?.every(
    (reference) => typeof reference === 'object' && 'on' in reference && reference.runs !== undefined,
  ) ?? false;

/** What a person can do to keep or to save the line. For plans and texts, never for the engine's dates. */
export const Action = Type.Object(
  {
    does: optional(oneOrMore(Name)),
    how: Type.Enum(
      ['call', 'sms', 'data', 'topup', 'buy', 'renew', 'contact_support', 'visit', 'identify'],
      text('What a person does.'),
    ),
    price: optional(Price),
    from_balance: optional(
      Type.Literal(true, text("For a purchase: it is paid from the line's balance, not from outside.")),
    ),
    least: optional(Type.Union([Price, Type.Literal('plan_price')])),
    channels: optional(
      Type.Array(Type.String(), { description: 'Channels that offer it, by their names under `channels`.' }),
    ),
    from_abroad: Type.Union([Type.Boolean(), Type.Literal('unknown')], text('Whether it works from abroad.')),
    in_person: optional(Type.Boolean(text('Whether the owner must appear in person.'))),
    available: optional(
      Type.Object(
        {
          in: optional(Type.Array(Stage, { minItems: 1, uniqueItems: true })),
          since: optional(LocalDate),
          until: optional(LocalDate),
          after_activation: optional(Period),
        },
        { ...strict, description: 'When it is available: in these stages, between these dates.' },
      ),
    ),
    text: Text,
    evidence: optional(EvidenceNames),
  },
  { ...strict, description: 'An action that a person can take.' },
);
export type Action = Static<typeof Action>;

/**
 * Whether an action helps with a clock that no record restarts. A top-up stops one that watches the balance; a payment
 * makes the carrier show a later date on one that only shows a date.
 */
function helpsUnrestartable(clock: Clock, { how }: Action): boolean {
  if (restartersOf(clock).length > 0) return false;
  if (clock.runs_while !== undefined) return how === 'topup';
  return clock.shows !== undefined && (how === 'topup' || how === 'buy' || how === 'renew');
}

export const Version = Type.Object(
  {
    since: LocalDate,
    until: optional(LocalDate),
    applies_to: optional(
      Type.Enum(
        ['new', 'all', 'unknown'],
        text(
          '`new` (the default): records from then on. `all`: running clocks as well. `unknown`: the source ' +
            'does not say.',
        ),
      ),
    ),
    events: Type.Record(Name, Event, text('Names for patterns of records.')),
    clocks: Type.Record(Name, Clock, text('The clocks: what may end, and what follows.')),
    actions: Type.Record(Name, Action, text('An action that a person can take.')),
  },
  { ...strict, description: 'A version of the rule, in force from a date.' },
);
export type Version = Static<typeof Version>;

/** Names of the actions that do one of `events`, or help with a clock that no record restarts. */
export const actionsThatDo = ({ actions }: Version, events: ReadonlySet<string>, clock: Clock): string[] =>
  Object.entries(actions)
    .filter(
      ([, action]) =>
        [action.does ?? []].flat().some((event) => events.has(event)) || helpsUnrestartable(clock, action),
    )
    .map(([name]) => name);

/** What the engine needs of a rule: its id, the carrier's zone and currency, and its versions by date. */
export type RetentionRule = { id: string; time_zone: string; currency: string; versions: Version[] };
