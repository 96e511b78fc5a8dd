/** A proof out of an export: its row and the parts of its bytes, kept only if they are what the row says. */
import { createHash } from 'node:crypto';
import { fileOf, MOST } from '../../proofs/index.ts';
import { spool } from '../../spool.ts';
import { newId } from '../../store/ids.ts';
import type { App } from '../context.ts';
import { type FieldError, Problem, requestProblem } from '../errors.ts';
import { beginProof, keepFile } from '../proof-arrival.ts';
import type { NumberedRow } from './read.ts';
import { inRow, pastMoment } from './refuse.ts';
import type { ProofRow } from './rows.ts';
import type { Tally } from './tally.ts';

/** Imports one proof; answers what is wrong with it, or null. */
export async function importProof(
  app: App,
  own: string | null,
  rows: readonly NumberedRow[],
  tally: Tally,
): Promise<FieldError[] | null> {
  const [{ row, number }, ...others] = rows as [NumberedRow & { row: ProofRow }, ...NumberedRow[]];
  const wrong = (pointer: string, detail: string, mend: string) => [inRow(number, { pointer, detail, mend })];
  const noPayment = () =>
    wrong('/payment', 'There is no such payment, or it is not yours.', 'Put its row before this one.');
  const payment = await app.store.payments.get(row.payment);
  const line = payment && (await app.store.lines.get(payment.line));
  if (!line || (own !== null && own !== line.user)) return noPayment();
  const known = await app.store.proofs.get(row.id);
  if (known) {
    if (known.payment !== row.payment || known.sha256 !== row.sha256) {
      return wrong('/id', 'There is another proof with this id.', 'Give this one another id.');
    }
    tally.proofs.unchanged += 1;
    return null;
  }
  const parts: Buffer[] = [];
  for (const other of others) {
    if (other.row.object !== 'proof_part' || other.row.proof !== row.id) {
      return [
        inRow(other.number, {
          pointer: '/object',
          detail: 'It is no part of the proof before it.',
          mend: 'Put the parts of a proof right after it.',
        }),
      ];
    }
    parts.push(Buffer.from(other.row.data, 'base64'));
  }
  const bytes = Buffer.concat(parts);
  if (bytes.length !== row.size || createHash('sha256').update(bytes).digest('hex') !== row.sha256) {
    return wrong('/sha256', 'Its parts are not what this says.', 'Export it anew.');
  }
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
  if (hasBegun === null) {
    return wrong('/id', 'A proof with this id is arriving just now.', 'Import it again in ten minutes.');
  }
  if (!hasBegun) {
    if (!(await app.store.payments.get(row.payment))) return noPayment();
    return wrong(
      '/payment',
      `A payment has at most ${MOST} proofs.`,
      'Leave this one out, or delete another.',
    );
  }
  const spooled = await spool(
    (async function* () {
      yield bytes;
    })(),
  );
  const { type, size, sha256 } = row;
  try {
    await keepFile(app, begun, { type, size, sha256, spooled }, async () => {
      const kept = await app.store.write(null, (q) => q.proofs.keep(row.id, { type, size, sha256 }, created));
      if (!kept) throw requestProblem('not_found', 'The payment went meanwhile.');
    });
  } catch (error) {
    // Its person may have been erased meanwhile.
    if (error instanceof Problem && error.code === 'not_found') return noPayment();
    throw error;
  } finally {
    await spooled.close();
  }
  tally.proofs.made += 1;
  return null;
}
