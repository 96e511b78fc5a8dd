/** How what a link has done is taken back. */
import { todayOf } from '../../ledger.ts';
import type { Act, ActEffect, MarkEffect, Payment, PaymentChange, Queries } from '../../store/types.ts';
import { LINK_REASONS } from '../../vocabulary.ts';
import { reviewContradictions } from '../contradictions.ts';
import { rewriteEdges } from '../edges.ts';
import { movePayment } from '../payment-life.ts';
import { ledgerFor } from '../record-checks.ts';
import type { Bound } from './bound.ts';
import { markOf } from './mark.ts';

/** Steps of a payment without those that a link has made and taken back, each of which is as if it had not been. */
function standing(changes: readonly PaymentChange[]): PaymentChange[] {
  const left: PaymentChange[] = [];
  for (const change of changes) {
    const takesBack = change.link === 'undone' && change.state !== 'cancelled';
    if (!takesBack) left.push(change);
    // A failure that is put back takes two steps, and the second leads to what is there already.
    else if (left.at(-1)?.state !== change.state) left.pop();
  }
  return left;
}

/** Does a payment stand as it did after so many steps? */
function isAsAfter(steps: number, { changes }: Payment): boolean {
  const then = standing(changes.slice(0, steps));
  const now = standing(changes);
  return now.length === then.length && now.every((change, index) => change === then[index]);
}

async function undoPayment(
  { app, line, feed }: Omit<Bound, 'entry' | 'booked'>,
  q: Queries,
  did: Extract<ActEffect, { payment: object }>['payment'],
): Promise<boolean> {
  const payment: Payment | null = await q.payments.get(did.id);
  // What has happened to it since is not undone with it.
  if (!payment || payment.state !== did.became) return false;
  if (did.steps !== undefined && !isAsAfter(did.steps, payment)) return false;
  const life = { app, q, line, by: feed, link: 'undone' as const };
  const reason = LINK_REASONS.undone;
  if (did.was === null) await movePayment(life, payment, { to: 'cancelled', reason });
  else {
    const reopened = await movePayment(life, payment, { to: 'pending', reason, keepsMoney: true });
    if (did.was === 'failed') await movePayment(life, reopened, { to: 'failed', reason });
  }
  return true;
}

/** Puts back what had been said of the entry before, unless something else has been said since. */
async function undoMark(q: Queries, line: string, did: MarkEffect): Promise<boolean> {
  const present = await markOf(q, line, did);
  // Acts of a version before do not tell when, or what had been said.
  if (!present || (did.at !== undefined && present.at !== did.at)) return false;
  if (did.was) await q.marks.put(did.was);
  else await q.marks.remove(present);
  return true;
}

/** What has been said of the same payment's proof since, by another entry's link or in another way, stands. */
async function undoProof(
  q: Queries,
  { line, at }: Act,
  said: 'proof_elsewhere' | 'no_proof',
  id: string,
): Promise<boolean> {
  const saysSo = ({ did }: Act) => 'proof_elsewhere' in did && did.proof_elsewhere === id;
  const since = (await q.acts.ofLine(line)).some((other) => saysSo(other) && other.at > at);
  if (since || !(await q.payments.get(id))?.[said]) return false;
  return (await q.payments.update(id, { [said]: false })) !== null;
}

/** Takes back what a link has done; false where something has come since, and nothing is taken back. */
export async function undo(bound: Omit<Bound, 'entry'>, q: Queries, act: Act): Promise<boolean> {
  const { did } = act;
  const { line } = bound;
  if ('payment' in did) return undoPayment(bound, q, did.payment);
  if ('seen' in did) {
    if (!(await undoMark(q, line.id, did.ticked))) return false;
    for (const id of did.seen) await undoRecord(bound, q, id);
    return true;
  }
  if ('mark' in did) return undoMark(q, line.id, did.mark);
  if ('proof_elsewhere' in did) return undoProof(q, act, 'proof_elsewhere', did.proof_elsewhere);
  if ('proof' in did) return q.proofs.drop(did.proof);
  if ('no_proof' in did) return undoProof(q, act, 'no_proof', did.no_proof);
  return undoRecord(bound, q, did.record);
}

async function undoRecord(
  { app, line, booked }: Omit<Bound, 'entry'>,
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
