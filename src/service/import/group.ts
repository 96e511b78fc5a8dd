/** Imports users from rows, one after another; errors of one do not affect the others. */
import { peekable } from '../../lib/peekable.ts';
import { isStoreError, type StoreErrorCode } from '../../store/errors.ts';
import type { App } from '../context.ts';
import { filesAhead } from '../proof-keeping.ts';
import { type FieldError, MAX_ERRORS, Refusal } from '../refusal.ts';
import { dryRun } from './dry-run.ts';
import { type Group, nextGroup } from './gather.ts';
import { inRow } from './refuse.ts';
import type { ReadRow } from './rows.ts';
import { addTally, newTally, type Tally } from './tally.ts';
import { importUserGroup } from './user.ts';

/** Errors for refusals of the store, which do not name a row. */
const STORE_ERRORS: Partial<Record<StoreErrorCode, FieldError>> = {
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
 * Imports one user's group. Returns its errors, or null if it is stored (in a dry run: would be). If the group has
 * errors already, it is only checked for further ones.
 */
async function importGroup(
  app: App,
  onlyUser: string | null,
  group: Group,
  total: Tally,
  isDryRun: boolean,
): Promise<FieldError[] | null> {
  if (!group.isWhole) return group.errors;
  const rollsBack = isDryRun || group.errors.length > 0;
  const attempt = () =>
    dryRun(app, onlyUser, rollsBack, async (q) => {
      const counted = newTally();
      await importUserGroup(app, q, onlyUser, group, counted, rollsBack);
      return counted;
    });
  try {
    // Rows of abandoned uploads would count towards the payments' limits, and might hold the same ids.
    if (group.proofs.some(({ file }) => file !== null)) await app.proofs.dropAbandoned();
    // On a conflict, another request may have imported the same user meanwhile: try again, they now exist.
    const tally = await attempt().catch((error: unknown) => {
      if (isStoreError(error, 'conflict')) return attempt();
      throw error;
    });
    if (group.errors.length > 0) return group.errors;
    addTally(total, tally);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return [...error.errors, ...group.errors];
    const refused = isStoreError(error) ? STORE_ERRORS[error.code] : undefined;
    if (!refused) throw error;
    const first = group.rows[0] ?? group.proofs[0];
    return [inRow(first?.number ?? 1, refused), ...group.errors];
  }
}

/**
 * Imports users as their rows arrive; a dry run stores nothing. `onlyUser` is the only one it may touch; null: any.
 * Returns counts and errors; users without errors are stored.
 * @throws StoreError when the store cannot answer, ProofsUnavailable
 */
export async function importRows(
  app: App,
  onlyUser: string | null,
  source: AsyncIterable<ReadRow>,
  isDryRun: boolean,
): Promise<{ imported: Tally; errors: FieldError[] }> {
  const imported = newTally();
  const errors: FieldError[] = [];
  const rows = peekable(source);
  /** Imports the next user; false if there is none. */
  const importNext = async (): Promise<boolean> => {
    const files = filesAhead(app);
    try {
      const group = await nextGroup(app, rows, isDryRun ? null : files);
      if (!group) return false;
      const groupErrors = await importGroup(app, onlyUser, group, imported, isDryRun);
      if (groupErrors) errors.push(...groupErrors.slice(0, MAX_ERRORS - errors.length));
      return true;
    } finally {
      await files.discardLeft();
    }
  };
  try {
    while (await importNext());
    return { imported, errors };
  } finally {
    await rows.close();
  }
}
