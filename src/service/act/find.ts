/** From a link's ticket to what it is about. */
import { type AgendaEntry, agendaOf } from '../../agenda/index.ts';
import { agendaLineOf } from '../../ledger.ts';
import { DAY } from '../../lib/durations.ts';
import {
  actsOf,
  linkBindingOf,
  readLineData,
  readTicket,
  showsKind,
  showsLine,
  type Ticket,
  uidOf,
} from '../../publication/index.ts';
import type { BookedRule } from '../../rulebook/index.ts';
import { digest } from '../../store/digest.ts';
import type { Act, Feed, Line, Locale, Reads, User } from '../../store/types.ts';
import type { App } from '../context.ts';
import { stillHolds } from './still-holds.ts';

/** A ticket of ours, in force, with all that it names as it stands now. */
export type Found = {
  ticket: Ticket;
  /** By which what the ticket does is kept. */
  ticketDigest: string;
  feed: Feed;
  owner: User;
  line: Line;
  booked: BookedRule;
  /** The entry as it stands now; null where it is no more, or nothing of the kind can be said of it. */
  entry: AgendaEntry | null;
  /** RFC 3339: when the link dies with an address of its feed; null where none is about to end. */
  until: string | null;
  /** What the link has done within the last day. */
  act: Act | null;
  /** What the link has done is no longer so, and its entry asks for it again. */
  isAskedAgain: boolean;
  /** It has done something within the last month: what was done before is forgotten. */
  wasDone: boolean;
  locale: Locale;
};

/**
 * What a ticket's text is about. Null where it gives no right to anything (it is none of ours, it ended with an address of
 * its feed, the feed has no such links, or shows the line no more): then nothing of anybody's may be told. With
 * `entry: null` the link is in force and there is nothing left to do: its reader is told so.
 */
export async function find(app: App, q: Reads, text: string): Promise<Found | null> {
  const ticket = readTicket(text);
  const feed = ticket && (await q.feeds.get(ticket.feed));
  if (!ticket || !feed?.action_links) return null;
  const binding = linkBindingOf(await q.feeds.tokens(feed.id), app.clock());
  if (binding === null || !ticket.isSigned(app.secret, binding.token)) return null;
  const [owner, line] = [await q.users.get(feed.user), await q.lines.get(ticket.line)];
  const booked = line && app.rulebook.rules.get(line.rule);
  if (!owner || !line || !booked || line.user !== owner.id) return null;
  if (!showsLine(feed, line.id)) return null;
  const stored = (await readLineData(q, [line.id]))(line.id);
  const entries = agendaOf(agendaLineOf(booked, line, stored, owner.time_zone), feed);
  const named = entries.find(
    (one) => showsKind(feed, one.key.kind) && uidOf(app.secret, one, owner.id) === ticket.uid,
  );
  const entry = named && actsOf(named, feed.detail).includes(ticket.act) ? named : null;
  const ticketDigest = digest(text);
  const act = await q.acts.get(ticketDigest);
  const isFresh = act !== null && app.clock().getTime() - Date.parse(act.at) < DAY;
  return {
    ticket,
    ticketDigest,
    feed,
    owner,
    line,
    booked,
    entry,
    until: binding.until,
    act: isFresh ? act : null,
    isAskedAgain: entry !== null && act !== null && !(await stillHolds(q, act.did)),
    wasDone: act !== null,
    locale: feed.locale ?? owner.locale,
  };
}
