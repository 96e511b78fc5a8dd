/** A proof out of an export: its row and the parts of its bytes, kept only if they are what the row says. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Spooled, spool } from '../../lib/spool.ts';
import { fileOf, MAX_PROOFS, receivedAs } from '../../proofs/index.ts';
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

/**
 * What is wrong with a proof's bytes, or null.
 * @throws Refusal invalid for one that was kept at a moment that has not come
 */
function wrongBytes(app: App, row: ProofRow, number: number, spooled: Spooled): FieldError | null {
  const { size, sha256 } = receivedAs(row.type, spooled);
  if (size !== row.size || sha256 !== row.sha256) return OTHER_BYTES;
  pastMoment(app, row.created_at, number, 'created_at');
  return null;
}

/** Keeps the bytes of a proof that is not here yet; answers what is wrong with it, or null. */
async function keepBytes(
  app: App,
  row: ProofRow,
  number: number,
  spooled: Spooled,
): Promise<FieldError | null> {
  const received = receivedAs(row.type, spooled);
  const { type, size, sha256 } = received;
  const error = wrongBytes(app, row, number, spooled);
  if (error) return error;
  const created = pastMoment(app, row.created_at, number, 'created_at');
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

/** Says of a proof's bytes what would be wrong with them, and keeps in mind that they would be there. */
function rehearse(app: App, row: ProofRow, number: number, spooled: Spooled, at: Rehearsal, had: number) {
  const error = wrongBytes(app, row, number, spooled) ?? (had >= MAX_PROOFS ? TOO_MANY : null);
  if (error) return error;
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
  const spooled = await spool(bytesOf(parts));
  try {
    const error = rehearsal
      ? rehearse(app, row, number, spooled, rehearsal, had)
      : await keepBytes(app, row, number, spooled);
    if (error === ARRIVING && (await comesIn(app, row))) {
      tally.proofs.unchanged += 1;
      return null;
    }
    if (error) return [inRow(number, error)];
  } finally {
    await spooled.close();
  }
  tally.proofs.made += 1;
  return null;
}
