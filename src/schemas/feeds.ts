/** JSON schemas of feeds. */
import { Type } from 'typebox';
import { ENTRY_KINDS, FEED_ALARMS, FEED_DEFAULTS, FEED_DETAILS } from '../vocabulary.ts';
import { Id, Locale, nullable, strictObject, Timestamp } from './shapes.ts';

/** The longest history that a feed may ask for. */
const MAX_HISTORY_DAYS = 90;
/** How many days the previous addresses still serve after a rotation, by default. */
export const OVERLAP_DAYS = 7;

const Kind = Type.Enum([...ENTRY_KINDS]);
const options = {
  name: Type.String({ minLength: 1, maxLength: 200, description: "The calendar's name." }),
  lines: Type.Array(Id, {
    uniqueItems: true,
    maxItems: 500,
    description: "The lines to show. Default: all of the owner's, including those added later.",
  }),
  kinds: Type.Array(Kind, {
    uniqueItems: true,
    minItems: 1,
    description: 'The kinds of entries to show. Default: all.',
  }),
  locale: Locale,
  detail: Type.Enum(FEED_DETAILS, {
    description: '`masked` leaves out your names for lines; `neutral` also the carrier and the number.',
  }),
  alarms: Type.Enum(FEED_ALARMS, {
    description: 'Reminders as alarms of the entries, as separate entries, both, or none.',
  }),
  lead_days: Type.Array(Type.Integer({ minimum: 1, maximum: 365 }), {
    uniqueItems: true,
    maxItems: 10,
    description:
      'How many days before the last safe day to remind: entries on all of these days, alarms on the three ' +
      "nearest. No reminder is earlier than a third of the clock's time before it.",
  }),
  action_links: Type.Boolean({
    description:
      'Put links into the entries: done, proof saved, went through, did not, later. Anybody who has the ' +
      'feed can use them; each can be undone for a day.',
  }),
  show_balance: Type.Boolean({
    description: 'Show balances in the texts. Calendar providers can read them.',
  }),
  alarm_hour: Type.Integer({
    minimum: 0,
    maximum: 23,
    description: `The hour of the reader's day at which alarms ring. Default: ${FEED_DEFAULTS.alarm_hour}.`,
  }),
  history_days: Type.Integer({
    minimum: 0,
    maximum: MAX_HISTORY_DAYS,
    description: `How many days of past entries to keep, at least. Default: ${FEED_DEFAULTS.history_days}.`,
  }),
};

const { name, ...others } = options;
export const NewFeed = strictObject(
  { name, ...Type.Partial(Type.Object(others)).properties },
  { $id: 'NewFeed', description: "Without `locale`: in its owner's language." },
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
  { $id: 'FeedPatch', description: 'Null resets an option to its default.' },
);

const feedFields = {
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
  last_fetched_at: nullable(Timestamp, { description: 'Recorded within a minute.' }),
  client: nullable(
    Type.String({ description: 'The family of clients that fetched it last, such as `apple`.' }),
  ),
};
export const FeedSchema = strictObject(feedFields, { $id: 'Feed' });

const Urls = strictObject(
  {
    https: Type.String({ description: 'The plain address, for any client.' }),
    webcal: Type.String({ description: 'An address that opens Apple Calendar and most desktop clients.' }),
    google: Type.String(),
    outlook: Type.String(),
    page: Type.String({ description: 'A page for people that explains how to subscribe.' }),
  },
  {
    $id: 'FeedUrls',
    description: "The feed's addresses. Anybody who has one can read the feed. They are shown only once.",
  },
);
export const MadeFeed = strictObject({ ...feedFields, urls: Urls }, { $id: 'MadeFeed' });

export const Rotation = strictObject(
  {
    overlap_days: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 30,
        description: `How many days the old addresses still serve. Default: ${OVERLAP_DAYS}.`,
      }),
    ),
  },
  { $id: 'Rotation' },
);
export const FeedParams = Type.Object({ feed: Id });
