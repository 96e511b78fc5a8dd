/** The page of a feed: what of its owner's lines it shows, read when it is asked for and kept nowhere. */
import type { IncomingHttpHeaders } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { type AgendaEntry, type AgendaLine, agendaOf } from '../../agenda/index.ts';
import { feedWindow } from '../../calendar/index.ts';
import { agendaLineOf, foldToday } from '../../ledger.ts';
import { ended, type LineData, readLineData, showsLine, visibleEntries } from '../../publication/index.ts';
import { dateInZone } from '../../retention/index.ts';
import { type App, atOneMoment } from '../../service/context.ts';
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
import { type Answer, textAnswer, transport, UNKNOWN } from './answer.ts';

/** A timeline takes some milliseconds: so many lines a page shows, and others' requests are answered in between. */
const MAX_LINES = 50;

type Read = {
  feed: Feed;
  clients: Fetched['by'];
  user: User;
  lines: Line[];
  stored: (line: string) => LineData;
  all: number;
};

/** A feed with the lines that its page shows. */
async function read(q: Reads, id: string): Promise<Read | null> {
  const feed = await q.feeds.get(id);
  const user = feed && (await q.users.get(feed.user));
  if (!feed || !user) return null;
  const own = await q.lines.ofUser(user.id);
  const chosen = own.filter((line) => showsLine(feed, line.id));
  const lines = chosen.slice(0, MAX_LINES);
  const stored = await readLineData(
    q,
    lines.map(({ id }) => id),
  );
  return { feed, clients: await q.feeds.clients(id), user, lines, stored, all: chosen.length };
}

/** The lines as of today, and all that their calendar tells of them from today on; `noted`: what has fetched it just now. */
async function linesShown(
  app: App,
  { feed, clients, user, lines, stored }: Read,
  noted: Fetched['by'],
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
    by: [...noted, ...clients.filter(({ client }) => noted.every((one) => one.client !== client))],
    time_zone: user.time_zone,
    isSilent: noted.length === 0 && (await isSilent(app.store, feed, await silenceThreshold(app))),
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

/** The language that the address asks for, as `?lang=ru`; null where it asks for none that there is. */
const languageOf = (query: string): Locale | null => localeNamed(new URLSearchParams(query).get('lang'));

/** Calendars ask for anything, or for a calendar; browsers for a page. */
const isBrowser = ({ accept }: IncomingHttpHeaders): boolean => /\btext\/html\b/i.test(accept ?? '');

/** The pages of all feeds, by the token in their address; `noted` tells what has fetched one and is not written yet. */
export function createPages(app: App, noted: (feed: string) => Fetched['by']) {
  const { store, config } = app;
  const security = transport(config.publicUrl);

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
    const served = await store.serving.feedByToken(digest(token));
    if (!served) {
      if (!isBrowser(headers)) return UNKNOWN;
      const locale = languageOf(query) ?? localeOf({ headers }, 'en');
      return answer(404, locale, unknownPage(locale));
    }
    const locale = languageOf(query) ?? served.locale;
    const found = ended(served, now) ? null : await store.snapshot((q) => read(q, served.feed));
    if (!found) return answer(410, locale, endedPage(locale));
    const { feed, all } = found;
    const shown = await linesShown(atOneMoment(app), found, noted(feed.id), now);
    const links = feedLinks(app.publicUrl(), token, feed.name);
    const device = deviceOf(headers['user-agent']);
    return answer(200, locale, subscribePage({ links, feed, locale, device, all, ...shown }));
  };
}
