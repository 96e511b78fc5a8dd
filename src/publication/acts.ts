/**
 * Action links in entries. A link's ticket names a feed, an entry and one act, and its signature covers the feed's
 * addresses: so it becomes invalid with the entry's cycle, with the feed, and whenever the feed's addresses change.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type AgendaEntry, actionsAsked, isObligation } from '../agenda/index.ts';
import type { FeedDetail, FeedToken } from '../store/types.ts';
import { versionOf } from '../wording/index.ts';

/** Tickets store the index in this list, so new acts go at the end. */
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
 * The acts that an entry's links offer. In a neutral feed, which names no carrier, no link asks by which of the
 * carrier's actions a deadline was met, nor for an amount in its currency.
 */
export function actsOf(entry: AgendaEntry, detail: FeedDetail): readonly ActName[] {
  const acts = allActsOf(entry);
  if (detail !== 'neutral') return acts;
  return acts.filter(
    (act) => act !== 'topped_up' && (act !== 'done' || actionsAsked(entry.asks).length === 0),
  );
}

/**
 * Whether to offer reporting a top-up beside the action that meets a deadline. Where the entry asks for something else
 * than a top-up, a payment could not be reported otherwise.
 */
function offersTopUp({ line, asks }: AgendaEntry): boolean {
  if (!line) return false;
  const { actions } = versionOf(line.booked, line.timeline.version);
  const isTopUp = (name: string) => actions[name]?.how === 'topup';
  return Object.keys(actions).some(isTopUp) && !actionsAsked(asks).some(isTopUp);
}

const ofDeadline = (entry: AgendaEntry): readonly ActName[] =>
  offersTopUp(entry) ? ['done', 'topped_up', 'later'] : ['done', 'later'];

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
/** Bytes. */
const MAC_LENGTH = 16;

const bytesOf = (id: string): Buffer | null => {
  const uuid = id.slice(id.indexOf('_') + 1);
  return UUID.test(uuid) ? Buffer.from(uuid.replaceAll('-', ''), 'hex') : null;
};
const uuidOf = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const sign = (secret: string, token: string, payload: Buffer): Buffer =>
  createHmac('sha256', secret).update(`act\0${token}\0`).update(payload).digest().subarray(0, MAC_LENGTH);

/** What tickets are signed over, and the RFC 3339 moment at which it next changes; null if none is known. */
export type LinkBinding = { token: string; until: string | null };

/**
 * Binds links to all addresses in force at `now`: links become invalid when an address is added by a rotation, and
 * again when the previous one expires after the overlap. Null if the feed has no address without an expiry.
 */
export function linkBindingOf(tokens: readonly FeedToken[], now: Date): LinkBinding | null {
  const moment = now.toISOString();
  const inForce = tokens.filter(
    ({ expires_at, revoked_at }) => revoked_at === null && (expires_at === null || expires_at > moment),
  );
  if (!inForce.some(({ expires_at }) => expires_at === null)) return null;
  const ends = inForce.flatMap(({ expires_at }) => expires_at ?? []).sort();
  const digests = inForce.map(({ digest }) => digest).sort();
  return { token: digests.join(' '), until: ends[0] ?? null };
}

export type Ticket = { act: ActName; feed: string; line: string; uid: string };

/** A signed ticket in base64url; `token` is that of a {@link LinkBinding}. */
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

/** Parses a ticket; null if malformed. Its signature is checked later, with the addresses of the feed that it names. */
export function readTicket(
  text: string,
): (Ticket & { isSigned(secret: string, token: string): boolean }) | null {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== 49 + MAC_LENGTH || bytes.toString('base64url') !== text) return null;
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
