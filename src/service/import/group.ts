/** Persons out of rows into the store, one after another: what is wrong with one keeps no other out. */
import { peekable } from '../../lib/peekable.ts';
import { isStoreError, type StoreErrorCode } from '../../store/errors.ts';
import type { App } from '../context.ts';
import { filesAhead } from '../proof-keeping.ts';
import { type FieldError, MAX_ERRORS, Refusal } from '../refusal.ts';
import { dryRun } from './dry-run.ts';
import { type Group, nextGroup } from './gather.ts';
import { importPerson } from './person.ts';
import { inRow } from './refuse.ts';
import type { ReadRow } from './rows.ts';
import { addTally, newTally, type Tally } from './tally.ts';

/** What the store refuses, whichever row it was. */
const REFUSED: Partial<Record<StoreErrorCode, FieldError>> = {
  conflict: {
    pointer: '',
    detail: 'An id of these rows is taken.',
    mend: 'Give ids and external_ids that nothing else has.',
  },
  not_found: {
    pointer: '',
    detail: 'What this belongs to does not exist any more.',
    mend: 'Import it again.',
  },
  invalid_text: {
    pointer: '',
    detail: 'Some text in it holds a NUL character.',
    mend: 'Take it out, and import it again.',
  },
};

/**
 * What is wrong with what came of a person, or null once it is in the store; or would be, in a dry run. Where there are
 * errors already, what else is wrong is told with them.
 */
async function importGroup(
  app: App,
  own: string | null,
  group: Group,
  total: Tally,
  isDryRun: boolean,
): Promise<FieldError[] | null> {
  if (!group.isWhole) return group.errors;
  const rollsBack = isDryRun || group.errors.length > 0;
  const attempt = () =>
    dryRun(app, own, rollsBack, async (q) => {
      const counted = newTally();
      await importPerson(app, q, own, group, counted, rollsBack);
      return counted;
    });
  try {
    // Arrivals that came to nothing would stand where these are to be.
    if (group.proofs.some(({ file }) => file !== null)) await app.proofs.dropAbandoned();
    // Somebody else may have brought the same person in meanwhile: then they are known now.
    const tally = await attempt().catch((error: unknown) => {
      if (isStoreError(error, 'conflict')) return attempt();
      throw error;
    });
    if (group.errors.length > 0) return group.errors;
    addTally(total, tally);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return [...error.errors, ...group.errors];
    const refused = isStoreError(error) ? REFUSED[error.code] : undefined;
    if (!refused) throw error;
    const first = group.rows[0] ?? group.proofs[0];
    return [inRow(first?.number ?? 1, refused), ...group.errors];
  }
}

/**
 * Imports persons as their rows come, or does a dry run and keeps nothing. `own` is the only person it may touch, or null.
 * Answers what was done and what was refused; the persons without errors are in the store.
 * @throws StoreError when the store cannot answer, ProofsUnavailable
 */
export async function importRows(
  app: App,
  own: string | null,
  source: AsyncIterable<ReadRow>,
  isDryRun: boolean,
): Promise<{ imported: Tally; errors: FieldError[] }> {
  const imported = newTally();
  const errors: FieldError[] = [];
  const rows = peekable(source);
  /** False at the end. */
  const importNext = async (): Promise<boolean> => {
    const files = filesAhead(app);
    try {
      const group = await nextGroup(app, rows, isDryRun ? null : files);
      if (!group) return false;
      const wrong = await importGroup(app, own, group, imported, isDryRun);
      if (wrong) errors.push(...wrong.slice(0, MAX_ERRORS - errors.length));
      return true;
    } finally {
      await files.end();
    }
  };
  try {
    while (await importNext());
    return { imported, errors };
  } finally {
    await rows.close();
  }
}
