/**
 * Writes calendars: turns entries into the bytes of an `.ics`, in the profile of RFC 5545 and 7986 that every tested
 * client reads. No SQL, HTTP, wording or clock: texts come ready to be read, `now` and `today` as arguments. Only
 * `item.ts` uses ical-generator.
 *
 * An entry is rendered by itself without its stamps (`renderItem`), compared with what was published before, then
 * stamped and folded, so that clients see only real changes (`publishCalendar`).
 */
export { calendarText, eventTexts, type FeedHead, renderHead } from './head.ts';
export { type CalendarItem, type RenderedItem, renderItem } from './item.ts';
export { type SubscribeLinks, subscribeLinks } from './links.ts';
export {
  type Edition,
  MAX_ITEMS,
  MAX_OCTETS,
  type PublishedCalendar,
  publishCalendar,
} from './publication.ts';
export { nextMoment, stampItem } from './stamp.ts';
export { cleanLine, cleanText } from './text.ts';
export { tombstone } from './tombstone.ts';
export { entryUid } from './uid.ts';
export { httpDate, isNotModified, type Validators } from './validators.ts';
export { type FeedWindow, feedWindow } from './window.ts';
