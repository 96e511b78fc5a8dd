/** A proof out of an export: its row and the parts of its bytes, kept only if they are what the row says. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileOf, MAX_PROOFS, type Received } from '../../proofs/index.ts';
import { newId } from '../../store/ids.ts';
import type { Proof } from '../../store/types.ts';
import type { App } from '../context.ts';
import { beginProof, keepFile, PaymentGone } from '../proof-keeping.ts';
import type { FieldError } from '../refusal.ts';
import { inRow, pastMoment } from './refuse.ts';
import type { NumberedRow, ProofRow } from './rows.ts';
import type { Tally } from './tally.ts';

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
const ARRIVING: FieldError = {
  pointer: '/id',
  detail: 'A proof with this id is arriving just now.',
  mend: 'Import it again in ten minutes.',
};
const NO_PART: FieldError = {
  pointer: '/object',
  detail: 'It is no part of the proof before it.',
  mend: 'Put the parts of a proof right after it.',
};
const OTHER_BYTES: FieldError = {
  pointer: '/sha256',
  detail: 'Its parts are not what this says.',
  mend: 'Export it anew.',
};
const OTHER_TYPE: FieldError = {
  pointer: '/type',
  detail: 'Its parts are no file of this type.',
  mend: 'Give the type of the file, or leave out one that is no JPEG, PNG, WebP, HEIC, PDF or plain text.',
};

/** Keeps the bytes of a proof that is not here yet; answers what is wrong with it, or null. */
async function keepBytes(
  app: App,
  row: ProofRow,
  received: Received,
  created: string | undefined,
): Promise<FieldError | null> {
  const { type, size, sha256 } = received;
  const begun = {
    id: row.id,
    payment: row.payment,
    name: row.name ?? null,
    // Not that of the same proof whose arrival broke off: that file is yet to be taken away.
    file: fileOf(newId('proof', app.clock().getTime())),
    node: app.proofs.node,
  };
  const hasBegun = await beginProof(app, begun);
  if (hasBegun === null) return ARRIVING;
  if (!hasBegun) return (await app.store.payments.get(row.payment)) ? TOO_MANY : NO_PAYMENT;
  try {
    await keepFile(app, begun, received, async () => {
      const kept = await app.store.write(null, (q) => q.proofs.keep(row.id, { type, size, sha256 }, created));
      if (!kept) throw new PaymentGone(row.payment);
    });
    return null;
  } catch (error) {
    // Its person may have been erased meanwhile.
    if (error instanceof PaymentGone) return NO_PAYMENT;
    throw error;
  }
}

/** So often, and after so many milliseconds each time, a proof is looked for that another request is bringing. */
const LOOKS = 50;
const BETWEEN = 100;

/** Whether the same proof comes in by another request, which is waited for. */
async function comesIn(app: App, row: ProofRow): Promise<boolean> {
  for (let look = 0; look < LOOKS; look += 1) {
    const known = await app.store.proofs.get(row.id);
    if (known) return isSame(known, row);
    await sleep(BETWEEN);
  }
  return false;
}

const isSame = (known: Pick<Proof, 'payment' | 'sha256'>, row: ProofRow): boolean =>
  known.payment === row.payment && known.sha256 === row.sha256;

/** The bytes of a proof's parts, one after another. */
function* bytesOf(parts: readonly NumberedRow[]) {
  for (const { row } of parts) if (row.object === 'proof_part') yield Buffer.from(row.data, 'base64');
}

function digestOf(parts: readonly NumberedRow[]): string {
  const hash = createHash('sha256');
  for (const bytes of bytesOf(parts)) hash.update(bytes);
  return hash.digest('hex');
}

/** What a dry run would have brought in by now, and the store does not know. */
export type Rehearsal = {
  /** Payments, with how many proofs they have. */
  payments: Map<string, number>;
  proofs: Map<string, ProofRow>;
};

/** How many proofs a payment has; null where there is none, or it is another person's. */
async function proofsOf(
  app: App,
  own: string | null,
  id: string,
  rehearsal: Rehearsal | null,
): Promise<number | null> {
  const rehearsed = rehearsal?.payments.get(id);
  if (rehearsed !== undefined) return rehearsed;
  const payment = await app.store.payments.get(id);
  const line = payment && (await app.store.lines.get(payment.line));
  return line && (own === null || own === line.user) ? payment.proofs : null;
}

/** Says what would be wrong with one proof more of a payment, or keeps in mind that it would be there. */
function rehearse(row: ProofRow, at: Rehearsal, had: number): FieldError | null {
  if (had >= MAX_PROOFS) return TOO_MANY;
  at.payments.set(row.payment, had + 1);
  at.proofs.set(row.id, row);
  return null;
}

/** Imports one proof, or says only what would be wrong with it; answers what is wrong, or null. */
export async function importProof(
  app: App,
  own: string | null,
  rows: readonly NumberedRow[],
  tally: Tally,
  rehearsal: Rehearsal | null,
): Promise<FieldError[] | null> {
  const [{ row, number }, ...parts] = rows as [NumberedRow & { row: ProofRow }, ...NumberedRow[]];
  const had = await proofsOf(app, own, row.payment, rehearsal);
  if (had === null) return [inRow(number, NO_PAYMENT)];
  const known = rehearsal?.proofs.get(row.id) ?? (await app.store.proofs.get(row.id));
  if (known) {
    if (!isSame(known, row)) return [inRow(number, ANOTHER)];
    tally.proofs.unchanged += 1;
    return null;
  }
  const stray = parts.find(({ row: part }) => part.object !== 'proof_part' || part.proof !== row.id);
  if (stray) return [inRow(stray.number, NO_PART)];
  const received = await app.proofs.receive(bytesOf(parts), row.type);
  if (typeof received === 'string')
    return [inRow(number, digestOf(parts) === row.sha256 ? OTHER_TYPE : OTHER_BYTES)];
  try {
    if (received.size !== row.size || received.sha256 !== row.sha256) return [inRow(number, OTHER_BYTES)];
    const created = pastMoment(app, row.created_at, number, 'created_at');
    const error = rehearsal ? rehearse(row, rehearsal, had) : await keepBytes(app, row, received, created);
    if (error === ARRIVING && (await comesIn(app, row))) {
      tally.proofs.unchanged += 1;
      return null;
    }
    if (error) return [inRow(number, error)];
  } finally {
    await received.spooled.close();
  }
  tally.proofs.made += 1;
  return null;
}
