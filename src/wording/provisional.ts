import { type Day, missedWithoutPending } from '../retention/index.ts';
import type { Timeline } from '../retention/timeline.ts';
import { formatDate } from './format.ts';
import type { Locale } from './locale.ts';
import { say } from './say.ts';

/**
 * The remark beside a last safe day that depends on one or several pending payments; null if it does not. `shownOn`
 * maps a day of the line's zone to the day that is shown.
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
  // Without the payment the number may be lost, or in a worse stage with a later day of its own.
  if (confirmed_act_by === null || confirmed_act_by > act_by)
    return say(locale, 'text.provisional_undated', { several });
  return say(locale, 'text.provisional', { several, date: formatDate(locale, shownOn(confirmed_act_by)) });
}
