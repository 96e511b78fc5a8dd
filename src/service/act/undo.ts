/** Undoes the act of a link. */
import { todayOf } from '../../ledger.ts';
import type { Act, ActEffect, MarkEffect, Payment, PaymentChange, Queries } from '../../store/types.ts';
import { LINK_REASONS } from '../../vocabulary.ts';
import { reviewContradictions } from '../contradictions.ts';
import { rewriteEdges } from '../edges.ts';
import { movePayment } from '../payment-life.ts';
import { ledgerFor } from '../record-checks.ts';
import type { ActContext } from './context.ts';
import { markOf } from './mark.ts';

/** A payment's steps without those that a link has made and undone. */
function withoutUndone(changes: readonly PaymentChange[]): PaymentChange[] {
  const remaining: PaymentChange[] = [];
  for (const change of changes) {
    const takesBack = change.link === 'undone' && change.state !== 'cancelled';
    if (!takesBack) remaining.push(change);
    // Restoring a failure takes two steps; the second one leads to the state that is already last.
    else if (remaining.at(-1)?.state !== change.state) remaining.pop();
  }
  return remaining;
}

/** Whether a payment's steps, apart from undone ones, are the same as after its first `steps`. */
function isUnchangedSince(steps: number, { changes }: Payment): boolean {
  const then = withoutUndone(changes.slice(0, steps));
  const now = withoutUndone(changes);
  return now.length === then.length && now.every((change, index) => change === then[index]);
}

async function undoPayment(
  { app, line, feed }: Omit<ActContext, 'entry' | 'booked'>,
  q: Queries,
  did: Extract<ActEffect, { payment: object }>['payment'],
): Promise<boolean> {
  const payment: Payment | null = await q.payments.get(did.id);
  // Not undone if something else has happened to the payment since.
  if (!payment || payment.state !== did.became) return false;
  if (did.steps !== undefined && !isUnchangedSince(did.steps, payment)) return false;
  const life = { app, q, line, by: feed, link: 'undone' as const };
  const reason = LINK_REASONS.undone;
  if (did.was === null) await movePayment(life, payment, { to: 'cancelled', reason });
  else {
    const reopened = await movePayment(life, payment, { to: 'pending', reason, keepsMoney: true });
    if (did.was === 'failed') await movePayment(life, reopened, { to: 'failed', reason });
  }
  return true;
}

/** Restores the entry's previous mark, unless it was marked again since. */
async function undoMark(q: Queries, line: string, did: MarkEffect): Promise<boolean> {
  const present = await markOf(q, line, did);
  // Acts stored by earlier versions have no time and no previous mark.
  if (!present || (did.at !== undefined && present.at !== did.at)) return false;
  if (did.was) await q.marks.put(did.was);
  else await q.marks.remove(present);
  return true;
}

/**
 * Clears the flag of a payment's proof, unless another entry's link has set it since, or it was cleared in another way.
 */
async function undoProof(
  q: Queries,
  { line, at }: Act,
  flag: 'proof_elsewhere' | 'no_proof',
  id: string,
): Promise<boolean> {
  const setsFlag = ({ did }: Act) => 'proof_elsewhere' in did && did.proof_elsewhere === id;
  const isSetSince = (await q.acts.ofLine(line)).some((other) => setsFlag(other) && other.at > at);
  if (isSetSince || !(await q.payments.get(id))?.[flag]) return false;
  return (await q.payments.update(id, { [flag]: false })) !== null;
}

/** Undoes a link's act; false, and nothing is changed, if something later depends on it. */
export async function undo(context: Omit<ActContext, 'entry'>, q: Queries, act: Act): Promise<boolean> {
  const { did } = act;
  const { line } = context;
  if ('payment' in did) return undoPayment(context, q, did.payment);
  if ('seen' in did) {
    if (!(await undoMark(q, line.id, did.ticked))) return false;
    for (const id of did.seen) await undoRecord(context, q, id);
    return true;
  }
  if ('mark' in did) return undoMark(q, line.id, did.mark);
  if ('proof_elsewhere' in did) return undoProof(q, act, 'proof_elsewhere', did.proof_elsewhere);
  if ('proof' in did) return q.proofs.drop(did.proof);
  if ('no_proof' in did) return undoProof(q, act, 'no_proof', did.no_proof);
  return undoRecord(context, q, did.record);
}

async function undoRecord(
  { app, line, booked }: Omit<ActContext, 'entry'>,
  q: Queries,
  id: string,
): Promise<boolean> {
  const record = await q.records.get(id);
  if (!record || record.voided_by !== null) return false;
  const at = todayOf(line, booked, app.clock());
  await q.records.append(line.id, [
    { body: { type: 'void', at, record: record.id, reason: LINK_REASONS.undone } },
  ]);
  const ledger = await ledgerFor({ app, q, line });
  await rewriteEdges(app, q, line, ledger.records);
  await reviewContradictions(q, ledger);
  return true;
}
