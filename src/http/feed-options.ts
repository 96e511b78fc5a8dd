/** A feed's options: how they are given, kept and shown. */
import type { Static } from 'typebox';
import type { Feed, FeedPatch, Reads } from '../store/types.ts';
import { FEED_DEFAULTS } from '../vocabulary.ts';
import type { FieldError } from './errors.ts';
import { etagOf } from './etag.ts';
import { type FeedSchema, NewFeed } from './feed-schemas.ts';
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

/** The part of a tag that moves with the feed's options; the other moves with every fetch. */
export const ofOptions = (tag: string) => tag.split('.', 1)[0] as string;

export function tagOf({ last_fetched_at, client, ...options }: Static<typeof FeedSchema>): string {
  return `"${etagOf(options).slice(1, -1)}.${etagOf([last_fetched_at, client]).slice(1, 9)}"`;
}

/** What a feed is where nothing is said. */
export const optionsOf = (given: Static<typeof NewFeed>) => ({
  name: given.name,
  lines: given.lines ?? null,
  kinds: given.kinds ?? null,
  locale: given.locale ?? null,
  detail: given.detail ?? FEED_DEFAULTS.detail,
  alarms: given.alarms ?? FEED_DEFAULTS.alarms,
  lead_days: given.lead_days ?? [...FEED_DEFAULTS.lead_days],
  action_links: given.action_links ?? false,
  show_balance: given.show_balance ?? false,
  alarm_hour: given.alarm_hour ?? FEED_DEFAULTS.alarm_hour,
  history_days: given.history_days ?? FEED_DEFAULTS.history_days,
});
const patchable = ({ id, user, created_at, updated_at, last_fetched_at, client, ...options }: Feed) =>
  options;
const patch = patcher<Static<typeof NewFeed>>(NewFeed);

/** A feed's options after a merge patch; null gives an option back its default. */
export const patchedOptions = (present: Feed, body: unknown) => optionsOf(patch(patchable(present), body));

/** What is wrong with options that have their form: lines of somebody else, and links that lead nowhere. */
export async function unusable(
  q: Reads,
  user: string,
  { lines, action_links }: Partial<Pick<FeedPatch, 'lines' | 'action_links'>>,
  site: string | null,
): Promise<FieldError[]> {
  const errors: FieldError[] = [];
  if (lines) {
    const own = new Set((await q.lines.ofUser(user)).map(({ id }) => id));
    lines.forEach((line, index) => {
      if (own.has(line)) return;
      const mend = "Name lines of the feed's owner, or leave `lines` out for all of them.";
      errors.push({
        pointer: `/lines/${index}`,
        detail: 'There is no such line, or it is not theirs.',
        mend,
      });
    });
  }
  if (action_links && site === null) {
    const detail =
      'The service does not know at which address people reach it, so that no link can lead there.';
    errors.push({ pointer: '/action_links', detail, mend: 'Set PUBLIC_URL, or leave it out.' });
  }
  return errors;
}
