/**
 * Pages: from a feed with its lines and entries to HTML, and the pages of links that act (`act-page.ts`, imported
 * directly). Pure: no store, no clock, no request, so that a page can be rendered without a service. The template tag
 * `html` escapes all values; `!${…}` inserts markup unescaped and may only take what another template has made.
 */
export { deviceOf } from './device.ts';
export { LINK_POLICY, POLICY } from './document.ts';
export { comingEntries } from './entry-list.ts';
export type { Fetched } from './fetched.ts';
export { endedPage, type SubscribePage, subscribePage, unknownPage } from './subscribe-page.ts';
export { displayText } from './text.ts';
