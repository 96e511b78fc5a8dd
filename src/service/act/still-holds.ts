/** Whether the effect of a link's act is still in place: it may have been reverted since, other than by the link. */
import type { ActEffect, Reads } from '../../store/types.ts';

/** A mark always holds, since only links change marks. */
export async function stillHolds(
  q: Pick<Reads, 'payments' | 'proofs' | 'records'>,
  did: ActEffect,
): Promise<boolean> {
  if ('payment' in did) {
    const { id, was, became } = did.payment;
    const state = (await q.payments.get(id))?.state;
    // A payment that the link created also holds once it is confirmed.
    return state === became || (was === null && state === 'confirmed');
  }
  if ('proof_elsewhere' in did) return (await q.payments.get(did.proof_elsewhere))?.proof_elsewhere === true;
  if ('no_proof' in did) return (await q.payments.get(did.no_proof))?.no_proof === true;
  if ('proof' in did) return (await q.proofs.get(did.proof)) !== null;
  if ('record' in did) return (await q.records.get(did.record))?.voided_by === null;
  return true;
}
