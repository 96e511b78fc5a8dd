/** The shapes of feeds. */
import { Type } from 'typebox';
import { ENTRY_KINDS, FEED_ALARMS, FEED_DEFAULTS, FEED_DETAILS } from '../vocabulary.ts';
import { Id, Locale, nullable, strictObject, Timestamp } from './schemas.ts';

/** The longest history that a feed may ask for. */
const MAX_HISTORY_DAYS = 90;
/** How long the addresses before a rotation still serve, where nothing is said. */
export const OVERLAP_DAYS = 7;

const Kind = Type.Enum([...ENTRY_KINDS]);
const options = {
  name: Type.String({ minLength: 1, maxLength: 200, description: "The calendar's name." }),
  lines: Type.Array(Id, {
    uniqueItems: true,
    maxItems: 500,
    description: "Only these lines; all of the owner's, those added later too, where it is left out.",
  }),
  kinds: Type.Array(Kind, {
    uniqueItems: true,
    minItems: 1,
    description: 'Only these kinds of entry; all where it is left out.',
  }),
  locale: Locale,
  detail: Type.Enum(FEED_DETAILS, {
    description: '`masked` leaves out your own names of lines, `neutral` carrier and number too.',
  }),
  alarms: Type.Enum(FEED_ALARMS, {
    description: 'Reminders as alarms of the entries, as entries of their own, both or none.',
  }),
  lead_days: Type.Array(Type.Integer({ minimum: 1, maximum: 365 }), {
    uniqueItems: true,
    maxItems: 10,
    description:
      'On how many days before the last safe day to remind: by entries on all of them, by alarms on the three nearest. None stands further from it than a third of the time that there is.',
  }),
  action_links: Type.Boolean({
    description:
      'Links in the entries: done, proof saved, went through, did not, later. Whoever has the feed can use them; each can be undone for a day.',
  }),
  show_balance: Type.Boolean({
    description: "Balances in the texts; a feed lies on other people's servers.",
  }),
  alarm_hour: Type.Integer({
    minimum: 0,
    maximum: 23,
    description: `At which hour of the reader's day alarms ring; ${FEED_DEFAULTS.alarm_hour} where it is left out.`,
  }),
  history_days: Type.Integer({
    minimum: 0,
    maximum: MAX_HISTORY_DAYS,
    description: `How many days back entries are kept, at the least; ${FEED_DEFAULTS.history_days} where it is left out.`,
  }),
};

const { name, ...others } = options;
export const NewFeed = strictObject(
  { name, ...Type.Partial(Type.Object(others)).properties },
  { $id: 'NewFeed', description: "Without `locale`, in its owner's language." },
);

export const FeedPatch = strictObject(
  {
    name: Type.Optional(options.name),
    lines: Type.Optional(nullable(options.lines)),
    kinds: Type.Optional(nullable(options.kinds)),
    locale: Type.Optional(nullable(options.locale)),
    detail: Type.Optional(nullable(options.detail)),
    alarms: Type.Optional(nullable(options.alarms)),
    lead_days: Type.Optional(nullable(options.lead_days)),
    action_links: Type.Optional(nullable(options.action_links)),
    show_balance: Type.Optional(nullable(options.show_balance)),
    alarm_hour: Type.Optional(nullable(options.alarm_hour)),
    history_days: Type.Optional(nullable(options.history_days)),
  },
  { $id: 'FeedPatch', description: 'Null gives an option back its default.' },
);

const shown = {
  id: Id,
  user: Id,
  name: Type.String(),
  lines: nullable(Type.Array(Id)),
  kinds: nullable(Type.Array(Kind)),
  locale: nullable(Locale),
  detail: options.detail,
  alarms: options.alarms,
  lead_days: Type.Array(Type.Integer()),
  action_links: Type.Boolean(),
  show_balance: Type.Boolean(),
  alarm_hour: Type.Integer(),
  history_days: Type.Integer(),
  created_at: Timestamp,
  updated_at: Timestamp,
  last_fetched_at: nullable(Timestamp, { description: 'Noted within a minute.' }),
  client: nullable(Type.String({ description: 'The family of programs that fetched it last, as `apple`.' })),
};
export const FeedSchema = strictObject(shown, { $id: 'Feed' });

const Urls = strictObject(
  {
    https: Type.String({ description: 'To paste anywhere.' }),
    webcal: Type.String({ description: 'Opens Apple Calendar and most desktop programs.' }),
    google: Type.String(),
    outlook: Type.String(),
    page: Type.String({ description: 'How to subscribe, for a person.' }),
  },
  { $id: 'FeedUrls', description: 'Who has one of these can read the feed. They are shown this once.' },
);
export const MadeFeed = strictObject({ ...shown, urls: Urls }, { $id: 'MadeFeed' });

export const Rotation = strictObject(
  {
    overlap_days: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 30,
        description: `How long the old addresses still serve; ${OVERLAP_DAYS}.`,
      }),
    ),
  },
  { $id: 'Rotation' },
);
export const FeedParams = Type.Object({ feed: Id });
