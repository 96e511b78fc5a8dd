/** How a proof is kept, or else wholly taken away again. */
import { randomUUID } from 'node:crypto';
import { fileOf, MAX_PROOFS, type Received } from '../proofs/index.ts';
import { isStoreError } from '../store/errors.ts';
import { newId } from '../store/ids.ts';
import type { NewProof, Proof } from '../store/types.ts';
import type { App } from './context.ts';
import { refusal } from './refusal.ts';

/** The payment that a proof is of was erased before its file was kept. */
export class PaymentGone extends Error {
  constructor(payment: string) {
    super(`${payment} is gone`);
  }
}

/** A name for the file of a proof, of which nobody knows yet. */
export const newFile = (app: App): string => fileOf(newId('proof', app.clock().getTime()));

/** What there is to say of a proof that could not be kept: that its payment is gone, where that was erased meanwhile. */
async function abandon(app: App, begun: NewProof, error: unknown): Promise<unknown> {
  app.proofs.giveUp(begun.id);
  const stood = await app.store.write(null, async (q) => {
    // The commit may have come through and only the word of it been lost: then the proof is kept, as its answer says.
    if (await q.proofs.get(begun.id)) return true;
    const stood = await q.proofs.drop(begun.id);
    if (!stood) await q.proofs.doom(begun.file);
    return stood;
  });
  await app.proofs
    .removeDoomed()
    .catch((reason: unknown) => app.log.warn({ err: reason }, 'a file is still to be removed'));
  return stood ? error : new PaymentGone(begun.payment);
}

/**
 * Keeps the file of a proof whose row stands: its bytes, then, in `land`, that they are whole; else both are taken back.
 * @throws PaymentGone
 */
export async function keepFile(app: App, begun: NewProof, received: Received, land: () => Promise<void>) {
  try {
    await app.proofs.put(begun, received);
    await land();
  } catch (error) {
    throw await abandon(app, begun, error);
  }
}

/**
 * Begins a proof's row, if need be once those are taken back that came to nothing: true; false where its payment has as
 * many as it may; null where its id is taken.
 */
export async function beginProof(app: App, begun: NewProof): Promise<boolean | null> {
  const attempt = () =>
    app.store
      .write(null, (q) => q.proofs.begin(begun, MAX_PROOFS))
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
 * Keeps a received file under a new id: first its row, then its bytes, then that they are whole.
 * @throws PaymentGone, Refusal too_many_proofs
 */
export async function keep(
  app: App,
  payment: string,
  name: string | null,
  received: Received,
  land: (id: string) => Promise<void>,
) {
  const id = newId('proof', app.clock().getTime());
  const begun = { id, payment, name, file: fileOf(id), node: app.proofs.node };
  const hasRoom = await beginProof(app, begun);
  if (!hasRoom && !(await app.store.payments.get(payment))) throw new PaymentGone(payment);
  if (!hasRoom) throw refusal('too_many_proofs', `A payment has at most ${MAX_PROOFS} proofs.`);
  await keepFile(app, begun, received, () => land(id));
}

/** Files of proofs that come before their payments are there. */
export type FilesAhead = {
  /** Keeps a received file. Answers where it lies. @throws ProofsUnavailable */
  put(received: Received): Promise<string>;
  /** Takes those away that have not landed; to be called in any case. */
  end(): Promise<void>;
};

export function filesAhead(app: App): FilesAhead {
  // By which the store knows them.
  const mark = `${app.proofs.node}/${randomUUID()}`;
  let isEmpty = true;
  return {
    async put(received) {
      const file = newFile(app);
      isEmpty = false;
      await app.store.write(null, (q) => q.proofs.addFileAhead(file, mark));
      await app.proofs.put({ file }, received);
      return file;
    },
    async end() {
      if (isEmpty) return;
      try {
        const left = await app.store.write(null, (q) => q.proofs.discardFilesAhead(mark));
        if (left > 0) await app.proofs.removeDoomed();
      } catch (error) {
        app.proofs.giveUp(mark);
        app.log.warn({ err: error }, 'files are still to be removed');
      }
    },
  };
}

/** Tells the log that a proof's file is lost; false where the proof was deleted meanwhile, which is no loss. */
export async function tellLost({ store, log }: App, { id }: Pick<Proof, 'id'>): Promise<boolean> {
  if ((await store.proofs.get(id)) === null) return false;
  log.error({ proof: id }, 'the file of a proof is gone');
  return true;
}
