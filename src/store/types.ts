/**
 * The store: SQL and nothing but SQL, one schema and one set of queries over SQLite and PostgreSQL. No rule, no
 * date arithmetic, no wording and no HTTP may enter here.
 *
 * Reads hang on the store itself and see what has been committed. Writes exist inside `write` only, which is one
 * transaction: `fn` throws and nothing was written. Inside it use `q`, not the store, for reads too, so that they
 * see the transaction's own writes.
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
  /** Makes other writes of that user wait until this transaction ends, raising no revision. False: no such user. */
  hold(id: string): Promise<boolean>;
  /** Erases the person and everything of theirs; their feeds' tokens stay as tombstones. False: no such user. */
  erase(id: string): Promise<boolean>;
};

export type KeyReads = {
  get(id: string): Promise<entity.Key | null>;
  /** Expired keys too: the caller compares `expires_at`. */
  byDigest(digest: string): Promise<entity.Key | null>;
  list(user: string, page: PageRequest): Promise<Page<entity.Key>>;
  /** Keys of no user. */
  listAdmin(page: PageRequest): Promise<Page<entity.Key>>;
};
export type KeyWrites = {
  create(key: NewKey): Promise<entity.Key>;
  delete(id: string): Promise<boolean>;
  /** Notes last uses, gathered by the caller; raises no revision. Unknown ids are passed over. */
  noteUsed(uses: { id: string; at: string }[]): Promise<void>;
};

export type LineReads = {
  get(id: string): Promise<entity.Line | null>;
  byExternalId(user: string, externalId: string): Promise<entity.Line | null>;
  byIds(ids: string[]): Promise<entity.Line[]>;
  list(user: string, page: PageRequest): Promise<Page<entity.Line>>;
  /** All of a user's, in the order of `list`. */
  ofUser(user: string): Promise<entity.Line[]>;
  /** The same of several users, by user; one without any has an empty list. */
  ofUsers(users: readonly string[]): Promise<Map<string, entity.Line[]>>;
  /** How many lines each rule has, everybody's; a rule without lines is not among them. */
  countByRule(): Promise<Map<string, number>>;
  /** Everybody's lines under a rule, a page of them, by id; `after` is the last id of the page before. */
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
  /** In the order entered, whatever `recorded_at` says; of a position only the record's id counts. */
  list(line: string, page: PageRequest): Promise<Page<entity.StoredRecord>>;
  /** The whole ledger in the order entered, voided records among it. */
  ofLine(line: string): Promise<entity.StoredRecord[]>;
  /** The ledgers of several lines, by line; a line without records has an empty list. */
  ofLines(lines: string[]): Promise<Map<string, entity.StoredRecord[]>>;
};
export type RecordWrites = {
  /**
   * Adds to a line's ledger, in the order given, all or none. A `void` marks the record it names.
   * @throws conflict on `external_id` (within the line), or on `record` where it is voided already; not_found
   *   when there is no such line, or the record to void is not in it
   */
  append(line: string, records: NewRecord[]): Promise<entity.StoredRecord[]>;
};

export type PaymentReads = {
  get(id: string): Promise<entity.Payment | null>;
  /** By id; those that there are. */
  byIds(ids: readonly string[]): Promise<Map<string, entity.Payment>>;
  byExternalId(line: string, externalId: string): Promise<entity.Payment | null>;
  /** By each of some external_ids the payment on the line that has it, where there is one. */
  byExternalIds(line: string, externalIds: readonly string[]): Promise<Map<string, entity.Payment>>;
  /** By each of some references, however it is written, the first payment on the line that has it and is not cancelled. */
  byReferences(line: string, references: readonly string[]): Promise<Map<string, entity.Payment>>;
  list(line: string, page: PageRequest): Promise<Page<entity.Payment>>;
  /** All payments of several lines, by line, in the order made; a line without any has an empty list. */
  ofLines(lines: string[]): Promise<Map<string, entity.Payment[]>>;
};
export type PaymentWrites = {
  /**
   * Makes a payment with the first step of its life; it makes no record yet.
   * @throws conflict on `external_id` (within the line), not_found when there is no such line
   */
  create(payment: NewPayment, change: entity.PaymentChange): Promise<entity.Payment>;
  /**
   * Makes payments on one line, each with its whole life; they make no record yet.
   * @throws as `create`
   */
  createWithHistory(line: string, payments: readonly PaymentWithHistory[]): Promise<entity.Payment[]>;
  /** Says of several payments which record each makes, or that it makes none. */
  setRecords(records: readonly { id: string; record: string | null }[]): Promise<void>;
  /** Changes it, and adds a step to its life where one is given. Null: there is no such payment. */
  update(id: string, patch: PaymentPatch, change?: entity.PaymentChange): Promise<entity.Payment | null>;
};

export type ProofReads = {
  get(id: string): Promise<entity.Proof | null>;
  /** Those kept of a payment. */
  list(payment: string, page: PageRequest): Promise<Page<entity.Proof>>;
  /** Those kept of several payments, by payment, in the order made; a payment without any has an empty list. */
  ofPayments(payments: string[]): Promise<Map<string, entity.Proof[]>>;
  /** By id; those kept that there are. */
  byIds(ids: readonly string[]): Promise<Map<string, entity.Proof>>;
  /** Rows whose file has not come to its end, everybody's. */
  arriving(): Promise<{ id: string; file: string; node: string; created_at: string }[]>;
  /** By which marks files are ahead of what they are of, and since when the last of each. */
  filesAhead(): Promise<{ node: string; since: string }[]>;
  /** Files that are to be deleted, the oldest first. */
  doomed(limit: number): Promise<string[]>;
};
export type ProofWrites = {
  /** Makes room for a file that is about to come. False: the payment has `most` already, or is no more. */
  begin(proof: NewProof, most: number): Promise<boolean>;
  /** The file is there, whole. Null: its payment, or the row, went meanwhile; the file is doomed. */
  keep(
    id: string,
    what: Pick<entity.Proof, 'type' | 'size' | 'sha256'>,
    moment?: string,
  ): Promise<entity.Proof | null>;
  /** Forgets a proof, kept or arriving, and dooms its file. False: there is no such row. */
  drop(id: string): Promise<boolean>;
  /** A file is about to come ahead of what it is of; `node` is the mark of what brings it. */
  addFileAhead(file: string, node: string): Promise<void>;
  /** How many proofs some payments have, arriving ones among them; no other write adds to them from then on. */
  count(payments: readonly string[]): Promise<Map<string, number>>;
  /**
   * Keeps proofs whose files came ahead.
   * @throws not_found where a payment is not there, or a file was given up meanwhile; conflict on `id`
   */
  keepFilesAhead(proofs: readonly ProofOfFileAhead[]): Promise<void>;
  /** Dooms the files that came ahead by a mark and have not landed. Answers of how many. */
  discardFilesAhead(node: string): Promise<number>;
  /** A file of which no row tells is to be removed. */
  doom(file: string): Promise<void>;
  /** The files are gone from where they lay. */
  forgetDoomed(files: string[]): Promise<void>;
};

export type ContradictionReads = {
  /** Of a rule, newest first, those whose record stands; `user` null for everybody's. */
  ofRule(query: {
    rule: string;
    user: string | null;
    limit: number;
    after?: { found_at: string; record: string } | null;
  }): Promise<entity.Contradiction[]>;
  /** Of a line, in no order, those of voided records among them. */
  ofLine(line: string): Promise<entity.Contradiction[]>;
};
export type ContradictionWrites = {
  /** Keeps what was found; what the same record has said before is replaced. Raises no revision. */
  keep(found: entity.Contradiction[]): Promise<void>;
  forget(one: Pick<entity.Contradiction, 'record' | 'kind'>): Promise<void>;
};

export type MarkReads = { ofLines(lines: string[]): Promise<Map<string, entity.Mark[]>> };
export type MarkWrites = {
  /** What was said of the same entry before is replaced. False: there is no such line. */
  put(mark: entity.Mark): Promise<boolean>;
  remove(mark: Pick<entity.Mark, 'line' | 'kind' | 'cycle'>): Promise<void>;
};
export type ActReads = {
  get(ticket: string): Promise<entity.Act | null>;
  /** What links have done on a line, in no order. */
  ofLine(line: string): Promise<entity.Act[]>;
};
export type ActWrites = {
  put(act: entity.Act): Promise<void>;
  remove(ticket: string): Promise<boolean>;
};

export type EdgeReads = {
  /**
   * Candidates for deadlines, by (act_by, line, position), both ends included; `user` null for everybody's. The
   * caller computes each line anew before it tells anyone.
   */
  between(query: {
    after?: string | null;
    before?: string | null;
    user?: string | null;
    limit: number;
    from?: Pick<entity.LineEdge, 'act_by' | 'line'> | null;
  }): Promise<entity.LineEdge[]>;
  /** The edges of those among some lines whose edges a newer release than this has made, by line, then position. */
  newer(release: number, lines: readonly string[]): Promise<entity.LineEdge[]>;
  /** Lines whose edges were made by an older release than this, by that release, then id; everybody's, or one user's. */
  behind(release: number, limit: number, user?: string | null): Promise<entity.Line[]>;
};
export type EdgeWrites = {
  /** Rewrites a line's edges; raises no revision, since they are derived. */
  replace(line: string, release: number, edges: entity.Edge[]): Promise<void>;
  /**
   * Says of up to `limit` lines under `rules`, whose edges release `from` made, that release `to` would make the
   * same ones. Answers of how many.
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
   * Everybody's, or one user's where `user` is given; only those of which there was no sign since before a moment
   * (`silent` true), or was one (false), where it is asked for. With `noted` those alone are silent that are noted so.
   */
  search(
    query: { user: string | null; before: string; noted?: boolean; silent: boolean | null },
    page: PageRequest,
  ): Promise<Page<entity.Feed>>;
  /** Families of clients that have fetched a feed, the latest first; null for those that did not say what they are. */
  clients(
    feed: string,
  ): Promise<{ client: string | null; first_fetched_at: string; last_fetched_at: string }[]>;
  /** Oldest first. */
  tokens(feed: string): Promise<entity.FeedToken[]>;
  /** The same of several feeds, by feed; one without any has an empty list. */
  tokensOf(feeds: readonly string[]): Promise<Map<string, entity.FeedToken[]>>;
};
export type FeedWrites = {
  /** Makes the feed and its first token. */
  create(feed: NewFeed, tokenDigest: string): Promise<entity.Feed>;
  update(id: string, patch: FeedPatch): Promise<entity.Feed | null>;
  /**
   * Adds a token; those that serve now end at `expiresAt` (a moment; the present one for no overlap), or earlier
   * where they would have ended earlier. False: no such feed.
   */
  rotate(id: string, tokenDigest: string, expiresAt: string): Promise<boolean>;
  /** Erases the feed; its tokens stay as tombstones. False: no such feed. */
  erase(id: string): Promise<boolean>;
  /**
   * Notes fetches, gathered by the caller; raises no revision but that of whose feed was silent. Unknown feeds are
   * passed over.
   */
  noteFetches(fetches: { feed: string; at: string; client: string | null }[]): Promise<void>;
};

export type PublicationReads = {
  get(feed: string): Promise<entity.Publication | null>;
  /** Of several feeds, by feed; those that there are. */
  ofFeeds(feeds: readonly string[]): Promise<Map<string, entity.Publication>>;
  /**
   * Of the feeds that an older release has published, and that have an address which serves at `now` (RFC 3339):
   * those after an address, by its digest, in its order. A feed with two addresses is there twice.
   */
  behind(
    release: number,
    query: { now: string; after: string | null; limit: number },
  ): Promise<{ digest: string; feed: string }[]>;
  /** How many feeds with an address in force at `now` (RFC 3339) serve what an older release has published. */
  countBehind(release: number, now: string): Promise<number>;
};
/** The loser gets the winner's publication; null when the feed is gone. */
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
   * Lets a feed know entries that it has shown before and knows no more, so that their SEQUENCE goes on where they come
   * back. Those that it knows stay as they are, and so do its bytes.
   */
  restoreItems(feed: string, items: entity.Publication['items']): Promise<void>;
};

export type ReleaseWrites = {
  /** The number of a release (rules, texts and renderer, by their digest): 1, 2, … in the order first seen. */
  number(digest: string): Promise<number>;
  /**
   * The same, but the last of all numbers: one that was seen before and is not the newest moves to the end, so that
   * what is gone back to on purpose is newer than what it replaces.
   */
  renew(digest: string): Promise<number>;
};

/** One request that a client may repeat. `key` is the id of the key it came with. */
export type IdempotencyId = { key: string; route: string; idempotency_key: string };
export type IdempotencyClaim =
  /** Ours to do: end it with `finish` in the same transaction as the work, or with `release`. */
  | { state: 'begun'; claim: string }
  /** Somebody is at it under that claim; null where it was given up just now. */
  | { state: 'in_flight'; claim: string | null }
  /** The same key came with another body. */
  | { state: 'mismatch' }
  | { state: 'done'; response: entity.StoredResponse };
export type IdempotencyWrites = {
  /**
   * Claims a request. A claim older than 60 s whose process has not finished it is taken over; an answer older
   * than 24 hours is forgotten. Use it in a transaction of its own, before the work. The claim begins with `node`, the
   * mark of the process.
   */
  begin(id: IdempotencyId, requestDigest: string, node?: string): Promise<IdempotencyClaim>;
  /**
   * Keeps the answer. `about` names whose data the answer holds, so that erasing them erases it.
   * @throws conflict on `idempotency_key` when the claim was taken over meanwhile: let it roll the work back
   */
  finish(
    claim: string,
    response: entity.StoredResponse,
    about: { user?: string | null; line?: string | null },
  ): Promise<void>;
  /** Forgets the answers of a route, whose things are erased; `route` as they were claimed. */
  forget(route: string): Promise<void>;
  /** Gives a claim up (the request was refused), so that it may be sent again at once. */
  release(claim: string): Promise<void>;
};

export type SettingReads = { get(name: string): Promise<string | null> };
export type SettingWrites = {
  /** Keeps `value` unless there is one already; answers the one kept, so that all nodes agree. */
  keep(name: string, value: string): Promise<string>;
  set(name: string, value: string): Promise<void>;
};

/** `sign` is the last of the feed. */
export type SilencePosition = { sign: string; feed: string };
export type SilenceReads = {
  /** A person's feeds that nobody fetches, by id. */
  ofUser(user: string): Promise<entity.FeedSilence[]>;
  /** The same of several people, by user; one without any has an empty list. */
  ofUsers(users: readonly string[]): Promise<Map<string, entity.FeedSilence[]>>;
  /** Everybody's, as they have been noted. */
  count(): Promise<number>;
  /**
   * Looks at up to `limit` feeds for those that are to be noted, since there was no sign of them since before a moment, or
   * whose silence is to end. `next` is from where to go on; null at the end.
   */
  findCandidates(
    change: 'note' | 'end',
    query: { before: string; after: SilencePosition | null; limit: number },
  ): Promise<{ feeds: string[]; next: SilencePosition | null }>;
};
export type SilenceWrites = {
  /** Notes those of some feeds of which there was no sign since before a moment. */
  note(feeds: readonly string[], before: string): Promise<void>;
  /** Ends the silence of those of which there was one since. */
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
   * Deletes idempotency rows older than 24 hours, and what links have done more than 30 days ago; mends what nodes of an
   * older version have left behind.
   */
  sweep(): Promise<void>;
};

export type Served = { feed: entity.ServedFeed; bytes: entity.ServedBody | null };

/** The hot path of feeds: on SQLite the answer is there at once, not a promise; `await` serves both. */
export type Serving = {
  feedByToken(digest: string): entity.ServedFeed | null | Promise<entity.ServedFeed | null>;
  /** The same with the bytes, where one question for both is quicker than two; without them where it is not. */
  feedWithBody(digest: string, packed: boolean): Served | null | Promise<Served | null>;
  /** What is published now, which may be newer than what `served` tells: compressed if that is asked for and kept, or as it is. */
  body(
    served: entity.ServedFeed,
    packed: boolean,
  ): entity.ServedBody | null | Promise<entity.ServedBody | null>;
  /**
   * Whether `onChange` has told of all that was acknowledged by any process (on SQLite, that another one acknowledged more
   * than 100 ms ago), so that what is known from before need not be asked for again. Asked often, it sees to that.
   */
  isMemoryCurrent(): boolean;
};

export type Store = Reads & {
  readonly engine: 'sqlite' | 'postgres';
  serving: Serving;
  /**
   * One transaction. With an `owner` it first raises that user's revision, which also makes other writes of that
   * user wait: what `fn` reads cannot change under it. With null it raises the revision of each user at the first
   * write to anything of theirs. When the promise resolves it is on disk, unless done `lazily`: then a crash may lose
   * it whole, though nothing that was written before it. On PostgreSQL a change of what a user has is noticed by all nodes
   * by then, which takes 12 ms.
   * @throws not_found when there is no such owner, busy, unavailable, and what `fn` throws
   */
  write<T>(owner: string | null, fn: (q: Queries) => Promise<T>, options?: { lazily?: boolean }): Promise<T>;
  /** Reads that all see one moment: what others commit meanwhile is not seen. Keep it short. */
  snapshot<T>(fn: (q: Reads) => Promise<T>): Promise<T>;
  /**
   * Tells of committed writes: the users whose revision was raised here, before `write` resolves, and whether something
   * of theirs was erased; or null when any process was seen to have written something, anything: to an SQLite file another
   * one, within 100 ms; to PostgreSQL while {@link Serving.isMemoryCurrent} is asked. Returns the function that ends it.
   */
  onChange(listener: (users: readonly string[] | null, hasErased: boolean) => void): () => void;
  /** Whether the database answers now, within two seconds. Never throws. */
  ready(): Promise<boolean>;
  /** Waits for the writes under way, then closes. */
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
