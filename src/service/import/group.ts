/** Persons out of rows into the store, one after another: what is wrong with one keeps no other out. */
import { isStoreError, type StoreErrorCode } from '../../store/errors.ts';
import type { Queries } from '../../store/types.ts';
import type { App } from '../context.ts';
import { type FieldError, MOST_ERRORS, Refusal } from '../refusal.ts';
import { importPerson } from './person.ts';
import { importProof, type Rehearsal } from './proof.ts';
import { inRow } from './refuse.ts';
import { rehearsed } from './rehearsal.ts';
import type { NumberedRow } from './rows.ts';
import { addTally, newTally, type Tally } from './tally.ts';

/** One person's rows. With errors nothing of it may be imported. */
export type Group = { rows: NumberedRow[]; errors: FieldError[] };

/** What the store refuses, whichever row it was. */
const REFUSED: Partial<Record<StoreErrorCode, FieldError>> = {
  conflict: {
    pointer: '',
    detail: 'An id of these rows is taken.',
    mend: 'Give ids and external_ids that nothing else has.',
  },
  not_found: {
    pointer: '',
    detail: 'What this is about does not exist any more.',
    mend: 'Import it again.',
  },
  invalid_text: {
    pointer: '',
    detail: 'Some text in it holds a NUL character.',
    mend: 'Take it out, and import it again.',
  },
};

/** Keeps in mind for a dry run which payments there would be, for the proofs that come after them. */
async function remember(q: Queries, { payments }: Rehearsal, rows: readonly NumberedRow[]) {
  for (const { row } of rows) {
    const payment = row.object === 'payment' ? await q.payments.get(row.id) : null;
    if (payment) payments.set(payment.id, payments.get(payment.id) ?? payment.proofs);
  }
}

/** What is wrong with a person's rows, or null once they are in the store; or would be, with a rehearsal. */
async function importGroup(
  app: App,
  own: string | null,
  group: Group,
  total: Tally,
  rehearsal: Rehearsal | null,
): Promise<FieldError[] | null> {
  if (group.errors.length > 0) return group.errors;
  const isProof = group.rows[0]?.row.object === 'proof';
  const bring = () =>
    rehearsed(app, own, rehearsal !== null, async (q) => {
      const counted = newTally();
      await importPerson(app, q, own, group.rows, counted);
      if (rehearsal) await remember(q, rehearsal, group.rows);
      return counted;
    });
  try {
    if (isProof) return await importProof(app, own, group.rows, total, rehearsal);
    // Somebody else may have brought the same person in meanwhile: then they are known now.
    const tally = await bring().catch((error: unknown) => {
      if (isStoreError(error, 'conflict')) return bring();
      throw error;
    });
    addTally(total, tally);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.errors;
    const refused = isStoreError(error) ? REFUSED[error.code] : undefined;
    if (!refused) throw error;
    return [inRow(group.rows[0]?.number ?? 1, refused)];
  }
}

/**
 * Imports persons, or rehearses it and keeps nothing. `own` is the only person it may touch, or null. Answers what was
 * done and what was refused; the persons without errors are in the store.
 * @throws StoreError when the store cannot answer
 */
export async function importGroups(
  app: App,
  own: string | null,
  groups: AsyncIterable<Group>,
  dryRun: boolean,
): Promise<{ imported: Tally; errors: FieldError[] }> {
  const imported = newTally();
  const errors: FieldError[] = [];
  const rehearsal: Rehearsal | null = dryRun ? { payments: new Map(), proofs: new Map() } : null;
  for await (const group of groups) {
    const wrong = await importGroup(app, own, group, imported, rehearsal);
    if (wrong) errors.push(...wrong.slice(0, MOST_ERRORS - errors.length));
  }
  return { imported, errors };
}
