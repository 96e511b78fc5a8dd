/** The page of a feed, with those of its owner's lines that the feed shows; built on each request and not cached. */
import type { IncomingHttpHeaders } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { type AgendaEntry, type AgendaLine, agendaOf } from '../../agenda/index.ts';
import { feedWindow } from '../../calendar/index.ts';
import { agendaLineOf, foldToday } from '../../ledger.ts';
import { ended, type LineData, readLineData, showsLine, visibleEntries } from '../../publication/index.ts';
import { dateInZone } from '../../retention/index.ts';
import { type App, withPinnedRules } from '../../service/context.ts';
import { isSilent, silenceThreshold } from '../../service/silence.ts';
import { digest } from '../../store/digest.ts';
import type { Feed, Line, Locale, Reads, User } from '../../store/types.ts';
import {
  comingEntries,
  deviceOf,
  endedPage,
  type Fetched,
  POLICY,
  subscribePage,
  unknownPage,
} from '../../web/index.ts';
import { localeNamed, localeOf } from '../locale.ts';
import { feedLinks } from './address.ts';
import { type Answer, NOT_FOUND, textAnswer, transportSecurity } from './answer.ts';

/**
 * The most lines on a page: a timeline takes some milliseconds, and other requests are answered between two of them.
 */
const MAX_LINES = 50;

type PageData = {
  feed: Feed;
  clients: Fetched['by'];
  user: User;
  lines: Line[];
  stored: (line: string) => LineData;
  all: number;
};

/** Reads a feed with the lines that its page shows; null if it is gone. */
async function readPageData(q: Reads, id: string): Promise<PageData | null> {
  const feed = await q.feeds.get(id);
  const user = feed && (await q.users.get(feed.user));
  if (!feed || !user) return null;
  const owned = await q.lines.ofUser(user.id);
  const chosen = owned.filter((line) => showsLine(feed, line.id));
  const lines = chosen.slice(0, MAX_LINES);
  const stored = await readLineData(
    q,
    lines.map(({ id }) => id),
  );
  return { feed, clients: await q.feeds.clients(id), user, lines, stored, all: chosen.length };
}

/** The lines as of today, and the feed's entries from today on; `unwritten` are fetches not stored yet. */
async function buildView(
  app: App,
  { feed, clients, user, lines, stored }: PageData,
  unwritten: Fetched['by'],
  now: Date,
) {
  const today = dateInZone(now, user.time_zone);
  const shown: AgendaLine[] = [];
  const entries: AgendaEntry[] = [];
  for (const line of lines) {
    const booked = app.rulebook.rules.get(line.rule);
    if (!booked) continue;
    await setImmediate();
    const agendaLine = agendaLineOf(booked, line, stored(line.id), user.time_zone);
    entries.push(...agendaOf(agendaLine, feed));
    const timeline = foldToday(booked, line, agendaLine.records, now);
    shown.push({ ...agendaLine, timeline });
  }
  const fetched = {
    by: [...unwritten, ...clients.filter(({ client }) => unwritten.every((one) => one.client !== client))],
    time_zone: user.time_zone,
    isSilent: unwritten.length === 0 && (await isSilent(app.store, feed, await silenceThreshold(app))),
  };
  const { from, until } = feedWindow(today, user.time_zone, feed.history_days);
  const within = entries.filter(({ on }) => on >= from && on < until);
  return {
    today,
    fetched,
    lines: shown,
    withoutRule: lines.length - shown.length,
    entries: comingEntries(visibleEntries(feed, within), today),
  };
}

/** The language requested in the query, as `?lang=ru`; null if there is none or it is not supported. */
const languageOf = (query: string): Locale | null => localeNamed(new URLSearchParams(query).get('lang'));

/** Browsers accept `text/html`; calendar clients accept anything, or a calendar. */
const isBrowser = ({ accept }: IncomingHttpHeaders): boolean => /\btext\/html\b/i.test(accept ?? '');

/** Serves the pages of feeds by token; `unwrittenFetches` returns a token's fetches not stored yet, by its digest. */
export function createPages(app: App, unwrittenFetches: (tokenDigest: string) => Fetched['by']) {
  const { store, config } = app;
  const security = transportSecurity(config.publicUrl);

  const answer = (status: 200 | 404 | 410, locale: Locale, text: string): Answer =>
    textAnswer(status, 'text/html', text, {
      'content-language': locale,
      'content-security-policy': POLICY,
      'cross-origin-opener-policy': 'same-origin',
      ...security,
    });

  return async (
    { token, query }: { token: string; query: string },
    now: Date,
    headers: IncomingHttpHeaders,
  ): Promise<Answer> => {
    const tokenDigest = digest(token);
    const served = await store.serving.feedByToken(tokenDigest);
    if (!served) {
      if (!isBrowser(headers)) return NOT_FOUND;
      const locale = languageOf(query) ?? localeOf({ headers }, 'en');
      return answer(404, locale, unknownPage(locale));
    }
    const locale = languageOf(query) ?? served.locale;
    const found = ended(served, now) ? null : await store.snapshot((q) => readPageData(q, served.feed));
    if (!found) return answer(410, locale, endedPage(locale));
    const { feed, all } = found;
    const view = await buildView(withPinnedRules(app), found, unwrittenFetches(tokenDigest), now);
    const links = feedLinks(app.publicUrl(), token, feed.name);
    const device = deviceOf(headers['user-agent']);
    return answer(200, locale, subscribePage({ links, feed, locale, device, all, ...view }));
  };
}
