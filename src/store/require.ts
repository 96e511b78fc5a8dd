import { StoreError } from './errors.ts';
import type { Scope } from './scope.ts';

/** Raises the revision of a write's user. @throws not_found when there is none */
export const requireUser = async (scope: Scope, user: string): Promise<void> => {
  if (!(await scope.touch(user))) {
    throw new StoreError('not_found', 'There is no such user (any more).', { entity: 'users' });
  }
};

/**
 * Raises the revision of a line's owner, which locks the line against other writes until the transaction ends. Returns
 * the owner's id; null when there is no such line.
 */
export const touchLine = async (scope: Scope, line: string): Promise<string | null> => {
  const row = await scope.db.selectFrom('lines').select('user').where('id', '=', line).executeTakeFirst();
  return row && (await scope.touch(row.user)) ? row.user : null;
};

/** Like {@link touchLine}, but requires the line. @throws not_found when there is none */
export const requireLine = async (scope: Scope, line: string): Promise<void> => {
  if (!(await touchLine(scope, line))) {
    throw new StoreError('not_found', 'There is no such line (any more).', { entity: 'lines' });
  }
};

/** As `touchLine`, for a feed. */
export const touchFeed = async (scope: Scope, feed: string): Promise<string | null> => {
  const row = await scope.db.selectFrom('feeds').select('user').where('id', '=', feed).executeTakeFirst();
  return row && (await scope.touch(row.user)) ? row.user : null;
};
