import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';
import type { Serving } from './types.ts';

export type EngineName = 'sqlite' | 'postgres';
export type Database = Kysely<Tables>;

/** The most changed addresses that are told one by one. */
export const MOST_CHANGES = 10_000;

/** What differs between the two databases; the code above it is shared. */
export type Engine = {
  name: EngineName;
  /** Reads what is committed. */
  reader: Database;
  /** Runs a write transaction, rolled back when `fn` throws. `lazily`: the commit does not wait for the disk. */
  write<T>(fn: (db: Database) => Promise<T>, lazily: boolean): Promise<T>;
  /** Runs a read-only transaction whose reads all see the same state. */
  snapshot<T>(fn: (db: Database) => Promise<T>): Promise<T>;
  /** Removes erased data from the files, at once or as soon as no reader needs it. Does nothing on PostgreSQL. */
  scrub(): Promise<void>;
  serving: Serving;
  /**
   * Calls `listener` with the addresses that another process was noticed to have changed, on PostgreSQL any process,
   * this one included; null: more than {@link MOST_CHANGES}, or nobody knows which.
   */
  onForeignChange(listener: (addresses: readonly string[] | null) => void): () => void;
  /** After a commit: resolves when no node serves from memory what it read before. At once on SQLite, with one node. */
  untilLeasesExpire(): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
};
