/** A feed's options: their defaults and semantic checks. */
import type { Feed, FeedPatch, Reads } from '../store/types.ts';
import { FEED_DEFAULTS } from '../vocabulary.ts';
import type { FieldError } from './refusal.ts';

type Options = Omit<Feed, 'id' | 'user' | 'created_at' | 'updated_at' | 'last_fetched_at' | 'client'>;

/** Valid options as given by the caller; all but the name are optional. */
export type GivenFeed = Pick<Options, 'name'> & { [Name in keyof Options]?: NonNullable<Options[Name]> };

/** Fills in the defaults. */
export const optionsOf = (given: GivenFeed): Options => ({
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

/** Semantic errors of options: lines that are not the user's, and action links without a public URL (`site`). */
export async function checkFeedOptions(
  q: Reads,
  user: string,
  { lines, action_links }: Partial<Pick<FeedPatch, 'lines' | 'action_links'>>,
  site: string | null,
): Promise<FieldError[]> {
  const errors: FieldError[] = [];
  if (lines) {
    const ownLines = new Set((await q.lines.ofUser(user)).map(({ id }) => id));
    lines.forEach((line, index) => {
      if (ownLines.has(line)) return;
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
    errors.push({ pointer: '/action_links', detail, mend: 'Set PUBLIC_URL, or PORT, or leave it out.' });
  }
  return errors;
}
