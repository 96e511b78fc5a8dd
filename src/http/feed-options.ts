/** A feed's options as JSON, their ETag, and merge patches of them. */
import type { Static } from 'typebox';
import { type FeedSchema, NewFeed } from '../schemas/feeds.ts';
import { optionsOf } from '../service/feed-options.ts';
import type { Feed } from '../store/types.ts';
import { etagOf } from './etag.ts';
import { patcher } from './merge-patch.ts';

export const presentFeed = (feed: Feed): Static<typeof FeedSchema> => ({
  id: feed.id,
  user: feed.user,
  name: feed.name,
  lines: feed.lines,
  kinds: feed.kinds,
  locale: feed.locale,
  detail: feed.detail,
  alarms: feed.alarms,
  lead_days: feed.lead_days,
  action_links: feed.action_links,
  show_balance: feed.show_balance,
  alarm_hour: feed.alarm_hour,
  history_days: feed.history_days,
  created_at: feed.created_at,
  updated_at: feed.updated_at,
  last_fetched_at: feed.last_fetched_at,
  client: feed.client,
});

/** The part of a feed's ETag that covers its options; the other part changes with every fetch. */
export const optionsPart = (tag: string) => tag.split('.', 1)[0] as string;

export function feedEtag({ last_fetched_at, client, ...options }: Static<typeof FeedSchema>): string {
  return `"${etagOf(options).slice(1, -1)}.${etagOf([last_fetched_at, client]).slice(1, 9)}"`;
}

const patchable = ({ id, user, created_at, updated_at, last_fetched_at, client, ...options }: Feed) =>
  options;
const patch = patcher<Static<typeof NewFeed>>(NewFeed);

/** A feed's options after a merge patch; null resets an option to its default. */
export const patchedOptions = (present: Feed, body: unknown) => optionsOf(patch(patchable(present), body));
