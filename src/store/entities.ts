/**
 * What the store keeps, as plain data. Names and values are those of the API wherever the two coincide.
 * Moments are RFC 3339 in UTC with milliseconds (`2026-03-01T10:00:00.000Z`), so that text order is time order;
 * dates are `2026-03-01`. Digests are SHA-256 in base64url, made by `digest` in `digest.ts`.
 */
import type { At, Money, RecordInput, RecordType, Stage } from '../retention/record.ts';
import type {
  EntryKind,
  FeedAlarms,
  FeedDetail,
  LinkStep,
  Locale,
  PaymentChannel,
  PaymentMakes,
  PaymentState,
} from '../vocabulary.ts';

export type { FeedAlarms, FeedDetail, Locale, PaymentState };

export type User = {
  id: string;
  name: string;
  locale: Locale;
  time_zone: string;
  external_id: string | null;
  /** Raised in the transaction of every write to anything of this user's; starts at 1. */
  revision: number;
  created_at: string;
  updated_at: string;
};

export type KeyScope = 'admin' | 'read' | 'write';

/** A key of the API. Only its digest is kept. `user` is null for an admin key. */
export type Key = {
  id: string;
  user: string | null;
  scope: KeyScope;
  name: string;
  digest: string;
  expires_at: string | null;
  created_at: string;
  last_used_at: string | null;
};

export type Line = {
  id: string;
  user: string;
  rule: string;
  label: string;
  number: string | null;
  time_zone: string | null;
  plan_price: Money | null;
  /** What the rule asks of its owner, by name. */
  facts: Record<string, string | number | boolean>;
  external_id: string | null;
  created_at: string;
  updated_at: string;
};

/** One dated fact in a line's append-only ledger. A void is a record too and sets `voided_by` on the other. */
export type StoredRecord = {
  id: string;
  line: string;
  /** The order entered, from 1, within the line. */
  seq: number;
  type: RecordType;
  at: At;
  /** The record as it was given. */
  body: RecordInput;
  external_id: string | null;
  recorded_at: string;
  voided_by: string | null;
  /** The payment that made it. */
  payment: string | null;
  /** That payment is not confirmed yet: it moves a clock provisionally. */
  pending: boolean;
};

/** What was paid, as its owner states it. */
export type PaymentBody = {
  /** A date of the line's zone, or a moment. */
  paid_at: string;
  /** What left the payer's account, in whatever currency. */
  amount: Money;
  channel: PaymentChannel;
  reference?: string;
  makes: PaymentMakes;
  product?: string;
  /** What the carrier credited, in the rule's currency, where it differs. */
  credited?: Money;
  note?: string;
};

/** One step of a payment's life: a fact with a moment and who made it. */
export type PaymentChange = {
  state: PaymentState;
  at: string;
  /** The id of a key, or of the feed whose link was used. */
  by: string;
  reason?: string;
  /** Records that came with it: what the person saw. */
  records?: string[];
  /** It came by an import with its owner's own key, who may say of it whatever they like. */
  imported?: true;
  /** A link in a calendar made it, and how; steps of versions before tell it by `by` and `reason` alone. */
  link?: LinkStep;
};

export type Payment = {
  id: string;
  line: string;
  state: PaymentState;
  body: PaymentBody;
  external_id: string | null;
  /** Its owner has said that there is no proof. */
  no_proof: boolean;
  /** Its owner has said that the proof is kept elsewhere; of this and `no_proof` one at most is true. */
  proof_elsewhere: boolean;
  /** The record of the ledger that it makes now; null while it makes none. */
  record: string | null;
  /** The first is its making. */
  changes: PaymentChange[];
  /** How many proofs are kept. */
  proofs: number;
  created_at: string;
  updated_at: string;
};

/** The types of file that are taken as a proof. */
export type ProofType =
  | 'image/jpeg'
  | 'image/png'
  | 'image/webp'
  | 'image/heic'
  | 'application/pdf'
  | 'text/plain';

export type Proof = {
  id: string;
  payment: string;
  /** Where its bytes lie. */
  file: string;
  /** As its sender called it; for people, never for a path. */
  name: string | null;
  type: ProofType;
  /** In bytes, as kept. */
  size: number;
  /** Of the bytes as kept, in hexadecimal digits. */
  sha256: string;
  created_at: string;
};

/** What a person has said of one entry of a line's agenda. */
export type Mark = {
  line: string;
  kind: EntryKind;
  cycle: string;
  what: 'done' | 'later';
  /** `later`: the day on which to remind again. `done`: the deadline that was answered, where it was one. */
  on_day: string | null;
  at: string;
};

/** What a link in a calendar has done, so that it can be undone. */
export type Act = {
  /** The digest of the link's ticket. */
  ticket: string;
  line: string;
  feed: string;
  at: string;
  did: ActEffect;
};

/** One thing, and what of it must be known to take it back. */
export type ActEffect =
  /**
   * A payment and the state it had before; null: it was made by the act. `steps`: how many it had taken with this one;
   * acts of versions before do not tell.
   */
  | { payment: { id: string; was: PaymentState | null; became: PaymentState; steps?: number } }
  /** A payment of which it was said that its proof is kept elsewhere; acts of versions before said that there is none. */
  | { proof_elsewhere: string }
  | { no_proof: string }
  /** A proof that came with the act. */
  | { proof: string }
  | { record: string }
  /** What was said of an entry, when, and what had been said of it before; acts of versions before tell neither. */
  | { mark: MarkEffect }
  /** The records of what was seen at the carrier, and that the entry which asked to look is done. */
  | { seen: string[]; ticked: MarkEffect };

export type MarkEffect = {
  kind: EntryKind;
  cycle: string;
  at?: string;
  was?: Mark | null;
  /** `yyyy-mm-dd`: the day of the reminder that was asked for; acts of versions before do not tell. */
  again_on?: string;
};

/** What a person saw at their carrier, against what the rule had expected. */
export type Contradiction = {
  /** The `balance` or `validity` record that says what was seen. */
  record: string;
  kind: 'balance' | 'validity';
  line: string;
  rule: string;
  version: string;
  clock: string | null;
  /** A date, or an amount with its currency. */
  expected: string;
  seen: string;
  found_at: string;
};

/**
 * A derived row: one date on which a line has something to lose. Several per line; rewritten whenever the line
 * changes, computed again before anything acts on it.
 */
export type Edge = {
  act_by: string;
  stage: Stage;
  lost_on: string | null;
  provisional: boolean;
};
export type LineEdge = Edge & { line: string; user: string; rule: string; position: number };

/** A subscription. A feed that is deleted or whose owner is erased leaves nothing but its tokens. */
export type Feed = {
  id: string;
  user: string;
  name: string;
  /** Only these lines; null for all, those added later too. */
  lines: string[] | null;
  /** Only these kinds of entry; null for all. */
  kinds: EntryKind[] | null;
  /** Null: the owner's. */
  locale: Locale | null;
  detail: FeedDetail;
  alarms: FeedAlarms;
  lead_days: number[];
  action_links: boolean;
  show_balance: boolean;
  /** The hour at which alarms ring, 0 to 23. */
  alarm_hour: number;
  /** How many days back the feed reaches, at the least. */
  history_days: number;
  created_at: string;
  updated_at: string;
  last_fetched_at: string | null;
  client: string | null;
};

/** A feed that nobody fetches: since its last fetch, or since it was made; and when that was noted. */
export type FeedSilence = { feed: string; name: string; since: string; noted_at: string };

/**
 * A feed's address. It serves while `revoked_at` is null and `expires_at` (the end of a rotation's overlap) is
 * null or ahead. Rows are never deleted: what remains of an erased feed is its tombstone, nothing personal.
 */
export type FeedToken = {
  digest: string;
  feed: string;
  /** For the tombstone's text; set when the feed goes. */
  locale: Locale | null;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
};

/** One entry of a publication, kept so that the next one can tell what has changed. */
export type PublicationItem = {
  uid: string;
  /** The line it speaks of, so that erasing the line erases it; null for an entry about none. */
  line: string | null;
  /** Of the entry without its stamps; empty when it is not in the feed now and only its SEQUENCE is remembered. */
  hash: string;
  sequence: number;
  created_at: string;
  revised_at: string;
};

/** What of a publication decides whether it may still be served. */
export type PublicationStatus = {
  /** How often this feed has been published; the token of compare-and-set. */
  version: number;
  /** The owner's revision that it was made from; 0 after an erasure emptied it: then it must not be served. */
  revision: number;
  release: number;
  /** The moment from which it must be made anew, whatever else holds. */
  stale_at: string | null;
  etag: string;
  changed_at: string;
};
export type Publication = PublicationStatus & {
  feed: string;
  /** Of the body without what moves by itself. */
  hash: string;
  body: string;
  gzip: Buffer | null;
  items: PublicationItem[];
};

/** What one look-up by a token's digest tells. `user` and `user_revision` are null when the feed is gone. */
export type ServedFeed = {
  feed: string;
  user: string | null;
  user_revision: number | null;
  /** The feed's, else its owner's, else the one kept with the tombstone. */
  locale: Locale;
  expires_at: string | null;
  revoked_at: string | null;
  publication: PublicationStatus | null;
};
export type ServedBody = {
  version: number;
  etag: string;
  changed_at: string;
  /** The calendar compressed, in base64, and as it is: one of them or both. */
  gzip: string | null;
  /** Its bytes, one in a character, as they are sent; empty after an erasure. */
  body: string | null;
};

/** The answer that is replayed to a repeated request. */
export type StoredResponse = { status: number; headers: Record<string, string>; body: string };
