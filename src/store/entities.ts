/**
 * What is stored, as plain data. Names and values are those of the API wherever the two coincide. Moments are RFC 3339
 * in UTC with milliseconds (`2026-03-01T10:00:00.000Z`), so that text order is time order; dates are `2026-03-01`.
 * Digests are SHA-256 in base64url, made by `digest` in `digest.ts`.
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
  /** Raised in every transaction that writes anything of this user's; starts at 1. */
  revision: number;
  created_at: string;
  updated_at: string;
};

export type KeyScope = 'admin' | 'read' | 'write';

/** An API key. Only its digest is stored. `user` is null for an admin key. */
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
  /** The owner's answers to what the rule asks, by name. */
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
  /** Whether that payment is not confirmed yet: then the record moves a clock provisionally. */
  pending: boolean;
};

/** A payment as its owner states it. */
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

/** One step of a payment's life: its new state, when, and by whom. */
export type PaymentChange = {
  state: PaymentState;
  at: string;
  /** The id of a key, or of the feed whose link was used. */
  by: string;
  reason?: string;
  /** Records entered with it: what the person saw at the carrier. */
  records?: string[];
  /** It was imported with its owner's own key, so its fields are unverified claims. */
  imported?: true;
  /** How a link in a calendar made it, if one did; earlier versions recorded this only in `by` and `reason`. */
  link?: LinkStep;
};

export type Payment = {
  id: string;
  line: string;
  state: PaymentState;
  body: PaymentBody;
  external_id: string | null;
  /** Whether its owner has stated that there is no proof. */
  no_proof: boolean;
  /** Whether its owner has stated that the proof is kept elsewhere. At most one of this and `no_proof` is true. */
  proof_elsewhere: boolean;
  /** The ledger record that it makes; null while it makes none. */
  record: string | null;
  /** The first is its creation. */
  changes: PaymentChange[];
  /** How many proofs are kept. */
  proofs: number;
  created_at: string;
  updated_at: string;
};

/** The file types accepted as a proof. */
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
  /** The name under which its bytes are stored. */
  file: string;
  /** The sender's file name; for display, never part of a path. */
  name: string | null;
  type: ProofType;
  /** In bytes, as stored. */
  size: number;
  /** Of the bytes as stored, in hexadecimal. */
  sha256: string;
  created_at: string;
};

/** What a person has said about one entry of a line's agenda. */
export type Mark = {
  line: string;
  kind: EntryKind;
  cycle: string;
  what: 'done' | 'later';
  /** `later`: the day of the next reminder. `done`: the deadline that it answers, if the entry has one. */
  on_day: string | null;
  at: string;
};

/** What a link in a calendar did, so that it can be undone. */
export type Act = {
  /** The digest of the link's ticket. */
  ticket: string;
  line: string;
  feed: string;
  at: string;
  did: ActEffect;
};

/** One effect of an act, with what is needed to undo it. */
export type ActEffect =
  /**
   * A payment that the act changed or created (`was` null). `steps`: how many changes it had, this one included;
   * missing from acts of earlier versions.
   */
  | { payment: { id: string; was: PaymentState | null; became: PaymentState; steps?: number } }
  /** The payment whose proof was stated to be kept elsewhere. Acts of earlier versions: that there is none. */
  | { proof_elsewhere: string }
  | { no_proof: string }
  /** A proof that came with the act. */
  | { proof: string }
  | { record: string }
  /**
   * A mark that was set on an entry, when, and the one before; the latter two missing from acts of earlier versions.
   */
  | { mark: MarkEffect }
  /** The records of what was seen at the carrier, and the tick on the entry that asked to look. */
  | { seen: string[]; ticked: MarkEffect };

export type MarkEffect = {
  kind: EntryKind;
  cycle: string;
  at?: string;
  was?: Mark | null;
  /** `yyyy-mm-dd`: the day of the reminder that was asked for; missing from acts of earlier versions. */
  again_on?: string;
};

/** What a person saw at their carrier, where the rule had expected something else. */
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
 * A date on which a line has something to lose. Derived, several per line; rewritten whenever the line changes, and
 * recomputed before anything acts on it.
 */
export type Edge = {
  act_by: string;
  stage: Stage;
  lost_on: string | null;
  provisional: boolean;
};
export type LineEdge = Edge & { line: string; user: string; rule: string; position: number };

/** A subscription. When it or its owner is erased, only its tokens remain. */
export type Feed = {
  id: string;
  user: string;
  name: string;
  /** The lines shown; null for all, including lines added later. */
  lines: string[] | null;
  /** The kinds of entry shown; null for all. */
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
  /** How many days back the feed reaches, at least. */
  history_days: number;
  created_at: string;
  updated_at: string;
  last_fetched_at: string | null;
  client: string | null;
};

/** A feed that nobody fetches: since when (its last sign of life), and when that was noted. */
export type FeedSilence = { feed: string; name: string; since: string; noted_at: string };

/**
 * A feed's address. It serves while `revoked_at` is null and `expires_at` (the end of a rotation's overlap) is
 * null or ahead. Rows are never deleted: those of an erased feed are its tombstones and contain nothing personal.
 */
export type FeedToken = {
  digest: string;
  feed: string;
  /** For the tombstone's text; set when the feed is erased. */
  locale: Locale | null;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
};

/** One entry of a publication, kept so that the next one can tell what has changed. */
export type PublicationItem = {
  uid: string;
  /** The line it is about, so that erasing the line erases it; null for an entry about none. */
  line: string | null;
  /** Of the entry without its stamps; empty if it is no longer in the feed and only its SEQUENCE is remembered. */
  hash: string;
  sequence: number;
  created_at: string;
  revised_at: string;
};

/** The part of a publication that decides whether it may still be served. */
export type PublicationStatus = {
  /** How often this feed has been published; compared by compare-and-set. */
  version: number;
  /** The owner's revision that it was made from; 0 after an erasure has emptied it: then it must not be served. */
  revision: number;
  release: number;
  /** The moment from which it is outdated, even if nothing else has changed. */
  stale_at: string | null;
  etag: string;
  changed_at: string;
};
export type Publication = PublicationStatus & {
  feed: string;
  /** Of the body without the calendar's LAST-MODIFIED. */
  hash: string;
  body: string;
  gzip: Buffer | null;
  items: PublicationItem[];
};

/** The result of a look-up by a token's digest. `user` and `user_revision` are null when the feed is gone. */
export type ServedFeed = {
  feed: string;
  user: string | null;
  user_revision: number | null;
  /** The feed's, else its owner's, else the tombstone's. */
  locale: Locale;
  expires_at: string | null;
  revoked_at: string | null;
  publication: PublicationStatus | null;
};
export type ServedBody = {
  version: number;
  etag: string;
  changed_at: string;
  /** The compressed calendar in base64. At least one of this and `body` is present. */
  gzip: string | null;
  /** The calendar's bytes as a latin1 string, as they are sent; empty after an erasure. */
  body: string | null;
};

/** The response that is replayed to a repeated request. */
export type StoredResponse = { status: number; headers: Record<string, string>; body: string };
