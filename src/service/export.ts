/** Exports all data of one user, or of all, as NDJSON in the format of an import, without keys and tokens. */
import { ProofGone } from '../proofs/index.ts';
import type {
  Feed,
  Line,
  Mark,
  Payment,
  Position,
  Proof,
  Publication,
  StoredRecord,
  User,
} from '../store/types.ts';
import type { App } from './context.ts';
import { logLostFile } from './proof-keeping.ts';

/** The most entries of a feed's publication that are exported; an import accepts no more. */
export const MAX_ITEMS = 1000;

const USERS_PER_PAGE = 50;

const toLine = (row: object) =>
  `${JSON.stringify(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)))}\n`;

const pick = <T extends object, K extends keyof T>(row: T, names: readonly K[]) =>
  Object.fromEntries(names.map((name) => [name, row[name]]));

const USER = ['id', 'name', 'locale', 'time_zone', 'external_id', 'created_at'] as const;
const LINE = [
  'id',
  'user',
  'rule',
  'label',
  'number',
  'time_zone',
  'plan_price',
  'facts',
  'external_id',
  'created_at',
] as const;

const userRow = (user: User) => toLine({ object: 'user', ...pick(user, USER) });

const lineRow = (line: Line) => toLine({ object: 'line', ...pick(line, LINE) });

const recordRow = ({ id, line, body, recorded_at, voided_by, payment }: StoredRecord) =>
  toLine({ object: 'record', id, line, ...body, recorded_at, voided_by, payment });

const paymentRow = ({ id, line, body, ...payment }: Payment) => {
  const { external_id, no_proof, record, changes, created_at } = payment;
  // Left out if false, so that earlier versions, which do not know it, can import all other payments.
  const proof_elsewhere = payment.proof_elsewhere || null;
  const fields = { external_id, no_proof, proof_elsewhere, record, changes, created_at };
  return toLine({ object: 'payment', id, line, ...body, ...fields });
};

const markRow = ({ line, kind, cycle, what, on_day, at }: Mark) =>
  toLine({ object: 'mark', line, kind, cycle, what, on_day, at });

const FEED = [
  'id',
  'name',
  'lines',
  'kinds',
  'locale',
  'detail',
  'alarms',
  'lead_days',
  'action_links',
  'show_balance',
  'alarm_hour',
  'history_days',
  'created_at',
] as const;
const feedRow = (feed: Feed, publication: Publication | null) =>
  toLine({ object: 'feed', ...pick(feed, FEED), published: publication && publishedOf(publication) });

/**
 * The state of a feed's publication without its texts, which are rebuilt from the rest. Entries that are no longer
 * shown come last, so it is those that the limit cuts off.
 */
const publishedOf = ({ changed_at, hash, items }: Publication) => ({
  changed_at,
  hash,
  items: items.slice(0, MAX_ITEMS).map(({ uid, line, hash, sequence, created_at, revised_at }) => ({
    uid,
    ...(line === null ? {} : { line }),
    hash,
    sequence,
    created_at,
    revised_at,
  })),
});

type OnMissing = (proof: string) => void;
type ExportOptions = { proofs: boolean; onMissing: OnMissing };

/** Bytes of a proof in one row; a multiple of three, for Base64. */
const PART_BYTES = 48_000;

/**
 * Yields a proof's row and the rows of its bytes; nothing if its file is gone. A file that cannot be read at present
 * aborts the export, so that nobody takes an incomplete export for a complete one.
 */
async function* proofRows(app: App, proof: Proof, onMissing: OnMissing): AsyncGenerator<string> {
  const { id, payment, name, type, size, sha256, created_at } = proof;
  const stream = await app.proofs.read(proof).catch((error: unknown) => {
    if (!(error instanceof ProofGone)) throw error;
    return null;
  });
  if (!stream) {
    if (await logLostFile(app, proof)) onMissing(id);
    return;
  }
  try {
    yield toLine({ object: 'proof', id, payment, name, type, size, sha256, created_at });
    let rest = Buffer.alloc(0);
    const part = (bytes: Buffer) =>
      toLine({ object: 'proof_part', proof: id, data: bytes.toString('base64') });
    for await (const chunk of stream) {
      rest = Buffer.concat([rest, chunk as Buffer]);
      while (rest.length >= PART_BYTES) {
        yield part(rest.subarray(0, PART_BYTES));
        rest = rest.subarray(PART_BYTES);
      }
    }
    if (rest.length > 0) yield part(rest);
  } finally {
    stream.destroy();
  }
}

/** Rows in one chunk: many small chunks would cost more to compress. */
const ROWS_PER_CHUNK = 200;

/** Yields one user's rows in chunks, from one snapshot; none if the user is gone. */
async function* rowsOf(app: App, id: string, { proofs, onMissing }: ExportOptions): AsyncGenerator<string> {
  const { rows, payments } = await readRows(app, id);
  for (let from = 0; from < rows.length; from += ROWS_PER_CHUNK) {
    yield rows.slice(from, from + ROWS_PER_CHUNK).join('');
  }
  if (!proofs) return;
  const found = await app.store.proofs.ofPayments(payments);
  for (const proof of [...found.values()].flat()) yield* proofRows(app, proof, onMissing);
}

async function readRows(app: App, id: string): Promise<{ rows: string[]; payments: string[] }> {
  return app.store.snapshot(async (q) => {
    const user = await q.users.get(id);
    if (!user) return { rows: [], payments: [] };
    const lines = await q.lines.ofUser(id);
    const ids = lines.map((line) => line.id);
    const ledgers = await q.records.ofLines(ids);
    const payments = [...(await q.payments.ofLines(ids)).values()].flat();
    const records = lines.flatMap((line) => (ledgers.get(line.id) ?? []).map(recordRow));
    const marks = [...(await q.marks.ofLines(ids)).values()].flat().map(markRow);
    const feeds: string[] = [];
    for (const feed of await q.feeds.ofUser(id)) feeds.push(feedRow(feed, await q.publications.get(feed.id)));
    return {
      rows: [
        userRow(user),
        ...lines.map(lineRow),
        ...payments.map(paymentRow),
        ...records,
        ...marks,
        ...feeds,
      ],
      payments: payments.filter((payment) => payment.proofs > 0).map((payment) => payment.id),
    };
  });
}

async function* allUsers(app: App, options: ExportOptions): AsyncGenerator<string> {
  let after: Position | null = null;
  do {
    const page: { items: User[]; next: Position | null } = await app.store.users.list({
      limit: USERS_PER_PAGE,
      after,
    });
    for (const { id } of page.items) yield* rowsOf(app, id, options);
    after = page.next;
  } while (after !== null);
}

/**
 * The NDJSON of one user, or of all (null), in chunks of whole rows; with the bytes of proofs if `proofs`. A proof
 * whose file is gone is left out, passed to `onMissing` and logged.
 */
export const exportRows = (
  app: App,
  user: string | null,
  { proofs = false, onMissing = () => {} }: Partial<ExportOptions> = {},
): AsyncGenerator<string> => {
  const options = { proofs, onMissing };
  return user === null ? allUsers(app, options) : rowsOf(app, user, options);
};
