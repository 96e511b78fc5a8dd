import type { Database, EngineName } from './engine.ts';

/** The state that the writes of one transaction share. */
export type Scope = {
  db: Database;
  engine: EngineName;
  /** The clock, in milliseconds since 1970. */
  now: () => number;
  /** The same as an RFC 3339 moment. */
  moment: () => string;
  /** Raises the user's revision, at most once per transaction. False: there is no such user. */
  touch(user: string): Promise<boolean>;
  /** The users whose revision this transaction has raised. */
  touchedUsers: Set<string>;
  /** Those of them that it has created: no node can have cached anything about them. */
  createdUsers: Set<string>;
  /** Feeds whose row in `serving` must be recomputed even if their owner's revision is the same. */
  changedFeeds: Set<string>;
  /**
   * Feeds that were published: their row must be recomputed, too, but what is cached of them is no less valid for it.
   */
  publishedFeeds: Set<string>;
  /** Whether something was erased that publications may contain. */
  hasErased: boolean;
};

export const makeScope = (db: Database, engine: EngineName, now: () => number): Scope => {
  const touchedUsers = new Set<string>();
  return {
    db,
    engine,
    now,
    moment: () => new Date(now()).toISOString(),
    touchedUsers,
    createdUsers: new Set(),
    changedFeeds: new Set(),
    publishedFeeds: new Set(),
    hasErased: false,
    async touch(user) {
      if (touchedUsers.has(user)) return true;
      const { numUpdatedRows } = await db
        .updateTable('users')
        .set((row) => ({ revision: row('revision', '+', 1) }))
        .where('id', '=', user)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      touchedUsers.add(user);
      return true;
    },
  };
};
