/**
 * Proofs out of an export. The bytes of each are judged as they come and put where proofs are kept; the rows of all are
 * written with their person, or none.
 */
import { createHash } from 'node:crypto';
import { eventLoopYielder } from '../../lib/event-loop.ts';
import { MAX_PROOFS } from '../../proofs/index.ts';
import type { Payment, Proof, ProofOfFileAhead } from '../../store/types.ts';
import type { App } from '../context.ts';
import { type FilesAhead, newFile } from '../proof-keeping.ts';
import { type FieldError, Refusal } from '../refusal.ts';
import { gather, inRow, pastMoment, refuseRow } from './refuse.ts';
import type { ProofRow } from './rows.ts';
import type { Import } from './tally.ts';

const NO_PAYMENT: FieldError = {
  pointer: '/payment',
  detail: 'There is no such payment, or it is not yours.',
  mend: 'Put its row before this one.',
};
const TOO_MANY: FieldError = {
  pointer: '/payment',
  detail: `A payment has at most ${MAX_PROOFS} proofs.`,
  mend: 'Leave this one out, or delete another.',
};
const ANOTHER: FieldError = {
  pointer: '/id',
  detail: 'There is another proof with this id.',
  mend: 'Give this one another id.',
};
const DELETED: FieldError = {
  pointer: '/id',
  detail: 'The proof was deleted while this came in.',
  mend: 'Import it again.',
};
const OTHER_BYTES: FieldError = {
  pointer: '/sha256',
  detail: 'Its parts are not what this says.',
  mend: 'Export it again.',
};
const OTHER_TYPE: FieldError = {
  pointer: '/type',
  detail: 'Its parts are no file of this type.',
  mend: 'Give the type of the file, or leave out one that is no JPEG, PNG, WebP, HEIC, PDF or plain text.',
};

/** A proof whose bytes are good. */
export type ArrivedProof = {
  row: ProofRow;
  number: number;
  /** Where they lie, or would; null where the proof was here before. */
  file: string | null;
};

/** Bytes as they come, with their digest, which is theirs once they have ended. */
function digested(source: AsyncIterable<Uint8Array>) {
  const hash = createHash('sha256');
  async function* bytes() {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  }
  return { bytes: bytes(), digest: () => hash.digest('hex') };
}

async function drain(source: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of source);
}

/** What a proof's bytes are, to be closed by the caller, or what is wrong with them. All of them are read. */
async function judge(app: App, row: ProofRow, parts: () => AsyncIterable<Uint8Array>) {
  const { bytes, digest } = digested(parts());
  const received = await app.proofs.receive(bytes, row.type);
  if (typeof received !== 'string') {
    if (received.size === row.size && received.sha256 === row.sha256) return received;
    await received.spooled.close();
    return OTHER_BYTES;
  }
  // One that is too large is not read to its end; what is left is no part of anything else.
  await drain(parts());
  return digest() === row.sha256 ? OTHER_TYPE : OTHER_BYTES;
}

/**
 * Takes a proof in as it comes: its bytes are kept if they are what the row says, or only judged where there are no
 * `files` to put them among.
 * @param parts reads what is left of its bytes
 */
export async function takeProof(
  app: App,
  files: FilesAhead | null,
  { row, number }: { row: ProofRow; number: number },
  parts: () => AsyncIterable<Uint8Array>,
): Promise<ArrivedProof | FieldError> {
  const known = await app.store.proofs.get(row.id);
  if (known) {
    await drain(parts());
    return known.sha256 === row.sha256 ? { row, number, file: null } : inRow(number, ANOTHER);
  }
  const judged = await judge(app, row, parts);
  if ('detail' in judged) return inRow(number, judged);
  try {
    return { row, number, file: files ? await files.put(judged) : newFile(app) };
  } finally {
    await judged.spooled.close();
  }
}

/** Whose proofs may come in, and with what. */
type Owned = {
  /** Payments that came with them, by the ids of their rows. */
  payments: ReadonlyMap<string, { payment: Payment }>;
  /** Ids of rows of payments that were refused, which is told already. */
  refused: ReadonlySet<string>;
  isTheirs: (payment: Payment) => boolean;
};

/** The payment of each proof, by the name that its row calls it; one that is not there, or not theirs, is left out. */
async function paymentsOf(
  { q }: Import,
  proofs: readonly ArrivedProof[],
  { payments, isTheirs }: Owned,
): Promise<Map<string, Payment>> {
  const names = [...new Set(proofs.map(({ row }) => row.payment))];
  const here = await q.payments.byIds(names.filter((name) => !payments.has(name)));
  return new Map(
    names.flatMap((name) => {
      const payment = payments.get(name)?.payment ?? here.get(name);
      return payment && isTheirs(payment) ? [[name, payment] as const] : [];
    }),
  );
}

/**
 * Writes the rows of proofs that are not here yet, within the transaction of their person; in a dry run, only says what
 * would be wrong with them.
 * @throws Refusal invalid
 */
export async function importProofs(
  work: Import,
  proofs: readonly ArrivedProof[],
  owned: Owned,
  isDryRun: boolean,
) {
  if (proofs.length === 0) return;
  const { app, q, tally } = work;
  const payments = await paymentsOf(work, proofs, owned);
  const known: Map<string, Pick<Proof, 'payment' | 'sha256'>> = await q.proofs.byIds(
    proofs.map(({ row }) => row.id),
  );
  const ids = proofs.flatMap(({ row }) => (known.has(row.id) ? [] : (payments.get(row.payment)?.id ?? [])));
  const counts = await q.proofs.count([...new Set(ids)]);
  const landing: ProofOfFileAhead[] = [];
  const errors: FieldError[] = [];
  /** What is wrong with a proof; null for one that is here, or will be. */
  const take = ({ row, number, file }: ArrivedProof): FieldError | null => {
    const { object: _, created_at: created, name = null, ...rest } = row;
    const payment = payments.get(row.payment)?.id;
    if (payment === undefined) return NO_PAYMENT;
    const present = known.get(row.id);
    if (present) {
      if (present.payment !== payment || present.sha256 !== row.sha256) return ANOTHER;
      tally.proofs.unchanged += 1;
      return null;
    }
    if (file === null) return DELETED;
    const had = counts.get(payment) ?? 0;
    if (had >= MAX_PROOFS) return TOO_MANY;
    const created_at = pastMoment(app, created, number, 'created_at');
    landing.push({ ...rest, payment, name, file, ...(created_at ? { created_at } : {}) });
    counts.set(payment, had + 1);
    known.set(row.id, { payment, sha256: row.sha256 });
    tally.proofs.made += 1;
    return null;
  };
  const yieldTurn = eventLoopYielder();
  for (const proof of proofs) {
    await yieldTurn();
    if (owned.refused.has(proof.row.payment)) continue;
    await gather(errors, async () => {
      const wrong = take(proof);
      if (wrong) throw refuseRow(proof.number, wrong);
    });
  }
  if (errors.length > 0) throw new Refusal('invalid', errors);
  if (!isDryRun) await q.proofs.keepFilesAhead(landing);
}
