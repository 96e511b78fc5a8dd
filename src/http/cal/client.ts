/** Which family of programs fetches a feed: as much as its owner needs to know, and no more than that is kept. */

/** Whatever of Microsoft's fetches calendars. */
export const MICROSOFT = /outlook|microsoft|exchange|office/i;

// In this order: several name others, or browsers, beside themselves.
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

/** The family of a user agent; `other` for one that is not known, null for none. */
export function clientFamily(userAgent: string | undefined): string | null {
  if (!userAgent) return null;
  const text = userAgent.slice(0, MAX_LENGTH);
  return FAMILIES.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other';
}
