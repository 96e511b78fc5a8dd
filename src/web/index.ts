/**
 * Pages: from a feed with its lines and entries to HTML, and those of a link that acts (`act-page.ts`, entered by itself).
 * Pure: no store, no clock, no request, so that a page can be looked at without a service. Whatever a person typed is
 * escaped by the template (`html`); `!${…}` takes markup as it is, and may take only what another template has made.
 */
export { deviceOf } from './device.ts';
export { LINK_POLICY, POLICY } from './document.ts';
export { comingEntries } from './entry-list.ts';
export type { Fetched } from './fetched.ts';
export { endedPage, type SubscribePage, subscribePage, unknownPage } from './subscribe-page.ts';
export { shown } from './text.ts';
