/**
 * Imports proofs. The bytes of each are checked as they arrive and put into the storage of proofs; the rows of all are
 * written with their user, or none.
 */
import { createHash } from 'node:crypto';
import { eventLoopYielder } from '../../lib/event-loop.ts';
import { MAX_PROOFS } from '../../proofs/index.ts';
import type { Payment, Proof, ProofOfFileAhead } from '../../store/types.ts';
import type { App } from '../context.ts';
import { type FilesAhead, newFile } from '../proof-keeping.ts';
import { type FieldError, Refusal } from '../refusal.ts';
import { collectErrors, inRow, pastMoment, refuseRow } from './refuse.ts';
import type { ProofRow } from './rows.ts';
import type { Import } from './tally.ts';

const UNKNOWN_PAYMENT: FieldError = {
  pointer: '/payment',
  detail: 'There is no such payment, or it is not yours.',
  mend: 'Put its row before this one.',
};
const TOO_MANY: FieldError = {
  pointer: '/payment',
  detail: `A payment has at most ${MAX_PROOFS} proofs.`,
  mend: 'Leave this one out, or delete another.',
};
const ID_TAKEN: FieldError = {
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

/** A proof whose bytes match its row. */
export type ArrivedProof = {
  row: ProofRow;
  number: number;
  /** The name of its file, in a dry run one that is not stored; null if the proof existed before. */
  file: string | null;
};

/** Passes bytes through and hashes them; `digest` is valid once they have ended. */
function hashing(source: AsyncIterable<Uint8Array>) {
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

/** Receives and checks a proof's bytes, to their end. Returns the file, to be closed by the caller, or the error. */
async function checkBytes(app: App, row: ProofRow, parts: () => AsyncIterable<Uint8Array>) {
  const { bytes, digest } = hashing(parts());
  const received = await app.proofs.receive(bytes, row.type);
  if (typeof received !== 'string') {
    if (received.size === row.size && received.sha256 === row.sha256) return received;
    await received.spooled.close();
    return OTHER_BYTES;
  }
  // A file that is too large was not read to its end: skip the rest of its parts.
  await drain(parts());
  return digest() === row.sha256 ? OTHER_TYPE : OTHER_BYTES;
}

/**
 * Receives a proof: stores its bytes in `files` if they match the row, or only checks them if `files` is null.
 * @param parts reads the bytes that are left
 */
export async function receiveProof(
  app: App,
  files: FilesAhead | null,
  { row, number }: { row: ProofRow; number: number },
  parts: () => AsyncIterable<Uint8Array>,
): Promise<ArrivedProof | FieldError> {
  const known = await app.store.proofs.get(row.id);
  if (known) {
    await drain(parts());
    return known.sha256 === row.sha256 ? { row, number, file: null } : inRow(number, ID_TAKEN);
  }
  const checked = await checkBytes(app, row, parts);
  if ('detail' in checked) return inRow(number, checked);
  try {
    return { row, number, file: files ? await files.put(checked) : newFile(app) };
  } finally {
    await checked.spooled.close();
  }
}

/** The payments whose proofs may be imported. */
type AllowedPayments = {
  /** Payments of the same import, by the ids of their rows. */
  payments: ReadonlyMap<string, { payment: Payment }>;
  /** Ids of payment rows that were refused and are reported already. */
  refused: ReadonlySet<string>;
  isTheirs: (payment: Payment) => boolean;
};

/** The payments of proofs, by the id in the proof's row; those that do not exist or are another's are left out. */
async function paymentsOf(
  { q }: Import,
  proofs: readonly ArrivedProof[],
  { payments, isTheirs }: AllowedPayments,
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
 * Writes the rows of new proofs, within the transaction of their user; in a dry run, only checks them.
 * @throws Refusal invalid
 */
export async function importProofs(
  work: Import,
  proofs: readonly ArrivedProof[],
  allowed: AllowedPayments,
  isDryRun: boolean,
) {
  if (proofs.length === 0) return;
  const { app, q, tally } = work;
  const payments = await paymentsOf(work, proofs, allowed);
  const known: Map<string, Pick<Proof, 'payment' | 'sha256'>> = await q.proofs.byIds(
    proofs.map(({ row }) => row.id),
  );
  const ids = proofs.flatMap(({ row }) => (known.has(row.id) ? [] : (payments.get(row.payment)?.id ?? [])));
  const counts = await q.proofs.count([...new Set(ids)]);
  const landing: ProofOfFileAhead[] = [];
  const errors: FieldError[] = [];
  /** Checks a proof and adds it to `landing` if it is new. Returns the error, or null. */
  const check = ({ row, number, file }: ArrivedProof): FieldError | null => {
    const { object: _, created_at: created, name = null, ...rest } = row;
    const payment = payments.get(row.payment)?.id;
    if (payment === undefined) return UNKNOWN_PAYMENT;
    const present = known.get(row.id);
    if (present) {
      if (present.payment !== payment || present.sha256 !== row.sha256) return ID_TAKEN;
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
    if (allowed.refused.has(proof.row.payment)) continue;
    await collectErrors(errors, async () => {
      const error = check(proof);
      if (error) throw refuseRow(proof.number, error);
    });
  }
  if (errors.length > 0) throw new Refusal('invalid', errors);
  if (!isDryRun) await q.proofs.keepFilesAhead(landing);
}
