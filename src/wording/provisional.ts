import { type Day, missedWithoutPending } from '../retention/index.ts';
import type { Timeline } from '../retention/timeline.ts';
import { formatDate } from './format.ts';
import type { Locale } from './locale.ts';
import { say } from './say.ts';

/**
 * What is to be told beside the last safe day where it counts on a payment that is not confirmed, or several; null
 * where it does not. `shownOn` is the day as which a day of the line is told.
 */
export function provisionalText(
  timeline: Timeline,
  locale: Locale,
  countsOnSeveral: boolean,
  shownOn: (day: Day) => Day = (day) => day,
): string | null {
  const { provisional, act_by, confirmed_act_by } = timeline;
  if (!provisional || act_by === null || act_by === confirmed_act_by) return null;
  const several = countsOnSeveral ? 'yes' : 'no';
  const missedOn = missedWithoutPending(timeline);
  if (missedOn !== null) {
    return say(locale, 'text.provisional_missed', { several, date: formatDate(locale, shownOn(missedOn)) });
  }
  // Without it the number may be past saving, or in a worse state that has another day.
  if (confirmed_act_by === null || confirmed_act_by > act_by)
    return say(locale, 'text.provisional_undated', { several });
  return say(locale, 'text.provisional', { several, date: formatDate(locale, shownOn(confirmed_act_by)) });
}
