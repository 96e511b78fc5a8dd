/**
 * The store: SQL only, one schema and one set of queries over SQLite and PostgreSQL. No rules, date arithmetic, wording
 * or HTTP.
 *
 * Reads are methods of the store itself and see what is committed. Writes exist only inside `write`, which is one
 * transaction: if `fn` throws, nothing is written. Inside it use `q` and not the store, for reads too, so that they see
 * the transaction's own writes.
 */
import type * as entity from './entities.ts';
import type {
  FeedPatch,
  LinePatch,
  NewFeed,
  NewKey,
  NewLine,
  NewPayment,
  NewProof,
  NewRecord,
  NewUser,
  Page,
  PageRequest,
  PaymentPatch,
  PaymentWithHistory,
  ProofOfFileAhead,
  UserPatch,
} from './inputs.ts';

export type * from './entities.ts';
export type * from './inputs.ts';

export type UserReads = {
  get(id: string): Promise<entity.User | null>;
  /** By id; those that there are. */
  byIds(ids: readonly string[]): Promise<Map<string, entity.User>>;
  byExternalId(externalId: string): Promise<entity.User | null>;
  list(page: PageRequest): Promise<Page<entity.User>>;
};
export type UserWrites = {
  /** @throws conflict on `external_id` */
  create(user: NewUser): Promise<entity.User>;
  /** @throws conflict on `external_id`; null when there is no such user. */
  update(id: string, patch: UserPatch): Promise<entity.User | null>;
  /** Locks the user against other writes until this transaction ends; raises no revision. False: no such user. */
  hold(id: string): Promise<boolean>;
  /** Erases the user and everything of theirs; their feeds' tokens stay as tombstones. False: no such user. */
  erase(id: string): Promise<boolean>;
};

export type KeyReads = {
  get(id: string): Promise<entity.Key | null>;
  /** Expired keys too: the caller compares `expires_at`. */
  byDigest(digest: string): Promise<entity.Key | null>;
  list(user: string, page: PageRequest): Promise<Page<entity.Key>>;
  /** Keys without a user. */
  listAdmin(page: PageRequest): Promise<Page<entity.Key>>;
};
export type KeyWrites = {
  create(key: NewKey): Promise<entity.Key>;
  delete(id: string): Promise<boolean>;
  /** Stores last uses, collected by the caller; raises no revision. Unknown ids are ignored. */
  noteUsed(uses: { id: string; at: string }[]): Promise<void>;
};

export type LineReads = {
  get(id: string): Promise<entity.Line | null>;
  byExternalId(user: string, externalId: string): Promise<entity.Line | null>;
  byIds(ids: string[]): Promise<entity.Line[]>;
  list(user: string, page: PageRequest): Promise<Page<entity.Line>>;
  /** All lines of a user, in the order of `list`. */
  ofUser(user: string): Promise<entity.Line[]>;
  /** The same for several users, by user; one without lines has an empty list. */
  ofUsers(users: readonly string[]): Promise<Map<string, entity.Line[]>>;
  /** How many lines of all users each rule has; a rule without lines is missing. */
  countByRule(): Promise<Map<string, number>>;
  /** A page of all users' lines under a rule, by id; `after` is the last id of the page before. */
  ofRule(query: { rule: string; after: string | null; limit: number }): Promise<entity.Line[]>;
};
export type LineWrites = {
  /** @throws conflict on `external_id` (within the user), not_found when there is no such user */
  create(line: NewLine): Promise<entity.Line>;
  /** @throws conflict on `external_id`; null when there is no such line. */
  update(id: string, patch: LinePatch): Promise<entity.Line | null>;
  /** Erases the line, its records and its entries in feeds. False: no such line. */
  erase(id: string): Promise<boolean>;
};

export type RecordReads = {
  get(id: string): Promise<entity.StoredRecord | null>;
  /** By id; those that there are. */
  byIds(ids: readonly string[]): Promise<Map<string, entity.StoredRecord>>;
  byExternalId(line: string, externalId: string): Promise<entity.StoredRecord | null>;
  /** In the order entered, whatever `recorded_at` says; only the `id` of a position is used. */
  list(line: string, page: PageRequest): Promise<Page<entity.StoredRecord>>;
  /** The whole ledger in the order entered, including voided records. */
  ofLine(line: string): Promise<entity.StoredRecord[]>;
  /** The ledgers of several lines, by line; a line without records has an empty list. */
  ofLines(lines: string[]): Promise<Map<string, entity.StoredRecord[]>>;
};
export type RecordWrites = {
  /**
   * Appends to a line's ledger, in the order given, all or none. A `void` sets `voided_by` on the record it names.
   * @throws conflict on `external_id` (within the line), or on `record` if it is voided already; not_found
   *   when there is no such line, or the record to void is not in it
   */
  append(line: string, records: NewRecord[]): Promise<entity.StoredRecord[]>;
};

export type PaymentReads = {
  get(id: string): Promise<entity.Payment | null>;
  /** By id; those that there are. */
  byIds(ids: readonly string[]): Promise<Map<string, entity.Payment>>;
  byExternalId(line: string, externalId: string): Promise<entity.Payment | null>;
  /** Payments of the line by external_id; those that there are. */
  byExternalIds(line: string, externalIds: readonly string[]): Promise<Map<string, entity.Payment>>;
  /** By reference, compared without regard to spelling: the first payment of the line that is not cancelled. */
  byReferences(line: string, references: readonly string[]): Promise<Map<string, entity.Payment>>;
  list(line: string, page: PageRequest): Promise<Page<entity.Payment>>;
  /** All payments of several lines, by line, in the order created; a line without any has an empty list. */
  ofLines(lines: string[]): Promise<Map<string, entity.Payment[]>>;
};
export type PaymentWrites = {
  /**
   * Creates a payment with its first change; it has no record yet.
   * @throws conflict on `external_id` (within the line), not_found when there is no such line
   */
  create(payment: NewPayment, change: entity.PaymentChange): Promise<entity.Payment>;
  /**
   * Creates payments on one line, each with all its changes; they have no record yet.
   * @throws as `create`
   */
  createWithHistory(line: string, payments: readonly PaymentWithHistory[]): Promise<entity.Payment[]>;
  /** Sets which record each payment makes, or null for none. */
  setRecords(records: readonly { id: string; record: string | null }[]): Promise<void>;
  /** Updates a payment, and adds a change to its history if one is given. Null: there is no such payment. */
  update(id: string, patch: PaymentPatch, change?: entity.PaymentChange): Promise<entity.Payment | null>;
};

export type ProofReads = {
  get(id: string): Promise<entity.Proof | null>;
  /** The kept proofs of a payment. */
  list(payment: string, page: PageRequest): Promise<Page<entity.Proof>>;
  /** The kept proofs of several payments, by payment, in the order created; a payment without any has an empty list. */
  ofPayments(payments: string[]): Promise<Map<string, entity.Proof[]>>;
  /** Kept proofs by id; those that there are. */
  byIds(ids: readonly string[]): Promise<Map<string, entity.Proof>>;
  /** Rows of all users whose file is not complete. */
  arriving(): Promise<{ id: string; file: string; node: string; created_at: string }[]>;
  /** The marks under which files are ahead of their payment, with the moment of each mark's latest file. */
  filesAhead(): Promise<{ node: string; since: string }[]>;
  /** Files to delete, the oldest first. */
  doomed(limit: number): Promise<string[]>;
};
export type ProofWrites = {
  /**
   * Inserts the row of a file about to be written. False: the payment has `limit` proofs already, or does not exist.
   */
  begin(proof: NewProof, limit: number): Promise<boolean>;
  /** Marks the file as complete. Null: the row or its payment was deleted meanwhile; the file is doomed. */
  keep(
    id: string,
    what: Pick<entity.Proof, 'type' | 'size' | 'sha256'>,
    moment?: string,
  ): Promise<entity.Proof | null>;
  /** Deletes a proof, kept or arriving, and dooms its file. False: there is no such row. */
  drop(id: string): Promise<boolean>;
  /** Lists a file about to be written before its payment exists; `node` is the mark of its upload. */
  addFileAhead(file: string, node: string): Promise<void>;
  /** How many proofs payments have, including arriving ones; locks them against additions by other writes. */
  count(payments: readonly string[]): Promise<Map<string, number>>;
  /**
   * Inserts the rows of proofs whose files are ahead.
   * @throws not_found if a payment does not exist or a file was discarded meanwhile; conflict on `id`
   */
  keepFilesAhead(proofs: readonly ProofOfFileAhead[]): Promise<void>;
  /** Dooms the files that are still ahead under a mark. Returns how many. */
  discardFilesAhead(node: string): Promise<number>;
  /** Lists a file for deletion to which no row refers. */
  doom(file: string): Promise<void>;
  /** Removes files from the list of doomed ones, after they were deleted. */
  forgetDoomed(files: string[]): Promise<void>;
};

export type ContradictionReads = {
  /** Of a rule, newest first, without those of voided records; of all users if `user` is null. */
  ofRule(query: {
    rule: string;
    user: string | null;
    limit: number;
    after?: { found_at: string; record: string } | null;
  }): Promise<entity.Contradiction[]>;
  /** Of a line, in no order, including those of voided records. */
  ofLine(line: string): Promise<entity.Contradiction[]>;
};
export type ContradictionWrites = {
  /** Stores contradictions, replacing earlier ones of the same record and kind. Raises no revision. */
  keep(found: entity.Contradiction[]): Promise<void>;
  forget(contradiction: Pick<entity.Contradiction, 'record' | 'kind'>): Promise<void>;
};

export type MarkReads = { ofLines(lines: string[]): Promise<Map<string, entity.Mark[]>> };
export type MarkWrites = {
  /** Replaces the mark of the same entry. False: there is no such line. */
  put(mark: entity.Mark): Promise<boolean>;
  remove(mark: Pick<entity.Mark, 'line' | 'kind' | 'cycle'>): Promise<void>;
};
export type ActReads = {
  get(ticket: string): Promise<entity.Act | null>;
  /** What links did on a line, in no order. */
  ofLine(line: string): Promise<entity.Act[]>;
};
export type ActWrites = {
  put(act: entity.Act): Promise<void>;
  remove(ticket: string): Promise<boolean>;
};

export type EdgeReads = {
  /**
   * Candidates for deadlines, by (act_by, line, position), both ends included; of all users if `user` is null. The
   * caller must recompute each line before it reports one.
   */
  between(query: {
    after?: string | null;
    before?: string | null;
    user?: string | null;
    limit: number;
    from?: Pick<entity.LineEdge, 'act_by' | 'line'> | null;
  }): Promise<entity.LineEdge[]>;
  /** The edges of those lines whose edges were computed by a newer release than this, by line, then position. */
  newer(release: number, lines: readonly string[]): Promise<entity.LineEdge[]>;
  /**
   * Lines whose edges were computed by an older release than this, by that release, then id; of all users or of one.
   */
  behind(release: number, limit: number, user?: string | null): Promise<entity.Line[]>;
};
export type EdgeWrites = {
  /** Replaces a line's edges; raises no revision, since they are derived. */
  replace(line: string, release: number, edges: entity.Edge[]): Promise<void>;
  /**
   * Marks the edges of up to `limit` lines under `rules` that release `from` computed as computed by release `to`,
   * which would give the same. Returns how many.
   */
  carry(query: { from: number; to: number; rules: readonly string[]; limit: number }): Promise<number>;
};

export type FeedReads = {
  get(id: string): Promise<entity.Feed | null>;
  /** By id; those that there are. */
  byIds(ids: readonly string[]): Promise<Map<string, entity.Feed>>;
  list(user: string, page: PageRequest): Promise<Page<entity.Feed>>;
  ofUser(user: string): Promise<entity.Feed[]>;
  /**
   * Feeds of all users, or of one. `silent`: only feeds without (true) or with (false) a sign of life since `before`;
   * null for all. With `noted` a feed counts as silent only if it is noted as such, too.
   */
  search(
    query: { user: string | null; before: string; noted?: boolean; silent: boolean | null },
    page: PageRequest,
  ): Promise<Page<entity.Feed>>;
  /**
   * Families of clients that have fetched a feed, the latest first; null for clients that did not identify themselves.
   */
  clients(
    feed: string,
  ): Promise<{ client: string | null; first_fetched_at: string; last_fetched_at: string }[]>;
  /** Oldest first. */
  tokens(feed: string): Promise<entity.FeedToken[]>;
  /** The feeds that tokens belong to, or did before they were erased, by the token's digest. */
  ofTokens(digests: readonly string[]): Promise<Map<string, string>>;
  /** Tokens of several feeds, by feed, oldest first; a feed without tokens has an empty list. */
  tokensOf(feeds: readonly string[]): Promise<Map<string, entity.FeedToken[]>>;
};
export type FeedWrites = {
  /** Creates the feed and its first token. */
  create(feed: NewFeed, tokenDigest: string): Promise<entity.Feed>;
  update(id: string, patch: FeedPatch): Promise<entity.Feed | null>;
  /**
   * Adds a token; the present ones expire at `expiresAt` (a moment; now for no overlap) unless they expire earlier.
   * False: no such feed.
   */
  rotate(id: string, tokenDigest: string, expiresAt: string): Promise<boolean>;
  /** Erases the feed; its tokens stay as tombstones. False: no such feed. */
  erase(id: string): Promise<boolean>;
  /**
   * Stores fetches, collected by the caller; raises only the revisions of owners whose feed was silent. Unknown feeds
   * are ignored.
   */
  noteFetches(fetches: { feed: string; at: string; client: string | null }[]): Promise<void>;
};

export type PublicationReads = {
  get(feed: string): Promise<entity.Publication | null>;
  /** Of several feeds, by feed; those that there are. */
  ofFeeds(feeds: readonly string[]): Promise<Map<string, entity.Publication>>;
  /**
   * A page of the addresses in force at `now` (RFC 3339) whose feed was published by an older release, by digest;
   * `after` is the last digest of the page before. A feed with two addresses appears twice.
   */
  behind(
    release: number,
    query: { now: string; after: string | null; limit: number },
  ): Promise<{ digest: string; feed: string }[]>;
  /** How many feeds with an address in force at `now` (RFC 3339) were published by an older release. */
  countBehind(release: number, now: string): Promise<number>;
};
/** A caller that lost the race gets the winner's publication; null when the feed is gone. */
export type PublishResult =
  | { published: true; publication: entity.Publication }
  | { published: false; publication: entity.Publication | null };
export type PublicationWrites = {
  /**
   * Compare-and-set: publishes only over version `base` (0: over none), and never over a later revision. Raises no
   * revision.
   */
  publish(publication: Omit<entity.Publication, 'version'>, base: number): Promise<PublishResult>;
  /**
   * Adds entries that a feed has shown before and no longer remembers, so that their SEQUENCE continues should they
   * return. Entries that it remembers and its bytes stay as they are.
   */
  restoreItems(feed: string, items: entity.Publication['items']): Promise<void>;
};

export type ReleaseWrites = {
  /** The number of a release (rules, texts and renderer, by their digest): 1, 2, … in the order first seen. */
  number(digest: string): Promise<number>;
  /**
   * The same, but always the highest number: a release that was seen before and is not the newest gets a new one, so
   * that a deliberate return to it is newer than what it replaces.
   */
  renew(digest: string): Promise<number>;
};

/** Identifies a request that a client may repeat. `key` is the id of the API key used. */
export type IdempotencyId = { key: string; route: string; idempotency_key: string };
export type IdempotencyClaim =
  /** The caller must do the work and end it with `finish` in the same transaction, or with `release`. */
  | { state: 'begun'; claim: string }
  /** Another request holds that claim; null if it was released just now. */
  | { state: 'in_flight'; claim: string | null }
  /** The same key came with another body. */
  | { state: 'mismatch' }
  | { state: 'done'; response: entity.StoredResponse };
export type IdempotencyWrites = {
  /**
   * Claims a request. A claim that is older than 60 s and unfinished is taken over; a response older than 24 hours is
   * ignored. Use it in a transaction of its own, before the work. The claim begins with `node`, the mark of the
   * process.
   */
  begin(id: IdempotencyId, requestDigest: string, node?: string): Promise<IdempotencyClaim>;
  /**
   * Stores the response. `about` names whose data it contains, so that erasing them erases it.
   * @throws conflict on `idempotency_key` when the claim was taken over meanwhile: let it roll back the work
   */
  finish(
    claim: string,
    response: entity.StoredResponse,
    about: { user?: string | null; line?: string | null },
  ): Promise<void>;
  /** Deletes the stored responses of a route whose data was erased; `route` as in the claims. */
  forget(route: string): Promise<void>;
  /** Releases a claim (the request was refused), so that the client may retry at once. */
  release(claim: string): Promise<void>;
};

export type SettingReads = { get(name: string): Promise<string | null> };
export type SettingWrites = {
  /** Stores `value` unless there is one already; returns the stored one, so that all nodes agree. */
  keep(name: string, value: string): Promise<string>;
  set(name: string, value: string): Promise<void>;
};

/** The cursor of a scan; `sign` is the feed's last sign of life. */
export type SilencePosition = { sign: string; feed: string };
export type SilenceReads = {
  /** A user's silent feeds, by id. */
  ofUser(user: string): Promise<entity.FeedSilence[]>;
  /** The same for several users, by user; one without any has an empty list. */
  ofUsers(users: readonly string[]): Promise<Map<string, entity.FeedSilence[]>>;
  /** How many feeds are noted as silent. */
  count(): Promise<number>;
  /**
   * Scans up to `limit` feeds for those to note as silent, without a sign of life since `before`, or for those whose
   * silence is to end. `next` is the cursor of the next page; null at the end.
   */
  findCandidates(
    change: 'note' | 'end',
    query: { before: string; after: SilencePosition | null; limit: number },
  ): Promise<{ feeds: string[]; next: SilencePosition | null }>;
};
export type SilenceWrites = {
  /** Notes as silent those of the feeds that have had no sign of life since `before`. */
  note(feeds: readonly string[], before: string): Promise<void>;
  /** Ends the silence of those of the feeds that have had one. */
  end(feeds: readonly string[], before: string): Promise<void>;
};

export type Reads = {
  users: UserReads;
  keys: KeyReads;
  lines: LineReads;
  records: RecordReads;
  payments: PaymentReads;
  proofs: ProofReads;
  contradictions: ContradictionReads;
  marks: MarkReads;
  acts: ActReads;
  edges: EdgeReads;
  feeds: FeedReads;
  publications: PublicationReads;
  settings: SettingReads;
  silences: SilenceReads;
};
export type Queries = Reads & {
  users: UserWrites;
  keys: KeyWrites;
  lines: LineWrites;
  records: RecordWrites;
  payments: PaymentWrites;
  proofs: ProofWrites;
  contradictions: ContradictionWrites;
  marks: MarkWrites;
  acts: ActWrites;
  edges: EdgeWrites;
  feeds: FeedWrites;
  publications: PublicationWrites;
  releases: ReleaseWrites;
  idempotency: IdempotencyWrites;
  settings: SettingWrites;
  silences: SilenceWrites;
  /**
   * Deletes idempotency rows older than 24 hours and acts older than 30 days; repairs what nodes of an earlier version
   * have left outdated.
   */
  sweep(): Promise<void>;
};

/** What a fetch of an address reads; `digest` is that of its token. */
export type ServedAddress = { digest: string; feed: entity.ServedFeed };
export type Served = { feed: entity.ServedFeed; bytes: entity.ServedBody | null };

/** The hot path of feed fetches: synchronous on SQLite, a promise on PostgreSQL; `await` handles both. */
export type Serving = {
  feedByToken(digest: string): entity.ServedFeed | null | Promise<entity.ServedFeed | null>;
  /** The same with the bytes if one query for both is faster than two; `bytes` is null otherwise. */
  feedWithBody(digest: string, packed: boolean): Served | null | Promise<Served | null>;
  /**
   * The bytes published now, which may be newer than `served`: compressed if `packed` is set and compressed bytes are
   * stored, plain otherwise.
   */
  body(
    served: entity.ServedFeed,
    packed: boolean,
  ): entity.ServedBody | null | Promise<entity.ServedBody | null>;
  /** Up to `limit` addresses in the order of their digests, after this one; null: from the first. */
  page(after: string | null, limit: number): ServedAddress[] | Promise<ServedAddress[]>;
  /**
   * Whether `onChange` has reported every write that any process has acknowledged (on SQLite, another process more than
   * 100 ms ago), so that cached answers may be served. On PostgreSQL frequent calls keep it true: they renew the lease.
   */
  isMemoryCurrent(): boolean;
};

/** What a committed write has changed of what addresses serve. */
export type ServingChange = {
  /** The digests of their tokens; null: any may have changed. */
  addresses: readonly string[] | null;
  /** Whether something was erased that they may have served. Known of writes of this process only. */
  hasErased: boolean;
};

export type Store = Reads & {
  readonly engine: 'sqlite' | 'postgres';
  serving: Serving;
  /**
   * Runs one transaction. With an `owner` it first raises that user's revision, which locks the user against other
   * writes: what `fn` reads cannot change meanwhile. With null it raises a user's revision at the first write to
   * anything of theirs. When the promise resolves, the transaction is on disk, unless it was written `lazily`: then a
   * crash may lose all of it, but nothing written before it. On PostgreSQL a change to a user's data takes 12 ms
   * longer, by which time no node serves the previous state from memory.
   * @throws not_found when there is no such owner, busy, unavailable, and what `fn` throws
   */
  write<T>(owner: string | null, fn: (q: Queries) => Promise<T>, options?: { lazily?: boolean }): Promise<T>;
  /** Runs reads that all see the same state, without concurrent commits. Keep it short. */
  snapshot<T>(fn: (q: Reads) => Promise<T>): Promise<T>;
  /**
   * Reports committed writes that change what addresses serve: writes of this process before `write` resolves, on
   * SQLite those of another within 100 ms, and on PostgreSQL those of any process, while
   * {@link Serving.isMemoryCurrent} is called. Returns the function that unsubscribes the listener.
   */
  onChange(listener: (change: ServingChange) => void): () => void;
  /** Whether the database answers within two seconds. Never throws. */
  ready(): Promise<boolean>;
  /** Waits for running writes, then closes. */
  close(): Promise<void>;
};

export type StoreLog = { warn(fields: object, message: string): void };
export type StoreOptions = {
  /** `sqlite:data/keepline.db` (relative to the working directory) or `postgres://…`. */
  url: string;
  log?: StoreLog;
  /** The clock, in milliseconds since 1970. */
  now?: () => number;
};
