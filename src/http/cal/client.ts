/** Reduces a user agent to a family of calendar clients: all that the feed's owner needs, and all that is stored. */

/** Any Microsoft program that fetches calendars. */
export const MICROSOFT = /outlook|microsoft|exchange|office/i;

// The order matters: several user agents also name other programs or browsers.
const FAMILIES: readonly [family: string, pattern: RegExp][] = [
  ['google', /google/i],
  ['outlook', MICROSOFT],
  ['thunderbird', /thunderbird|lightning/i],
  ['evolution', /evolution/i],
  ['icsx5', /icsx5|davx5/i],
  ['nextcloud', /nextcloud/i],
  ['home_assistant', /homeassistant|home assistant/i],
  ['vdirsyncer', /vdirsyncer/i],
  ['proton', /proton/i],
  ['fastmail', /fastmail|cyrus/i],
  ['yahoo', /yahoo/i],
  ['kde', /akonadi|korganizer|kio/i],
  ['apple', /calendaragent|dataaccessd|accountsd|^ios\/|^macos\/|^mac os x|cfnetwork|icalendar|ical\//i],
  ['browser', /mozilla/i],
];
const MAX_LENGTH = 300;

/** The family of a user agent; `other` if it is not recognized, null if there is none. */
export function clientFamily(userAgent: string | undefined): string | null {
  if (!userAgent) return null;
  const text = userAgent.slice(0, MAX_LENGTH);
  return FAMILIES.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other';
}
