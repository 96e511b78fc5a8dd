/** Stores proofs: row and file together, or neither. */
import { randomUUID } from 'node:crypto';
import { fileOf, MAX_PROOFS, type Received } from '../proofs/index.ts';
import { isStoreError } from '../store/errors.ts';
import { newId } from '../store/ids.ts';
import type { NewProof, Proof } from '../store/types.ts';
import type { App } from './context.ts';
import { refusal } from './refusal.ts';

/** Thrown if a proof's payment was erased before its file was stored. */
export class PaymentGone extends Error {
  constructor(payment: string) {
    super(`${payment} is gone`);
  }
}

/** A new name for the file of a proof that has no row yet. */
export const newFile = (app: App): string => fileOf(newId('proof', app.clock().getTime()));

/**
 * Cleans up after a proof that could not be stored. Returns the error to throw: PaymentGone if its payment was erased.
 */
async function abandon(app: App, proof: NewProof, error: unknown): Promise<unknown> {
  app.proofs.giveUp(proof.id);
  const hasPayment = await app.store.write(null, async (q) => {
    // The commit may have succeeded although its confirmation was lost: then the proof is stored, and stays.
    if (await q.proofs.get(proof.id)) return true;
    const stood = await q.proofs.drop(proof.id);
    if (!stood) await q.proofs.doom(proof.file);
    return stood;
  });
  await app.proofs
    .removeDoomed()
    .catch((reason: unknown) => app.log.warn({ err: reason }, 'a file is still to be removed'));
  return hasPayment ? error : new PaymentGone(proof.payment);
}

/**
 * Stores the file of a proof whose row exists, then calls `land`, which marks the row as complete. If either fails, row
 * and file are removed.
 * @throws PaymentGone
 */
export async function storeProofFile(
  app: App,
  proof: NewProof,
  received: Received,
  land: () => Promise<void>,
) {
  try {
    await app.proofs.put(proof, received);
    await land();
  } catch (error) {
    throw await abandon(app, proof, error);
  }
}

/**
 * Creates a proof's row, if need be after abandoned ones are removed. Returns true; false if its payment has the most
 * proofs allowed; null if the id is taken.
 */
export async function beginProof(app: App, proof: NewProof): Promise<boolean | null> {
  const attempt = () =>
    app.store
      .write(null, (q) => q.proofs.begin(proof, MAX_PROOFS))
      .catch((error: unknown) => {
        if (isStoreError(error, 'conflict')) return null;
        throw error;
      });
  const hasBegun = await attempt();
  if (hasBegun) return true;
  await app.proofs.dropAbandoned();
  return attempt();
}

/**
 * Stores a received file as a new proof: first its row, then its bytes, then marks the row as complete in `land`.
 * @throws PaymentGone, Refusal too_many_proofs
 */
export async function storeProof(
  app: App,
  payment: string,
  name: string | null,
  received: Received,
  land: (id: string) => Promise<void>,
) {
  const id = newId('proof', app.clock().getTime());
  const proof = { id, payment, name, file: fileOf(id), node: app.proofs.node };
  const hasRoom = await beginProof(app, proof);
  if (!hasRoom && !(await app.store.payments.get(payment))) throw new PaymentGone(payment);
  if (!hasRoom) throw refusal('too_many_proofs', `A payment has at most ${MAX_PROOFS} proofs.`);
  await storeProofFile(app, proof, received, () => land(id));
}

/** Files of proofs that are stored before their payments exist. */
export type FilesAhead = {
  /** Stores a received file. Returns its name. @throws ProofsUnavailable */
  put(received: Received): Promise<string>;
  /** Removes the files that have got no row; must be called in any case. */
  discardLeft(): Promise<void>;
};

export function filesAhead(app: App): FilesAhead {
  // The batch under which the store knows these files.
  const batch = `${app.proofs.node}/${randomUUID()}`;
  let isEmpty = true;
  return {
    async put(received) {
      const file = newFile(app);
      isEmpty = false;
      await app.store.write(null, (q) => q.proofs.addFileAhead(file, batch));
      await app.proofs.put({ file }, received);
      return file;
    },
    async discardLeft() {
      if (isEmpty) return;
      try {
        const left = await app.store.write(null, (q) => q.proofs.discardFilesAhead(batch));
        if (left > 0) await app.proofs.removeDoomed();
      } catch (error) {
        app.proofs.giveUp(batch);
        app.log.warn({ err: error }, 'files are still to be removed');
      }
    },
  };
}

/** Logs that a proof's file is lost; false, without logging, if the proof was deleted meanwhile. */
export async function logLostFile({ store, log }: App, { id }: Pick<Proof, 'id'>): Promise<boolean> {
  if ((await store.proofs.get(id)) === null) return false;
  log.error({ proof: id }, 'the file of a proof is gone');
  return true;
}
