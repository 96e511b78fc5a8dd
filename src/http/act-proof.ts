/** The file that may come with the link "proof saved": storing it and performing the act succeed or fail together. */
import type { FastifyRequest } from 'fastify';
import type { Refused } from '../proofs/index.ts';
import { FormRefused } from '../service/act/context.ts';
import type { App } from '../service/context.ts';
import { PaymentGone, storeProof } from '../service/proof-keeping.ts';
import { Refusal } from '../service/refusal.ts';
import type { ActEffect, Queries } from '../store/types.ts';
import type { MessageKey } from '../wording/index.ts';
import { Problem } from './errors.ts';
import { prepareForStorage, receiveFile } from './proof-arrival.ts';

const MESSAGES: Record<Refused, MessageKey> = {
  empty: 'act.wrong_file_empty',
  too_large: 'act.wrong_file_large',
  not_as_said: 'act.wrong_file',
  not_taken: 'act.wrong_file',
};

const wrongFile = (key: MessageKey) => new FormRefused({ field: 'file', key });

/** Turns a problem with the file into a form error, for a reader who knows no API; other errors stay as they are. */
function toFormError(error: unknown): unknown {
  if (error instanceof Problem) {
    return wrongFile(error.code === 'location_stays' ? 'act.wrong_file_place' : 'act.wrong_file');
  }
  return error instanceof Refusal && error.code === 'too_many_proofs'
    ? wrongFile('act.wrong_file_many')
    : error;
}

/** Thrown to discard the file: meanwhile the link was used, or its entry was settled. */
class DiscardFile extends Error {}

/** The outcome of using a link: whether it has acted now, and the page to show; null if the link is no longer known. */
export type Outcome = { hasActed: boolean; page: string | null };

/**
 * Stores the file of a form as a proof of a payment. `use` performs the link's act, with the given deed, in a
 * transaction of its own. Null if the form came without a file.
 * @throws FormRefused
 */
export async function storeFormProof(
  app: App,
  request: FastifyRequest,
  payment: string,
  use: (perform: (q: Queries) => Promise<ActEffect>) => Promise<Outcome>,
): Promise<Outcome | null> {
  const { name, received } = await receiveFile(app, request).catch((error: unknown) => {
    throw toFormError(error);
  });
  // Browsers send an empty part without a name if no file was chosen.
  if (received === 'empty' && name === null) return null;
  if (typeof received === 'string') throw wrongFile(MESSAGES[received]);
  let prepared = received;
  let outcome: Outcome = { hasActed: false, page: null };
  try {
    prepared = await prepareForStorage(received, false);
    const { type, size, sha256 } = prepared;
    await storeProof(app, payment, name, prepared, async (id) => {
      outcome = await use(async (q) => {
        if (await q.proofs.keep(id, { type, size, sha256 })) return { proof: id };
        throw new PaymentGone(payment);
      });
      if (!outcome.hasActed) throw new DiscardFile();
    });
  } catch (error) {
    if (!(error instanceof DiscardFile || error instanceof PaymentGone)) throw toFormError(error);
  } finally {
    await received.spooled.close();
    if (prepared !== received) await prepared.spooled.close();
  }
  return outcome;
}
