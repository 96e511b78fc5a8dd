import { setImmediate } from 'node:timers/promises';
import {
  type AgendaEntry,
  agendaOf,
  agendaWithoutLines,
  type EntryKind,
  entryText,
  silentFeedEntries,
} from '../agenda/index.ts';
import {
  type CalendarItem,
  entryUid,
  feedWindow,
  type PublishedCalendar,
  publishCalendar,
  type RenderedItem,
  renderItem,
} from '../calendar/index.ts';
import { agendaLineOf } from '../ledger.ts';
import { dateInZone } from '../retention/index.ts';
import type { Rulebook } from '../rulebook/index.ts';
import type { Feed, FeedSilence, Line, Locale, Mark, Payment, StoredRecord, User } from '../store/types.ts';
import { PUNCTUATION, say } from '../wording/index.ts';
import { actsOf, ticketOf } from './acts.ts';
import { describe } from './describe.ts';
import { silentFeeds } from './silences.ts';
import { showsLine, visibleEntries } from './visible.ts';

// Between so many, whoever else waits has a turn: a line takes some milliseconds.
const LINES_AT_ONCE = 4;
const ITEMS_AT_ONCE = 50;

/** Whose feed it is, and what is known of their lines. */
export type FeedSource = {
  user: Pick<User, 'id' | 'locale' | 'time_zone' | 'created_at'>;
  /** In any order; those that the feed does not show may be left out. */
  lines: readonly {
    line: Line;
    records: readonly StoredRecord[];
    payments?: readonly Payment[];
    marks?: readonly Mark[];
  }[];
  /** What the links of its entries are bound to, where they carry any: of a `LinkBinding`. */
  token?: string | null;
  /** Those of their feeds that nobody fetches; none where nobody has looked. */
  silent?: readonly FeedSilence[];
};

export type FeedOptions = Pick<
  Feed,
  'id' | 'name' | 'lines' | 'kinds' | 'locale' | 'detail' | 'alarms' | 'lead_days' | 'show_balance'
> &
  Partial<Pick<Feed, 'alarm_hour' | 'history_days'>>;

export type BuiltFeed = {
  calendar: PublishedCalendar;
  /** RFC 3339: from then on the same lines would give another calendar. */
  stale_at: string;
};

/** What is the same for all feeds of a service. */
export type BuildContext = {
  readonly rulebook: Rulebook;
  secret: string;
  /** Where the service is reached, without a slash at the end: the calendar names it. Null where nobody has said. */
  site: string | null;
  /** Where links in entries lead, if not to the site; null where that is not known. */
  linksTo?: string | null;
};

/** The UID of an entry; one that is about no line belongs to its reader. */
export const uidOf = (secret: string, { key }: Pick<AgendaEntry, 'key'>, user: string): string =>
  entryUid(secret, key.kind, key.line || user, key.cycle);

/** The entries that a feed shows, whatever their date, and how many of its lines have no rule any more. */
async function entriesOf(rulebook: Rulebook, source: FeedSource, feed: FeedOptions) {
  const { user } = source;
  const entries: AgendaEntry[] = [];
  let withoutRule = 0;
  for (const [index, { line, ...stored }] of source.lines.entries()) {
    if (index % LINES_AT_ONCE === LINES_AT_ONCE - 1) await setImmediate();
    if (!showsLine(feed, line.id)) continue;
    const booked = rulebook.rules.get(line.rule);
    if (!booked) {
      withoutRule += 1;
      continue;
    }
    entries.push(...agendaOf(agendaLineOf(booked, line, stored, user.time_zone), feed));
  }
  if (entries.length === 0) {
    entries.push(
      ...agendaWithoutLines({ created_on: dateInZone(new Date(user.created_at), user.time_zone) }),
    );
  }
  // A feed of chosen lines may be somebody else's, who is not to know what else there is.
  const namesThem = feed.lines === null;
  const others = (source.silent ?? [])
    .filter((one) => one.feed !== feed.id)
    .map((one) => (namesThem ? one : { ...one, name: '' }));
  entries.push(...silentFeedEntries(silentFeeds(others, user.time_zone)));
  return { entries: visibleEntries(feed, entries), withoutRule };
}

function categoriesOf(kind: EntryKind, { detail }: FeedOptions, locale: Locale): string[] {
  return detail === 'neutral' ? ['Keepline'] : ['Keepline', say(locale, `kind.${kind}`)];
}

function itemOf(
  entry: AgendaEntry,
  feed: FeedOptions,
  uid: string,
  locale: Locale,
  links: string[],
): CalendarItem {
  const { detail, show_balance } = feed;
  const { title, text } = entryText(entry, locale, { detail, showBalance: show_balance });
  return {
    line: entry.line?.id ?? null,
    uid,
    date: entry.on,
    summary: title,
    description: [text, ...(links.length > 0 ? [links.join('\n')] : [])].join('\n\n'),
    categories: categoriesOf(entry.kind, feed, locale),
    alarms: [...entry.alarms],
    alarmText: title,
    done: entry.done,
  };
}

/** The links of an entry, each a line: what it says, and where it leads. */
function linksOf(
  entry: AgendaEntry,
  bound: { secret: string; site: string; token: string; feed: string; uid: string; locale: Locale },
  detail: Feed['detail'],
): string[] {
  const { line } = entry;
  if (!line) return [];
  return actsOf(entry, detail).map((act) => {
    const ticket = ticketOf({ ...bound, act, line: line.id });
    return `${say(bound.locale, `link.${act}`)}${PUNCTUATION[bound.locale].colon}${bound.site}/act/${ticket}`;
  });
}

/**
 * Makes a feed as it should be from `now` on, after `previous` (null for the first time).
 * The same input gives the same bytes; an entry that has not changed keeps those it had.
 */
export async function buildFeed(
  { rulebook, secret, site, linksTo = site }: BuildContext,
  source: FeedSource,
  feed: FeedOptions,
  previous: PublishedCalendar | null,
  now: Date,
): Promise<BuiltFeed> {
  const { user, token = null } = source;
  const locale = feed.locale ?? user.locale;
  const today = dateInZone(now, user.time_zone);
  const window = feedWindow(today, user.time_zone, feed.history_days);
  const { entries, withoutRule } = await entriesOf(rulebook, source, feed);
  const shown = entries.filter(({ on }) => on >= window.from && on < window.until);
  const head = {
    name: feed.name,
    description: describe({ entries, shown, withoutRule, window, locale }),
    ...(site === null ? {} : { url: `${site}/` }),
  };
  const items: RenderedItem[] = [];
  for (const [index, entry] of shown.entries()) {
    const uid = uidOf(secret, entry, user.id);
    const links =
      linksTo && token
        ? linksOf(entry, { secret, site: linksTo, token, feed: feed.id, uid, locale }, feed.detail)
        : [];
    items.push(renderItem(itemOf(entry, feed, uid, locale, links)));
    if (index % ITEMS_AT_ONCE === ITEMS_AT_ONCE - 1) await setImmediate();
  }
  const edition = {
    head,
    items,
    today,
    describeLeftOut: (left: object) => say(locale, 'feed.left_out', { ...left }),
  };
  return { calendar: publishCalendar(previous, edition, now), stale_at: window.stale_at };
}
