/**
 * The tables as SQL knows them: text and integers only, so that both engines return identical rows. JSON and base64 are
 * text, booleans 0 or 1, moments RFC 3339 text.
 */
export type Tables = {
  users: {
    id: string;
    name: string;
    locale: string;
    time_zone: string;
    external_id: string | null;
    revision: number;
    /** The revision at which something of the user's was last erased: older ones must not be published. */
    erased_revision: number;
    created_at: string;
    updated_at: string;
  };
  keys: {
    id: string;
    user: string | null;
    scope: string;
    name: string;
    digest: string;
    expires_at: string | null;
    created_at: string;
    last_used_at: string | null;
  };
  lines: {
    id: string;
    user: string;
    rule: string;
    label: string;
    number: string | null;
    time_zone: string | null;
    plan_price: string | null;
    facts: string;
    external_id: string | null;
    /** Raised by each change of the line itself. Only earlier versions read it. */
    revision: number;
    edges_release: number;
    created_at: string;
    updated_at: string;
  };
  records: {
    id: string;
    line: string;
    seq: number;
    type: string;
    body: string;
    external_id: string | null;
    recorded_at: string;
    voided_by: string | null;
    payment: string | null;
  };
  payments: {
    id: string;
    line: string;
    state: string;
    body: string;
    reference: string | null;
    external_id: string | null;
    /** What its owner has stated about a proof. 0: nothing, 1: there is none, 2: it is kept elsewhere. */
    no_proof: number;
    /** The record that it makes; null while it makes none. */
    record: string | null;
    /** Raised by each change. Only earlier versions read it. */
    revision: number;
    created_at: string;
    updated_at: string;
  };
  payment_changes: {
    payment: string;
    seq: number;
    state: string;
    at: string;
    by: string;
    body: string;
  };
  proofs: {
    id: string;
    payment: string;
    state: string;
    file: string;
    name: string | null;
    type: string | null;
    size: number | null;
    sha256: string | null;
    /** The process that receives it, while it is arriving. */
    node: string;
    created_at: string;
  };
  /** Files still to be deleted, to which no row refers any more. No foreign key: their owner is gone. */
  doomed_files: { file: string; since: string };
  /** Files written before their payment exists. */
  files_ahead: {
    file: string;
    /** The mark of the upload that writes it, which begins with the mark of its process. */
    node: string;
    since: string;
  };
  contradictions: {
    record: string;
    kind: string;
    line: string;
    rule: string;
    version: string;
    clock: string | null;
    expected: string;
    seen: string;
    found_at: string;
  };
  marks: { line: string; kind: string; cycle: string; what: string; on_day: string | null; at: string };
  acts: { ticket: string; line: string; feed: string; at: string; did: string };
  edges: {
    line: string;
    position: number;
    act_by: string;
    stage: string;
    lost_on: string | null;
    provisional: number;
  };
  feeds: {
    id: string;
    user: string;
    name: string;
    lines: string | null;
    kinds: string | null;
    locale: string | null;
    detail: string;
    alarms: string;
    lead_days: string;
    action_links: number;
    show_balance: number;
    alarm_hour: number | null;
    history_days: number | null;
    created_at: string;
    updated_at: string;
    last_fetched_at: string | null;
    client: string | null;
  };
  /** No foreign key: a token outlives its feed as a tombstone. */
  feed_tokens: {
    digest: string;
    feed: string;
    locale: string | null;
    created_at: string;
    expires_at: string | null;
    revoked_at: string | null;
  };
  /** Feeds that nobody fetches: since when, and when that was noted. */
  feed_silence: { feed: string; since: string; noted_at: string };
  publications: {
    feed: string;
    version: number;
    revision: number;
    release: number;
    stale_at: string | null;
    etag: string;
    changed_at: string;
    hash: string;
    body: string;
    /** Base64. Only where published by a version before `bodies`; null since. */
    gzip: string | null;
    items: string;
  };
  /** Published bytes as they are sent: see `migrations/bodies.ts`. */
  bodies: {
    feed: string;
    version: number;
    etag: string;
    changed_at: string;
    /** Base64. */
    gzip: string;
  };
  /** `client` is empty for clients that did not identify themselves. */
  feed_clients: { feed: string; client: string; first_fetched_at: string; last_fetched_at: string };
  /** All that a fetch needs, one row for each address: see `serving.ts`. */
  serving: {
    digest: string;
    feed: string;
    user: string | null;
    user_revision: number | null;
    locale: string;
    expires_at: string | null;
    revoked_at: string | null;
    version: number | null;
    revision: number | null;
    release: number | null;
    stale_at: string | null;
    etag: string | null;
    changed_at: string | null;
    /** The number of its last change, set by a trigger: see `migrations/serving-changes.ts`. */
    changed: number | null;
  };
  releases: { number: number; digest: string; first_seen_at: string };
  idempotency: {
    key: string;
    route: string;
    idempotency_key: string;
    request_digest: string;
    claim: string;
    /** Null while in flight. */
    status: number | null;
    headers: string | null;
    body: string | null;
    user: string | null;
    line: string | null;
    created_at: string;
  };
  settings: { name: string; value: string };
};
