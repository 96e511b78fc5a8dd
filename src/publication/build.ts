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

// Yields to the event loop after this many: a line takes some milliseconds.
const LINES_PER_TURN = 4;
const ITEMS_PER_TURN = 50;

/** A feed's owner, with the stored data of their lines. */
export type FeedSource = {
  user: Pick<User, 'id' | 'locale' | 'time_zone' | 'created_at'>;
  /** In any order; lines that the feed does not show may be missing. */
  lines: readonly {
    line: Line;
    records: readonly StoredRecord[];
    payments?: readonly Payment[];
    marks?: readonly Mark[];
  }[];
  /** The token of a `LinkBinding` for the action links; null for none. */
  token?: string | null;
  /** The owner's silent feeds, if they were read. */
  silent?: readonly FeedSilence[];
};

export type FeedOptions = Pick<
  Feed,
  'id' | 'name' | 'lines' | 'kinds' | 'locale' | 'detail' | 'alarms' | 'lead_days' | 'show_balance'
> &
  Partial<Pick<Feed, 'alarm_hour' | 'history_days'>>;

export type BuiltFeed = {
  calendar: PublishedCalendar;
  /** RFC 3339: from then on the same data would give another calendar. */
  stale_at: string;
};

/** What all feeds of a service share. */
export type BuildContext = {
  readonly rulebook: Rulebook;
  secret: string;
  /** The service's public URL, without a slash at the end, for the calendar's URL. Null if unknown. */
  site: string | null;
  /** The base URL of action links, if it differs from `site`; null if unknown, for no links. */
  linksTo?: string | null;
};

/** The UID of an entry; for an entry about no line it is derived from the user. */
export const uidOf = (secret: string, { key }: Pick<AgendaEntry, 'key'>, user: string): string =>
  entryUid(secret, key.kind, key.line || user, key.cycle);

/** The entries that a feed shows, of any date, and how many of its lines have no rule any more. */
async function entriesOf(rulebook: Rulebook, source: FeedSource, feed: FeedOptions) {
  const { user } = source;
  const entries: AgendaEntry[] = [];
  let withoutRule = 0;
  for (const [index, { line, ...stored }] of source.lines.entries()) {
    if (index % LINES_PER_TURN === LINES_PER_TURN - 1) await setImmediate();
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
  // A feed of selected lines may be read by somebody else, who must not learn the names of other feeds.
  const mayNameFeeds = feed.lines === null;
  const others = (source.silent ?? [])
    .filter((silence) => silence.feed !== feed.id)
    .map((silence) => (mayNameFeeds ? silence : { ...silence, name: '' }));
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

/** The action links of an entry, one line each: label and URL. */
function linksOf(
  entry: AgendaEntry,
  context: { secret: string; site: string; token: string; feed: string; uid: string; locale: Locale },
  detail: Feed['detail'],
): string[] {
  const { line } = entry;
  if (!line) return [];
  return actsOf(entry, detail).map((act) => {
    const ticket = ticketOf({ ...context, act, line: line.id });
    return `${say(context.locale, `link.${act}`)}${PUNCTUATION[context.locale].colon}${context.site}/act/${ticket}`;
  });
}

/**
 * Builds a feed as of `now`, to follow `previous` (null for the first time). The same input gives the same bytes; an
 * unchanged entry keeps its bytes.
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
    if (index % ITEMS_PER_TURN === ITEMS_PER_TURN - 1) await setImmediate();
  }
  const edition = {
    head,
    items,
    today,
    describeLeftOut: (leftOut: object) => say(locale, 'feed.left_out', { ...leftOut }),
  };
  return { calendar: publishCalendar(previous, edition, now), stale_at: window.stale_at };
}
