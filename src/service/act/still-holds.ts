/** Whether what a link has done is still so: it may have been taken back since, in another way than by the link. */
import type { ActEffect, Reads } from '../../store/types.ts';

/** Of a mark nothing but links tells, so that it stands. */
export async function stillHolds(
  q: Pick<Reads, 'payments' | 'proofs' | 'records'>,
  did: ActEffect,
): Promise<boolean> {
  if ('payment' in did) {
    const { id, was, became } = did.payment;
    const state = (await q.payments.get(id))?.state;
    // What was told of for the first time is followed, and stands when it has come too.
    return state === became || (was === null && state === 'confirmed');
  }
  if ('proof_elsewhere' in did) return (await q.payments.get(did.proof_elsewhere))?.proof_elsewhere === true;
  if ('no_proof' in did) return (await q.payments.get(did.no_proof))?.no_proof === true;
  if ('proof' in did) return (await q.proofs.get(did.proof)) !== null;
  if ('record' in did) return (await q.records.get(did.record))?.voided_by === null;
  return true;
}
