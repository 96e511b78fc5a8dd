/** The file that may come with the link "proof saved": it is kept and the link is used, both or neither. */
import type { FastifyRequest } from 'fastify';
import type { Refused } from '../proofs/index.ts';
import { FormRefused } from '../service/act/bound.ts';
import type { App } from '../service/context.ts';
import { keep, PaymentGone } from '../service/proof-keeping.ts';
import { Refusal } from '../service/refusal.ts';
import type { ActEffect, Queries } from '../store/types.ts';
import type { MessageKey } from '../wording/index.ts';
import { Problem } from './errors.ts';
import { theFile, toKeep } from './proof-arrival.ts';

const WRONG: Record<Refused, MessageKey> = {
  empty: 'act.wrong_file_empty',
  too_large: 'act.wrong_file_large',
  not_as_said: 'act.wrong_file',
  not_taken: 'act.wrong_file',
};

const wrongFile = (key: MessageKey) => new FormRefused({ field: 'file', key });

/** What is wrong with a file, for a reader who knows of no API; any other error as it is. */
function toForm(error: unknown): unknown {
  if (error instanceof Problem) {
    return wrongFile(error.code === 'location_stays' ? 'act.wrong_file_place' : 'act.wrong_file');
  }
  return error instanceof Refusal && error.code === 'too_many_proofs'
    ? wrongFile('act.wrong_file_many')
    : error;
}

/** Meanwhile the link was used, or what it was about is settled: the file is not wanted. */
class NotWanted extends Error {}

/** What became of a link: whether it has done something, and the page that says so; null where it is known no more. */
export type Outcome = { hasActed: boolean; page: string | null };

/**
 * Keeps the file of a form with a payment. `use` does what the link does, by the deed that it is given, in a transaction
 * of its own. Null where the form came without a file.
 * @throws FormRefused
 */
export async function keepSent(
  app: App,
  request: FastifyRequest,
  payment: string,
  use: (deed: (q: Queries) => Promise<ActEffect>) => Promise<Outcome>,
): Promise<Outcome | null> {
  const { name, received } = await theFile(app, request).catch((error: unknown) => {
    throw toForm(error);
  });
  // So browsers send a field in which no file was chosen.
  if (received === 'empty' && name === null) return null;
  if (typeof received === 'string') throw wrongFile(WRONG[received]);
  let kept = received;
  let outcome: Outcome = { hasActed: false, page: null };
  try {
    kept = await toKeep(received, false);
    const { type, size, sha256 } = kept;
    await keep(app, payment, name, kept, async (id) => {
      outcome = await use(async (q) => {
        if (await q.proofs.keep(id, { type, size, sha256 })) return { proof: id };
        throw new PaymentGone(payment);
      });
      if (!outcome.hasActed) throw new NotWanted();
    });
  } catch (error) {
    if (!(error instanceof NotWanted || error instanceof PaymentGone)) throw toForm(error);
  } finally {
    await received.spooled.close();
    if (kept !== received) await kept.spooled.close();
  }
  return outcome;
}
