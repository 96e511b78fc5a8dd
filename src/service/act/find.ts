/** Resolves a link's ticket. */
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

/** A valid ticket in force, with the present state of everything that it names. */
export type ResolvedTicket = {
  ticket: Ticket;
  /** The key under which the ticket's act is stored. */
  ticketDigest: string;
  feed: Feed;
  owner: User;
  line: Line;
  booked: BookedRule;
  /** The present entry; null if it is gone, or the ticket's act no longer applies to it. */
  entry: AgendaEntry | null;
  /** RFC 3339: when the link ends together with an address of its feed; null if none is about to end. */
  until: string | null;
  /** The act that the link has performed within the last day. */
  act: Act | null;
  /** Whether the effect of the link's act was reverted since, and the entry asks for it again. */
  isAskedAgain: boolean;
  /** Whether the link has acted within the last month; earlier acts are not stored. */
  hasActed: boolean;
  locale: Locale;
};

/**
 * Resolves a ticket's text. Null if it grants no access: it was not signed here, it ended with an address of its feed,
 * or the feed has no links or no longer shows the line. Then no data may be disclosed. With `entry: null` the link is
 * in force, but there is nothing left to do, which its page says.
 */
export async function resolveTicket(app: App, q: Reads, text: string): Promise<ResolvedTicket | null> {
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
  const match = entries.find(
    (one) => showsKind(feed, one.key.kind) && uidOf(app.secret, one, owner.id) === ticket.uid,
  );
  const entry = match && actsOf(match, feed.detail).includes(ticket.act) ? match : null;
  const ticketDigest = digest(text);
  const act = await q.acts.get(ticketDigest);
  const isRecent = act !== null && app.clock().getTime() - Date.parse(act.at) < DAY;
  return {
    ticket,
    ticketDigest,
    feed,
    owner,
    line,
    booked,
    entry,
    until: binding.until,
    act: isRecent ? act : null,
    isAskedAgain: entry !== null && act !== null && !(await stillHolds(q, act.did)),
    hasActed: act !== null,
    locale: feed.locale ?? owner.locale,
  };
}
