import type { Database, EngineName } from './engine.ts';

/** What the writes of one transaction share. */
export type Scope = {
  db: Database;
  engine: EngineName;
  /** The clock, in milliseconds since 1970. */
  now: () => number;
  /** The same as an RFC 3339 moment. */
  moment: () => string;
  /** Raises the user's revision, once a transaction. False: there is no such user. */
  touch(user: string): Promise<boolean>;
  /** Whose revisions this transaction has raised. */
  touchedUsers: Set<string>;
  /** Those of them whom it has made: nobody can know anything of them yet. */
  createdUsers: Set<string>;
  /** Feeds that serve something else from now on, though their owner's revision may be the same. */
  changedFeeds: Set<string>;
  /** Whether something has been erased that may stand in what was published. */
  hasErased: boolean;
};

export const makeScope = (db: Database, engine: EngineName, now: () => number): Scope => {
  const touched = new Set<string>();
  return {
    db,
    engine,
    now,
    moment: () => new Date(now()).toISOString(),
    touchedUsers: touched,
    createdUsers: new Set(),
    changedFeeds: new Set(),
    hasErased: false,
    async touch(user) {
      if (touched.has(user)) return true;
      const { numUpdatedRows } = await db
        .updateTable('users')
        .set((row) => ({ revision: row('revision', '+', 1) }))
        .where('id', '=', user)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      touched.add(user);
      return true;
    },
  };
};
