/**
 * Publication: turns a person's lines into the bytes of one of their feeds, whenever their input has changed, and
 * stores them with their ETag. Stands between the pure parts and the store: no HTTP, no clock (`now` is an argument),
 * and no rules, wording or iCalendar syntax of its own.
 *
 * `buildFeed` does this without a store, for the command line; `createPublisher` reads, builds and stores.
 */
export { type ActName, actsOf, linkBindingOf, readTicket, type Ticket } from './acts.ts';
export { type BuiltFeed, buildFeed, type FeedOptions, type FeedSource, uidOf } from './build.ts';
export { farewell } from './farewell.ts';
export { ended, isCurrent, isWindowValid, MAX_WINDOW } from './freshness.ts';
export { createPublisher, type Publisher, type PublisherContext } from './publisher.ts';
export { renewPublications } from './renewal.ts';
export { silentFeeds } from './silences.ts';
export { type LineData, readLineData } from './stored.ts';
export {
  showsKind,
  showsLine,
  visibleEntries,
  withoutDuplicates,
} from './visible.ts';
