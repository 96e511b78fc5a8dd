/**
 * Links in entries that act. A ticket names a feed, an entry and one act, and is signed over the feed's addresses as
 * well: so it dies with the entry's cycle, with the feed, when the feed gets another address, and when an earlier one
 * has ended.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type AgendaEntry, actionsAsked, isObligation } from '../agenda/index.ts';
import type { FeedDetail, FeedToken } from '../store/types.ts';
import { versionOf } from '../wording/index.ts';

/** Tickets name them by their places: what is new comes last. */
export const ACTS = [
  'done',
  'proof_saved',
  'went_through',
  'did_not',
  'later',
  'topped_up',
  'came_back',
] as const;
export type ActName = (typeof ACTS)[number];

/**
 * What can be said of an entry by a link. In a feed that names no carrier a link does not ask in which of the carrier's
 * ways a deadline was met, nor for a sum in its currency.
 */
export function actsOf(entry: AgendaEntry, detail: FeedDetail): readonly ActName[] {
  const acts = allActsOf(entry);
  if (detail !== 'neutral') return acts;
  return acts.filter(
    (act) => act !== 'topped_up' && (act !== 'done' || actionsAsked(entry.asks).length === 0),
  );
}

/**
 * Whether a top-up can be told beside what meets a deadline: a calendar that says where to pay, and to do something else
 * besides, would else have no place to tell that one has paid.
 */
function takesTopUp({ line, asks }: AgendaEntry): boolean {
  if (!line) return false;
  const { actions } = versionOf(line.booked, line.timeline.version);
  const isTopUp = (name: string) => actions[name]?.how === 'topup';
  return Object.keys(actions).some(isTopUp) && !actionsAsked(asks).some(isTopUp);
}

const ofDeadline = (entry: AgendaEntry): readonly ActName[] =>
  takesTopUp(entry) ? ['done', 'topped_up', 'later'] : ['done', 'later'];

function allActsOf(entry: AgendaEntry): readonly ActName[] {
  const { kind, done, variant, payment } = entry;
  if (done) return [];
  switch (kind) {
    case 'check_payment':
    case 'contact_support':
      return ['went_through', payment?.state === 'failed' ? 'came_back' : 'did_not', 'later'];
    case 'save_proof':
      return ['proof_saved', 'later'];
    case 'renew':
    case 'last_safe_day':
      return variant === 'pending' ? ['went_through', 'did_not', 'later'] : ofDeadline(entry);
    case 'overdue':
      return variant === 'identity' ? ['done', 'later'] : ofDeadline(entry);
    case 'backup':
    case 'check_account':
    case 'promotions':
      return ['done', 'later'];
    default:
      return isObligation(kind) ? ['done', 'later'] : [];
  }
}

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const MAC = 16;

const bytesOf = (id: string): Buffer | null => {
  const uuid = id.slice(id.indexOf('_') + 1);
  return UUID.test(uuid) ? Buffer.from(uuid.replaceAll('-', ''), 'hex') : null;
};
const uuidOf = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const sign = (secret: string, token: string, payload: Buffer): Buffer =>
  createHmac('sha256', secret).update(`act\0${token}\0`).update(payload).digest().subarray(0, MAC);

/** What links are bound to, and the RFC 3339 moment from which it is something else; null for none that is known. */
export type LinkBinding = { token: string; until: string | null };

/**
 * All addresses that a feed has at a moment: whoever reads it by one that a rotation has left to end has links that end
 * with it, and those from before the rotation have ended with that. Null where it has none that stays.
 */
export function linkBindingOf(tokens: readonly FeedToken[], now: Date): LinkBinding | null {
  const moment = now.toISOString();
  const alive = tokens.filter(
    ({ expires_at, revoked_at }) => revoked_at === null && (expires_at === null || expires_at > moment),
  );
  if (!alive.some(({ expires_at }) => expires_at === null)) return null;
  const ends = alive.flatMap(({ expires_at }) => expires_at ?? []).sort();
  const digests = alive.map(({ digest }) => digest).sort();
  return { token: digests.join(' '), until: ends[0] ?? null };
}

export type Ticket = { act: ActName; feed: string; line: string; uid: string };

/** A ticket in letters that an address may hold; `token` is that of a {@link LinkBinding}. */
export function ticketOf({
  act,
  feed,
  line,
  uid,
  secret,
  token,
}: Ticket & { secret: string; token: string }): string {
  const parts = [feed, line, uid].map(bytesOf);
  if (parts.some((part) => part === null)) throw new RangeError('A ticket is made of ids that hold a UUID.');
  const payload = Buffer.concat([Buffer.from([ACTS.indexOf(act)]), ...(parts as Buffer[])]);
  return Buffer.concat([payload, sign(secret, token, payload)]).toString('base64url');
}

/** What a ticket says, and whether it is ours, which only its feed's addresses can tell; null for no ticket. */
export function readTicket(
  text: string,
): (Ticket & { isSigned(secret: string, token: string): boolean }) | null {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== 49 + MAC || bytes.toString('base64url') !== text) return null;
  const payload = bytes.subarray(0, 49);
  const act = ACTS[payload[0] as number];
  if (!act) return null;
  const [feed, line, uid] = [1, 17, 33].map((from) => uuidOf(payload.subarray(from, from + 16))) as [
    string,
    string,
    string,
  ];
  return {
    act,
    feed: `feed_${feed}`,
    line: `line_${line}`,
    uid,
    isSigned: (secret, token) => timingSafeEqual(sign(secret, token, payload), bytes.subarray(49)),
  };
}
